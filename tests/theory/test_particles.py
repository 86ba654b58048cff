"""Populations against a minimum over all laws on a grid, linear units in closed form, and many units sampled."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurocompare.settings import Family
from neurocompare.tasks.oscillation import oscillation
from neurocompare.theory import mean_field
from neurocompare.theory.branches import branches
from neurocompare.theory.gaussian import solve_gaussian
from neurocompare.theory.particles import ladder, orders, sample
from neurocompare.theory.population import population_of, propagate

from .conftest import WeightedLaw, tiny_family, tiny_task


def grid_minimum(problem, gamma: float):
    """Minimise F over all laws on a grid in two dimensions, by steps towards the exact form that lower F."""
    axis = torch.linspace(-5, 5, 61, dtype=torch.float64)
    points = torch.cartesian_prod(axis, axis).T.contiguous()
    prior = torch.log_softmax(-0.5 * (points * points).sum(0), 0)

    def evaluate(log_law):
        weights = log_law.exp().requires_grad_()
        path = propagate(problem, WeightedLaw(points, weights, problem.nonlinearity))
        energy = problem.energy(path.kernel, gamma)
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
    return value, kernel.numpy()


@pytest.mark.parametrize(("nonlinearity", "gamma"), [("tanh", 0.5), ("tanh", 1.5), ("relu", 0.5)])
def test_tiny_problem_is_solved_exactly(nonlinearity, gamma):
    task, family = tiny_task(times=3), tiny_family(nonlinearity)
    found = mean_field(task, family, [gamma], population=1000)[0]
    value, kernel = grid_minimum(population_of(task, family), gamma)
    assert found.converged
    # C to its error and what a population of 1000 leaves; F is an integral over the kernels on the way.
    apart = np.linalg.norm(found.kernel.reshape(3, 3) - kernel) / np.linalg.norm(kernel)
    assert apart < 3 * found.kernel_error + 5e-3
    assert found.free_energy == pytest.approx(value, rel=0.01)
    assert 0 < found.kl < found.free_energy
    # It must be able to fail: without learning C and F are far from these.
    random = mean_field(task, family, [0.0])[0].kernel.reshape(3, 3)
    assert np.linalg.norm(random - kernel) > 5 * apart * np.linalg.norm(kernel)


def test_linear_units_are_those_of_the_closed_form():
    """The Gaussian law is exact for them: C within its error, and F within 1 %."""
    task = oscillation()
    family = Family(g=0.8, tau=task.time_step / 0.3, beta=100.0, n_units=800, nonlinearity="linear")
    problem, wanted = population_of(task, family), [0.2 * task.target_scale, 0.4 * task.target_scale]
    rungs = ladder(wanted)
    led = orders(task, family, rungs, wanted, 48, both_ways=False, seed=0)
    found = branches(problem, rungs, [sample(order) for order in led], solve_gaussian(problem, 0.0).path.kernel)
    for gamma, free_energy in zip(wanted, (0.46666, 0.87006), strict=True):  # of independent minimisers
        exact = solve_gaussian(problem, gamma)
        one = next(each for each in found if each.particles.gamma == gamma)
        apart = float((one.particles.kernel - exact.path.kernel).norm() / exact.path.kernel.norm())
        assert apart < 3 * one.particles.error
        assert one.particles.error < 0.1
        assert one.free_energy == pytest.approx(free_energy, rel=0.015)


def test_oscillation_agrees_with_long_sampling_of_many_units():
    """Hamiltonian Monte Carlo on currents, N = 1000 without the finite-N term: tr C / M 0.2856 +- 0.0008; of the mean
    C: participation ratio 3.08 and loss 0.00408, which at finite N have a bias of some C-fluctuation (PR + 1) / N."""
    task = oscillation()
    family = Family(g=1.5, tau=task.time_step / 0.3, beta=100.0, private_noise=1e-3**0.5)
    found = mean_field(task, family, [0.5 * task.target_scale])[0]
    assert found.activity == pytest.approx(0.2856, abs=3 * 0.0008)
    assert found.participation_ratio == pytest.approx(3.08, rel=0.015)
    assert found.loss * task.target_scale**2 == pytest.approx(0.00408, rel=0.02)
    assert found.converged
    assert found.branch == "only"


def test_a_ladder_climbs_by_small_steps_and_stops_where_asked():
    rungs = ladder([0.0, 0.4, 0.05, 3.2])
    assert {0.05, 0.4, 3.2} <= set(rungs)
    assert rungs == sorted(rungs)
    assert max(np.diff(np.log(rungs))) < np.log(1.421)
    assert ladder([0.0]) == []
    assert ladder([0.001]) == [0.001]


def test_a_population_from_above_has_climbed_by_itself():
    """Its white noise is another, and it is told where it stands on the way down alone."""
    task, family = tiny_task(), tiny_family()
    led = list(orders(task, family, [0.02, 0.028], [0.028], 8, both_ways=True, seed=0))
    assert [(order.gamma, order.place[0]) for order in led] == [(0.02, 0), (0.028, 0), (0.028, 1), (0.02, 1)]
    assert [order.trajectories for order in led] == [4, 8, 8, 4]
    assert not torch.equal(led[1].position, led[2].position)
