r"""The best Gaussian law of z: exact for linear units and at gamma = 0, an upper bound on F otherwise.

z ~ Normal(0, W W^T) with W lower triangular costs KL = (|W|^2 - n) / 2 - sum log W_ii, and x = A z has covariance
A W W^T A^T. Its kernel <phi phi^T> is elementwise in that covariance: for tanh by an expansion in Hermite polynomials
(Mehler's formula), for relu by the arc-cosine kernel of order one [1]_, for linear units it is the covariance.

References
----------
.. [1] Cho & Saul (2009). Kernel methods for deep learning. Advances in Neural Information Processing Systems 22.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import final

import numpy as np
import torch
from numpy.polynomial.hermite_e import hermegauss

from neurocompare.models.nonlinearity import LINEAR, RELU, Nonlinearity
from neurocompare.theory.population import Population, Propagation, propagate, tilt_of

DEGREES = 20
"""Odd Hermite polynomials of tanh that are kept; what is left out is below 1e-6 up to an s.d. of x of 3."""

TINY = 1e-30

TOO_FAR = 1e6
"""Stands for F where rounding leaves no positive Sigma; far above any F, and not so far that a line search stumbles."""


@final
class GaussianLaw:
    """z ~ Normal(0, W W^T).

    Parameters
    ----------
    factor : tensor, shape (noise, noise)
        W, lower triangular.
    nonlinearity : Nonlinearity
    """

    def __init__(self, factor: torch.Tensor, nonlinearity: Nonlinearity) -> None:
        self.factor = factor
        self.nonlinearity = nonlinearity

    def start(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """See `population.Law`."""
        past: list[torch.Tensor] = []
        moments: list[tuple[torch.Tensor, torch.Tensor]] = []

        def step(drive: torch.Tensor) -> torch.Tensor:
            spread = drive @ self.factor
            past.append(spread)
            covariance = spread @ torch.cat(past).T
            if self.nonlinearity is LINEAR:
                return covariance
            deviation = torch.sqrt((spread * spread).sum(dim=1) + TINY)
            moments.append((deviation, _hermite(deviation, self.nonlinearity)))
            deviations = torch.cat([each for each, _ in moments])
            correlation = covariance / (deviation[:, None] * deviations)
            if self.nonlinearity is RELU:
                return deviation[:, None] * deviations * _arc_cosine(correlation)
            return _mehler(correlation, moments[-1][1], torch.cat([each for _, each in moments]))

        return step


def _arc_cosine(correlation: torch.Tensor) -> torch.Tensor:
    """Return <relu(u) relu(v)> of unit normals with that correlation."""
    c = correlation.clamp(-1 + 1e-12, 1 - 1e-12)
    angle = torch.arccos(c)
    return (torch.sqrt(1 - c * c) + (math.pi - angle) * c) / (2 * math.pi)


@cache
def _polynomials() -> tuple[torch.Tensor, torch.Tensor]:
    """Quadrature nodes, and weights times normalised odd Hermite polynomials there, shape (degree, node)."""
    nodes, weights = hermegauss(100)
    polynomials = [np.ones_like(nodes), nodes]
    for degree in range(1, 2 * DEGREES):
        # Normalised by sqrt(k!) as they are made: sqrt(k + 1) h_{k+1} = u h_k - sqrt(k) h_{k-1}.
        following = (nodes * polynomials[-1] - math.sqrt(degree) * polynomials[-2]) / math.sqrt(degree + 1)
        polynomials.append(following)
    odd = np.stack(polynomials[1::2][:DEGREES]) * (weights / weights.sum())
    return torch.from_numpy(nodes), torch.from_numpy(odd)


def _hermite(deviation: torch.Tensor, nonlinearity: Nonlinearity) -> torch.Tensor:
    """Return the coefficients of phi(deviation u), shape (sample, degree)."""
    nodes, odd = _polynomials()
    return nonlinearity.rate(deviation[:, None] * nodes) @ odd.T


def _mehler(correlation: torch.Tensor, now: torch.Tensor, then: torch.Tensor) -> torch.Tensor:
    """Sum the coefficients' products times odd powers of the correlation."""
    powers = correlation[..., None] ** (2 * torch.arange(DEGREES) + 1)
    return torch.einsum("ijd,id,jd->ij", powers, now, then)


