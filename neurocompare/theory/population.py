r"""A population of infinitely many units: what is left of a task and a family when C alone describes the network.

With x = L eta, each unit's currents eta over samples have the prior Normal(0, Sigma), Sigma = g^2 C + K, whose root
Sigma = R R^T is lower triangular in time: eta = R z with z ~ Normal(0, 1) before learning. A law of z fixes everything,
one time step after the other: the law gives C up to now, C gives the next rows of R, and these the next x
(`propagate`). Learning changes the law of z, at the cost KL(law || Normal(0, 1)), and pays back through

.. math:: F = \mathrm{KL} + \tfrac{\gamma^2}{2} \sum_o y_o^{*T} (C + 1/b)^{-1} y^*_o,

which is the free energy per unit of the limit N -> infinity. Its minimum over laws is the mean-field solution.

Arrays are time-major: sample = time * conditions + condition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import torch

from neurocompare.models.law import Likelihood
from neurocompare.models.nonlinearity import Nonlinearity, get_nonlinearity
from neurocompare.models.rate_rnn import scaled, time_major
from neurocompare.settings import Family
from neurocompare.tasks.task import Task

FLOOR = 1e-3
"""Least private noise: it keeps Sigma invertible where inputs are silent or equal, and changes nothing to be seen."""


class Law(Protocol):
    """A law of z, as the recursion in time needs it."""

    def start(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return a function to be called once a time step.

        It takes the rows of x = A z of that time, shape (condition, noise), and returns the new rows of the kernel,
        shape (condition, sample so far): <phi_now phi_then>.
        """
        ...


@dataclass(frozen=True, eq=False)
class Population:
    """The problem to be solved.

    Attributes
    ----------
    n_conditions, n_times : int
    step_fraction : float
        a.
    g : float
        Of the family.
    input_kernel : tensor, shape (sample, sample)
        K: inputs and private noise.
    likelihood : Likelihood
        Of the targets, at gamma = 0.
    nonlinearity : Nonlinearity
    """

    n_conditions: int
    n_times: int
    step_fraction: float
    g: float
    input_kernel: torch.Tensor
    likelihood: Likelihood
    nonlinearity: Nonlinearity

    @property
    def n_samples(self) -> int:
        """M."""
        return self.n_conditions * self.n_times

    @property
    def n_noises(self) -> int:
        """Dimension of z: the current of each condition's last sample drives nothing and is left out."""
        return self.n_conditions * (self.n_times - 1)

    def energy(self, kernel: torch.Tensor, gamma: float) -> torch.Tensor:
        """Return the targets' part of F."""
        return replace(self.likelihood, gamma=gamma).energy_per_unit(kernel)

    def output(self, kernel: torch.Tensor) -> tuple[torch.Tensor, float]:
        """Return the mean output C A^-1 y*, shape (sample, output), and its loss."""
        terms = self.likelihood.terms(kernel)
        return terms.output, terms.loss

    def by_condition(self, values: torch.Tensor) -> torch.Tensor:
        """Reshape (sample, ...) to (condition, time, ...)."""
        return values.view(self.n_times, self.n_conditions, *values.shape[1:]).transpose(0, 1)


def population_of(task: Task, family: Family) -> Population:
    """Return the problem of infinitely many units that a task and a family pose."""
    inputs = time_major(task.inputs.values)
    flat = scaled(inputs.flatten(0, 1), family)
    noise = max(family.private_noise, FLOOR) ** 2 * torch.eye(len(flat), dtype=torch.float64)
    return Population(
        n_conditions=inputs.shape[1],
        n_times=inputs.shape[0],
        step_fraction=family.step_fraction(task.time_step),
        g=family.g,
        input_kernel=flat @ flat.T + noise,
        likelihood=Likelihood.of(task, family, 0.0, infinite=True),
        nonlinearity=get_nonlinearity(family.nonlinearity),
    )


@dataclass(frozen=True, eq=False)
class Propagation:
    """A law carried through time.

    Attributes
    ----------
    rows : list of tensor
        The kernel's rows of each time, up to that time: nodes of the graph, for their gradients.
    kernel : tensor, shape (sample, sample)
        C.
    root : tensor, shape (noise, noise)
        R.
    response : tensor, shape (sample, noise)
        A = L R, so that x = A z.
    """

    rows: list[torch.Tensor]
    kernel: torch.Tensor
    root: torch.Tensor
    response: torch.Tensor


def propagate(population: Population, law: Law) -> Propagation:
    """Find the kernel of a law, exactly, in one pass through time.

    Raises
    ------
    torch.linalg.LinAlgError
        If the law is so extreme that rounding leaves no positive Sigma.
    """
    p, steps = population.n_conditions, population.n_times
    step = law.start()
    drive = torch.zeros(p, population.n_noises, dtype=torch.float64)
    root = torch.zeros(0, 0, dtype=torch.float64)
    rows, drives = [], []
    for t in range(steps):
        drives.append(drive)
        rows.append(step(drive))
        if t == steps - 1:
            break
        now = slice(t * p, (t + 1) * p)
        covariance = population.g**2 * rows[-1] + population.input_kernel[now, : (t + 1) * p]
        past = torch.linalg.solve_triangular(root, covariance[:, : t * p].T, upper=False).T
        present = torch.linalg.cholesky(covariance[:, t * p :] - past @ past.T)
        new = torch.cat([past, present], dim=1)
        root = torch.cat([torch.nn.functional.pad(root, (0, p)), new])
        new = torch.nn.functional.pad(new, (0, population.n_noises - new.shape[1]))
        drive = (1 - population.step_fraction) * drive + population.step_fraction * new
    return Propagation(rows, _symmetric(rows), root, torch.cat(drives))


def _symmetric(rows: list[torch.Tensor]) -> torch.Tensor:
    """Assemble the kernel of its lower rows."""
    n_samples, p = rows[-1].shape[1], rows[0].shape[0]
    lower = torch.cat([torch.nn.functional.pad(row, (0, n_samples - row.shape[1])) for row in rows])
    block = torch.arange(n_samples) // p
    share = torch.where(block[:, None] == block, 0.5, 1.0).to(lower.dtype) * (block[:, None] >= block)
    half = lower * share
    return half + half.T


def tilt_of(slopes: list[torch.Tensor]) -> torch.Tensor:
    """Return B, shape (sample, sample), of the derivatives of the targets' energy by the rows of the kernel.

    A unit at z changes the energy by -(1/2) phi^T B phi: the mean-field law is Normal(z; 0, 1) exp(phi^T B phi / 2).
    """
    n_samples = slopes[-1].shape[1]
    lower = torch.cat([torch.nn.functional.pad(each, (0, n_samples - each.shape[1])) for each in slopes])
    return -(lower + lower.T)
