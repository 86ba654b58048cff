from __future__ import annotations

import math

import numpy as np
import torch
from posteriors import WeightPotential

from neurocompare.models.chain import sample_chain
from neurocompare.models.hmc import adapt_step, start_state, trajectory
from neurocompare.models.posterior import Observables
from neurocompare.models.sampling import Sampling
from neurocompare.settings import Family


class Quartic:
    """exp(-x^2 / 2 - k x^4) in each of many independent coordinates."""

    def __init__(self, k: float, dimension: int) -> None:
        self.k, self.dimension = k, dimension

    def evaluate(self, state):
        return float(self.k * (state**4).sum()), Observables(0, 0, 0, float((state**2).mean()), 0)

    def gradient(self, state, out=None):
        # Deliberately rough: the acceptance step has to correct it.
        rough = (4 * self.k * state**3).to(torch.float16).double()
        return rough if out is None else out.copy_(rough)


def run(potential, trajectories, seed=0, step=0.3):
    generator = torch.Generator().manual_seed(seed)
    lengths = {"angle": 1.5, "max_leapfrogs": 50, "generator": generator}
    start = torch.randn(potential.dimension, generator=generator, dtype=torch.float64)
    state = start_state(potential, start, step=step)
    state = adapt_step(potential, state, 50, **lengths)
    moments, acceptance = [], []
    for _ in range(trajectories):
        state = trajectory(potential, state, **lengths)
        moments.append(state.observables.activity)
        acceptance.append(state.acceptance)
    return np.array(moments), np.array(acceptance), state


def test_second_moment_of_a_quartic_against_quadrature():
    k = 2.0
    moments, _, _ = run(Quartic(k, 20), 1500)
    x = np.linspace(-5, 5, 20001)
    density = np.exp(-(x**2) / 2 - k * x**4)
    expected = (x**2 * density).sum() / density.sum()
    batches = moments.reshape(30, 50).mean(axis=1)
    assert abs(moments.mean() - expected) < 3 * batches.std(ddof=1) / 30**0.5


def test_a_gaussian_is_always_accepted_and_a_quarter_turn_forgets_it():
    potential, generator = Quartic(0.0, 50), torch.Generator().manual_seed(0)
    state = start_state(potential, torch.full((50,), 9.0, dtype=torch.float64), step=math.pi / 2)
    moments = []
    for _ in range(400):
        state = trajectory(potential, state, angle=math.pi / 2, max_leapfrogs=50, generator=generator)
        assert state.acceptance > 1 - 1e-9
        moments.append(state.observables.activity)
    # Independent chi-squared means of 50 coordinates, from the first trajectory on: variance 2 / 50.
    assert abs(np.mean(moments) - 1) < 3 * (2 / 50 / 400) ** 0.5


def test_the_step_is_adapted_to_the_acceptance_aimed_at():
    _, acceptance, _ = run(Quartic(30.0, 200), 300)
    assert 0.6 < acceptance.mean() < 0.95


def test_a_step_that_blows_up_is_rejected_not_raised():
    potential = Quartic(1e6, 5)
    generator = torch.Generator().manual_seed(0)
    state = start_state(potential, torch.full((5,), 10.0, dtype=torch.float64), step=1.5)
    after = trajectory(potential, state, angle=30.0, max_leapfrogs=20, generator=generator)
    assert after.acceptance == 0
    assert torch.equal(after.position, state.position)


def test_a_linear_network_that_blows_up_is_rejected_not_raised(task):
    family = Family(n_units=30, beta=60.0, tau=0.1, nonlinearity="linear")
    posterior = WeightPotential(task, family, 20.0)
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(posterior.dimension, generator=generator, dtype=torch.float64)
    state = start_state(posterior, start, step=1.5)
    for _ in range(5):
        state = trajectory(posterior, state, angle=60.0, max_leapfrogs=60, generator=generator)
    assert np.isfinite(state.energy)
    brief = Sampling(trajectories=8, max_leapfrogs=20)
    chain = sample_chain(task, family, 20.0, members=1, generator=generator, sampling=brief)
    assert np.isfinite(chain.trace).all()


def test_a_free_step_is_a_rotation():
    state = start_state(Quartic(0.0, 10), torch.ones(10, dtype=torch.float64), step=0.1)
    generator = torch.Generator().manual_seed(4)
    momentum_generator = torch.Generator().manual_seed(4)
    after = trajectory(Quartic(0.0, 10), state, angle=0.1, max_leapfrogs=1, generator=generator)
    torch.randint(1, 2, (1,), generator=momentum_generator)
    momentum = torch.randn(10, generator=momentum_generator, dtype=torch.float64)
    torch.testing.assert_close(after.position, math.cos(0.1) + math.sin(0.1) * momentum)
