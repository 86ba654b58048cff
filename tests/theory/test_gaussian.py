"""Gaussian laws: the table of the linear oscillation, and F by another formula."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurocompare.settings import Family
from neurocompare.tasks.oscillation import oscillation
from neurocompare.theory.gaussian import GaussianLaw, solve_gaussian
from neurocompare.theory.population import population_of, propagate

from .conftest import tiny_population
from .test_population import pair_average

TASK = oscillation()
# g = 0.8, beta = 100, sigma_0^2 = 1e-4; by minimising F over covariances of currents. gamma is that of raw targets.
TABLE = {
    0.05: (0.03346, 0.0002, 0.11229, 1.638),
    0.1: (0.13169, 0.0031, 0.10682, 1.679),
    0.2: (0.46666, 0.1425, 0.05062, 2.170),
    0.4: (0.87006, 0.5792, 0.00485, 2.986),
    0.7: (1.21957, 0.866, 0.00199, 2.734),
    1.0: (1.51471, 1.023, 0.00169, 2.534),
}


def test_table_of_the_linear_oscillation():
    family = Family(g=0.8, tau=TASK.time_step / 0.3, beta=100.0, nonlinearity="linear", private_noise=1e-2)
    population, factor = population_of(TASK, family), None
    for gamma, (free_energy, kl, loss, participation) in TABLE.items():
        found = solve_gaussian(population, gamma * TASK.target_scale, start=factor, tolerance=1e-4)
        factor, kernel = found.law.factor, found.path.kernel
        assert found.slope <= 1e-4
        assert found.free_energy == pytest.approx(free_energy, abs=2e-5)  # to the digits of the table
        assert found.kl == pytest.approx(kl, abs=1e-3)  # the valley is flat: KL and tr C are known less well than F
        assert population.output(kernel)[1] * TASK.target_scale**2 == pytest.approx(loss, abs=1.5e-5)
        assert float(kernel.trace() ** 2 / (kernel * kernel).sum()) == pytest.approx(participation, abs=1e-3)


@pytest.mark.parametrize("nonlinearity", ["tanh", "linear"])
def test_free_energy_is_that_of_currents(nonlinearity):
    """KL(Normal(0, E) || Normal(0, Sigma)) of the currents eta = R z, and the kernel of E by quadrature."""
    population = tiny_population(nonlinearity, conditions=2)
    found = solve_gaussian(population, 0.8, tolerance=1e-6)
    root, factor, n = found.path.root, found.law.factor, population.n_noises
    sigma = (population.g**2 * found.path.kernel + population.input_kernel)[:n, :n]
    currents = root @ factor @ factor.T @ root.T
    kl = 0.5 * (torch.linalg.solve(sigma, currents).trace() - n + torch.logdet(sigma) - torch.logdet(currents))
    assert found.kl == pytest.approx(float(kl), rel=1e-9)
    spread = (found.path.response @ factor).numpy()
    rate = np.tanh if nonlinearity == "tanh" else lambda x: x
    np.testing.assert_allclose(found.path.kernel, pair_average(rate, spread @ spread.T), atol=1e-7)
    assert found.free_energy == pytest.approx(float(kl) + float(population.energy(found.path.kernel, 0.8)), rel=1e-9)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "linear"])
def test_solution_is_a_minimum(nonlinearity):
    """No Gaussian law near it has a lower F."""
    population = tiny_population(nonlinearity)
    found = solve_gaussian(population, 0.8, tolerance=1e-6)
    generator, n = torch.Generator().manual_seed(0), population.n_noises
    for _ in range(20):
        change = 0.03 * torch.randn(n, n, generator=generator, dtype=torch.float64).tril()
        factor = found.law.factor + change
        kernel = propagate(population, GaussianLaw(factor, population.nonlinearity)).kernel
        kl = 0.5 * ((factor * factor).sum() - n) - torch.log(torch.diagonal(factor).abs()).sum()
        assert float(kl + population.energy(kernel, 0.8)) > found.free_energy


def test_few_steps_leave_a_slope():
    assert solve_gaussian(tiny_population(conditions=2), 3.0, max_steps=1, tolerance=1e-6).slope > 1e-6
