"""Pool: several recordings together, each also ranked by itself; the recording is the top level of resampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.ranking.axis import GAMMA, Axis, Context
from neurocompare.ranking.ceiling import Ceiling
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.metric_ranking import MetricRanking, Named, by_centring, judge, rank_metric
from neurocompare.ranking.ranking import Pooled, Ranking, RecordingRanking, fit_of
from neurocompare.ranking.resample import network_deviations, recording_deviations
from neurocompare.ranking.resampled_scores import Resampled, ResampledScores, resampled_scores
from neurocompare.ranking.score_arrays import arrays_of, used_rows
from neurocompare.ranking.sentence import LEAST, summarise
from neurocompare.ranking.shift import Shift, shifts_of
from neurocompare.streams import Purpose, one_seed

RULES = {
    True: "Every recording counts alike. Recordings are resampled, and within each its units, trials and networks: the "
    "interval is about recordings like these.",
    False: "Every recording counts alike. Units, trials and networks are resampled within each; of two recordings "
    "nothing is known about others, and the interval is about these two only.",
}
"""How pooled results are to be read: with three recordings or more, and with fewer."""


@dataclass(frozen=True)
class Scored:
    """What a finished ranking of one recording has to give.

    Attributes
    ----------
    name : str
        Of the recording.
    scores : pandas.DataFrame
        Its table of scores.
    sampling : Sampling
    folder : str
        Where that ranking lies.
    """

    name: str
    scores: pd.DataFrame
    sampling: Sampling
    folder: str = ""

    @property
    def networks(self) -> frozenset[tuple[str, float]]:
        """The networks that it was scored with."""
        models = self.scores[self.scores["kind"] == "model"]
        return frozenset(zip(models["network"], models["gamma"], strict=True))


def rank_pooled(
    recordings: Sequence[Scored], metrics: Sequence[Named], *, context: Context | None = None, seed: int = 0
) -> Ranking:
    """Rank over several recordings together, and in each by itself.

    Every recording counts alike: a value's score is the mean over recordings of its mean scores; `pooled` says how it
    is resampled. Ceilings and nulls are means over recordings too, and verdicts are those of one recording.

    Parameters
    ----------
    recordings : sequence of Scored
        At least two, of different names. They need not be of one task, nor scored with the same networks.
    metrics : sequence of Named
        In order of preference; their names and ranges are used.
    context : Context, optional
        Its recordings are replaced by these.
    seed : int
        Of the resampling.

    Returns
    -------
    Ranking
        With `Ranking.pooled`.

    Raises
    ------
    InputError
        If there are fewer than two recordings, they have fewer than two values in common, or scores are missing.
    """
    names = [recording.name for recording in recordings]
    if len(set(names)) < max(2, len(names)):
        message = f"expected at least two recordings of different names to pool, found {', '.join(names) or 'none'}"
        raise InputError(message)
    context = Context(names) if context is None else replace(context, recordings=names)
    axis, gammas = context.axis, common_values(recordings, context.axis)
    recordings = [replace(each, scores=_restricted(each.scores, gammas)) for each in recordings]
    alone = []
    for each in recordings:
        ranked = partial(rank_metric, each.scores, sampling=each.sampling, axis=axis, seed=seed)
        alone.append(RecordingRanking(each.name, each.folder, *by_centring(metrics, ranked)))
    unit, condition_mean = by_centring(metrics, partial(_together, recordings, axis=axis, seed=seed))
    shifts = [shift for metric in metrics for shift in _shifts(recordings, metric, axis, seed)]
    by_metric = {metric.name: [each.metrics[metric.name] for each in alone] for metric in metrics}
    return Ranking(
        recordings=tuple(names),
        planted_gamma=context.planted_gamma,
        gammas=gammas,
        settings=dict(context.settings),
        fit=fit_of({gamma: loss for gamma, loss in context.fit.items() if gamma in gammas}),
        sampling=sampling_of_all([each.sampling for each in recordings]),
        metrics=unit,
        centred=condition_mean,
        summary=summarise(tuple(unit.values()), context, tuple(condition_mean.values()), alone=by_metric),
        axis=axis,
        pooled=Pooled(RULES[len(names) >= LEAST], tuple(alone), shifts=tuple(shifts)),
    )


def pooled(parts: Sequence[ResampledScores], *, seed: int = 0) -> ResampledScores:
    r"""Put the resampled scores of several recordings together.

    With R recordings of mean scores :math:`m_r` and deviations :math:`e_r` over their units and trials, the pooled
    score :math:`\bar m = \frac1R \sum_r m_r` deviates by

    .. math:: e = b + \frac1R \sum_r e_r, \qquad
              b = \frac{t}{\sqrt R} \frac{1}{\sqrt{R - 1}} \sum_r \xi_r (m_r - \bar m)

    and by what its networks do. b resamples recordings, in the smooth form of drawing them with replacement that
    `recording_deviations` uses, with Student's t of R - 1 degrees of freedom for a spread known from R recordings. It
    is there from three recordings on; of two nothing is known about others, and the result is conditional on them. As
    :math:`m_r` scatters by :math:`e_r` too, that is counted twice, which errs on the careful side: without it, b alone
    has too few dimensions for a p corrected for all pairs of values.

    Chains of one number are averaged over recordings before `network_deviations`, which is right where recordings were
    scored with the same networks, whose chance they share, and where each was scored with its own.

    Parameters
    ----------
    parts : sequence of ResampledScores
        One a recording, their deviations drawn from different seeds. The baseline is dropped unless all have one.
    seed : int
        Another than those of the parts.

    Returns
    -------
    ResampledScores
        Adjusted scores only where all parts have them.

    References
    ----------
    Saravanan, Berman & Sober (2020). Application of the hierarchical bootstrap to multi-level data in neuroscience.
    Neurons, Behavior, Data Analysis and Theory 3.
    """
    adjusted = [part.adjusted for part in parts if part.adjusted is not None]
    draws = min(len(part.intact) for part in parts)
    names = [name for name in parts[0].nulls if all(name in part.nulls for part in parts)]
    return ResampledScores(
        gammas=parts[0].gammas,
        plain=_pooled([part.plain for part in parts], seed),
        adjusted=_pooled(adjusted, seed) if len(adjusted) == len(parts) else None,
        ceiling=_mean_ceiling([part.ceiling for part in parts]),
        nulls={name: np.mean([part.nulls[name][:draws] for part in parts], axis=0) for name in names},
        intact=np.mean([part.intact[:draws] for part in parts], axis=0),
    )


def _pooled(parts: Sequence[Resampled], seed: int) -> Resampled:
    count, items = len(parts), min(len(part.mean) for part in parts)
    means = np.stack([part.mean[:items] for part in parts])
    recorded = np.mean([part.recorded[:, :items] for part in parts], axis=0)
    if count >= LEAST:
        recorded = recorded + recording_deviations(means, seed=seed, resamples=len(recorded)) / np.sqrt(count)
    alike: dict[int, list[np.ndarray]] = {}
    for part in parts:
        alike.setdefault(part.chains.shape[1], []).append(part.chains[:items])
    networked = np.zeros_like(recorded)
    for place, group in enumerate(alike.values()):
        chains = np.mean(group, axis=0)
        networked += (
            len(group)
            / count
            * network_deviations(chains, seed=one_seed(Purpose.POOLED, seed, place), resamples=len(recorded))
        )
    return Resampled(means.mean(axis=0), recorded, networked, np.mean(next(iter(alike.values())), axis=0))


def common_values(recordings: Sequence[Scored], axis: Axis = GAMMA) -> tuple[float, ...]:
    """Return the values that all recordings were ranked at, ascending.

    Raises
    ------
    InputError
        If these are fewer than two.
    """
    grids = [set(each.scores.loc[each.scores["kind"] == "model", "gamma"].astype(float)) for each in recordings]
    common = sorted(set.intersection(*grids))
    if len(common) < 2:
        listed = "; ".join(
            f"{each.name} has {', '.join(f'{value:g}' for value in sorted(grid))}"
            for each, grid in zip(recordings, grids, strict=True)
        )
        raise InputError(
            f"expected recordings ranked at two common values of {axis.name} at least, found {len(common)}: {listed}"
        )
    return tuple(common)


def _restricted(scores: pd.DataFrame, gammas: Sequence[float]) -> pd.DataFrame:
    return scores[scores["gamma"].isna() | scores["gamma"].isin(gammas)]


@dataclass(frozen=True, eq=False)
class Together:
    """What the scores of one recording or more have to give, by one metric under one centring.

    Attributes
    ----------
    parts : tuple of ResampledScores
        One a recording; none where one of them has nothing to give.
    draws, dropped_draws : int
        Of all.
    uncomputed : str
        Why the metric is not to be relied on; empty where it is.
    seed : int
    """

    parts: tuple[ResampledScores, ...]
    draws: int
    dropped_draws: int
    uncomputed: str
    seed: int

    @cached_property
    def resampled(self) -> ResampledScores | None:
        """All recordings together, see `pooled`."""
        if len(self.parts) < 2:
            return self.parts[0] if self.parts else None
        return pooled(self.parts, seed=one_seed(Purpose.POOLED, self.seed, len(self.parts)))

    def judged(self, resampled: ResampledScores | None, metric: Named, axis: Axis = GAMMA) -> MetricRanking:
        """Say what some scores made of these allow to be said, see `judge`."""
        counted = {"draws": self.draws, "dropped_draws": self.dropped_draws, "uncomputed": self.uncomputed}
        return judge(resampled, metric, axis=axis, **counted)


def put_together(recordings: Sequence[Scored], metric: Named, centring: str, *, seed: int) -> Together:
    """Resample the scores of every recording.

    Raises
    ------
    InputError
        If a score is missing from a table or there twice.
    """
    rows = [used_rows(recording.scores, metric.name, centring) for recording in recordings]
    several = len(recordings) > 1
    uncomputed = [
        f"in {recording.name} {own.uncomputed}" if several else own.uncomputed
        for recording, own in zip(recordings, rows, strict=True)
        if own.uncomputed
    ]
    parts = [
        resampled_scores(
            arrays_of(own.rows),
            recording.sampling,
            limits=metric.range,
            seed=one_seed(Purpose.POOLED, seed, place) if several else seed,
        )
        for place, (recording, own) in enumerate(zip(recordings, rows, strict=True))
        if all(other.draws for other in rows)
    ]
    return Together(
        tuple(parts), sum(own.draws for own in rows), sum(own.dropped for own in rows), "; ".join(uncomputed), seed
    )


def _together(recordings: Sequence[Scored], metric: Named, centring: str, axis: Axis, seed: int) -> MetricRanking:
    together = put_together(recordings, metric, centring, seed=seed)
    return together.judged(together.resampled, metric, axis)


def _shifts(recordings: Sequence[Scored], metric: Named, axis: Axis, seed: int) -> tuple[Shift, ...]:
    parts = put_together(recordings, metric, "unit", seed=seed).parts
    if not parts:
        return ()
    return shifts_of(
        metric.name,
        [each.name for each in recordings],
        [part.judged for part in parts],
        gammas=parts[0].gammas,
        networks=[each.networks for each in recordings],
        axis=axis,
        seed=one_seed(Purpose.POOLED, seed, len(parts) + 1),
    )


def _mean_ceiling(ceilings: Sequence[Ceiling]) -> Ceiling:
    """Average ceilings number by number; an extrapolation only where all recordings have it."""

    def mean(pairs: list[tuple[float, float] | None]) -> tuple[float, float] | None:
        known = [pair for pair in pairs if pair is not None]
        if len(known) < len(pairs):
            return None
        return float(np.mean([low for low, _ in known])), float(np.mean([high for _, high in known]))

    means = [each.mean for each in ceilings if each.mean is not None]
    return Ceiling(
        low=float(np.mean([each.low for each in ceilings])),
        high=float(np.mean([each.high for each in ceilings])),
        mean=float(np.mean(means)) if len(means) == len(ceilings) else None,
        whole=mean([each.whole for each in ceilings]),
        limit=mean([each.limit for each in ceilings]),
        reliability=mean([each.reliability for each in ceilings]),
    )


def sampling_of_all(samplings: Sequence[Sampling]) -> Sampling:
    """Say how large all recordings are together: units in sum, trials from the fewest to the most."""

    def span(name: str) -> tuple[int, int]:
        pairs = [getattr(each, name) for each in samplings]
        return min(low for low, _ in pairs), max(high for _, high in pairs)

    units, drawn = (sum(getattr(each, name) for each in samplings) for name in ("units", "units_drawn"))
    return Sampling(units, drawn, span("trials"), span("trials_drawn"))
