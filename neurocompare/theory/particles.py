r"""The mean-field law of units that learn, as a population that lives in its own field.

The exact law is Normal(z; 0, 1) exp(phi^T B phi / 2) with a B that depends on the law. To iterate between the two
diverges where learning sets in. So N units are sampled together, from

.. math:: p(z_1 ... z_N) \propto \exp\big(-\tfrac12 \sum_i |z_i|^2 - N E(C)\big),
          \quad  E = \tfrac{\gamma^2}{2} \sum_o y_o^{*T} (C + 1/b)^{-1} y^*_o,

the posterior of a network's currents (`CurrentPosterior`) without the entropy of its readout: a density whose maximum
over laws is that of -N F, so that N -> infinity is the mean-field solution. What N leaves is of order 1 / N in the mean
of C and of order N^-1/2 in a single state, and the latter is averaged away.

A population climbs from small gammas, where it starts as white noise, or comes down from the largest: where learning
is a jump, or breaks a symmetry, the two may end in different solutions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import final

import torch

from neurocompare.models.currents import CurrentPosterior
from neurocompare.models.hmc import HMCState, adapt_step, start_state, trajectory
from neurocompare.models.nonlinearity import Nonlinearity
from neurocompare.models.sampling import Sampling
from neurocompare.settings import Family
from neurocompare.streams import Purpose, torch_stream
from neurocompare.tasks.task import Task
from neurocompare.theory.population import Population, Propagation, propagate, tilt_of

LOWEST = 0.02
"""Gamma at which a population starts as white noise."""

SHORT, LONG = 8, 8
"""Trajectories that bring a population from one gamma to the next, and that let it settle before it is averaged."""

STATES = 8
"""States of a population that are kept as units of the law: each unit moves on from one to the next."""

FIRST_STEP, MOST_STEPS = 0.2, 4000


@dataclass(frozen=True)
class Order:
    """A population to be sampled.

    Attributes
    ----------
    task, family : Task, Family
        The family's number of units is that of the population.
    way : int
        0 from below, 1 from above.
    path : tuple of float
        The gammas it was led through, with that at which it is sampled.
    position : tensor, shape (noise x unit,)
        Where it stands.
    step : float
    trajectories : int
        Samples.
    seed : int
    """

    task: Task
    family: Family
    way: int
    path: tuple[float, ...]
    position: torch.Tensor
    step: float
    trajectories: int
    seed: int

    @property
    def gamma(self) -> float:
        """That at which it is sampled."""
        return self.path[-1]


@dataclass(frozen=True, eq=False)
class Particles:
    """A population at one gamma.

    Attributes
    ----------
    gamma : float
    way : int
        0 from below, 1 from above.
    kernel : tensor, shape (sample, sample)
        Mean of C over samples.
    error : float
        Its standard error over its norm (Frobenius), from the two halves of the samples.
    points : tensor, shape (noise, unit), float32
        z of single units.
    together : int
        Units that were sampled together.
    """

    gamma: float
    way: int
    kernel: torch.Tensor
    error: float
    points: torch.Tensor
    together: int


def ladder(gammas: Iterable[float]) -> list[float]:
    """Return gammas > 0 with others between and below them, so that each is at most 1.42 times the one before.

    Examples
    --------
    >>> [round(gamma, 3) for gamma in ladder([0.04, 0.1])]
    [0.02, 0.028, 0.04, 0.054, 0.074, 0.1]
    """
    wanted = sorted(gamma for gamma in gammas if gamma > 0)
    rungs = [min(LOWEST, wanted[0])] if wanted else []
    for gamma in wanted:
        if gamma > rungs[-1]:
            count = math.ceil(math.log(gamma / rungs[-1]) / math.log(1.42))
            rungs += [rungs[-1] * (gamma / rungs[-1]) ** (k / count) for k in range(1, count)] + [gamma]
    return rungs


def orders(
    task: Task, family: Family, rungs: Sequence[float], wanted: Iterable[float], trajectories: int, *,
    both_ways: bool, seed: int,
) -> Iterator[Order]:  # fmt: skip
    """Lead a population up the ladder, and another, independent one down from its top; yield it at every rung.

    Rungs that nobody asked for get half of the trajectories.
    """
    asked = set(wanted)
    ways = [(0, list(rungs), 0)]
    if both_ways:
        ways.append((1, [*rungs, *reversed(rungs)], len(rungs)))  # up without a stop, then down with them
    for way, path, silent in ways:
        generator = torch_stream(Purpose.INFINITE_POPULATION, seed, way)
        for k, state in enumerate(_led(task, family, path, generator)):
            if k >= silent:
                gamma = path[k]
                samples = trajectories if gamma in asked else trajectories // 2
                led = tuple(path[: k + 1])
                yield Order(task, family, way, led, state.position, state.step, samples, seed)


@torch.no_grad()
def _led(task: Task, family: Family, path: Iterable[float], generator: torch.Generator) -> Iterator[HMCState]:
    position, step = None, FIRST_STEP
    for gamma in path:
        posterior = CurrentPosterior(task, family, gamma, infinite=True)
        if position is None:
            position = torch.randn(posterior.dimension, generator=generator, dtype=torch.float64)
        state = start_state(posterior, position, step=step)
        state = adapt_step(posterior, state, SHORT, angle=1.0, max_leapfrogs=MOST_STEPS, generator=generator)
        position, step = state.position, state.step
        yield state


@torch.no_grad()
def sample(order: Order) -> Particles:
    """Sample a population from where it stands: its mean kernel, and units of its law."""
    generator = torch_stream(Purpose.INFINITE_POPULATION, order.seed, order.way, len(order.path))
    posterior = CurrentPosterior(order.task, order.family, order.gamma, infinite=True)
    options = {"max_leapfrogs": MOST_STEPS, "generator": generator}
    lengths = Sampling()
    state = start_state(posterior, order.position, step=order.step)
    state = adapt_step(posterior, state, LONG, angle=2 * lengths.longest(state.step), gain=0.4, **options)
    n, samples = order.family.n_units, order.trajectories
    halves = torch.zeros(2, posterior.n_samples, posterior.n_samples, dtype=torch.float64)
    counts, units = [0, 0], []
    kept = {round((k + 1) * samples / STATES) for k in range(STATES)}
    for k in range(samples):
        state = trajectory(posterior, state, angle=lengths.longest(state.step), **options)
        half = 2 * k // samples
        halves[half] += posterior.kernel(state.position)
        counts[half] += 1
        if k + 1 in kept:
            units.append(state.position.view(-1, n).float())
    first, second = (total / count for total, count in zip(halves, counts, strict=True))
    kernel = 0.5 * (first + second)
    error = 0.5 * float((first - second).norm() / kernel.norm())
    return Particles(order.gamma, order.way, kernel, error, torch.cat(units, dim=1), n)


@final
class SampledLaw:
    """Points of z, all of one weight.

    Parameters
    ----------
    points : tensor, shape (noise, point)
    nonlinearity : Nonlinearity
    """

    def __init__(self, points: torch.Tensor, nonlinearity: Nonlinearity) -> None:
        self.points = points
        self.nonlinearity = nonlinearity

    def start(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """See `population.Law`."""
        past: list[torch.Tensor] = []

        def step(drive: torch.Tensor) -> torch.Tensor:
            reached = len(past) * len(drive)  # later noises do not drive it yet
            past.append(self.nonlinearity.rate(drive[:, :reached] @ self.points[:reached]))
            return (past[-1] @ torch.cat(past).T / self.points.shape[1]).requires_grad_()

        return step


@dataclass(frozen=True, eq=False)
class SampledSolution:
    """The law at one gamma, as units drawn from it.

    Attributes
    ----------
    law : SampledLaw
    path : Propagation
    tilt : tensor, shape (sample, sample)
        B of this law.
    """

    law: SampledLaw
    path: Propagation
    tilt: torch.Tensor


def solution_of(problem: Population, gamma: float, points: torch.Tensor) -> SampledSolution:
    """Return the law of which units were sampled, shape (noise, point)."""
    law = SampledLaw(points.double(), problem.nonlinearity)
    path = propagate(problem, law)
    tilt = tilt_of(list(torch.autograd.grad(problem.energy(path.kernel, gamma), path.rows)))
    still = Propagation([], path.kernel.detach(), path.root.detach(), path.response.detach())
    return SampledSolution(law, still, tilt)
