r"""Infinite networks against a recording: the scores of the mean-field theory over a grid of gammas.

Two ways, for the two kinds of metric:

- `drawn_scores` follows `neurocompare run` to the letter. Units of the infinite network are drawn, many of them, and
  this population goes where a network goes: seen through the recording (as many units as a draw scores, each with a
  recorded unit's mean and modulation, Poisson spikes), normalised, centred, scored, ranked. What a finite number of
  units does to a score is done to it as well, so these scores compare directly with those of networks; what is left out
  is what a finite network adds of its own, of order 1/N.
- `kernel_scores` needs no units: what rotation-invariant metrics say of C, with the recording's bins and smoothing as
  maps in time. Nothing is normalised unit by unit. ``kernel-cka`` takes the recorded side's few units and trial noise
  out as well; ``kernel-procrustes`` and ``kernel-cca`` do not, and lie low by as much for every gamma.

Both score the same halvings of the recording (`make_draws`), so intervals are over recorded units and trials, and the
first over drawn units too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd
import torch

from neurocompare.metrics.metric import METRICS, Metric
from neurocompare.parallel import Workers, spread
from neurocompare.ranking import Candidate, Context, Draw, Ranking, make_draws, rank, sampling_of
from neurocompare.ranking.batches import score_batch
from neurocompare.recordings.trials import Trials
from neurocompare.responses import make_responses
from neurocompare.streams import Purpose, stream
from neurocompare.tasks.task import Task, zero_loss
from neurocompare.theory import MeanField
from neurocompare.workflows.kernel_scores import KernelRanking, kernel_scores, leading, name_of, rank_kernels

POPULATION = 4000
"""Units drawn at each gamma: many times what all draws of a recording of a hundred units see at once."""


def candidate_of(field: MeanField, task: Task, *, units: int = POPULATION, seed: int = 0) -> Candidate:
    """Draw units of an infinite network, and give them to the ranking as one network.

    Parameters
    ----------
    field : MeanField
    task : Task
        The one it was solved for.
    units : int
        At most as many as were sampled.
    seed : int
        The same seed draws like units at every gamma.

    Returns
    -------
    Candidate
        Rates phi(x) on the task's conditions and times; chain and member are 0.

    Raises
    ------
    InputError
        If units cannot be drawn.
    """
    preactivations = field.unit.draw(int(min(units, field.unit.n_units)), seed=stream(Purpose.INFINITE_UNITS, seed))
    rates = field.unit.population.nonlinearity.rate(torch.from_numpy(preactivations)).numpy()
    condition, time = (task.inputs[dim].values for dim in ("condition", "time"))
    responses = make_responses(rates, condition=condition, time=time, source=name_of(field))
    return Candidate(name_of(field), field.gamma, 0, 0, responses)


def drawn_scores(
    candidates: Sequence[Candidate],
    trials: Trials,
    plans: Sequence[Draw],
    metrics: Sequence[Metric],
    *,
    workers: Workers | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> pd.DataFrame:
    """Score drawn units of infinite networks as networks are scored: the rows of `score_draw`, of all draws.

    Parameters
    ----------
    candidates : sequence of Candidate
        See `candidate_of`.
    trials : Trials
    plans : sequence of Draw
    metrics : sequence of Metric
    workers : Workers, optional
        All processors where None.
    progress : callable, optional
        Called with (draws done, draws in all).

    Raises
    ------
    InputError
        If the recording is not of the candidates' task.
    """
    scoring = partial(score_batch, trials=trials, candidates=candidates, metrics=metrics)
    tables = {}
    for (plan,), table in spread(scoring, [[plan] for plan in plans], workers=workers):
        tables[plan.index] = table
        if progress:
            progress(len(tables), len(plans))
    return pd.concat([table for _, table in sorted(tables.items())], ignore_index=True)


@dataclass(frozen=True, eq=False)
class TheoryScores:
    """Infinite networks against one recording.

    Attributes
    ----------
    drawn, kernels : pandas.DataFrame
        Every score of every solution, see `drawn_scores` and `kernel_scores`.
    ranking : Ranking
        By drawn units, of the solution of lowest F at each gamma: as a run ranks its networks.
    kernel_rankings : tuple of KernelRanking
    """

    drawn: pd.DataFrame
    kernels: pd.DataFrame
    ranking: Ranking
    kernel_rankings: tuple[KernelRanking, ...]


def theory_scores(
    fields: Sequence[MeanField],
    task: Task,
    trials: Trials,
    *,
    context: Context,
    metrics: Sequence[Metric] = METRICS,
    draws: int = 24,
    units: int = POPULATION,
    seed: int = 0,
    workers: Workers | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> TheoryScores:
    """Score and rank infinite networks against a recording.

    Parameters
    ----------
    fields : sequence of MeanField
        All branches.
    task : Task
        The one they were solved for.
    trials : Trials
    settings, recording, planted_gamma
        See `neurocompare.ranking.rank`.
    metrics : sequence of Metric
    draws, seed : int
        See `make_draws`: the same seed halves the recording as a run of that seed does.
    units : int
        Drawn at each gamma, or as many as a draw scores where that is more.
    workers : Workers, optional
        All processors where None.
    progress : callable, optional
        Called with (draws done, draws in all).

    Raises
    ------
    InputError
        If the recording is too small, or is not of this task.
    """
    sampling = sampling_of(trials)
    size = max(units, sampling.units_drawn)
    candidates = [candidate_of(field, task, units=size, seed=seed) for field in fields]
    plans = make_draws(trials, candidates[:1], draws=draws, seed=seed)
    drawn = drawn_scores(candidates, trials, plans, metrics, workers=workers, progress=progress)
    kernels = kernel_scores(fields, task, trials, plans)
    ranked = [name_of(field) for field in leading(fields)]
    context = replace(context, fit={field.gamma: field.loss / zero_loss(task) for field in leading(fields)})
    shown = drawn[drawn["network"].isin(ranked) | (drawn["kind"] == "ceiling")]
    ranking = rank(shown, metrics=metrics, sampling=sampling, context=context, seed=seed)
    by_kernel = rank_kernels(kernels[kernels["network"].isin(ranked)], sampling, seed=seed)
    return TheoryScores(drawn, kernels, ranking, by_kernel)
