"""Distinguishable: which gammas a recording of this size could tell apart, by the theory alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from neurocompare.parallel import one_thread
from neurocompare.ranking import make_draws, sampling_of
from neurocompare.recordings import Trials
from neurocompare.streams import Purpose, stream
from neurocompare.tasks import Task
from neurocompare.theory import MeanField
from neurocompare.workflows.as_recorded import as_recorded
from neurocompare.workflows.kernel_scores import kernel_scores, leading, rank_kernels
from neurocompare.workflows.theory_scores import candidate_of


@dataclass(frozen=True)
class Placed:
    """Where a score of kernels would put an infinite network of known gamma, recorded like the recording.

    Attributes
    ----------
    metric : str
        ``kernel-cka``, ``kernel-procrustes`` or ``kernel-cca``.
    gamma : float
        The truth.
    low, high : float
        The gammas of the grid that its 95 % interval reaches, in the median recording.
    told_apart : tuple of float
        Gammas of the grid outside.
    """

    metric: str
    gamma: float
    low: float
    high: float
    told_apart: tuple[float, ...]


@one_thread()
def distinguishable(
    fields: Sequence[MeanField],
    task: Task,
    trials: Trials,
    *,
    recordings: int = 3,
    draws: int = 20,
    seed: int = 0,
    progress: Callable[[float, float], None] | None = None,
) -> tuple[Placed, ...]:
    """Record infinite networks like a recording, and see which gammas their kernel scores leave possible.

    Units are drawn from the infinite network of each gamma, given the recording's rates, modulations and trials
    (`as_recorded`), and scored against the kernels of all gammas (`kernel_scores`). No finite network is made, so what
    those add of their own, of order 1/N, is left out: what is not told apart here will not be by networks.

    Parameters
    ----------
    fields : sequence of MeanField
        Of the two solutions at one gamma the one of lower F counts.
    task : Task
        The one they were solved for.
    trials : Trials
        The recording.
    recordings : int
        Of each gamma, with other units and spikes.
    draws : int
        Halvings of each.
    seed : int
    progress : callable, optional
        Called with (recordings done, in all).

    Returns
    -------
    tuple of Placed
        One a kernel score and gamma, each unit's mean removed.

    Raises
    ------
    InputError
        If units cannot be drawn, or the recording is not of this task.
    """
    fields = leading(fields)
    grid = np.array([field.gamma for field in fields])
    intervals: dict[tuple[str, float], list[tuple[float, float]]] = {}
    for index, field in enumerate(fields):
        network = candidate_of(field, task, units=max(4000, trials.counts.sizes["unit"]), seed=seed)
        for repeat in range(recordings):
            recorded = as_recorded(
                network.responses, trials, rng=stream(Purpose.INFINITE_RECORDING, seed, index, repeat)
            )
            plans = make_draws(recorded, [network], draws=draws, seed=seed)
            scores = kernel_scores(fields, task, recorded, plans)
            for ranking in rank_kernels(scores[scores["centring"] == "unit"], sampling_of(recorded)):
                # Without any signal every gamma is possible.
                interval = ranking.gamma_interval or (grid[0], grid[-1])
                intervals.setdefault((ranking.metric, field.gamma), []).append(interval)
            if progress:
                progress(index * recordings + repeat + 1, len(fields) * recordings)
    placed = []
    for (metric, gamma), pairs in intervals.items():
        low, high = (float(np.median(ends)) for ends in zip(*pairs, strict=True))
        # Nothing is told from itself, and grid points that the interval only just leaves out are beyond it.
        outside = tuple(float(other) for other in grid if other != gamma and not low <= other <= high)
        placed.append(Placed(metric, gamma, low, high, outside))
    return tuple(placed)
