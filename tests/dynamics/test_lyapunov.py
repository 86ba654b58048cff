"""Lyapunov exponents of systems whose exponents are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from neurocompare.dynamics import after_trial, network_exponents, trial
from neurocompare.dynamics.lyapunov import NOT_POSITIVE, POSITIVE, UNDECIDED, judge_exponent, lyapunov_spectrum
from neurocompare.dynamics.time_average import half_width, time_average
from neurocompare.errors import InputError


def test_the_logistic_map_at_four_has_log_two():
    start = np.random.default_rng(1).uniform(0.1, 0.9, (20, 1))
    found = lyapunov_spectrum(
        lambda x, k: 4 * x * (1 - x), lambda x, v, k: (4 - 8 * x)[..., None] * v, start, steps=5000, time_step=0.01
    )
    assert found.errors[0] < 0.01 * 100
    assert abs(found.largest - 100 * np.log(2)) < 3.5 * found.errors[0]
    assert found.verdict == POSITIVE


def lorenz(state):
    x, y, z = np.moveaxis(state, 1, 0)
    return np.stack([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z], axis=1)


def lorenz_tangent(state, vectors):
    x, y, z = np.moveaxis(state, 1, 0)[..., None]
    u, v, w = np.moveaxis(vectors, 1, 0)
    return np.stack([10 * (v - u), u * (28 - z) - x * w - v, u * y + x * v - 8 / 3 * w], axis=1)


def lorenz_rk4(dt):
    def stages(state):
        k1 = lorenz(state)
        k2 = lorenz(state + dt / 2 * k1)
        k3 = lorenz(state + dt / 2 * k2)
        return k1, k2, k3, lorenz(state + dt * k3)

    def step(state, k):
        k1, k2, k3, k4 = stages(state)
        return state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    def push(state, vectors, k):
        k1, k2, k3, _ = stages(state)
        v1 = lorenz_tangent(state, vectors)
        v2 = lorenz_tangent(state + dt / 2 * k1, vectors + dt / 2 * v1)
        v3 = lorenz_tangent(state + dt / 2 * k2, vectors + dt / 2 * v2)
        v4 = lorenz_tangent(state + dt * k3, vectors + dt * v3)
        return vectors + dt / 6 * (v1 + 2 * v2 + 2 * v3 + v4)

    return step, push


def test_the_lorenz_system_has_its_three_exponents():
    start = np.array([1.0, 1.0, 20.0]) + np.random.default_rng(0).standard_normal((80, 3))
    step, push = lorenz_rk4(0.01)
    found = lyapunov_spectrum(step, push, start, time_step=0.01, count=3, steps=4000, transient=1000, every=5)
    assert (found.errors < 0.02).all()
    # Sprott (2003), Chaos and Time-Series Analysis: 0.9056, 0, -14.5723
    deviation = np.abs(found.exponents - [0.9056, 0.0, -14.5723])
    assert (deviation < 3.5 * found.errors + 1e-3).all()
    # The divergence of the flow is constant: whatever the errors, the sum is exact up to the integrator.
    assert found.exponents.sum() == pytest.approx(-(10 + 1 + 8 / 3), abs=1e-3)
    assert found.verdict == POSITIVE


def test_a_linear_map_has_the_log_moduli_of_its_eigenvalues():
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((6, 6)) / 6**0.5
    moduli = np.sort(np.abs(np.linalg.eigvals(matrix)))[::-1]
    matrix /= moduli[0] / 0.9
    found = lyapunov_spectrum(
        lambda x, k: x @ matrix.T,
        lambda x, v, k: matrix @ v,
        np.ones((2, 6)),
        count=6,
        steps=10000,
        transient=1000,
        every=2,
    )
    expected = np.log(0.9 * moduli / moduli[0])
    # Of a complex pair each vector turns, and what is left of a turn goes as one over the number of steps.
    np.testing.assert_allclose(found.exponents, expected, atol=3e-3)
    assert found.verdict == NOT_POSITIVE


def test_orthonormalising_less_often_changes_nothing(random_network, task):
    network = random_network(g=1.5)
    system, start = after_trial(network, task), trial(network, task)[-1]
    settings = {"count": 4, "steps": 600, "transient": 60, "time_step": 0.015}
    rare, often = (lyapunov_spectrum(system.step, system.push, start, every=every, **settings) for every in (3, 1))
    np.testing.assert_allclose(rare.exponents, often.exponents, rtol=1e-6)


def test_random_networks_are_quiet_below_the_transition_and_chaotic_well_above(random_network, task):
    """Below g = 1 rest is stable, and its exponent is that of the leading eigenvalue (Sompolinsky et al. 1988)."""
    quiet = random_network(g=0.8, n_units=200)
    found = network_exponents(quiet, task, count=1, duration=400)
    values = np.linalg.eigvals(quiet.recurrent.detach().double().numpy())
    slowest = np.log(np.abs(0.7 + 0.3 * values).max()) / task.time_step
    assert found.verdict == NOT_POSITIVE
    assert found.largest == pytest.approx(slowest, abs=0.05 * abs(slowest))
    for seed in range(3):
        loud = network_exponents(random_network(g=3.0, n_units=200, seed=seed), task, count=1, duration=400)
        assert loud.verdict == POSITIVE


def test_intervals_of_correlated_series_hold_their_level():
    """Autoregressive noise of correlation time 19: two thousand values are a hundred independent ones."""
    rng, repeats = np.random.default_rng(0), 400
    held = 0
    for _ in range(repeats):
        series = lfilter([1], [1, -0.9], rng.standard_normal(2500))[500:]
        mean, error, freedom = time_average(series)
        held += abs(mean) < half_width(error, freedom)
    # 95 % intended; a spectral estimate from few blocks falls a little short
    assert 0.90 < held / repeats < 0.98


def test_what_only_oscillates_adds_no_error():
    turn = np.sin(2 * np.pi * np.arange(4000) / 20.3)
    assert time_average(turn)[1] < 1e-4
    assert time_average(turn)[1] < 0.02 * turn.std() / 4000**0.5


def test_verdicts():
    assert judge_exponent(0.5, 0.1, 10.0)[0] == POSITIVE
    assert judge_exponent(0.01, 0.02, 10.0)[0] == NOT_POSITIVE
    assert judge_exponent(-1.0, 0.5, 10.0)[0] == NOT_POSITIVE
    assert judge_exponent(0.1, 0.05, 10.0)[0] == UNDECIDED


def test_what_makes_no_sense_is_refused(random_network, task):
    with pytest.raises(InputError, match="diverges"):
        lyapunov_spectrum(lambda x, k: 3 * x, lambda x, v, k: 3 * v, np.ones((1, 1)), steps=100)
    with pytest.raises(InputError, match="expected 1 to 1 exponents"):
        lyapunov_spectrum(lambda x, k: x, lambda x, v, k: v, np.ones((1, 1)), count=2)
    with pytest.raises(InputError, match="inputs of hold, zero, repeat"):
        network_exponents(random_network(), task, inputs="none")
