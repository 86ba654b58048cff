"""Gather: from tables of scores to what every metric says about a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from neurocompare.metrics.metric import Metric
from neurocompare.ranking import rank, ranking_json, sampling_of
from neurocompare.ranking.resample import half_sample_factor
from neurocompare.ranking.score import CENTRINGS
from neurocompare.recordings import Trials
from neurocompare.workflows.model_score import Compared, MetricScore, ModelScore, Nearest

_CHAINS = 103
"""First word of the seed of their resampling, apart from those of the ranking."""

SECTIONS = dict(zip(CENTRINGS, ("metrics", "centred"), strict=True))
"""Where ranking.json holds what a centring gives."""


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
    own = ranking_json(rank(alone, sampling=sampling_of(trials[0]), **shared))
    placed = None if near is None else ranking_json(rank(near, sampling=sampling_of(trials[1]), **shared))
    factor = half_sample_factor(sampling_of(trials[0]).units, sampling_of(trials[0]).units_drawn)
    by_centring = {}
    for centring, section in SECTIONS.items():
        by_centring[section] = tuple(
            _metric_score(
                metric.name,
                own[section][metric.name],
                None if placed is None else placed[section][metric.name],
                _groups(scored, zoo, metric.name, centring),
                factor,
                seed,
            )
            for metric in metrics
        )
    tables = [scored.assign(against="recording")]
    tables += [table.assign(against=to) for table, to in ((zoo, "recording"), (near, "model")) if table is not None]
    return ModelScore(
        model=model,
        recording=recording,
        planted_gamma=planted_gamma,
        units=(model_units, trials[0].counts.sizes["unit"]),
        settings=settings,
        notes=notes,
        table=pd.concat(tables, ignore_index=True),
        **by_centring,
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
    metric: str,
    own: Mapping[str, Any],
    placed: Mapping[str, Any] | None,
    groups: Mapping[tuple[str, float | None], pd.DataFrame],
    factor: float,
    seed: int,
) -> MetricScore:
    heading = {
        "metric": metric,
        "direction": own["direction"],
        "range": None if own["range"] is None else tuple(own["range"]),
        "draws": own["draws"],
        "dropped_draws": own["dropped_draws"],
        "reliable": own["verdict"] != "unreliable",
        "why": own["why"] if own["verdict"] == "unreliable" else "",
    }
    if not own["scores"]:
        return MetricScore(**heading)
    mean, low, high = (own["scores"][0][name] for name in ("mean", "low", "high"))
    others = _compared(groups, factor, seed)
    return MetricScore(
        **heading,
        mean=mean,
        low=low,
        high=high,
        ceiling=own["ceiling"],
        nulls=own["nulls"],
        baselines=tuple(one for one in others if one.gamma is None),
        zoo=tuple(one for one in others if one.gamma is not None),
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


def _nearest(placed: Mapping[str, Any]) -> Nearest:
    best, interval, ceiling = placed["best_gamma"], placed["gamma_interval"], placed["ceiling"]
    return Nearest(
        gamma=placed.get("gamma_star", best),  # between grid points, where the ranking interpolates
        interval=None if interval is None else tuple(interval),
        verdict=placed["verdict"],
        why=placed["why"],
        similarity=next((entry["mean"] for entry in placed["scores"] if entry["gamma"] == best), None),
        ceiling=None if ceiling is None else (ceiling["low"], ceiling["high"]),
        shares=tuple((entry["gamma"], entry["p"]) for entry in placed["p_best"]),
    )


def _central(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
