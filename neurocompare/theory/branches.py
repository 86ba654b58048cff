"""One solution or two at a gamma: populations from below and from above, compared and joined."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from neurocompare.theory.free_energy import free_energies
from neurocompare.theory.particles import Particles
from neurocompare.theory.population import Population

SPLIT, MANY_ERRORS = 0.2, 3.0
"""Two sampled kernels are two solutions if they differ by so much of their norm, and by so many of their errors."""


@dataclass(frozen=True, eq=False)
class Branch:
    """A sampled solution at one gamma.

    Attributes
    ----------
    particles : Particles
        Of both ways where they agree.
    free_energy : float
        Nats a unit.
    """

    particles: Particles
    free_energy: float


def branches(
    problem: Population, rungs: Sequence[float], populations: Sequence[Particles], at_zero: torch.Tensor
) -> list[Branch]:
    """Join populations that agree, and give each solution its F.

    F is integrated from gamma = 0 along each way (`free_energies`): where the two are apart, of the one from below by
    itself; elsewhere along the solutions from above. Where learning is a jump, what is lost as the way down jumps is
    missing in F beyond: a lower bound, and much closer than what the way up would give, which jumps later.

    Parameters
    ----------
    problem : Population
    rungs : sequence of float
        Gammas, ascending.
    populations : sequence of Particles
        One or two at every rung.
    at_zero : tensor, shape (sample, sample)
        C at gamma = 0.

    Returns
    -------
    list of Branch
        Ascending in gamma.
    """
    below, above = ({each.gamma: each for each in populations if each.way == way} for way in (0, 1))
    joined = [_joined(below[gamma], above.get(gamma)) for gamma in rungs]
    apart = [k for k, one in enumerate(joined) if one is None]
    last = [one or above[gamma] for one, gamma in zip(joined, rungs, strict=True)]
    listed = [Branch(one, free) for one, free in zip(last, _free_energies(problem, last, at_zero), strict=True)]
    if apart:
        first = [one or below[gamma] for one, gamma in zip(joined, rungs, strict=True)]
        energies = _free_energies(problem, first, at_zero)
        listed += [Branch(first[k], energies[k]) for k in apart]
    return sorted(listed, key=lambda each: (each.particles.gamma, each.particles.way))


def _joined(below: Particles, above: Particles | None) -> Particles | None:
    """Return what two populations say together; None where they are two solutions."""
    if above is None:
        return below
    kernel = 0.5 * (below.kernel + above.kernel)
    apart = float((below.kernel - above.kernel).norm() / kernel.norm())
    if apart > max(SPLIT, MANY_ERRORS * math.hypot(below.error, above.error)):
        return None
    points = torch.cat([below.points, above.points], dim=1)
    return replace(below, kernel=kernel, error=0.5 * apart, points=points)


def _free_energies(problem: Population, solutions: Sequence[Particles], at_zero: torch.Tensor) -> list[float]:
    slopes = np.array([float(problem.energy(each.kernel, 1.0)) for each in solutions])
    gammas = np.array([each.gamma for each in solutions])
    return free_energies(gammas, slopes, float(problem.energy(at_zero, 1.0))).tolist()
