"""The mean-field solution: what a network of infinitely many units does at each gamma, and how far to trust that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.family import check_gamma, is_reservoir
from neurocompare.models.tally import Tally
from neurocompare.parallel import Workers, one_thread, spread
from neurocompare.settings import Family
from neurocompare.tasks.task import Task, check_task
from neurocompare.theory.branches import Branch, branches
from neurocompare.theory.gaussian import GaussianSolution, solve_gaussian
from neurocompare.theory.kept_populations import sample_or_read
from neurocompare.theory.particles import Order, Particles, ladder, orders, sample, solution_of
from neurocompare.theory.population import Population, population_of
from neurocompare.theory.single_unit import UnitLaw

TOLERANCE = 0.05
"""Largest standard error of a converged kernel, over its norm."""

GAUSSIAN_SPLIT = 0.03
"""Relative difference of the kernels of two Gaussian laws from which on they are two solutions."""

ENOUGH = 4
"""Units of a population over samples: with fewer, what is of order 1 / N shows."""

FROM_BELOW, FROM_ABOVE = "from below", "from above"
"""Names of two solutions at one gamma."""


@dataclass(frozen=True, eq=False)
class MeanField:
    """The limit N -> infinity at one gamma.

    Attributes
    ----------
    gamma : float
    branch : str
        ``"only"``; or, where the solution reached from smaller gammas differs from the one reached from larger ones,
        ``"from below"`` or ``"from above"``. The one of lower F is what large networks do.
    kernel : array, shape (condition, time, condition, time)
        C, the mean over units of phi phi^T.
    output : array, shape (condition, time, output)
        Mean output, targets' scale.
    loss : float
        Half its mean squared error over trained samples.
    activity : float
        tr C / M.
    participation_ratio : float
        (tr C)^2 / tr C^2, uncentred.
    free_energy, kl : float
        Per unit, in nats. KL is how far learning moved the units from random; F its sum with the targets' part.
    excess_kurtosis : float
        Of preactivations over units, averaged over samples.
    outliers : array of complex, shape (outlier,)
        Eigenvalues expected outside the circle of radius g.
    rank : int
        Directions of the currents whose variance learning changed by more than a tenth.
    kernel_error : float
        Standard error of the kernel over its norm (Frobenius); 0 where it is exact.
    converged : bool
    why : str
        What it lacks where it has not converged.
    unit : UnitLaw
        The law of a single unit, to draw from.

    Examples
    --------
    >>> from neurocompare.tasks import oscillation
    >>> (found,) = mean_field(oscillation(), Family(g=0.8, tau=0.05, beta=100.0), [0.0])  # nothing is learned
    >>> found.branch, found.kl, found.rank
    ('only', 0.0, 0)
    """

    gamma: float
    branch: str
    kernel: np.ndarray
    output: np.ndarray
    loss: float
    activity: float
    participation_ratio: float
    free_energy: float
    kl: float
    excess_kurtosis: float
    outliers: np.ndarray
    rank: int
    kernel_error: float
    converged: bool
    why: str
    unit: UnitLaw


def mean_field(
    task: Task,
    family: Family,
    gammas: Iterable[float],
    *,
    population: int = 1600,
    trajectories: int = 32,
    both_ways: bool = True,
    seed: int = 0,
    workers: Workers | None = None,
    keep: Path | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> tuple[MeanField, ...]:
    """Solve the mean-field theory over gammas.

    Random and linear units have a Gaussian law, which is exact. Other units are sampled, as a population that lives in
    its own field (`particles`): one climbs from small gammas, another comes down from the largest. Where the two ways
    end in different solutions both are returned; elsewhere their mean, and what they differ by is its error.

    Parameters
    ----------
    task : Task
    family : Family
        Its number of units does not matter.
    gammas : iterable of float
    population : int
        Units that are sampled together; at least four times as many as the task has samples.
    trajectories : int
        Samples of a population at each gamma.
    both_ways : bool
        Look for a second solution from above.
    seed : int
        Of populations.
    workers : Workers, optional
        Where populations are sampled, while this process leads them from gamma to gamma; one process for all where
        None.
    keep : Path, optional
        Folder for sampled populations: a call that is interrupted goes on from there. Nothing is kept where None.
    progress : callable, optional
        Called with (steps done, in all).

    Returns
    -------
    tuple of MeanField
        Ascending in gamma; of two solutions at one gamma the one of lower F is first.

    Raises
    ------
    InputError
        If the task or a setting makes no sense.

    Examples
    --------
    >>> from neurocompare.tasks import oscillation
    >>> found = mean_field(oscillation(), Family(g=1.5, tau=0.05, beta=100.0), [0.0])[0]
    >>> round(found.activity, 3), round(found.participation_ratio, 2), found.converged
    (0.288, 2.4, True)
    """
    check_task(task)
    grid = sorted({check_gamma(gamma) for gamma in gammas})
    for name, value, least in (
        ("population", population, 64), ("trajectories", trajectories, 8), ("gammas", len(grid), 1)
    ):  # fmt: skip
        if value < least:
            raise InputError(f"expected {name} of at least {least}, found {value}")
    problem = population_of(task, family)
    linear = problem.nonlinearity.name == "linear"
    exact = grid if linear else [gamma for gamma in grid if is_reservoir(gamma)]
    learned = [gamma for gamma in grid if gamma not in exact]
    rungs = ladder(learned)
    ways = 2 if both_ways else 1
    total = len(exact) * ways + 2 * ways * len(rungs) + len(learned)
    tally = Tally(progress, total=total, done=0)
    fields: list[MeanField] = []
    with one_thread():  # this process works beside the others
        random = None
        for gamma, way, solution in _gaussian_laws(problem, exact, both_ways):
            tally.add(1)
            fields.append(_exact(problem, gamma, way, solution))
            random = solution if is_reservoir(gamma) else random
        if learned:
            populations = _populations(
                task, replace(family, n_units=population), rungs, learned, trajectories,
                both_ways=both_ways, seed=seed, workers=workers, keep=keep, tally=tally,
            )  # fmt: skip
            random = random or solve_gaussian(problem, 0.0)
            for each in branches(problem, rungs, populations, random.path.kernel):
                if each.particles.gamma in learned:
                    fields.append(_sampled(problem, each))
                    tally.add(1)
    tally.add(total)  # second solutions, which cannot be counted before, may be missing
    split = {each.gamma for each in fields if each.branch == FROM_ABOVE}
    fields = [each if each.gamma in split else replace(each, branch="only") for each in fields]
    return tuple(sorted(fields, key=lambda each: (each.gamma, each.free_energy)))


def _populations(
    task: Task, family: Family, rungs: list[float], wanted: list[float], trajectories: int, *,
    both_ways: bool, seed: int, workers: Workers | None, keep: Path | None, tally: Tally,
) -> list[Particles]:  # fmt: skip
    def led() -> Iterator[Order]:
        for order in orders(task, family, rungs, wanted, trajectories, both_ways=both_ways, seed=seed):
            tally.add(1)
            yield order

    sampled = []
    sampling = sample if keep is None else partial(sample_or_read, folder=keep)
    for one in spread(sampling, led(), workers=workers or Workers(1)):
        sampled.append(one)
        tally.add(1)
    return sampled


def _gaussian_laws(
    problem: Population, grid: list[float], both_ways: bool
) -> Iterator[tuple[float, str, GaussianSolution]]:
    """Yield gamma, way and Gaussian law: upwards along the grid, and downwards where that ends in another one."""
    fine = 1e-4
    upwards: list[GaussianSolution] = []
    for gamma in grid:
        start = upwards[-1].law.factor if upwards else None
        upwards.append(solve_gaussian(problem, gamma, start=start, tolerance=fine))
        yield gamma, FROM_BELOW, upwards[-1]
    if not both_ways or not upwards:
        return
    above = upwards[-1]
    for gamma, below in list(zip(grid, upwards, strict=True))[-2::-1]:
        if gamma == 0:
            break
        # A tenth of the precision shows where the ways meet again; where they seem not to, it takes all of it.
        for tolerance in (10 * fine, fine):
            above = solve_gaussian(problem, gamma, start=above.law.factor, tolerance=tolerance)
            split = (below.path.kernel - above.path.kernel).norm() > GAUSSIAN_SPLIT * below.path.kernel.norm()
            if not split:
                break
        else:
            yield gamma, FROM_ABOVE, above


def _exact(problem: Population, gamma: float, branch: str, solution: GaussianSolution) -> MeanField:
    why = f"F still falls, by {solution.slope:.1g} nats a step" if solution.slope > 1e-2 else ""
    return _field(
        problem, gamma, branch, UnitLaw(problem, solution), solution.path.kernel,
        free_energy=solution.free_energy, kernel_error=0.0, why=why,
    )  # fmt: skip


def _sampled(problem: Population, solution: Branch) -> MeanField:
    particles, least = solution.particles, ENOUGH * problem.n_samples
    why = ""
    if particles.together < least:
        why = (
            f"a population of {particles.together} units for {problem.n_samples} samples leaves an error of its own; "
            f"ask for one of at least {least}"
        )
    elif particles.error > TOLERANCE:
        why = f"the kernel C is known to {100 * particles.error:.0f} % only; ask for more trajectories"
    return _field(
        problem,
        particles.gamma,
        FROM_ABOVE if particles.way else FROM_BELOW,
        UnitLaw(problem, solution_of(problem, particles.gamma, particles.points)),
        particles.kernel,
        free_energy=solution.free_energy,
        kernel_error=particles.error,
        why=why,
    )


def _field(
    problem: Population, gamma: float, branch: str, unit: UnitLaw, kernel: torch.Tensor, *,
    free_energy: float, kernel_error: float, why: str,
) -> MeanField:  # fmt: skip
    output, loss = problem.output(kernel)
    trace = float(kernel.trace())
    return MeanField(
        gamma=gamma,
        branch=branch,
        kernel=_by_condition(problem, kernel),
        output=problem.by_condition(output).numpy().copy(),
        loss=loss,
        activity=trace / problem.n_samples,
        participation_ratio=trace**2 / float((kernel * kernel).sum()),
        free_energy=free_energy,
        kl=free_energy - float(problem.energy(kernel, gamma)),
        excess_kurtosis=unit.excess_kurtosis(),
        outliers=unit.outliers(),
        rank=unit.learned_rank(),
        kernel_error=kernel_error,
        converged=not why,
        why=why,
        unit=unit,
    )


def _by_condition(problem: Population, kernel: torch.Tensor) -> np.ndarray:
    p, t = problem.n_conditions, problem.n_times
    return np.ascontiguousarray(kernel.view(t, p, t, p).permute(1, 0, 3, 2).numpy())
