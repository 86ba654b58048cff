"""What one metric says about gamma: scores, intervals, ceiling, nulls, contrasts and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.metrics.metric import Metric
from neurocompare.ranking.ceiling import Ceiling, calibrated, ceiling_of
from neurocompare.ranking.contrast import Contrast, Differences, differences
from neurocompare.ranking.cube import by_chain, cube
from neurocompare.ranking.curve import curve_on
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.null import NULLS, Null, max_corrected
from neurocompare.ranking.resample import (
    central,
    half_sample_factor,
    network_deviations,
    recording_deviations,
    share_best,
)
from neurocompare.ranking.score import OPTIONAL
from neurocompare.ranking.verdict import Verdict, verdict_of

SHOWN = ("reservoir", "largest", "kinematic")
"""What the best gamma is held against in the report; the smallest gamma where that is no reservoir is judged too."""


@dataclass(frozen=True)
class GammaScore:
    """Mean score of one gamma over draws and networks, and its 95 % interval over units, trials and networks."""

    gamma: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class MetricRanking:
    """What one metric says, under one centring.

    Attributes
    ----------
    metric, direction : str
    range : tuple of (float, float) or None
    draws, dropped_draws : int
        Draws used, and draws left out because some score in them could not be computed.
    verdict : str
    why : str
    scores : tuple of GammaScore
        Ascending in gamma; empty, as everything below, where the metric could be computed in no draw.
    calibrated : tuple of GammaScore
        The same with 0 at the hardest null and 1 at the ceiling; empty where the ceiling is not above that null.
    best_gamma : float or None
        On the grid, of highest mean score.
    p_best : tuple of (float, float)
        (gamma, share of resamples in which it scores highest).
    gamma_star : float or None
        Where the smooth curve through the mean scores is highest.
    gamma_interval : tuple of (float, float) or None
        Holds that peak in 95 % of resamples, and the best gamma.
    curve : tuple of (float, float)
        (gamma, score) of the smooth curve, between grid points too; see `Curve`.
    ceiling : Ceiling or None
    above_ceiling : tuple of float
        Gammas that score beyond the ceiling's interval, which no model of the circuit should.
    nulls : mapping of name to Null
    contrasts : tuple of Contrast
        Best gamma against gamma 0 ("reservoir"), the largest gamma ("largest") and units that only follow the movement
        ("kinematic"), where these are in the table and not the best one.
    differences : tuple of (float, float, Contrast)
        All pairs of gammas: the one, the other, and how much higher the one scores.
    """

    metric: str
    direction: str
    range: tuple[float, float] | None
    draws: int
    dropped_draws: int
    verdict: Verdict
    why: str
    scores: tuple[GammaScore, ...] = ()
    calibrated: tuple[GammaScore, ...] = ()
    best_gamma: float | None = None
    p_best: tuple[tuple[float, float], ...] = ()
    gamma_star: float | None = None
    gamma_interval: tuple[float, float] | None = None
    curve: tuple[tuple[float, float], ...] = ()
    ceiling: Ceiling | None = None
    above_ceiling: tuple[float, ...] = ()
    nulls: Mapping[str, Null] = field(default_factory=dict)
    contrasts: tuple[Contrast, ...] = ()
    differences: tuple[tuple[float, float, Contrast], ...] = ()


def rank_metric(
    scores: pd.DataFrame, metric: Metric, centring: str, *, sampling: Sampling, seed: int = 0
) -> MetricRanking:
    """Rank gammas by one metric under one centring; see `neurocompare.ranking.rank`.

    Raises
    ------
    InputError
        If a score is missing from the table or there twice.
    """
    rows = scores[(scores["metric"] == metric.name) & (scores["centring"] == centring)]
    if rows.empty:
        message = f"expected scores of {metric.name} with {centring} centring, found none; score the draws with it"
        raise InputError(message)
    failed = ~np.isfinite(rows["score"].to_numpy(float)) & ~rows["kind"].isin(OPTIONAL).to_numpy()
    dropped = rows.loc[failed, "resample"].unique()
    used = rows[~rows["resample"].isin(dropped)]
    draws = used["resample"].nunique()
    heading = {
        "metric": metric.name,
        "direction": metric.direction,
        "range": metric.range,
        "draws": draws,
        "dropped_draws": len(dropped),
    }
    uncomputed = ""
    if len(dropped) > draws:
        note = rows.loc[failed, "note"].iloc[0]
        uncomputed = f"it could not be computed in {len(dropped)} of {draws + len(dropped)} draws: {note}"
    if not draws:
        return MetricRanking(**heading, verdict="unreliable", why=uncomputed)

    gammas, values, networks = _models(used)
    mean, theta, apart = _resampled(used, values, networks, sampling, seed)
    best = int(mean.argmax())
    curve = curve_on(tuple(gammas))
    peaks = central(curve.peaks(theta))
    interval = (min(peaks[0], gammas[best]), max(peaks[1], gammas[best]))
    ceiling = ceiling_of(used, metric.range)
    nulls = {name: _null_scores(used, name) for name in NULLS if (used["kind"] == f"null:{name}").any()}
    intact = _intact(used)
    tested = {name: max_corrected(null, float(mean[best]), intact=intact) for name, null in nulls.items()}
    contrasts = _contrasts(gammas, best, apart)
    verdict, why = verdict_of(
        gammas=gammas, best=gammas[best], interval=interval, ceiling=ceiling, nulls=tested, contrasts=contrasts
    )
    if uncomputed:
        verdict, why = "unreliable", uncomputed
    return MetricRanking(
        **heading,
        verdict=verdict,
        why=why,
        scores=gamma_scores(gammas, mean, theta),
        calibrated=_calibrated(gammas, mean, theta, [nulls[name] for name in nulls if tested[name].says], ceiling),
        best_gamma=gammas[best],
        p_best=tuple(zip(gammas, share_best(theta).tolist(), strict=True)),
        gamma_star=float(curve.peaks(mean[None])[0]),
        gamma_interval=interval,
        curve=tuple(zip(curve.fine.tolist(), (curve.smoother @ mean).tolist(), strict=True)),
        ceiling=ceiling,
        above_ceiling=tuple(gamma for gamma, score in zip(gammas, mean, strict=True) if score > ceiling.high),
        nulls=tested,
        contrasts=tuple(contrast for contrast in contrasts if contrast.against in SHOWN),
        differences=tuple(
            (gammas[i], gammas[j], apart.contrast(f"{gammas[j]:g}", i, j)) for i in range(len(gammas)) for j in range(i)
        ),
    )


def _models(rows: pd.DataFrame) -> tuple[list[float], np.ndarray, list[tuple[int, int]]]:
    """Return gammas, the networks' scores (draw, gamma, network), and their (chain, member)."""
    _, gammas, networks, values = cube(rows, "model")
    return gammas, values, networks


