from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from posteriors import TrajectoryPosterior, WeightPotential, random_currents

from neurocompare.settings import Family
from neurocompare.theory.single_unit import leak_matrix

FAMILY = Family(n_units=12, beta=60.0, tau=0.1)
NOISY = replace(FAMILY, private_noise=0.2)


def numeric_slope(potential, state, direction, step=1e-5):
    up, down = (potential.evaluate(state + sign * step * direction)[0] for sign in (1, -1))
    return (up - down) / (2 * step)


def normal(size, seed=0):
    return torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "linear"])
@pytest.mark.parametrize("private_noise", [0.0, 0.2])
def test_weight_gradient_against_finite_differences(partly_trained, nonlinearity, private_noise):
    family = Family(
        n_units=12, beta=60.0, tau=0.1, nonlinearity=nonlinearity, input_scale=0.8, private_noise=private_noise
    )
    posterior = WeightPotential(partly_trained, family, 0.7, gradient_dtype=torch.float64)
    state, direction = normal(posterior.dimension), normal(posterior.dimension, seed=1)
    expected = numeric_slope(posterior, state, direction)
    assert float(posterior.gradient(state) @ direction) == pytest.approx(expected, rel=1e-6)


def test_single_precision_gradients_are_close(task):
    state = normal(WeightPotential(task, FAMILY, 0.7).dimension)
    low = WeightPotential(task, FAMILY, 0.7).gradient(state)
    high = WeightPotential(task, FAMILY, 0.7, gradient_dtype=torch.float64).gradient(state)
    assert float((low - high).norm() / high.norm()) < 1e-5


@pytest.mark.parametrize("finite", [True, False])
@pytest.mark.parametrize("targets_count", [True, False])
def test_trajectory_gradient_against_finite_differences(partly_trained, finite, targets_count):
    posterior = TrajectoryPosterior(
        partly_trained,
        NOISY,
        0.7,
        reference_kernel=0.3 * torch.eye(8, dtype=torch.float64),
        finite=finite,
        targets_count=targets_count,
    )
    state, direction = normal(posterior.dimension), normal(posterior.dimension, seed=1)
    expected = numeric_slope(posterior, state, direction)
    assert float(posterior.gradient(state) @ direction) == pytest.approx(expected, rel=1e-6)


def test_both_routes_run_the_same_network(task):
    """The weights' simulation and L eta give the same rates."""
    weights = WeightPotential(task, NOISY, 0.7)
    currents = random_currents(task, NOISY, generator=torch.Generator().manual_seed(4))
    generator = torch.Generator().manual_seed(4)
    n = FAMILY.n_units
    shapes = ((n, n), (n, 2), (4, 2, n))
    parts = [torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in shapes]
    trajectories = TrajectoryPosterior(task, NOISY, 0.7, reference_kernel=torch.eye(8, dtype=torch.float64))
    rates = weights.rates(weights.join(*parts)).flatten(0, 1)
    torch.testing.assert_close(trajectories.rates(currents), rates)


def test_leak_matrix_solves_the_recursion():
    eta, x, seen = normal(6), torch.tensor(0.0), []
    for current in eta:
        seen.append(float(x))
        x = 0.7 * x + 0.3 * current
    torch.testing.assert_close(leak_matrix(6, 0.3) @ eta, torch.tensor(seen, dtype=torch.float64))
