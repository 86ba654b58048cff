"""One posterior, four samplers: all weights by brute force, weights without the readout, trajectories, and white noise.

Networks without noise have two: weights, and white noise with jitter and the accept step that takes it away.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import xarray as xr
from posteriors import TrajectoryPosterior, WeightPotential, random_currents

from neurocompare.models.currents import CurrentPosterior
from neurocompare.models.delayed_acceptance import draw_network, next_network
from neurocompare.models.hmc import adapt_step, start_state, trajectory
from neurocompare.models.nonlinearity import get_nonlinearity
from neurocompare.models.rate_rnn import simulate, time_major
from neurocompare.settings import Family
from neurocompare.tasks.task import Task

NOISE = 0.05**0.5
UNITS, CONDITIONS, TIMES = 8, 2, 4


def tiny_task(times: int = TIMES) -> Task:
    rng = np.random.default_rng(1)
    coords = {"condition": np.arange(CONDITIONS), "time": 0.05 * np.arange(times)}
    inputs = xr.DataArray(
        rng.standard_normal((CONDITIONS, times, 2)), dims=("condition", "time", "channel"), coords=coords
    )
    targets = xr.DataArray(
        rng.standard_normal((CONDITIONS, times, 2)), dims=("condition", "time", "output"), coords=coords
    )
    trained = xr.ones_like(targets.isel(output=0, drop=True), dtype=bool)
    return Task("tiny", inputs, targets, trained, 1.0)


class AllWeights:
    """exp(-b N gamma^2 / 2 |y - y*|^2 - |w|^2 / 2) over J, U, zeta and V: no integral done, gradients by autograd."""

    def __init__(self, collapsed: WeightPotential, task: Task) -> None:
        self.collapsed, self.likelihood = collapsed, collapsed.likelihood
        self.inputs = time_major(task.inputs.values)
        self.dimension = collapsed.dimension + 2 * UNITS

    def _energy(self, state):
        J, U, noise = self.collapsed.split(state[: -2 * UNITS])
        family = self.collapsed.family
        drive = self.inputs @ U.T / math.sqrt(self.inputs.shape[2]) + NOISE * noise
        nonlinearity = get_nonlinearity(family.nonlinearity)
        rates = simulate(J * family.g / math.sqrt(UNITS), drive, 0.5, nonlinearity).flatten(0, 1)
        outputs = rates @ state[-2 * UNITS :].view(UNITS, 2) / (UNITS * self.likelihood.gamma)
        error = ((outputs - self.likelihood.targets) ** 2).sum()
        return 0.5 * self.likelihood.precision * UNITS * self.likelihood.gamma**2 * error

    def evaluate(self, state):
        with torch.no_grad():
            return float(self._energy(state)), self.collapsed.evaluate(state[: -2 * UNITS])[1]

    def gradient(self, state, out=None):
        leaf = state.clone().requires_grad_()
        with torch.enable_grad():
            gradient = torch.autograd.grad(self._energy(leaf), leaf)[0]
        return gradient if out is None else out.copy_(gradient)


def sample(potential, start, trajectories, seed):
    generator = torch.Generator().manual_seed(seed)
    lengths = {"angle": 1.5, "max_leapfrogs": 30, "generator": generator}
    state = adapt_step(potential, start_state(potential, start, step=0.2), 200, **lengths)
    found = []
    for _ in range(trajectories):
        state = trajectory(potential, state, **lengths)
        found.append(numbers(state.observables))
    return mean_and_error(found)


def numbers(observables):
    return [getattr(observables, name) for name in ("activity", "participation_ratio", "loss", "expected_loss")]


def mean_and_error(found):
    found = np.array(found)
    batches = found.reshape(25, -1, 4).mean(axis=1)
    return found.mean(axis=0), batches.std(axis=0, ddof=1) / 5


@pytest.mark.parametrize("nonlinearity", ["tanh", "linear"])
def test_four_samplers_agree(nonlinearity):
    task = tiny_task()
    beta = 8.0 * CONDITIONS * TIMES * 2
    family = Family(g=1.5, tau=0.1, beta=beta, n_units=UNITS, nonlinearity=nonlinearity, private_noise=NOISE)
    weights = WeightPotential(task, family, 0.7)
    trajectories = TrajectoryPosterior(task, family, 0.7, reference_kernel=0.3 * torch.eye(8, dtype=torch.float64))
    currents = CurrentPosterior(task, family, 0.7, jitter=0.0)
    generator = torch.Generator().manual_seed(0)
    brute = AllWeights(weights, task)
    found = []
    for k, potential in enumerate((brute, weights, trajectories, currents)):
        if potential is trajectories:
            start = potential.whiten(random_currents(task, family, generator=generator))
        else:
            start = torch.randn(potential.dimension, generator=generator, dtype=torch.float64)
        found.append(sample(potential, start, 750, seed=k))
    for (mean, error), (other, other_error) in (found[:2], found[1:3], (found[1], found[3])):
        assert (abs(mean - other) < 3.5 * np.hypot(error, other_error)).all()
        # The comparison means something: errors are a few per cent.
        assert (error / mean < 0.08).all()
        assert math.isfinite(float(error.sum()))


@pytest.mark.parametrize("jitter", [None, 0.003])
def test_networks_without_noise_are_what_weights_say(jitter):
    """As chains are, and with so much jitter that a good part of proposals is refused: six units, twelve samples."""
    task = tiny_task(times=6)
    family = Family(g=1.5, tau=0.1, beta=8.0 * CONDITIONS * 6 * 2, n_units=6)
    weights = WeightPotential(task, family, 0.7)
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(weights.dimension, generator=generator, dtype=torch.float64)
    expected, expected_error = sample(weights, start, 750, seed=1)
    currents = CurrentPosterior(task, family, 0.7, jitter=jitter)
    start = torch.randn(currents.dimension, generator=generator, dtype=torch.float64)
    lengths = {"angle": 1.5, "max_leapfrogs": 30, "generator": generator}
    state = adapt_step(currents, start_state(currents, start, step=0.2), 200, **lengths)
    network = draw_network(currents, weights, state, generator=generator)
    found, refused, last = [], 0, network.weights
    for _ in range(750):
        network = next_network(
            currents, weights, network, trajectory(currents, network.currents, **lengths), generator=generator
        )
        refused += torch.equal(last, network.weights)
        last = network.weights
        found.append(numbers(weights.evaluate(network.weights)[1]))
    mean, error = mean_and_error(found)
    assert (abs(mean - expected) < 3.5 * np.hypot(error, expected_error)).all()
    assert (error / mean < 0.08).all()
    if jitter is not None:  # the step is needed
        assert refused > 0.05 * len(found)
