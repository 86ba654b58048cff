r"""The mean-field law of saturating units: a Gaussian law, tilted by what the leading directions of the rates ask for.

The exact law is Normal(z; 0, 1) exp(phi^T B phi / 2), and B acts through few directions: the leading eigenvectors of
C^1/2 B C^1/2 (a dozen in a reach of eight directions). So F is minimised over laws

.. math:: q(z) \propto q_G(z) \exp\big(\tfrac12 s^T \alpha s + \tfrac12 u^T \beta u\big),

with q_G the best Gaussian law, s the rates and u the preactivations of q_G's network along those directions, and alpha
and beta free. Averages over q are sums over weighted quasi-random points of q_G, the same at every step of the
minimisation, so F falls to a true minimum; it is an upper bound that more directions lower.

Two numbers say how far to trust it. `effective` is the share of points that carry the weights: the error of C is that
of so many points. `misfit` is the s.d., under q, of the difference between its own logarithm and that of the exact law
for its own B, over the s.d. of the latter: 0 at the exact solution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
import torch

from neurocompare.models.nonlinearity import Nonlinearity
from neurocompare.theory.gaussian import TOO_FAR, GaussianSolution
from neurocompare.theory.population import Population, Propagation, propagate, tilt_of


@final
class WeightedLaw:
    """Points of z with weights that sum to one.

    Parameters
    ----------
    points : tensor, shape (noise, point)
    weights : tensor, shape (point,)
    nonlinearity : Nonlinearity
    """

    def __init__(self, points: torch.Tensor, weights: torch.Tensor, nonlinearity: Nonlinearity) -> None:
        self.points = points
        self.weights = weights
        self.nonlinearity = nonlinearity

    def start(self) -> Callable[[torch.Tensor], torch.Tensor]:
        """See `population.Law`."""
        past: list[torch.Tensor] = []

        def step(drive: torch.Tensor) -> torch.Tensor:
            reached = len(past) * len(drive)  # later noises do not drive it yet
            past.append(self.nonlinearity.rate(drive[:, :reached] @ self.points[:reached]))
            return (past[-1] * self.weights) @ torch.cat(past).T

        return step


@dataclass(frozen=True, eq=False)
class Features:
    """The functions of z that a law is tilted by, see the equation above.

    Attributes
    ----------
    gaussian : GaussianSolution
    directions : tensor, shape (sample, direction)
    """

    gaussian: GaussianSolution
    directions: torch.Tensor

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """Return them at points of shape (noise, point): shape (feature, point)."""
        gaussian = self.gaussian
        preactivations = gaussian.path.response @ points
        rates = gaussian.law.nonlinearity.rate(preactivations)
        first, second = torch.triu_indices(self.directions.shape[1], self.directions.shape[1])
        products = [0.5 * (rates * (gaussian.tilt @ rates)).sum(dim=0, keepdim=True), -self.log_ratio(points)[None]]
        for values in (rates, preactivations):
            along = self.directions.T @ values
            products.append(along[first] * along[second])
        return torch.cat(products)

    def log_ratio(self, points: torch.Tensor) -> torch.Tensor:
        """Return the logarithm of the Gaussian law's density over Normal(0, 1), shape (point,)."""
        factor = self.gaussian.law.factor
        white = torch.linalg.solve_triangular(factor, points, upper=False)
        squares = (points * points).sum(dim=0) - (white * white).sum(dim=0)
        return 0.5 * squares - torch.log(torch.diagonal(factor)).sum()


@dataclass(frozen=True, eq=False)
class TiltedSolution:
    """The best law of the family at one gamma.

    Attributes
    ----------
    law : WeightedLaw
        The points, with their final weights.
    path : Propagation
    tilt : tensor, shape (sample, sample)
        B of this law.
    kl, free_energy : float
        Per unit, in nats.
    slope : float
        Norm of F's derivative in coordinates in which the tilts have unit variance.
    effective, misfit : float
        See above.
    features : Features
    coefficients : tensor, shape (feature,)
        Of the logarithm of the density over the Gaussian law's, up to a constant.
    """

    law: WeightedLaw
    path: Propagation
    tilt: torch.Tensor
    kl: float
    free_energy: float
    slope: float
    effective: float
    misfit: float
    features: Features
    coefficients: torch.Tensor


def leading_directions(kernel: torch.Tensor, tilt: torch.Tensor, rank: int) -> torch.Tensor:
    """Return the directions of the rates through which B acts, shape (sample, direction), largest first.

    C^-1/2 v of the leading eigenvectors v of C^1/2 B C^1/2: the rates along them have unit second moments.
    """
    values, vectors = torch.linalg.eigh(kernel)
    kept = values > 1e-8 * values[-1]
    values, vectors = values[kept], vectors[:, kept]
    scaled = vectors * values.sqrt()
    strengths, mixed = torch.linalg.eigh(scaled.T @ tilt @ scaled)
    order = strengths.abs().argsort(descending=True)[:rank]
    return (vectors / values.sqrt()) @ mixed[:, order]


