"""The length of trajectories: found for modes whose best length is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from neurocompare.models.hmc import start_state
from neurocompare.models.posterior import Observables
from neurocompare.models.trajectory_length import adapt_length, best_length


def turning(periods, points=65, paths=3000):
    """Modes that turn once in so many points, from random phases."""
    phases = np.random.default_rng(0).uniform(0, 2 * np.pi, (paths, 1, len(periods)))
    return np.cos(phases + 2 * np.pi * np.arange(points)[:, None] / np.array(periods))


def best_by_hand(period, overhead=0.0):
    """1 - rho(t) = 1 - cos(2 pi t / period), averaged over the lengths that are drawn."""

    def worth(longest):
        t = np.arange((longest + 3) // 4, longest + 1)
        gone = min(1.0, float(1 - np.cos(2 * np.pi * t / period).mean()))
        return gone / (2 - gone) / (t.mean() + overhead)

    values = [worth(longest) for longest in range(1, 65)]
    return max(longest for longest, value in enumerate(values, start=1) if value >= 0.85 * max(values))


@pytest.mark.parametrize("period", [16, 40, 100])
def test_a_mode_that_turns_is_met_with_the_length_that_suits_it(period):
    assert abs(best_length(turning([period])) - best_by_hand(period)) <= 1 + period // 20


def test_the_slowest_mode_counts():
    assert abs(best_length(turning([8, 80])) - best_by_hand(80)) <= 5


def test_what_every_trajectory_costs_makes_them_longer():
    assert best_by_hand(40, overhead=40.0) > best_by_hand(40)
    assert abs(best_length(turning([40]), overhead=40.0) - best_by_hand(40, overhead=40.0)) <= 3


class Free:
    """A standard Gaussian of which two coordinates are seen."""

    dimension = 50

    def evaluate(self, state):
        return 0.0, Observables(float(state[0]), float(state[1]), 0, 0, 0)

    def gradient(self, state, out=None):
        return torch.zeros_like(state) if out is None else out.zero_()


def test_a_free_gaussian_is_met_with_less_than_half_a_turn():
    generator = torch.Generator().manual_seed(1)
    start = start_state(Free(), torch.randn(50, generator=generator, dtype=torch.float64), step=0.1)
    state, angle = adapt_length(Free(), start, 100, longest=6.0, max_leapfrogs=1000, generator=generator)
    assert 0.5 * math.pi < angle < 1.2 * math.pi
    assert state.gradients == 100 * 60