def _resampled(
    rows: pd.DataFrame, values: np.ndarray, networks: list[tuple[int, int]], sampling: Sampling, seed: int
) -> tuple[np.ndarray, np.ndarray, Differences]:
    """Return mean scores (gamma,), resampled ones (resample, gamma), and all differences, the baseline's last."""
    gammas = values.shape[1]
    by_draw, chains = values.mean(axis=2), by_chain(values.mean(axis=0), networks)
    if (rows["kind"] == "kinematic").any():
        baseline = cube(rows.assign(gamma=rows["gamma"].fillna(np.inf)), "kinematic")[3][:, 0]
        by_draw = np.column_stack([by_draw, baseline.mean(axis=1)])
        own = baseline.mean(axis=0)
        # As many populations as chains, unless there is one chain only and its members stand in for chains.
        own = own if len(own) == chains.shape[1] else np.full(chains.shape[1], own.mean())
        chains = np.vstack([chains, own])
    mean = by_draw.mean(axis=0)
    factor = half_sample_factor(sampling.units, sampling.units_drawn)
    deviations = factor * recording_deviations(by_draw, seed=seed) + network_deviations(chains, seed=seed)
    return mean[:gammas], (mean + deviations)[:, :gammas], differences(mean, deviations)


def gamma_scores(gammas: Sequence[float], mean: np.ndarray, resampled: np.ndarray) -> tuple[GammaScore, ...]:
    """Put mean scores (gamma,) and their resampled ones (resample, gamma) together."""
    return tuple(GammaScore(gamma, float(mean[i]), *central(resampled[:, i])) for i, gamma in enumerate(gammas))


def _calibrated(
    gammas: Sequence[float], mean: np.ndarray, theta: np.ndarray, nulls: Sequence[np.ndarray], ceiling: Ceiling
) -> tuple[GammaScore, ...]:
    if not nulls:
        return ()
    hardest = max((null.mean(axis=0) for null in nulls), key=np.mean)
    scaled = calibrated(np.vstack([mean, theta]), hardest, ceiling.mean)
    return () if scaled is None else gamma_scores(gammas, scaled[0], scaled[1:])


def _null_scores(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Return null scores, shape (draw, gamma): one network a gamma, which one differs from draw to draw."""
    return cube(rows.assign(chain=0, member=0), f"null:{name}")[3][:, :, 0]


def _intact(rows: pd.DataFrame) -> np.ndarray:
    """Return scores (draw, gamma) of the networks whose nulls were computed."""
    keys = ["resample", "gamma", "chain", "member"]
    chosen = rows.loc[rows["kind"] == f"null:{NULLS[0]}", keys]
    models = rows.loc[rows["kind"] == "model", [*keys, "score"]]
    return cube(chosen.merge(models, on=keys).assign(kind="model", chain=0, member=0), "model")[3][:, :, 0]


def _contrasts(gammas: Sequence[float], best: int, apart: Differences) -> tuple[Contrast, ...]:
    """Hold the best gamma against the ends of the grid and the baseline."""
    against = [("reservoir" if gammas[0] == 0 else "smallest", 0), ("largest", len(gammas) - 1)]
    if len(apart.difference) > len(gammas):
        against.append(("kinematic", len(gammas)))
    return tuple(apart.contrast(name, best, i) for name, i in against if i != best)
