"""Kicks, silence and noise, and the loss beyond the trained window, against what must come out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from neurocompare.dynamics import generalization, kick, silence, weight_noise
from neurocompare.errors import InputError
from neurocompare.models.rate_rnn import RateRNN, respond
from neurocompare.tasks import Continuation, continued


def test_kicks_of_uncoupled_units_decay_as_units_do(task):
    network = RateRNN(torch.zeros(50, 50), torch.randn(50, 2), torch.zeros(1, 50), g=1.0, step_fraction=0.3)
    found = kick(network, task, size=0.2, wait=0.15)
    assert found.remaining == pytest.approx(0.7**10)
    assert found.remaining_error == pytest.approx(0, abs=1e-9)
    # The undisturbed run decays along a straight line, and a random kick is nearly orthogonal to it.
    assert 0.9 * found.remaining < found.off_orbit <= found.remaining


def test_a_phase_shift_is_forgotten_in_all_but_phase(task):
    """A rotation at its own limit cycle: kicks along it stay, kicks across it go."""
    plane = torch.linalg.qr(torch.randn(200, 2, generator=torch.Generator().manual_seed(0)))[0].double()
    weights = plane @ torch.tensor([[1.3, -1.2], [1.2, 1.3]], dtype=torch.float64) @ plane.T * 200**0.5
    network = RateRNN(weights, plane * 14, torch.zeros(1, 200).double(), g=1.0, step_fraction=0.3)
    found = kick(network, task, size=0.1, settle=200, wait=3.0, repeats=20)
    assert found.off_orbit < 0.2 * found.remaining
    assert found.remaining > 1e-3


def test_nothing_silenced_and_no_noise_is_the_loss_of_the_network(random_network, task):
    network = random_network(n_units=80)
    _, loss = respond(network, task)
    relative = 2 * loss / float((task.targets.values[task.trained.values] ** 2).mean())
    (none,) = silence(network, task, fractions=(0.0,), repeats=2)
    (still,) = weight_noise(network, task, sizes=(0.0,), repeats=2)
    (all_of_them,) = silence(network, task, fractions=(1.0,), repeats=2)
    assert none.loss == pytest.approx(relative)
    assert still.loss == pytest.approx(relative)
    assert all_of_them.loss == pytest.approx(1.0)
    some, more = weight_noise(network, task, sizes=(0.05, 0.5))
    assert relative < some.loss < more.loss
    assert weight_noise(network, task, seed=0) == weight_noise(network, task, seed=0)


def test_the_loss_beyond_the_window_is_that_of_the_longer_task(random_network, task):
    network = random_network(n_units=80)
    found = generalization(network, task, windows=3)
    longer = continued(task, 120)
    assert found.trained == pytest.approx(respond(network, task)[1])
    for k, loss in enumerate(found.windows, start=1):
        window = np.zeros_like(longer.trained)
        window[:, 30 * k : 30 * (k + 1)] = True
        asked = replace(longer, trained=longer.trained.copy(data=window))
        assert loss == pytest.approx(respond(network, asked)[1])
    assert found.relative == pytest.approx(np.mean(found.windows) / found.zero)
    assert generalization(network, task, continuation=Continuation("zero")).windows != found.windows
    with pytest.raises(InputError, match="does not say how its targets go on"):
        generalization(network, replace(task, continuation=None))


def test_a_network_that_runs_away_has_no_finite_loss(task):
    network = RateRNN(
        20 * torch.eye(10) * 10**0.5, torch.ones(10, 2), torch.ones(1, 10), g=1.0, step_fraction=0.3,
        nonlinearity="linear",
    )  # fmt: skip
    assert generalization(network, task, windows=20).windows[-1] == float("inf")


def test_kicks_without_size_are_refused(random_network, task):
    with pytest.raises(InputError, match="a kick of positive size"):
        kick(random_network(), task, size=0)
