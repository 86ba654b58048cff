"""Across recordings: one recording as the model of another, the ceiling that other animals and sessions set."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics.metric import Metric
from neurocompare.parallel import Workers, keep_workers
from neurocompare.ranking.batches import score_batches
from neurocompare.ranking.candidate import Candidate
from neurocompare.ranking.draws import Drawing, check_halves
from neurocompare.ranking.resample import central
from neurocompare.ranking.score import CENTRINGS
from neurocompare.recordings.trials import Trials, average
from neurocompare.stages import part_of


@dataclass(frozen=True)
class Across:
    """How one recording scores as the model of another.

    Attributes
    ----------
    model, recording : str
        Which recording takes the place of a network, and which is compared.
    metric, centring : str
    mean, low, high : float or None
        Of the score over draws of units and trials, with its central 95 %; None where it could not be computed.
    why : str
        Why not.
    """

    model: str
    recording: str
    metric: str
    centring: str
    mean: float | None
    low: float | None
    high: float | None
    why: str = ""


@keep_workers()
def across(
    recordings: Mapping[str, Trials],
    metrics: Sequence[Metric],
    folder: str | os.PathLike[str],
    *,
    draws: int = 40,
    seed: int = 0,
    workers: Workers | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> tuple[Across, ...]:
    """Score every recording as the model of every other one of the same conditions, seen as networks are.

    The averages of one take the place of a network's activity: units drawn, given the other's rates and modulations,
    and recorded once more with its trials, see `observe`. What a model of the one circuit would score at the other is
    at least this: the averages carry the noise of their own trials, which no network has.

    Parameters
    ----------
    recordings : mapping of name to Trials
    metrics : sequence of Metric
    folder : path-like
        Where scores are kept for a later call, see `score_batches`.
    draws, seed, workers
        As there, for every pair.
    progress : callable, optional
        Called with (draws done, draws in all).

    Returns
    -------
    tuple of Across
        For every ordered pair of recordings with the same conditions, metric and centring; none where conditions
        differ.
    """
    pairs = [
        (model, name)
        for model, name in permutations(recordings, 2)
        if set(recordings[model].conditions.index) == set(recordings[name].conditions.index)
    ]
    results: list[Across] = []
    for place, (model, name) in enumerate(pairs):
        trials, part = recordings[name], progress and part_of(progress, place, len(pairs))
        try:
            check_halves(trials)
            # Smoothed once, when it is observed.
            activity = average(replace(recordings[model], smoothing=0.0))
            one = Candidate(model, np.nan, 0, 0, activity)
            scores = score_batches(
                trials, [one], metrics, Path(folder), drawing=Drawing(draws, seed), workers=workers, progress=part
            )
        except InputError as error:
            results += [
                Across(model, name, metric.name, centring, None, None, None, str(error))
                for metric in metrics
                for centring in CENTRINGS
            ]
            continue
        for metric in metrics:
            for centring in CENTRINGS:
                rows = scores[
                    (scores["kind"] == "model") & (scores["metric"] == metric.name) & (scores["centring"] == centring)
                ]
                values = rows["score"].to_numpy(float)
                values = values[np.isfinite(values)]
                if len(values):
                    numbers = (float(values.mean()), *central(values))
                    results.append(Across(model, name, metric.name, centring, *numbers))
                else:
                    note = rows["note"].iloc[0]
                    results.append(Across(model, name, metric.name, centring, None, None, None, note))
    return tuple(results)
