"""Gain of linear networks: closed forms, and the time domain."""

from __future__ import annotations

import numpy as np
import pytest

from neurocompare.dynamics import amplification
from neurocompare.errors import InputError

FREQUENCIES = np.array([0.0, 0.5, 2.0, 8.0, 20.0])


@pytest.mark.parametrize("time_step", [None, 0.015])
@pytest.mark.parametrize("g", [0.5, 0.8])
def test_random_networks_have_the_gain_of_infinitely_many_units(g, time_step):
    """Mean of 10 networks of 120 units; the correction for finitely many is of order 1 / N."""
    rng = np.random.default_rng(0)
    gains = np.array(
        [
            amplification(
                g * rng.standard_normal((120, 120)) / 120**0.5, g, FREQUENCIES, tau=0.05, time_step=time_step
            ).amplification
            for _ in range(10)
        ]
    )
    error = gains.std(axis=0, ddof=1) / 10**0.5
    assert (np.abs(gains.mean(axis=0) - 1) < 4 * error + 3 / 120).all()
    # At rest, near the edge of the bulk, finite networks scatter most.
    assert (error < [0.2, 0.1, 0.02, 0.02, 0.02]).all()


def test_a_rotation_amplifies_its_own_frequency():
    weights = np.kron(np.eye(5), [[0.6, -2.0], [2.0, 0.6]])
    found = amplification(weights, 0.8, np.linspace(0, 20, 401), tau=0.05)
    assert found.stable
    expected = 2.0 / (2 * np.pi * 0.05)
    assert found.frequencies[np.argmax(found.gain)] == pytest.approx(expected, abs=0.5)
    # half of the eigenvalues turn each way
    z = 1 + 2j * np.pi * found.frequencies * 0.05
    exact = 0.5 * (1 / np.abs(z - 0.6 - 2j) ** 2 + 1 / np.abs(z - 0.6 + 2j) ** 2)
    np.testing.assert_allclose(found.gain, exact)


def test_the_gain_is_what_a_network_answers_to_a_sine():
    rng = np.random.default_rng(1)
    weights, inputs = 0.6 * rng.standard_normal((20, 20)) / 20**0.5, rng.standard_normal((20, 1))
    dt, tau, period = 0.01, 0.05, 25
    found = amplification(weights, 0.6, [1 / (period * dt)], tau=tau, time_step=dt, input_weights=inputs)
    state, answer = np.zeros(20, complex), []
    for k in range(3000):
        answer.append(state)
        drive = inputs[:, 0] * np.exp(2j * np.pi * k / period)
        state = (1 - dt / tau) * state + dt / tau * (weights @ state + drive)
    assert (np.abs(answer[-1]) ** 2).mean() == pytest.approx(found.input_gain[0], rel=1e-6)


def test_what_does_not_settle_is_said_to(random_network, task):
    found = amplification(np.diag([1.2, 0.1]), 1.5, [0.0, 10.0], tau=0.05)
    assert not found.stable
    assert np.isnan(found.random_gain[0])
    assert np.isfinite(found.random_gain[1])
    assert found.peak_frequency == 10.0
    with pytest.raises(InputError, match="from 0 to 50 Hz"):
        amplification(np.eye(2), 0.5, [60.0], tau=0.05, time_step=0.01)
