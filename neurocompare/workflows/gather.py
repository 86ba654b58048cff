"""Gather: from tables of scores to what every metric says about a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from neurocompare.metrics.metric import Metric
from neurocompare.models import ExternalModel
from neurocompare.ranking import Context, MetricRanking, rank, sampling_of
from neurocompare.ranking.model_score import Compared, MetricScore, ModelScore, Nearest, UnitCounts, model_sentence
from neurocompare.ranking.resample import central, deviations_of, half_sample_factor
from neurocompare.ranking.score import CENTRINGS
from neurocompare.ranking.score_arrays import over_members
from neurocompare.recordings import Trials


def gather(
    scored: pd.DataFrame,
    zoo: pd.DataFrame | None,
    near: pd.DataFrame | None,
    *,
    metrics: Sequence[Metric],
    trials: tuple[Trials, Trials],
    model: ExternalModel,
    recording: str,
    planted_gamma: float | None,
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
    model : ExternalModel
    recording, planted_gamma, settings, notes
        See `ModelScore`; the model's own notes come first.
    seed : int
        Of the resampling, which is that of a ranking.

    Returns
    -------
    ModelScore
    """
    shared = {"metrics": metrics, "context": Context([model.name]), "seed": seed}
    # To the ranking the model is a grid of one: score, ceiling and nulls are then made as a run makes them.
    alone = scored[(scored["kind"] != "model") | (scored["network"] == "model")]
    alone = alone.assign(gamma=alone["gamma"].mask(alone["network"] == "model", 0.0))
    own = rank(alone, sampling=sampling_of(trials[0]), **shared)
    placed = None if near is None else rank(near, sampling=sampling_of(trials[1]), **shared)
    factor = half_sample_factor(sampling_of(trials[0]).units, sampling_of(trials[0]).units_drawn)
    places = ({}, {}) if placed is None else (placed.metrics, placed.centred)
    unit, condition_mean = (
        {
            name: _metric_score(ranked, near.get(name), _groups(scored, zoo, name, centring), factor, seed)
            for name, ranked in alone.items()
        }
        for centring, alone, near in zip(CENTRINGS, (own.metrics, own.centred), places, strict=True)
    )
    tables = [scored.assign(against="recording")]
    tables += [table.assign(against=to) for table, to in ((zoo, "recording"), (near, "model")) if table is not None]
    return ModelScore(
        model=model.name,
        recording=recording,
        planted_gamma=planted_gamma,
        units=UnitCounts(model.responses.sizes["unit"], trials[0].counts.sizes["unit"]),
        settings=settings,
        sentence=model_sentence(model.name, recording, tuple(unit.values())),
        metrics=unit,
        centred=condition_mean,
        notes=(*model.notes, *notes),
        task=model.task,
        table=pd.concat(tables, ignore_index=True),
    )


@dataclass(frozen=True, eq=False)
class _Group:
    """Scores (draw, network) of the model, a baseline, or the zoo's networks of a gamma; of whole draws only."""

    name: str
    gamma: float | None
    draws: np.ndarray
    networks: tuple[tuple[int, int], ...]
    scores: np.ndarray


def _group(name: str, gamma: float | None, rows: pd.DataFrame) -> _Group:
    table = rows.pivot(index="resample", columns=["chain", "member"], values="score")
    scores, networks = table.to_numpy(float), table.columns.to_frame(index=False).to_numpy(int)
    finite = np.isfinite(scores).all(axis=1)
    draws = table.index.to_numpy(int)
    return _Group(name, gamma, draws[finite], tuple((chain, member) for chain, member in networks), scores[finite])


def _groups(scored: pd.DataFrame, zoo: pd.DataFrame | None, metric: str, centring: str) -> list[_Group]:
    """Return the scored model first, then the baselines and every gamma."""

    def chosen(table: pd.DataFrame) -> pd.DataFrame:
        return table[(table["kind"] == "model") & (table["metric"] == metric) & (table["centring"] == centring)]

    groups = [_group(str(name), None, rows) for name, rows in chosen(scored).groupby("network", sort=False)]
    if zoo is not None:
        for gamma in sorted(chosen(zoo)["gamma"].astype(float).unique()):
            groups.append(_group(f"gamma {gamma:g}", float(gamma), chosen(zoo)[chosen(zoo)["gamma"] == gamma]))
    return sorted(groups, key=lambda group: group.name != "model")


def _metric_score(
    own: MetricRanking, placed: MetricRanking | None, groups: Sequence[_Group], factor: float, seed: int
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


def _compared(groups: Sequence[_Group], factor: float, seed: int) -> tuple[Compared, ...]:
    """Compare the model with every other group, in the draws in which all of them could be scored."""
    used = groups[0].draws
    for group in groups[1:]:
        used = np.intersect1d(used, group.draws)
    if not len(used):
        return ()
    values = [group.scores[np.isin(group.draws, used)] for group in groups]
    by_draw = np.stack([each.mean(axis=1) for each in values], axis=1)
    chains = [
        over_members(each.mean(axis=0)[None], group.networks)[0] for group, each in zip(groups, values, strict=True)
    ]
    mean, deviations = by_draw.mean(axis=0), deviations_of(by_draw, chains, factor=factor, seed=seed)
    compared = []
    for place, group in enumerate(groups[1:], start=1):
        own = mean[place] + deviations[:, place]
        apart = mean[0] - mean[place] + deviations[:, 0] - deviations[:, place]
        numbers = float(mean[place]), *central(own), float(mean[0] - mean[place]), *central(apart)
        compared.append(Compared(group.name, group.gamma, *numbers))
    return tuple(compared)


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