def solve_tilted(
    population: Population,
    gamma: float,
    gaussian: GaussianSolution,
    *,
    points: int = 8192,
    rank: int = 12,
    seed: int = 0,
    tolerance: float = 1e-3,
    max_steps: int = 200,
) -> TiltedSolution:
    """Minimise F over tilted laws by BFGS.

    Parameters
    ----------
    population : Population
    gamma : float
        Above 0.
    gaussian : GaussianSolution
        At the same gamma.
    points : int
        Scrambled Sobol points, best a power of two.
    rank : int
        Directions.
    seed : int
        Of the scrambling.
    tolerance : float
        Of the derivative's norm, in nats.
    max_steps : int

    Returns
    -------
    TiltedSolution
    """
    from scipy.optimize import minimize

    bank = _bank(population, gaussian, points, seed)
    features = Features(gaussian, leading_directions(gaussian.path.kernel, gaussian.tilt, rank))
    values, log_ratio = features(bank), features.log_ratio(bank)
    values = values - values.mean(dim=1, keepdim=True)
    # Coordinates in which the tilts have unit variance under the Gaussian law; what hardly varies is left out.
    variances, axes = torch.linalg.eigh(values @ values.T / points)
    kept = variances > 1e-6 * variances[-1]
    to_features = axes[:, kept] / variances[kept].sqrt()

    def evaluate(coordinates: torch.Tensor) -> _Tilt:
        return _tilt(population, gamma, bank, log_ratio, to_features @ coordinates, values)

    def objective(array: np.ndarray) -> tuple[float, np.ndarray]:
        try:
            evaluated = evaluate(torch.from_numpy(array))
        except torch.linalg.LinAlgError:  # too long a step: BFGS takes a shorter one
            return TOO_FAR, np.zeros_like(array)
        return evaluated.free_energy, (to_features.T @ evaluated.slope).numpy()

    begin = np.zeros(to_features.shape[1])
    options = {"maxiter": max_steps, "gtol": tolerance, "norm": 2}
    best = torch.from_numpy(minimize(objective, begin, jac=True, method="BFGS", options=options).x)
    evaluated = evaluate(best)
    weights = evaluated.weights
    return TiltedSolution(
        law=WeightedLaw(bank, weights, population.nonlinearity),
        path=evaluated.path,
        tilt=evaluated.tilt,
        kl=evaluated.kl,
        free_energy=evaluated.free_energy,
        slope=float((to_features.T @ evaluated.slope).norm()),
        effective=float(1 / (weights * weights).sum() / points),
        misfit=evaluated.misfit,
        features=features,
        coefficients=to_features @ best,
    )


@dataclass(frozen=True, eq=False)
class _Tilt:
    """F at one tilt, its derivative by the coefficients of the features, and everything on the way."""

    free_energy: float
    slope: torch.Tensor
    kl: float
    weights: torch.Tensor
    path: Propagation
    tilt: torch.Tensor
    misfit: float


def _tilt(
    population: Population,
    gamma: float,
    bank: torch.Tensor,
    log_ratio: torch.Tensor,
    coefficients: torch.Tensor,
    values: torch.Tensor,
) -> _Tilt:
    log_weights = torch.log_softmax(coefficients @ values, dim=0)
    weights = log_weights.exp().requires_grad_()
    path = propagate(population, WeightedLaw(bank, weights, population.nonlinearity))
    energy = population.energy(path.kernel, gamma)
    by_weight, *by_row = torch.autograd.grad(energy, [weights, *path.rows])
    weights = weights.detach()
    # log of the density over Normal(0, 1), up to a constant: what KL is the mean of.
    log_density = log_weights + np.log(len(log_weights)) + log_ratio
    kl = float(weights @ log_density)
    gap = log_density + by_weight
    gap = gap - weights @ gap
    exact = by_weight - weights @ by_weight
    spread = float(weights @ (exact * exact)) ** 0.5
    return _Tilt(
        free_energy=kl + float(energy.detach()),
        slope=values @ (weights * gap),
        kl=kl,
        weights=weights,
        path=Propagation([], path.kernel.detach(), path.root.detach(), path.response.detach()),
        tilt=tilt_of(by_row),
        misfit=float(weights @ (gap * gap)) ** 0.5 / max(spread, 1e-12),
    )


def _bank(population: Population, gaussian: GaussianSolution, points: int, seed: int) -> torch.Tensor:
    """Points of the Gaussian law, shape (noise, point).

    The first coordinates of a Sobol sequence are its best, so they go along the leading directions of x.
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    sobol = qmc.Sobol(population.n_noises, seed=seed)  # pyright: ignore[reportCallIssue]
    uniform = sobol.random(points)
    normal = torch.from_numpy(ndtri(np.clip(uniform, 1e-12, 1 - 1e-12)).T.copy())
    factor = gaussian.law.factor
    return factor @ (torch.linalg.svd(gaussian.path.response @ factor)[2].T @ normal)