@dataclass(frozen=True, eq=False)
class GaussianSolution:
    """The best Gaussian law at one gamma.

    Attributes
    ----------
    law : GaussianLaw
    path : Propagation
    tilt : tensor, shape (sample, sample)
        B, the exact one of this law.
    kl, free_energy : float
        Per unit, in nats.
    slope : float
        Largest derivative of F by an element of W: 0 at a minimum.
    """

    law: GaussianLaw
    path: Propagation
    tilt: torch.Tensor
    kl: float
    free_energy: float
    slope: float


def solve_gaussian(
    population: Population,
    gamma: float,
    *,
    start: torch.Tensor | None = None,
    tolerance: float = 1e-3,
    max_steps: int = 500,
) -> GaussianSolution:
    """Minimise F over Gaussian laws by L-BFGS on W.

    Parameters
    ----------
    population : Population
    gamma : float
    start : tensor, shape (noise, noise), optional
        W to start from, such as the solution at a neighbouring gamma; the law before learning where None.
    tolerance : float
        Of the largest derivative.
    max_steps : int
        Steps of L-BFGS.

    Returns
    -------
    GaussianSolution
        With its `slope` above `tolerance` where the steps did not suffice.
    """
    from scipy.optimize import minimize

    n = population.n_noises
    lower = torch.tril_indices(n, n)
    # The diagonal is kept positive by taking its logarithm.
    diagonal = lower[0] == lower[1]

    def factor_of(vector: torch.Tensor) -> torch.Tensor:
        values = torch.where(diagonal, torch.exp(torch.where(diagonal, vector, 0.0)), vector)
        return torch.zeros(n, n, dtype=torch.float64).index_put((lower[0], lower[1]), values)

    def evaluate(vector: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, GaussianLaw, Propagation]:
        factor = factor_of(vector)
        law = GaussianLaw(factor, population.nonlinearity)
        path = propagate(population, law)
        kl = 0.5 * ((factor * factor).sum() - n) - vector[diagonal].sum()
        energy = population.energy(path.kernel, gamma)
        return kl + energy, kl, energy, law, path

    def objective(values: np.ndarray) -> tuple[float, np.ndarray]:
        vector = torch.from_numpy(values).requires_grad_()
        try:
            total = evaluate(vector)[0]
        except torch.linalg.LinAlgError:  # too long a step: L-BFGS takes a shorter one
            return TOO_FAR, np.zeros_like(values)
        total.backward()
        return float(total.detach()), np.asarray(vector.grad)

    begin = torch.eye(n, dtype=torch.float64) if start is None else start
    vector = begin[lower[0], lower[1]]
    vector = torch.where(diagonal, torch.log(torch.where(diagonal, vector, 1.0)), vector).numpy()
    if gamma > 0:
        options = {"maxiter": max_steps, "maxfun": 2 * max_steps, "maxcor": 30, "gtol": tolerance, "ftol": 0.0}
        for _ in range(3):  # a line search that fails leaves a poor curvature behind: forget it and go on
            optimum = minimize(objective, vector, jac=True, method="L-BFGS-B", options=options)
            vector = optimum.x
            if np.abs(optimum.jac).max() <= tolerance:
                break
    final_vector = torch.from_numpy(np.array(vector)).requires_grad_()
    total, kl, energy, law, path = evaluate(final_vector)
    (slope,) = torch.autograd.grad(total, final_vector, retain_graph=True)
    tilt = tilt_of([each.detach() for each in torch.autograd.grad(energy, path.rows)])
    return GaussianSolution(
        law=GaussianLaw(law.factor.detach(), population.nonlinearity),
        path=Propagation([], path.kernel.detach(), path.root.detach(), path.response.detach()),
        tilt=tilt,
        kl=float(kl.detach()),
        free_energy=float(total.detach()),
        slope=float(slope.abs().max()),
    )
