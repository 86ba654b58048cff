"""Infinite networks against a recording by their kernels alone, and what that says about gamma."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.ranking import Draw, Sampling, observation_of
from neurocompare.ranking.curve import curve_on
from neurocompare.ranking.metric_ranking import gamma_scores
from neurocompare.ranking.resample import central, half_sample_factor, recording_deviations
from neurocompare.ranking.score import CENTRINGS
from neurocompare.ranking.theory_result import KernelRanking
from neurocompare.recordings.trials import Trials, average
from neurocompare.tasks.task import Task
from neurocompare.theory import MeanField
from neurocompare.theory.kernels import (
    canonical,
    centred,
    cka_of_signal,
    leading_vectors,
    population_root,
    procrustes,
    root_of,
    signal_of,
    time_map,
)

DIMENSIONS = 10
"""Of ``kernel-cca``, as in `neurocompare.metrics.CCA`."""


def kernel_scores(fields: Sequence[MeanField], task: Task, trials: Trials, plans: Sequence[Draw]) -> pd.DataFrame:
    """Score the kernels of infinite networks, without any unit.

    Recorded rates are smoothed and in spikes/s, not normalised. ``kernel-cka`` compares with the signal that two
    disjoint halves of the trials share; the other two with the average over both halves.

    Parameters
    ----------
    fields : sequence of MeanField
    task : Task
    trials : Trials
    plans : sequence of Draw

    Returns
    -------
    pandas.DataFrame
        Columns metric, centring, gamma, network, resample, score.

    Raises
    ------
    InputError
        If the recording is not of this task.
    """
    like = observation_of(trials)
    over_time = time_map(task.inputs["time"].values, like.time, like.smoothing)
    rows = task.inputs.indexes["condition"].get_indexer(like.condition)
    if (rows < 0).any():
        message = f"expected a task with the recording's conditions, found no {like.condition[rows < 0][0]} in it"
        raise InputError(message)
    seen = [np.matmul(over_time, root_of(field.kernel)[rows]) for field in fields]
    networks = {centring: [centred(root, centring) for root in seen] for centring in CENTRINGS}
    vectors = {centring: [leading_vectors(root, DIMENSIONS) for root in networks[centring]] for centring in CENTRINGS}
    table = []
    for plan in plans:
        halves = [
            average(trials, chosen.astype(float)).isel(unit=plan.units).values
            for chosen in (plan.trials, plan.other_trials)
        ]
        both = population_root((halves[0] + halves[1]) / 2)
        for centring in CENTRINGS:
            signal, recorded = signal_of(halves[0], halves[1], centring), centred(both, centring)
            of_recording = leading_vectors(recorded, DIMENSIONS)
            # Few units, or a short task, span less.
            shared = min(each.shape[1] for each in (of_recording, *vectors[centring]))
            for field, network, of_network in zip(fields, networks[centring], vectors[centring], strict=True):
                scores = {
                    # Half of a recording may hardly have a signal: that draw then has no such score.
                    "kernel-cka": cka_of_signal(signal, network, centring) if signal.square > 0 else np.nan,
                    "kernel-procrustes": procrustes(recorded, network),
                    "kernel-cca": canonical(of_recording[:, :shared], of_network[:, :shared]),
                }
                for metric, score in scores.items():
                    table.append((metric, centring, field.gamma, name_of(field), plan.index, score))
    return pd.DataFrame(table, columns=["metric", "centring", "gamma", "network", "resample", "score"])


def rank_kernels(scores: pd.DataFrame, sampling: Sampling, *, seed: int = 0) -> tuple[KernelRanking, ...]:
    """Rank gammas by kernel scores, of one solution a gamma, resampled over draws as a ranking's are.

    Parameters
    ----------
    scores : pandas.DataFrame
        See `kernel_scores`.
    sampling : Sampling
    seed : int
        Of the resampling.
    """
    factor = half_sample_factor(sampling.units, sampling.units_drawn)
    ranked = []
    for (metric, centring), rows in scores.groupby(["metric", "centring"], sort=False):
        every = rows.pivot(index="resample", columns="gamma", values="score")
        complete = every.dropna()
        heading = (str(metric), str(centring), len(complete), len(every) - len(complete))
        if complete.empty:
            ranked.append(KernelRanking(*heading))
            continue
        by_draw, gammas = complete.to_numpy(float), tuple(map(float, complete.columns))
        mean = by_draw.mean(axis=0)
        theta = mean + factor * recording_deviations(by_draw, seed=seed)
        best = gammas[int(mean.argmax())]
        low, high = central(curve_on(gammas).peaks(theta))
        interval = (min(low, best), max(high, best))
        ranked.append(KernelRanking(*heading, gamma_scores(gammas, mean, theta), best, interval))
    return tuple(ranked)


def leading(fields: Sequence[MeanField]) -> tuple[MeanField, ...]:
    """Return one solution a gamma, ascending: of two branches the one of lower F, which is what large networks do."""
    best: dict[float, MeanField] = {}
    for field in sorted(fields, key=lambda each: (each.gamma, each.free_energy)):
        best.setdefault(field.gamma, field)
    return tuple(best.values())


def name_of(field: MeanField) -> str:
    """Name a solution: what its rows in a table of scores have under ``network``."""
    return f"infinite network, gamma {field.gamma!r}" + ("" if field.branch == "only" else f", {field.branch}")
