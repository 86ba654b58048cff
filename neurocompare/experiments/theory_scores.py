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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from neurocompare.errors import InputError
from neurocompare.metrics.metric import METRICS, Metric
from neurocompare.models.methods import zero_loss
from neurocompare.ranking import (
    Candidate,
    Draw,
    GammaScore,
    Ranking,
    Sampling,
    make_draws,
    observation_of,
    rank,
    sampling_of,
    score_draw,
)
from neurocompare.ranking.resample import half_sample_factor, interval_of, share_best
from neurocompare.ranking.score import CENTRINGS
from neurocompare.recordings.trials import Trials, average
from neurocompare.responses import make_responses
from neurocompare.tasks.task import Task
from neurocompare.theory import MeanField
from neurocompare.theory.kernels import (
    cca,
    centred,
    cka_of_signal,
    dimension_of,
    population_root,
    procrustes,
    root_of,
    signal_of,
    time_map,
)

POPULATION = 4000
"""Units drawn at each gamma: many times what all draws of a recording of a hundred units see at once."""

DRAWING = 4
"""First word of the seeds of drawn units; the ranking uses 1 to 3."""

DIMENSIONS = 10
"""Of ``kernel-cca``, as in `neurocompare.metrics.CCA`."""


def leading(fields: Sequence[MeanField]) -> tuple[MeanField, ...]:
    """Return one solution a gamma, ascending: of two branches the one of lower F, which is what large networks do."""
    best: dict[float, MeanField] = {}
    for field in sorted(fields, key=lambda each: (each.gamma, each.free_energy)):
        best.setdefault(field.gamma, field)
    return tuple(best.values())


def name_of(field: MeanField) -> str:
    """Name a solution: what its rows in a table of scores have under ``network``."""
    return f"infinite network, gamma {field.gamma:g}" + ("" if field.branch == "only" else f", {field.branch}")


def candidate_of(field: MeanField, task: Task, *, units: int = POPULATION, seed: int = 0) -> Candidate:
    """Draw units of an infinite network, and give them to the ranking as one network.

    Parameters
    ----------
    field : MeanField
    task : Task
        The one it was solved for.
    units : int
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
    preactivations = field.unit.draw(units, seed=np.random.default_rng([DRAWING, seed]))
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
    jobs: int = 1,
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
    jobs : int
        Processes, one thread each.
    progress : callable, optional
        Called with (draws done, draws in all).

    Raises
    ------
    InputError
        If the recording is not of the candidates' task.
    """
    from joblib import Parallel, delayed

    tables = []
    pool = Parallel(n_jobs=jobs, return_as="generator")
    for table in pool(delayed(_score)(plan, trials, candidates, metrics) for plan in plans):
        tables.append(table)
        if progress:
            progress(len(tables), len(plans))
    return pd.concat(tables, ignore_index=True)


def _score(plan: Draw, trials: Trials, candidates: Sequence[Candidate], metrics: Sequence[Metric]) -> pd.DataFrame:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return score_draw(plan, trials, candidates, metrics)


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
    spanned = {centring: min(dimension_of(root) for root in networks[centring]) for centring in CENTRINGS}
    table = []
    for plan in plans:
        halves = [
            average(trials, chosen.astype(float)).isel(unit=plan.units).values
            for chosen in (plan.trials, plan.other_trials)
        ]
        both = population_root((halves[0] + halves[1]) / 2)
        for centring in CENTRINGS:
            signal, recorded = signal_of(*halves, centring), centred(both, centring)
            # Few units, or a short task, span less.
            most = min(DIMENSIONS, dimension_of(recorded), spanned[centring])
            for field, network in zip(fields, networks[centring], strict=True):
                scores = {
                    # Half of a recording may hardly have a signal: that draw then has no such score.
                    "kernel-cka": cka_of_signal(signal, network, centring) if signal.square > 0 else np.nan,
                    "kernel-procrustes": procrustes(recorded, network),
                    "kernel-cca": cca(recorded, network, dimensions=most),
                }
                for metric, score in scores.items():
                    table.append((metric, centring, field.gamma, name_of(field), plan.index, score))
    return pd.DataFrame(table, columns=["metric", "centring", "gamma", "network", "resample", "score"])


@dataclass(frozen=True)
class KernelRanking:
    """What one kernel score says about gamma.

    Attributes
    ----------
    metric, centring : str
    draws, dropped_draws : int
        Draws used, and draws left out because half of the recording had no signal.
    scores : tuple of GammaScore
        Ascending in gamma: mean over draws, and 95 % interval over recorded units and trials. Empty, as everything
        below, where no draw could be used.
    best_gamma : float or None
        Of highest mean score.
    gamma_interval : tuple of (float, float) or None
        Between which the best gamma lies in 95 % of draws.
    """

    metric: str
    centring: str
    draws: int
    dropped_draws: int
    scores: tuple[GammaScore, ...] = ()
    best_gamma: float | None = None
    gamma_interval: tuple[float, float] | None = None


def rank_kernels(scores: pd.DataFrame, sampling: Sampling) -> tuple[KernelRanking, ...]:
    """Rank gammas by kernel scores, of one solution a gamma.

    Deviations of half-samples are scaled to the whole recording, as in `neurocompare.ranking.rank`.
    """
    factor = half_sample_factor(sampling.units, sampling.units_drawn)
    ranked = []
    for (metric, centring), rows in scores.groupby(["metric", "centring"], sort=False):
        every = rows.pivot(index="resample", columns="gamma", values="score")
        cube = every.dropna()
        heading = (metric, centring, len(cube), len(every) - len(cube))
        if cube.empty:
            ranked.append(KernelRanking(*heading))
            continue
        gammas, mean = cube.columns.tolist(), cube.mean().to_numpy()
        theta = mean + factor * (cube.to_numpy() - mean)
        bars = zip(gammas, mean.tolist(), *np.quantile(theta, (0.025, 0.975), axis=0).tolist(), strict=True)
        best, interval = gammas[int(mean.argmax())], interval_of(gammas, share_best(theta))
        ranked.append(KernelRanking(*heading, tuple(GammaScore(*bar) for bar in bars), best, interval))
    return tuple(ranked)


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
    settings: Mapping[str, object],
    recording: str,
    planted_gamma: float | None = None,
    metrics: Sequence[Metric] = METRICS,
    draws: int = 24,
    units: int = POPULATION,
    seed: int = 0,
    jobs: int = 1,
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
    jobs : int
        Processes.
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
    drawn = drawn_scores(candidates, trials, plans, metrics, jobs=jobs, progress=progress)
    kernels = kernel_scores(fields, task, trials, plans)
    ranked = [name_of(field) for field in leading(fields)]
    ranking = rank(
        drawn[drawn["network"].isin(ranked) | (drawn["kind"] == "ceiling")],
        metrics=metrics,
        sampling=sampling,
        settings=settings,
        recordings=[recording],
        planted_gamma=planted_gamma,
        fit={field.gamma: field.loss / zero_loss(task) for field in leading(fields)},
        seed=seed,
    )
    return TheoryScores(drawn, kernels, ranking, rank_kernels(kernels[kernels["network"].isin(ranked)], sampling))
