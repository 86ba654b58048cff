"""Gather: from tables of scores to what every metric says about a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from neurocompare.metrics.metric import Metric
from neurocompare.ranking import MetricRanking, rank, sampling_of
from neurocompare.ranking.model_score import Compared, MetricScore, ModelScore, Nearest, UnitCounts, model_sentence
from neurocompare.ranking.resample import half_sample_factor
from neurocompare.ranking.score import CENTRINGS
from neurocompare.recordings import Trials

_CHAINS = 103
"""First word of the seed of their resampling, apart from those of the ranking."""


def gather(
    scored: pd.DataFrame,
    zoo: pd.DataFrame | None,
    near: pd.DataFrame | None,
    *,
    metrics: Sequence[Metric],
    trials: tuple[Trials, Trials],
    model: str,
    recording: str,
    planted_gamma: float | None,
    model_units: int,
    settings: Mapping[str, Any],
    notes: tuple[str, ...],
    seed: int,
) -> ModelScore:
    """Put together what was scored.

    Parameters
    ----------
    scored : pandas.DataFrame
        Rows of `score_draw` with the networks ``model``, ``kinematic`` and ``reservoir``, all draws.
    zoo : pandas.DataFrame or None
        The same draws of the zoo's networks.
    near : pandas.DataFrame or None
        The zoo's networks against the model in the place of the recording.
    metrics : sequence of Metric
    trials : tuple of Trials
        The recording, and the model recorded like it.
    model, recording, planted_gamma, settings, notes
        See `ModelScore`.
    model_units : int
    seed : int
        Of the resampling of networks.

    Returns
    -------
    ModelScore
    """
    shared = {"metrics": metrics, "settings": {}, "recordings": [model], "fit": {}, "seed": seed}
    # To the ranking the model is a grid of one: score, ceiling and nulls are then made as a run makes them.
    alone = scored[(scored["kind"] != "model") | (scored["network"] == "model")]
    alone = alone.assign(gamma=alone["gamma"].mask(alone["network"] == "model", 0.0))
    own = rank(alone, sampling=sampling_of(trials[0]), **shared)
    placed = None if near is None else rank(near, sampling=sampling_of(trials[1]), **shared)
    factor = half_sample_factor(sampling_of(trials[0]).units, sampling_of(trials[0]).units_drawn)
    unit, condition_mean = (
        {
            metric.name: _metric_score(
                alone[metric.name],
                None if placed is None else near[metric.name],
                _groups(scored, zoo, metric.name, centring),
                factor,
                seed,
            )
            for metric in metrics
        }
        for centring, alone, near in zip(
            CENTRINGS,
            (own.metrics, own.centred),
            ({}, {}) if placed is None else (placed.metrics, placed.centred),
            strict=True,
        )
    )
    tables = [scored.assign(against="recording")]
    tables += [table.assign(against=to) for table, to in ((zoo, "recording"), (near, "model")) if table is not None]
    return ModelScore(
        model=model,
        recording=recording,
        planted_gamma=planted_gamma,
        units=UnitCounts(model_units, trials[0].counts.sizes["unit"]),
        settings=settings,
        sentence=model_sentence(model, recording, tuple(unit.values())),
        metrics=unit,
        centred=condition_mean,
        notes=notes,
        table=pd.concat(tables, ignore_index=True),
    )


def _groups(
    scored: pd.DataFrame, zoo: pd.DataFrame | None, metric: str, centring: str
) -> dict[tuple[str, float | None], pd.DataFrame]:
    """Return scores (draw, network) of the model, the baselines and every gamma, by (name, gamma)."""

    def chosen(table: pd.DataFrame) -> pd.DataFrame:
        return table[(table["kind"] == "model") & (table["metric"] == metric) & (table["centring"] == centring)]

    groups = {(name, None): rows for name, rows in chosen(scored).groupby("network", sort=False)}
    if zoo is not None:
        groups |= {(f"gamma {gamma:g}", float(gamma)): rows for gamma, rows in chosen(zoo).groupby("gamma")}
    return {
        key: rows.pivot(index="resample", columns=["chain", "member"], values="score") for key, rows in groups.items()
    }


def _metric_score(
    own: MetricRanking,
    placed: MetricRanking | None,
    groups: Mapping[tuple[str, float | None], pd.DataFrame],
    factor: float,
    seed: int,
) -> MetricScore:
    reliable = own.verdict != "unreliable"
    why = "" if reliable else own.why
    if not own.scores:
        return MetricScore(own.metric, own.range, own.draws, own.dropped_draws, reliable=reliable, why=why)
    others = _compared(groups, factor, seed)
    return MetricScore(
        own.metric,
        own.range,
        own.draws,
        own.dropped_draws,
        mean=own.scores[0].mean,
        low=own.scores[0].low,
        high=own.scores[0].high,
        ceiling=own.ceiling,
        nulls=own.nulls,
        reliable=reliable,
        why=why,
        baselines=tuple(one for one in others if one.gamma is None),
        zoo=tuple(one for one in others if one.gamma is not None),
        scores_like=tuple(
            one.gamma for one in others if one.gamma is not None and one.difference_low <= 0 <= one.difference_high
        ),
        nearest=None if placed is None else _nearest(placed),
    )


def _compared(
    groups: Mapping[tuple[str, float | None], pd.DataFrame], factor: float, seed: int
) -> tuple[Compared, ...]:
    """Compare the model with every other group in the draws in which all of them could be scored."""
    finite = [rows.index[np.isfinite(rows).all(axis=1)] for rows in groups.values()]
    used = sorted(set(finite[0]).intersection(*finite[1:]))
    if not used:
        return ()
    means, draws = {}, {}
    for key, rows in groups.items():
        values, chains = rows.loc[used].to_numpy(float), rows.columns.get_level_values("chain").to_numpy()
        means[key] = float(values.mean())
        theta = (values * _chain_weights(chains, len(used), seed)).sum(axis=1)
        draws[key] = means[key] + factor * (theta - means[key])
    model = ("model", None)
    found = []
    for key in groups:
        if key == model:
            continue
        differences = draws[model] - draws[key]
        found.append(
            Compared(*key, means[key], *_central(draws[key]), means[model] - means[key], *_central(differences))
        )
    return tuple(found)


def _chain_weights(chains: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Resample n - 1 of n chains with replacement, all members of each: weights (draw, network), rows summing to one.

    Drawing n of few chains would make the spread of the mean too small (Rao & Wu 1988). One chain has no spread.
    """
    labels, counts = np.unique(chains, return_counts=True)
    generator = np.random.default_rng([_CHAINS, seed])
    taken = generator.multinomial(max(len(labels) - 1, 1), np.full(len(labels), 1 / len(labels)), size=draws)
    shares = taken / taken.sum(axis=1, keepdims=True) / counts
    return shares[:, np.searchsorted(labels, chains)]


def _nearest(placed: MetricRanking) -> Nearest:
    return Nearest(
        gamma=placed.gamma_star,  # between grid points, where the ranking interpolates
        interval=placed.gamma_interval,
        verdict=placed.verdict,
        why=placed.why,
        similarity=None if placed.best is None else placed.best.mean,
        ceiling=placed.ceiling,
        shares=placed.p_best,
    )


def _central(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
