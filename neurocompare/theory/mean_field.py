"""The mean-field solution: what a network of infinitely many units does at each gamma, and how far to trust that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.family import check_gamma
from neurocompare.parallel import Workers, one_thread, spread
from neurocompare.settings import Family
from neurocompare.tasks.task import Task, check_task
from neurocompare.theory.gaussian import GaussianSolution, solve_gaussian
from neurocompare.theory.population import Population, population_of
from neurocompare.theory.single_unit import UnitLaw
from neurocompare.theory.tilted import TiltedSolution, solve_tilted

MISFIT = 0.15
"""Largest misfit of a converged law, see `tilted`."""

EFFECTIVE = 500
"""Fewest points that may carry the weights of a converged law."""

SPLIT = 0.03
"""Relative difference of two kernels from which on they are two solutions."""

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
        Eigenvalues expected outside the disc of radius g.
    rank : int
        Directions of the currents whose variance learning changed by more than a tenth.
    effective : float
        Points that carry the average, infinite where it is exact.
    misfit : float
        How far the law is from the exact form, in s.d. of the latter; 0 where it is exact.
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
    effective: float
    misfit: float
    converged: bool
    why: str
    unit: UnitLaw


def mean_field(
    task: Task,
    family: Family,
    gammas: Iterable[float],
    *,
    points: int = 8192,
    rank: int = 12,
    both_ways: bool = True,
    seed: int = 0,
    workers: Workers | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[MeanField, ...]:
    """Solve the mean-field theory over gammas.

    The best Gaussian law is followed from one gamma to the next, upwards and then downwards; units that are neither
    linear nor random get the tilted law on top of it (`tilted`). Where the two ways end in different solutions both
    are returned.

    Parameters
    ----------
    task : Task
    family : Family
        Its number of units does not matter.
    gammas : iterable of float
    points : int
        Quasi-random points of the tilted law.
    rank : int
        Directions that it is tilted along.
    both_ways : bool
        Look for a second solution from above.
    seed : int
        Of the points.
    workers : Workers, optional
        Where tilted laws are solved, while this process follows the Gaussian one; one process for all where None.
    progress : callable, optional
        Called with (gammas done, in all), where a gamma counts once for each stage.

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
    for name, value, least in (("points", points, 64), ("rank", rank, 1), ("gammas", len(grid), 1)):
        if value < least:
            raise InputError(f"expected {name} of at least {least}, found {value}")
    population = population_of(task, family)
    total, done = 2 * len(grid), 0

    def advance() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(min(done, total), total)

    orders = (
        (population, gamma, way, gaussian, points, rank, seed)
        for gamma, way, gaussian in _gaussian_laws(population, grid, both_ways, advance)
    )
    solved = []
    with one_thread():  # this process works beside the others
        for solution in spread(_finish, orders, workers=workers or Workers(1)):
            solved.append(solution)
            advance()
    split = {each.gamma for each in solved if each.branch == FROM_ABOVE}
    branches = [each if each.gamma in split else replace(each, branch="only") for each in solved]
    return tuple(sorted(branches, key=lambda each: (each.gamma, each.free_energy)))


def _gaussian_laws(
    population: Population, grid: list[float], both_ways: bool, advance: Callable[[], None]
) -> Iterator[tuple[float, str, GaussianSolution]]:
    """Yield gamma, way and Gaussian law: upwards along the grid, and downwards where that ends in another one."""
    fine = 1e-4 if population.nonlinearity.name == "linear" else 1e-3
    upwards: list[GaussianSolution] = []
    for gamma in grid:
        start = upwards[-1].law.factor if upwards else None
        upwards.append(solve_gaussian(population, gamma, start=start, tolerance=fine))
        advance()
        yield gamma, FROM_BELOW, upwards[-1]
    if not both_ways:
        return
    above = upwards[-1]
    for gamma, below in list(zip(grid, upwards, strict=True))[-2::-1]:
        if gamma == 0:
            break
        # A tenth of the precision shows where the ways meet again; where they seem not to, it takes all of it.
        for tolerance in (10 * fine, fine):
            above = solve_gaussian(population, gamma, start=above.law.factor, tolerance=tolerance)
            split = (below.path.kernel - above.path.kernel).norm() > SPLIT * below.path.kernel.norm()
            if not split:
                break
        else:
            yield gamma, FROM_ABOVE, above


def _finish(order: tuple[Population, float, str, GaussianSolution, int, int, int]) -> MeanField:
    """Tilt a Gaussian law where that is due, and say what came out."""
    population, gamma, branch, gaussian, points, rank, seed = order
    solution: GaussianSolution | TiltedSolution = gaussian
    if gamma > 0 and population.nonlinearity.name != "linear":
        solution = solve_tilted(population, gamma, gaussian, points=points, rank=rank, seed=seed)
    kernel = solution.path.kernel
    output, loss = population.output(kernel)
    trace = float(kernel.trace())
    unit = UnitLaw(population, solution)
    result = MeanField(
        gamma=gamma,
        branch=branch,
        kernel=_by_condition(population, kernel),
        output=population.by_condition(output).numpy().copy(),
        loss=loss,
        activity=trace / population.n_samples,
        participation_ratio=trace**2 / float((kernel * kernel).sum()),
        free_energy=solution.free_energy,
        kl=solution.kl,
        excess_kurtosis=unit.excess_kurtosis(),
        outliers=unit.outliers(),
        rank=unit.learned_rank(),
        effective=np.inf,
        misfit=0.0,
        converged=True,
        why="",
        unit=unit,
    )
    if isinstance(solution, TiltedSolution):
        result = replace(result, effective=solution.effective * points, misfit=solution.misfit)
    why = _lacks(solution, result)
    return replace(result, converged=not why, why=why)


def _lacks(solution: GaussianSolution | TiltedSolution, result: MeanField) -> str:
    if isinstance(solution, GaussianSolution):
        return f"F still falls, by {solution.slope:.1g} nats a step" if solution.slope > 1e-2 else ""
    if result.effective < EFFECTIVE:
        return f"only {result.effective:.0f} points carry the average; ask for more points"
    if result.misfit > MISFIT:
        return (
            f"the law differs from its exact form by {result.misfit:.2f} of the latter's spread: F is an upper bound, "
            "C approximate; ask for a higher rank and more points"
        )
    return f"F still falls, with slope {solution.slope:.1g}" if solution.slope > 2e-2 else ""


def _by_condition(population: Population, kernel: torch.Tensor) -> np.ndarray:
    p, t = population.n_conditions, population.n_times
    return np.ascontiguousarray(kernel.view(t, p, t, p).permute(1, 0, 3, 2).numpy())
