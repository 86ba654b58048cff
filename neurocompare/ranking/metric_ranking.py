"""What one metric says about gamma: mean scores, intervals, ceiling, nulls, contrasts and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.metrics.metric import Metric
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.null import NULLS, Null, max_corrected
from neurocompare.ranking.resample import half_sample_factor, interval_of, network_weights, share_best
from neurocompare.ranking.verdict import Verdict, verdict_of


@dataclass(frozen=True)
class GammaScore:
    """Mean score of one gamma over draws and networks, and its 95 % interval over units, trials and networks."""

    gamma: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Contrast:
    """How much higher the best gamma scores than another, in the same draws: mean and 95 % interval."""

    against: str
    difference: float
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
    best_gamma : float or None
        Of highest mean score.
    p_best : tuple of (float, float)
        (gamma, share of draws in which it scores highest).
    gamma_interval : tuple of (float, float) or None
        The grid values between which the best gamma lies in 95 % of draws.
    ceiling : tuple of (float, float) or None
        95 % interval of the score between two halves of the recording, other units and other trials in each.
    nulls : mapping of name to Null
    contrasts : tuple of Contrast
        Against gamma 0 ("reservoir") and the largest gamma ("largest"), where these are not the best one.
    """

    metric: str
    direction: str
    range: tuple[float, float] | None
    draws: int
    dropped_draws: int
    verdict: Verdict
    why: str
    scores: tuple[GammaScore, ...] = ()
    best_gamma: float | None = None
    p_best: tuple[tuple[float, float], ...] = ()
    gamma_interval: tuple[float, float] | None = None
    ceiling: tuple[float, float] | None = None
    nulls: Mapping[str, Null] = field(default_factory=dict)
    contrasts: tuple[Contrast, ...] = ()


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
    failed = ~np.isfinite(rows["score"].to_numpy(float))
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

    gammas, mean, theta = _gamma_scores(used, sampling, seed)
    best = int(mean.argmax())
    p_best = share_best(theta)
    judged = {
        "interval": interval_of(gammas, p_best),
        "ceiling": _central(used.loc[used["kind"] == "ceiling", "score"].to_numpy()),
        "nulls": {name: max_corrected(_null_scores(used, name), float(mean[best])) for name in NULLS},
    }
    verdict, why = verdict_of(gammas=gammas, best=gammas[best], **judged)
    if uncomputed:
        verdict, why = "unreliable", uncomputed
    return MetricRanking(
        **heading,
        verdict=verdict,
        why=why,
        scores=tuple(GammaScore(gamma, float(mean[i]), *_central(theta[:, i])) for i, gamma in enumerate(gammas)),
        best_gamma=gammas[best],
        p_best=tuple(zip(gammas, p_best.tolist(), strict=True)),
        gamma_interval=judged["interval"],
        ceiling=judged["ceiling"],
        nulls=judged["nulls"],
        contrasts=_contrasts(gammas, mean, theta),
    )


def _gamma_scores(rows: pd.DataFrame, sampling: Sampling, seed: int) -> tuple[list[float], np.ndarray, np.ndarray]:
    """Return the gammas, their mean scores (gamma,), and their scores in each draw (draw, gamma) about those means."""
    draws, gammas, networks, values = _cube(rows, "model")
    mean = values.mean(axis=(0, 2))
    theta = np.einsum("rgk,rk->rg", values, network_weights(networks, draws, seed=seed))
    return gammas, mean, mean + half_sample_factor(sampling.units, sampling.units_drawn) * (theta - mean)


def _null_scores(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Return null scores, shape (draw, gamma): one network a gamma, which one differs from draw to draw."""
    return _cube(rows.assign(chain=0, member=0), f"null:{name}")[3][:, :, 0]


def _cube(rows: pd.DataFrame, kind: str) -> tuple[list[int], list[float], list[tuple[int, int]], np.ndarray]:
    """Return draws, gammas, networks (chain, member), and scores of shape (draw, gamma, network)."""
    keys = ["resample", "gamma", "chain", "member"]
    chosen = rows[rows["kind"] == kind].sort_values(keys)
    draws, gammas = (np.unique(chosen[key]).tolist() for key in keys[:2])
    networks = sorted(set(zip(chosen["chain"].tolist(), chosen["member"].tolist(), strict=True)))
    shape = (len(draws), len(gammas), len(networks))
    if len(chosen) != np.prod(shape) or not len(chosen) or chosen.duplicated(keys).any():
        message = (
            f"expected one {kind} score for each of {shape[0]} draws, {shape[1]} gammas and {shape[2]} networks, found "
            f"{len(chosen)} rows; score every draw with the same networks at every gamma"
        )
        raise InputError(message)
    return draws, gammas, networks, chosen["score"].to_numpy(float).reshape(shape)


def _contrasts(gammas: Sequence[float], mean: np.ndarray, theta: np.ndarray) -> tuple[Contrast, ...]:
    best, contrasts = int(mean.argmax()), []
    if gammas[0] == 0 and best != 0:
        contrasts.append(("reservoir", 0))
    if best != len(gammas) - 1:
        contrasts.append(("largest", len(gammas) - 1))
    return tuple(
        Contrast(against, float(mean[best] - mean[i]), *_central(theta[:, best] - theta[:, i]))
        for against, i in contrasts
    )


def _central(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
