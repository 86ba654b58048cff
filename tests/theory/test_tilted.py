"""Tilted laws against a minimum over all laws on a grid, and against long sampling of many units."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurocompare.models.nonlinearity import LINEAR
from neurocompare.settings import Family
from neurocompare.tasks.oscillation import oscillation
from neurocompare.theory.gaussian import solve_gaussian
from neurocompare.theory.population import population_of, propagate, tilt_of
from neurocompare.theory.tilted import WeightedLaw, leading_directions, solve_tilted

from .conftest import tiny_population


def grid_minimum(population, gamma: float):
    """Minimise F over all laws on a grid in two dimensions, by steps towards the exact form that lower F."""
    axis = torch.linspace(-5, 5, 61, dtype=torch.float64)
    points = torch.cartesian_prod(axis, axis).T.contiguous()
    prior = torch.log_softmax(-0.5 * (points * points).sum(0), 0)

    def evaluate(log_law):
        weights = log_law.exp().requires_grad_()
        path = propagate(population, WeightedLaw(points, weights, population.nonlinearity))
        energy = population.energy(path.kernel, gamma)
        (slope,) = torch.autograd.grad(energy, weights)
        return float(weights.detach() @ (log_law - prior) + energy.detach()), slope, path.kernel.detach()

    law, step = prior, 0.5
    value, slope, kernel = evaluate(law)
    for _ in range(400):
        tried = torch.log_softmax((1 - step) * law + step * (prior - slope), 0)
        found = evaluate(tried)
        if found[0] < value:
            law, (value, slope, kernel), step = tried, found, min(1.2 * step, 1.0)
        else:
            step /= 2
    return value, kernel


# The misfit of relu is that of the points: its law has a kink, and C an elbow of few points.
@pytest.mark.parametrize(
    ("nonlinearity", "gamma", "misfit"), [("tanh", 0.5, 0.02), ("tanh", 1.5, 0.02), ("relu", 0.5, 0.1)]
)
def test_tiny_problem_is_solved_exactly(nonlinearity, gamma, misfit):
    population = tiny_population(nonlinearity, times=3)
    gaussian = solve_gaussian(population, gamma, tolerance=1e-6)
    found = solve_tilted(population, gamma, gaussian, rank=3, tolerance=1e-5)
    value, kernel = grid_minimum(population, gamma)
    assert found.free_energy == pytest.approx(value, abs=2e-3 * value)
    assert float((found.path.kernel - kernel).norm() / kernel.norm()) < 5e-3
    assert found.free_energy < gaussian.free_energy
    assert found.misfit < misfit


def test_oscillation_agrees_with_long_sampling_of_many_units():
    """Hamiltonian Monte Carlo on currents, N = 1000 without the finite-N term: tr C / M 0.2856 +- 0.0008; of the mean
    C: participation ratio 3.08 and loss 0.00408, which at finite N have a bias of some C-fluctuation (PR + 1) / N."""
    task = oscillation()
    family = Family(g=1.5, tau=task.time_step / 0.3, beta=100.0, private_noise=1e-3**0.5)
    population, gamma = population_of(task, family), 0.5 * task.target_scale
    found = solve_tilted(population, gamma, solve_gaussian(population, gamma), points=8192, rank=8)
    kernel = found.path.kernel
    assert float(kernel.trace()) / 60 == pytest.approx(0.2856, abs=3 * 0.0008)
    assert float(kernel.trace() ** 2 / (kernel * kernel).sum()) == pytest.approx(3.08, rel=0.015)
    assert population.output(kernel)[1] * task.target_scale**2 == pytest.approx(0.00408, rel=0.02)
    assert found.misfit < 0.05


def test_more_directions_lower_the_bound():
    population = tiny_population(conditions=2, times=5)
    gaussian = solve_gaussian(population, 1.0)
    energies = [
        solve_tilted(population, 1.0, gaussian, points=2048, rank=rank, tolerance=1e-5).free_energy
        for rank in (1, 2, 4)
    ]
    assert gaussian.free_energy > energies[0] > energies[1] > energies[2]


def test_a_linear_law_needs_no_tilt():
    """The Gaussian law is exact then: tilting gains nothing but the error of the points."""
    population = tiny_population("linear", conditions=2)
    gaussian = solve_gaussian(population, 0.8, tolerance=1e-6)
    found = solve_tilted(population, 0.8, gaussian, rank=3)
    assert population.nonlinearity is LINEAR
    assert found.free_energy == pytest.approx(gaussian.free_energy, abs=3e-3)
    assert found.effective > 0.98


def test_leading_directions_have_unit_second_moments_and_diagonal_tilt():
    rng = np.random.default_rng(2)
    half, tilt = torch.from_numpy(rng.standard_normal((6, 6))), torch.from_numpy(rng.standard_normal((6, 6)))
    kernel, tilt = half @ half.T, tilt + tilt.T
    directions = leading_directions(kernel, tilt, 3)
    np.testing.assert_allclose(directions.T @ kernel @ directions, np.eye(3), atol=1e-9)
    strengths = np.linalg.eigvals((kernel @ tilt).numpy()).real
    expected = strengths[np.argsort(-abs(strengths))[:3]]
    np.testing.assert_allclose(torch.diagonal(directions.T @ kernel @ tilt @ kernel @ directions), expected, rtol=1e-6)
    assert tilt_of([tilt]).shape == (6, 6)
