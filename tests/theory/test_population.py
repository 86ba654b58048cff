"""The recursion in time against the classical fixed point, and B against what a few more units of one kind change."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.polynomial.hermite_e import hermegauss

from neurocompare.models.law import Likelihood
from neurocompare.theory.gaussian import GaussianLaw
from neurocompare.theory.population import Population, propagate, tilt_of
from neurocompare.theory.single_unit import leak_matrix

from .conftest import WeightedLaw, tiny_population

NODES, WEIGHTS = hermegauss(61)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
RATES = {"tanh": np.tanh, "relu": lambda x: np.maximum(x, 0), "linear": lambda x: x}


def leak_of(population: Population) -> np.ndarray:
    leak = leak_matrix(population.n_times, population.step_fraction)
    return np.kron(leak.numpy(), np.eye(population.n_conditions))


def pair_average(rate, covariance: np.ndarray) -> np.ndarray:
    """<phi(x) phi(y)> of every pair of jointly Gaussian samples, by quadrature in two dimensions."""
    n = len(covariance)
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            first = np.sqrt(covariance[i, i])
            along = covariance[i, j] / first if first > 0 else 0.0
            rest = np.sqrt(max(covariance[j, j] - along**2, 0.0))
            x = first * NODES[:, None] + 0 * NODES
            y = along * NODES[:, None] + rest * NODES
            out[i, j] = WEIGHTS @ (rate(x) * rate(y)) @ WEIGHTS
    return out


def classical(population: Population) -> np.ndarray:
    """C of random networks: iterated from nothing, exact after as many rounds as there are times."""
    leak, kernel = leak_of(population), np.zeros((population.n_samples,) * 2)
    for _ in range(population.n_times):
        covariance = leak @ (population.g**2 * kernel + population.input_kernel.numpy()) @ leak.T
        kernel = pair_average(RATES[population.nonlinearity.name], covariance)
    return kernel


# Quadrature converges slowly across relu's kink, so its tolerance is that of the check, not of the code.
@pytest.mark.parametrize(("nonlinearity", "tolerance"), [("tanh", 1e-7), ("linear", 1e-12), ("relu", 5e-3)])
def test_before_learning_it_is_the_classical_theory(nonlinearity, tolerance):
    population = tiny_population(nonlinearity, conditions=2)
    unit = torch.eye(population.n_noises, dtype=torch.float64)
    kernel = propagate(population, GaussianLaw(unit, population.nonlinearity)).kernel.numpy()
    expected = classical(population)
    assert abs(kernel - expected).max() < tolerance * abs(expected).max()


def test_points_of_a_law_give_its_kernel(tiny):
    """The recursion with points is x = L R z with the root of the kernel that these points make."""
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(tiny.n_noises, 500, generator=generator, dtype=torch.float64)
    weights = torch.softmax(torch.randn(500, generator=generator, dtype=torch.float64), 0)
    path = propagate(tiny, WeightedLaw(points, weights, tiny.nonlinearity))
    sigma = tiny.g**2 * path.kernel + tiny.input_kernel
    root = np.linalg.cholesky(sigma.numpy())[: tiny.n_noises, : tiny.n_noises]
    rates = np.tanh(leak_of(tiny)[:, : tiny.n_noises] @ root @ points.numpy())
    np.testing.assert_allclose(path.kernel, (rates * weights.numpy()) @ rates.T, atol=1e-12)
    np.testing.assert_allclose(path.root, root, atol=1e-12)


def test_tilt_is_what_more_units_at_a_point_change(tiny):
    """Moving a share of the weight to one point changes the energy by -(1/2) phi^T B phi, less the mean of that."""
    generator = torch.Generator().manual_seed(1)
    points = torch.randn(tiny.n_noises, 200, generator=generator, dtype=torch.float64)
    weights = torch.full((200,), 1 / 200, dtype=torch.float64)

    def energy(values: torch.Tensor) -> torch.Tensor:
        return tiny.energy(propagate(tiny, WeightedLaw(points, values, tiny.nonlinearity)).kernel, 0.7)

    share, more = 1e-5, torch.zeros_like(weights)
    more[17] = 1.0
    change = (energy(weights + share * more) - energy(weights - share * more)) / (2 * share)
    path = propagate(tiny, WeightedLaw(points, weights.requires_grad_(), tiny.nonlinearity))
    slopes = torch.autograd.grad(tiny.energy(path.kernel, 0.7), path.rows)
    rates = torch.tanh(path.response.detach() @ points)[:, 17]
    assert float(-0.5 * rates @ tilt_of(list(slopes)) @ rates) == pytest.approx(float(change), rel=1e-6)


def test_energy_is_that_of_many_units():
    """The limit of a `Likelihood`'s energy a unit, by its formula."""
    rng = np.random.default_rng(0)
    rates, targets = rng.standard_normal((5, 30)), rng.standard_normal((5, 2))
    kernel, trained = rates @ rates.T / 30, np.array([0, 2, 3])
    part = kernel[np.ix_(trained, trained)] + np.eye(3) / 4.0
    expected = 0.5 * 0.3**2 * np.trace(targets[trained].T @ np.linalg.solve(part, targets[trained]))
    likelihood = Likelihood(torch.from_numpy(targets), torch.from_numpy(trained), 0.3, 4.0, n_units=30, readouts=0)
    assert float(likelihood.energy_per_unit(torch.from_numpy(kernel))) == pytest.approx(expected, rel=1e-12)
