"""Kurtosis of known distributions, and the level and power of the test of normality."""

from __future__ import annotations

import numpy as np
import pytest

from neurocompare.dynamics import excess_kurtosis, normality_test, trial
from neurocompare.errors import InputError

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (lambda shape: RNG.standard_normal(shape), 0.0),
        (lambda shape: RNG.uniform(-1, 1, shape), -1.2),
        (lambda shape: RNG.laplace(size=shape), 3.0),
        (lambda shape: np.sin(RNG.uniform(0, 2 * np.pi, shape)), -1.5),
    ],
)
def test_kurtosis_of_known_distributions(draw, expected):
    found = excess_kurtosis(draw((40, 3000)))
    assert abs(found.over_units - expected) < 4 * found.over_units_error
    assert found.over_units_error < 0.1
    assert excess_kurtosis(draw((3000, 40))).over_samples == pytest.approx(expected, abs=0.2)


def test_the_jackknife_error_is_the_spread_of_repetitions():
    """Samples are all alike here, as far apart in time as they may be: only units are independent."""
    errors, found = [], []
    for _ in range(200):
        each = excess_kurtosis(RNG.standard_normal((1, 300)) * np.array([[1.0], [2.0], [3.0]]))
        found.append(each.over_units)
        errors.append(each.over_units_error)
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.25)
    assert abs(np.mean(found)) < 4 * np.std(found) / 200**0.5


@pytest.mark.parametrize("directions", ["principal", "random"])
def test_gaussian_units_are_rejected_as_often_as_the_level_says(directions):
    """Whatever the covariance over samples, also with more samples than units."""
    rng, repeats = np.random.default_rng(1), 400
    factor = rng.standard_normal((80, 80)) * np.geomspace(1, 1e-3, 80)
    p = [
        normality_test(factor @ rng.standard_normal((80, 60)), directions=directions, simulations=199, seed=0)
        for _ in range(repeats)
    ]
    for values in ([each.p for each in p], [each.mardia_p for each in p]):
        rejected = np.mean(np.array(values) < 0.1)
        assert abs(rejected - 0.1) < 3.5 * (0.1 * 0.9 / repeats) ** 0.5


def test_flat_and_heavy_units_are_told_from_gaussian_ones():
    mixing = RNG.standard_normal((30, 2))
    flat = normality_test(mixing @ RNG.uniform(-1, 1, (2, 300)), dimensions=2, simulations=199)
    heavy = normality_test(mixing @ RNG.laplace(size=(2, 300)), dimensions=2, simulations=199)
    assert max(flat.p, flat.mardia_p, heavy.p, heavy.mardia_p) <= 0.01
    assert flat.mardia_kurtosis < 0 < heavy.mardia_kurtosis


def test_units_of_random_networks_pass_and_their_rates_do_not(random_network, task):
    p, rates = [], []
    for seed in range(40):
        states = trial(random_network(g=1.5, n_units=150, seed=seed), task)[:-1]
        p.append(normality_test(states, simulations=199).p)
        rates.append(normality_test(np.tanh(4 * states), simulations=199).p)
    assert np.mean(np.array(p) < 0.05) < 0.05 + 3.5 * (0.05 * 0.95 / 40) ** 0.5
    assert np.median(rates) < 0.02


def test_too_few_units_are_refused():
    with pytest.raises(InputError, match="at least 12 units"):
        normality_test(RNG.standard_normal((20, 8)))
    with pytest.raises(InputError, match="differ in some sample"):
        excess_kurtosis(np.ones((5, 10)))
