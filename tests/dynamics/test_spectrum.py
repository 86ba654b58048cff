"""Spectra: planted outliers, what an eigenvalue does, and fixed points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from neurocompare.dynamics import (
    NetworkMap,
    after_trial,
    find_limit_cycle,
    fixed_point,
    jacobian_spectrum,
    network_map,
    outlier,
    trial,
    weight_spectrum,
)
from neurocompare.models.nonlinearity import TANH
from neurocompare.models.rate_rnn import RateRNN


def planted(n=300, eigenvalue=1.3 + 1.6j, seed=0):
    """A bulk of radius 1 and a rotation beside it that does not touch it."""
    weights = np.random.default_rng(seed).standard_normal((n, n)) / n**0.5
    weights[:2], weights[:, :2] = 0, 0
    weights[:2, :2] = [[eigenvalue.real, -eigenvalue.imag], [eigenvalue.imag, eigenvalue.real]]
    return weights


def test_a_planted_pair_is_the_only_outlier():
    found = weight_spectrum(planted(), 1.0, step_fraction=0.3, time_step=0.015)
    (pair,) = found.outliers
    assert pair.eigenvalue == pytest.approx(1.3 + 1.6j)
    assert found.bulk_radius == pytest.approx(1.0, abs=3 / 300**0.5)
    assert pair.continuous_growth == pytest.approx(0.3 / 0.05)
    assert pair.continuous_frequency == pytest.approx(1.6 / (2 * np.pi * 0.05))


def test_random_matrices_seldom_have_outliers():
    rng = np.random.default_rng(0)
    with_one = sum(
        bool(weight_spectrum(rng.standard_normal((100, 100)) / 10, 1.0, step_fraction=1, time_step=1).outliers)
        for _ in range(200)
    )
    assert with_one <= 10  # 1.5 % of 1000 such matrices


def test_growth_and_frequency_are_those_of_small_perturbations():
    found = outlier(1.05 + 1.2j, step_fraction=0.3, time_step=0.015)
    rotation = np.array([[1.05, -1.2], [1.2, 1.05]])
    state, angles = np.array([1e-6, 0.0]), []
    for _ in range(40):
        state = 0.7 * state + 0.3 * rotation @ state
        angles.append(np.arctan2(state[1], state[0]))
    assert np.log(np.linalg.norm(state) / 1e-6) / (40 * 0.015) == pytest.approx(found.growth)
    assert np.diff(np.unwrap(angles)).mean() / (2 * np.pi * 0.015) == pytest.approx(found.frequency)


def test_the_settled_frequency_is_that_of_the_cycle_a_pair_ends_on():
    """A rotation among many units, weak enough for a cycle of small harmonics: the frequency is right within 1 %."""
    rng = np.random.default_rng(0)
    plane = np.linalg.qr(rng.standard_normal((200, 2)))[0]
    eigenvalue = 1.1 + 0.9j
    rotation = np.array([[eigenvalue.real, -eigenvalue.imag], [eigenvalue.imag, eigenvalue.real]])
    weights = plane @ rotation @ plane.T
    drive = np.zeros((1, 1, 200))
    system = NetworkMap(weights, drive, 0.3, 0.015, TANH)
    cycle = find_limit_cycle(system.run(0.1 * plane[:, 0][None], 1500)[700:, 0], time_step=0.015)
    expected = outlier(eigenvalue, step_fraction=0.3, time_step=0.015)
    assert cycle.verdict == "limit cycle"
    assert 1 / cycle.period == pytest.approx(expected.settled_frequency, rel=0.01)
    assert abs(1 / cycle.period - expected.frequency) > 0.02 * expected.frequency


def test_the_jacobian_is_the_derivative_of_the_step(random_network, task):
    system = after_trial(random_network(n_units=30), task)
    rng = np.random.default_rng(0)
    state, vectors = rng.standard_normal((2, 30)), rng.standard_normal((2, 30, 3))
    pushed = system.push(state, vectors)
    for k in range(3):
        move = 1e-6 * vectors[:, :, k]
        difference = (system.step(state + move) - system.step(state - move)) / 2e-6
        np.testing.assert_allclose(pushed[:, :, k], difference, atol=1e-8)
    np.testing.assert_allclose(system.jacobian(state[0]) @ vectors[0], pushed[0], atol=1e-12)


def test_rest_is_the_fixed_point_without_drive_and_its_spectrum_that_of_the_weights(random_network, task):
    network = random_network(g=1.5, n_units=60)
    system = after_trial(network, task)
    rest = fixed_point(system, np.zeros(60))
    np.testing.assert_array_equal(rest, 0)
    expected = np.sort(np.abs(0.7 + 0.3 * np.linalg.eigvals(system.weights)))[::-1]
    found = jacobian_spectrum(system, rest)
    np.testing.assert_allclose(np.abs(found.multipliers), expected)
    assert found.unstable == (expected > 1).sum() > 0


def test_a_driven_fixed_point_stays_where_it_is(random_network, task):
    network = random_network(g=0.7, n_units=60)
    system = network_map(network, np.ones((1, 1, 2)), task.time_step)
    found = fixed_point(system, np.zeros(60))
    assert np.abs(found).max() > 0.1
    np.testing.assert_allclose(system.step(found[None])[0], found, atol=1e-9)
    assert jacobian_spectrum(system, found).growth < 0
    hopeless = replace(system, weights=np.zeros((60, 60)), drive=np.full((1, 1, 60), np.inf))
    assert fixed_point(hopeless, np.zeros(60)) is None


def test_the_map_repeats_the_network(random_network, task):
    network: RateRNN = random_network(n_units=40)
    rates = network(torch.from_numpy(task.inputs.values))[0].detach().numpy()
    np.testing.assert_allclose(np.tanh(trial(network, task)[:-1]).swapaxes(0, 1), rates, atol=1e-12)
