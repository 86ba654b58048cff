"""Effort: what is expected of a chain, against what a real one takes."""

import math
from types import SimpleNamespace

import pytest
import torch

from neurocompare.models import Family, Sampling, effort, sample_chain
from neurocompare.models.effort import gradients_of, pace_of, steps_that_fit, trajectories_of
from neurocompare.tasks import oscillation

SAMPLING = Sampling(ramp=3, adaptation=8, trajectories=12, max_leapfrogs=400)
FAMILY = Family(n_units=60, tau=0.1)


@pytest.fixture(scope="module")
def steps():
    return steps_that_fit(oscillation(), FAMILY, (0.2, 0.4, 0.8))


@pytest.mark.parametrize("gamma", [0.2, 0.8])
def test_the_gradients_of_a_real_chain_are_foreseen(steps, gamma):
    task = oscillation()
    real = [
        sample_chain(
            task, FAMILY, gamma, members=1, sampling=SAMPLING, segments=2, generator=torch.Generator().manual_seed(seed)
        ).gradients
        for seed in (0, 1)
    ]
    # The step of a chain scatters by a third, and its adaptation begins at another.
    assert math.log(gradients_of(gamma, steps, SAMPLING, segments=2) / (sum(real) / 2)) == pytest.approx(0, abs=0.7)


def test_gradients_are_those_of_the_trajectories_where_the_step_is_known():
    """With one step for all, the count is a sum that can be done by hand."""
    plain = {"ramp": 0, "adaptation": 0, "angle": 4.0}
    short, long = Sampling(trajectories=8, **plain), Sampling(trajectories=16, **plain)
    # ceil(4 / 0.1) = 40 steps at most, 10 at least: 25 on average.
    assert gradients_of(0.4, {0.4: 0.1}, short, segments=1) == 8 * 25
    assert gradients_of(0.4, {0.4: 0.1}, long, segments=3) == 4 * 16 * 25
    assert gradients_of(0.0, {0.4: 0.1}, short, segments=1) == trajectories_of(0.0, short, segments=1) == 0


def test_steps_shrink_as_gamma_grows():
    steps = steps_that_fit(oscillation(), FAMILY, (0.0, 0.1, 1.6))
    assert list(steps) == [0.1, 1.6]
    assert steps[0.1] > steps[1.6]


def test_the_time_of_one_gradient_is_that_of_many_shared_out(monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr(effort, "time", SimpleNamespace(process_time=lambda: 0.5 * next(clock)))
    # Every look at this clock takes half a second, and one look a gradient is made.
    assert pace_of(oscillation(), FAMILY, least=4.0).gradient == pytest.approx(0.5, rel=0.2)
