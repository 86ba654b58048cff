"""Explored: from the scores of a design's networks to the profile of gamma over all other settings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from neurocompare.models.design import Factor, factors_of
from neurocompare.parallel import one_thread
from neurocompare.ranking.design_places import gamma_grid, gamma_places, places_of
from neurocompare.ranking.exploration import (
    Adequacy,
    Emulated,
    Exploration,
    Extent,
    FactorAnswer,
    Inferred,
    MetricExploration,
    PointTried,
    PooledExploration,
    Quarter,
    RecordingExplored,
)
from neurocompare.ranking.exploration_sentence import conditions_of, headline_of
from neurocompare.ranking.metric_ranking import MetricRanking, Named, by_centring
from neurocompare.ranking.pool import RULES, Scored, put_together, sampling_of_all
from neurocompare.ranking.profile import QUARTERS, Profile, profile_of
from neurocompare.ranking.resample import central
from neurocompare.ranking.resampled_scores import Resampled, ResampledScores, within
from neurocompare.ranking.sentence import LEAST, listed
from neurocompare.ranking.shared_settings import shifts_at_shared_settings
from neurocompare.ranking.surface import RESAMPLES, Surface, fit_surface
from neurocompare.settings import Exploring
from neurocompare.streams import Purpose, one_seed, stream

EDGE = 0.02
"""Share of a range within which a value lies at its end."""


@one_thread()
def explored(
    recordings: Sequence[Scored],
    points: Sequence[PointTried],
    exploring: Exploring,
    *,
    metrics: Sequence[Named],
    inferred: Inferred | None = None,
    planted_gamma: float | None = None,
    seed: int = 0,
) -> Exploration:
    """Profile the scores of a design over all settings but gamma.

    Parameters
    ----------
    recordings : sequence of Scored
        One, or several that were explored with the same design, which are pooled: see `pooled`. In their scores, the
        place of a point in the design stands for gamma.
    points : sequence of PointTried
    exploring : Exploring
        The ranges that they are of.
    metrics : sequence of Named
        In order of preference.
    inferred : Inferred, optional
        See `inference_of`.
    planted_gamma : float, optional
    seed : int

    Returns
    -------
    Exploration

    Raises
    ------
    InputError
        If a score is missing from the table or there twice.
    """
    unit, condition_mean = by_centring(metrics, partial(_metric, recordings, points, exploring, seed=seed))
    recording, several = listed([each.name for each in recordings]), len(recordings) > 1
    over = tuple(Extent(factor.name, factor.low, factor.high) for factor in factors_of(exploring)[1:])
    explorations = list(unit.values())
    return Exploration(
        recording=recording,
        planted_gamma=planted_gamma,
        headline=headline_of(explorations, over, recording, points),
        conditions=conditions_of(explorations, over, exploring.gamma, points, inferred),
        over=over,
        gammas=exploring.gamma,
        points=tuple(points),
        sampling=sampling_of_all([each.sampling for each in recordings]) if several else recordings[0].sampling,
        metrics=unit,
        centred=condition_mean,
        inferred=inferred,
        pooled=_pooled(recordings, points, exploring, metrics, seed) if several else None,
    )


def _pooled(
    recordings: Sequence[Scored],
    points: Sequence[PointTried],
    exploring: Exploring,
    metrics: Sequence[Named],
    seed: int,
) -> PooledExploration:
    """Hold each recording against the others; what it says by itself is not known here."""
    names, gammas, shifts = [each.name for each in recordings], gamma_grid(exploring), []
    for metric in metrics:
        if parts := put_together(recordings, metric, "unit", seed=seed).parts:
            shifts += shifts_at_shared_settings(
                metric.name,
                names,
                [part.judged for part in parts],
                places=places_of(points, exploring),
                gammas=gammas,
                at=gamma_places(gammas, exploring),
                seed=seed,
            )
    rule = RULES[len(recordings) >= LEAST]
    return PooledExploration(
        rule, tuple(RecordingExplored(each.name, each.folder) for each in recordings), tuple(shifts)
    )


def _metric(
    recordings: Sequence[Scored],
    points: Sequence[PointTried],
    exploring: Exploring,
    metric: Named,
    centring: str,
    seed: int,
) -> MetricExploration:
    together = put_together(recordings, metric, centring, seed=seed)
    resampled, judged = together.resampled, partial(together.judged, metric=metric)
    if resampled is None:
        return MetricExploration(judged(None))
    gammas, factors = gamma_grid(exploring), factors_of(exploring)[1:]
    at, places = gamma_places(gammas, exploring), places_of(points, exploring)
    surface, profile = _profiled(places, resampled.judged, at, seed)
    plain = within(resampled.plain, metric.range)
    near = surface.nearest(np.column_stack([at, profile.suiting]))
    ranking = judged(
        ResampledScores(
            gammas=gammas,
            plain=_measured(plain, near, len(points)),
            adjusted=_along_gamma(profile, resampled.judged, len(points)),
            ceiling=resampled.ceiling,
            # A profile is a maximum over the design, and so are its nulls.
            nulls={name: null.max(axis=1, keepdims=True) for name, null in resampled.nulls.items()},
            intact=resampled.intact.max(axis=1, keepdims=True),
        )
    )
    values = resampled.judged.mean[: len(points)]
    return MetricExploration(
        ranking,
        factors=tuple(_factor(factor, place, profile, gammas) for place, factor in enumerate(factors)),
        points=tuple(values.tolist()),
        emulated=_emulated(surface, values, ("gamma", *(factor.name for factor in factors))),
        adequacy=_adequacy(ranking, plain, len(points)),
    )


def _profiled(places: np.ndarray, scores: Resampled, at: np.ndarray, seed: int) -> tuple[Surface, Profile]:
    values = scores.mean[: len(places)]
    surface = fit_surface(places, values, seed=one_seed(Purpose.SURFACE, seed))
    resampled = values + scores.recorded[:RESAMPLES, : len(places)]
    return surface, profile_of(surface, values, resampled, at, rng=stream(Purpose.SETTINGS, seed))


def _along_gamma(profile: Profile, scores: Resampled, points: int) -> Resampled:
    """Return a profile in the place of scores, with the baseline, which has no settings, as it is."""
    baseline = scores.deviations[:RESAMPLES, points:]
    deviations = np.column_stack([profile.deviations, baseline])
    return Resampled(
        mean=np.concatenate([profile.mean, scores.mean[points:]]),
        recorded=deviations,
        networked=np.zeros_like(deviations),
        chains=np.zeros((deviations.shape[1], 1)),
    )


def _measured(plain: Resampled, near: np.ndarray, points: int) -> Resampled:
    """Return likenesses as measured, of a point of the design for each gamma; the baseline as it is."""
    items = [*near, *range(points, len(plain.mean))]
    return Resampled(plain.mean[items], plain.recorded[:, items], plain.networked[:, items], plain.chains[items])


def _factor(factor: Factor, place: int, profile: Profile, gammas: Sequence[float]) -> FactorAnswer:
    low, high = central(profile.settings[:, place])
    best = float(profile.best[place])
    grid, quarters = np.array(gammas), []
    for quarter in range(QUARTERS):
        mean = profile.by_quarter[:, place, quarter]
        resampled = mean + profile.quarter_deviations[:, :, place, quarter]
        named = float(grid[mean.argmax()])
        least, most = central(grid[resampled.argmax(axis=1)])
        start, stop = factor.at([quarter / QUARTERS, (quarter + 1) / QUARTERS]).tolist()
        quarters.append(Quarter(start, stop, named, (min(least, named), max(most, named)), float(mean.max())))
    return FactorAnswer(
        factor.name,
        float(factor.at(best)),
        (float(factor.at(min(low, best))), float(factor.at(max(high, best)))),
        "low" if best < EDGE else "high" if best > 1 - EDGE else None,
        tuple(quarters),
    )


def _emulated(surface: Surface, values: np.ndarray, names: Sequence[str]) -> Emulated:
    predicted, spread = surface.left_out(values)
    off, variance = values - predicted, float(values.var())
    return Emulated(
        dict(zip(names, surface.lengths.tolist(), strict=True)),
        noise=float(np.sqrt(surface.noise)),
        explained=1 - float((off**2).mean()) / variance if variance > 0 else 0.0,
        within=float((np.abs(off) <= 1.96 * spread).mean()),
    )


def _adequacy(ranking: MetricRanking, plain: Resampled, points: int) -> Adequacy | None:
    """Return how the best point's networks do: the surface may promise more between points than any network keeps."""
    if ranking.ceiling is None:
        return None
    best = int(plain.mean[:points].argmax())
    low, high = central(plain.mean[best] + plain.deviations[:, best])
    kinematic = plain.mean[points:]
    ceiling = (ranking.ceiling.low, ranking.ceiling.high)
    return Adequacy(float(plain.mean[best]), low, high, ceiling, float(kinematic[0]) if len(kinematic) else None)
