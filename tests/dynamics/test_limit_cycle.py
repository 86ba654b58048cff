"""Limit cycles of a normal form whose period is known."""

from __future__ import annotations

import numpy as np
import pytest

from neurocompare.dynamics import find_limit_cycle, limit_cycles
from neurocompare.dynamics.limit_cycle import DIVERGES, FIXED_POINT, LIMIT_CYCLE, NEITHER


def hopf(period: float, *, growth: float = 0.2, start: float = 0.1, steps: int = 1500, harmonic: float = 0.0):
    """The normal form z' = (growth + i omega - growth |z|^2) z, solved exactly, seen through six coordinates."""
    time = np.arange(steps)
    radius = 1 / np.sqrt(1 + (1 / start**2 - 1) * np.exp(-2 * growth * time))
    turn = 2 * np.pi * time / period
    plane = np.stack([radius * np.cos(turn), radius * np.sin(turn), harmonic * np.cos(3 * turn)], axis=1)
    return plane @ np.random.default_rng(0).standard_normal((3, 12)) + 5.0


@pytest.mark.parametrize("period", [6.3, 20.0, 20.37, 97.25])
@pytest.mark.parametrize("harmonic", [0.0, 0.3])
def test_the_period_of_a_hopf_cycle(period, harmonic):
    if harmonic and period < 10:
        pytest.skip("the third harmonic of a period of six steps is not resolved by the steps")
    found = find_limit_cycle(hopf(period, harmonic=harmonic)[500:], time_step=0.01)
    assert found.verdict == LIMIT_CYCLE
    assert found.period_steps == pytest.approx(period, rel=1e-4)
    assert found.period == pytest.approx(0.01 * period, rel=1e-4)
    assert found.return_error < 0.01


def test_a_spiral_into_a_point_is_no_cycle():
    time = np.arange(800)
    spiral = np.exp(-0.002 * time)[:, None] * np.stack([np.cos(time / 3), np.sin(time / 3)], axis=1)
    found = find_limit_cycle(spiral)
    assert found.verdict == NEITHER
    assert "still on its way" in found.why
    assert find_limit_cycle(np.exp(-0.2 * time)[400:, None] * spiral[400:] + 1.0).verdict == FIXED_POINT


def test_noise_and_a_torus_are_neither():
    noise = np.random.default_rng(0).standard_normal((800, 5))
    assert find_limit_cycle(noise).verdict == NEITHER
    time = np.arange(800)
    golden = 2 * np.pi * (5**0.5 - 1) / 2
    torus = np.stack([np.cos(time / 4), np.sin(time / 4), np.cos(golden * time / 9), np.sin(golden * time / 9)], axis=1)
    assert find_limit_cycle(torus).verdict == NEITHER


def test_an_orbit_that_nearly_returns_once_but_drifts_is_no_cycle():
    """A slow second frequency: after one period 3 % off, after five far more."""
    time = np.arange(1200)
    slow = 0.02 * 2 * np.pi * time / 20
    drifting = np.stack([np.cos(np.pi * time / 10), np.sin(np.pi * time / 10), np.cos(slow), np.sin(slow)], axis=1)
    found = find_limit_cycle(drifting, tolerance=0.1)
    assert found.verdict == NEITHER
    assert found.period_steps == pytest.approx(20, rel=0.01)
    # a chord of 2 pi 0.02 on one of two unit circles, over the 2 of two random points
    assert found.return_error == pytest.approx(np.sin(0.02 * np.pi), rel=0.05)
    assert found.late_return_error == pytest.approx(np.sin(5 * 0.02 * np.pi), rel=0.05)


def test_what_runs_away_is_said_to():
    assert find_limit_cycle(np.exp(np.arange(100.0))[:, None] * np.ones(3)).verdict == DIVERGES


def test_a_quiet_network_ends_at_rest(random_network, task):
    ends = limit_cycles(random_network(g=0.5), task)
    assert [each.verdict for each in ends] == [FIXED_POINT, FIXED_POINT]
