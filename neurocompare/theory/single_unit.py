"""The law of a single unit: draws from it, its moments, and what they predict of the connectivity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.streams import Purpose, stream
from neurocompare.theory.gaussian import GaussianLaw, GaussianSolution
from neurocompare.theory.particles import SampledSolution
from neurocompare.theory.population import Population

SILENT = 1e-3
"""Samples whose variance is below this share of the largest do not enter the mean kurtosis."""


@dataclass(frozen=True, eq=False)
class UnitLaw:
    """The law of one unit's preactivation over all samples, from which the units of an infinite network are drawn.

    Attributes
    ----------
    population : Population
    solution : GaussianSolution or SampledSolution

    Examples
    --------
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> from neurocompare.theory.mean_field import mean_field
    >>> (found,) = mean_field(oscillation(), Family(g=0.8, tau=0.05, beta=100.0), [0.0])
    >>> found.unit.excess_kurtosis()  # of random networks: Gaussian
    0.0
    """

    population: Population
    solution: GaussianSolution | SampledSolution

    def draw(self, units: int, *, seed: int | np.random.Generator) -> np.ndarray:
        """Draw preactivations of independent units, shape (condition, time, unit).

        Where units learned they are those that were sampled, in random order.

        Raises
        ------
        InputError
            If `units` is not at least 1, or more than were sampled.
        """
        if units < 1:
            raise InputError(f"expected at least 1 unit to draw, found {units}")
        generator = np.random.default_rng(seed)
        law = self.solution.law
        if isinstance(law, GaussianLaw):
            normal = torch.from_numpy(generator.standard_normal((self.population.n_noises, units)))
            points = law.factor @ normal
        else:
            if units > self.n_units:
                raise InputError(
                    f"expected at most the {self.n_units} units that were sampled, found {units} to draw; "
                    "solve with a larger population"
                )
            points = law.points[:, torch.from_numpy(generator.permutation(self.n_units)[:units])]
        preactivations = self.solution.path.response @ points
        return np.ascontiguousarray(self.population.by_condition(preactivations).numpy())

    @property
    def n_units(self) -> float:
        """How many units were sampled: infinitely many where the law is known in closed form."""
        law = self.solution.law
        return math.inf if isinstance(law, GaussianLaw) else law.points.shape[1]

    def excess_kurtosis(self) -> float:
        """Excess kurtosis of preactivations over units, averaged over samples: 0 for a Gaussian law."""
        law, response = self.solution.law, self.solution.path.response
        if isinstance(law, GaussianLaw):
            return 0.0
        preactivations = response @ law.points
        second, fourth = (preactivations**2).mean(dim=1), (preactivations**4).mean(dim=1)
        heard = second > SILENT * second.max()
        return float((fourth[heard] / second[heard] ** 2 - 3).mean())

    def learned_operator(self) -> torch.Tensor:
        r"""Return the matrix whose eigenvalues are those of the learned part of the weights, shape (sample, sample).

        Given all currents and rates, the recurrent weights are a part fixed by them, (g^2 / N) eta^T Sigma^-1 phi, and
        a random one that does not know them. The first has rank at most M and the eigenvalues of
        g^2 Sigma^-1 <phi eta^T>, which Stein's identity writes without an inverse:

        .. math:: g^2 \left( \langle D \rangle + \langle \phi\, (B \phi)^T D \rangle \right) L, \; D = diag(\phi'(x)).

        Before learning B = 0, the matrix is strictly causal and has none but 0.
        """
        population, solution = self.population, self.solution
        law, tilt = solution.law, solution.tilt
        leak = _leak(population)
        if isinstance(law, GaussianLaw):
            points = law.factor @ torch.from_numpy(
                stream(Purpose.SINGLE_UNIT_LAW).standard_normal((population.n_noises, 8192))
            )
        else:
            points = law.points
        if population.nonlinearity.name == "linear":
            mean_slope, pull = torch.ones(population.n_samples, dtype=torch.float64), solution.path.kernel @ tilt
        else:
            rates = population.nonlinearity.rate(solution.path.response @ points)
            slopes = population.nonlinearity.slope(rates)
            mean_slope = slopes.mean(dim=1)
            pull = rates @ (slopes * (tilt @ rates)).T / points.shape[1]
        return population.g**2 * (torch.diag(mean_slope) + pull) @ leak

    def outliers(self) -> np.ndarray:
        """Eigenvalues of (g / sqrt N) J expected outside the circle of radius g, largest first, upper conjugates first.

        Those of `learned_operator` that lie beyond g, which the random part leaves where they are as N -> infinity.
        """
        values = torch.linalg.eigvals(self.learned_operator()).numpy()
        beyond = values[np.abs(values) > self.population.g]
        return beyond[np.lexsort((-beyond.imag, -np.round(np.abs(beyond), 9)))]

    def learned_rank(self, threshold: float = 0.1) -> int:
        """Directions of the currents whose variance learning changed by more than a tenth.

        Variances of so many sampled units spread by chance, by up to 2 (noises / units)^1/2 [1]_: that comes on top.

        References
        ----------
        .. [1] Marchenko & Pastur (1967), Mathematics of the USSR-Sbornik 1, 457.
        """
        law = self.solution.law
        if isinstance(law, GaussianLaw):
            second = law.factor @ law.factor.T
        else:
            second = law.points @ law.points.T / law.points.shape[1]
            threshold = threshold + 2 * math.sqrt(len(second) / law.points.shape[1])
        return int(((torch.linalg.eigvalsh(second) - 1).abs() > threshold).sum())


def _leak(population: Population) -> torch.Tensor:
    """L over all samples, time-major."""
    leak = leak_matrix(population.n_times, population.step_fraction)
    return torch.kron(leak, torch.eye(population.n_conditions, dtype=torch.float64))


def leak_matrix(n_times: int, step_fraction: float) -> torch.Tensor:
    """Return L, shape (time, time), strictly causal, with preactivations x = L eta of one condition.

    L[t, s] = a (1 - a)^(t - 1 - s) for s < t.

    Examples
    --------
    >>> leak_matrix(3, 0.5).tolist()
    [[0.0, 0.0, 0.0], [0.5, 0.0, 0.0], [0.25, 0.5, 0.0]]
    """
    lag = torch.arange(n_times)[:, None] - torch.arange(n_times) - 1
    decay = step_fraction * (1 - step_fraction) ** lag.clamp(min=0).double()
    return torch.where(lag >= 0, decay, 0.0)
