"""Surfaces: against scikit-learn's, the closed form of a Gaussian process, and each point left out in turn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from neurocompare.ranking.surface import Surface, fit_surface

LENGTHS = np.array([0.5, 1.0, 3.0])
VARIANCE, NOISE = 2.0, 0.3


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.fixture
def surface(rng) -> Surface:
    return Surface(rng.uniform(size=(20, 3)), LENGTHS, VARIANCE, NOISE)


def test_expected_surface_is_that_of_scikit_learn(surface, rng):
    values, at = rng.standard_normal(20), rng.uniform(size=(7, 3))
    kernel = ConstantKernel(VARIANCE) * Matern(LENGTHS, nu=2.5) + WhiteKernel(NOISE)
    process = GaussianProcessRegressor(kernel, optimizer=None).fit(surface.places, values - values.mean())
    assert surface.mean(values, at) == pytest.approx(values.mean() + process.predict(at), abs=1e-7)
    assert surface.covariance(at, at) == pytest.approx(kernel.k1(at), abs=1e-12)


def test_surfaces_that_are_as_likely_have_the_mean_and_spread_of_the_closed_form(surface, rng):
    values, at = 3 * rng.standard_normal(20), rng.uniform(size=(6, 3))
    draws = 20_000
    # A fresh set of cosines every 200 surfaces: one set alone is off by its own share.
    found = np.concatenate([surface.drawn(np.tile(values, (200, 1)), rng).at(at) for _ in range(draws // 200)])
    noisy = surface.covariance(surface.places, surface.places) + NOISE * np.eye(20)
    gain = np.linalg.solve(noisy, surface.covariance(surface.places, at))
    left = surface.covariance(at, at) - surface.covariance(at, surface.places) @ gain
    error = np.sqrt(np.diag(left) / draws)
    assert (np.abs(found.mean(axis=0) - surface.mean(values, at)) < 4.5 * error).all()
    # Of a variance the relative standard error is sqrt(2 / draws); cosines add sqrt(2 / (1000 x 100)) of the prior's.
    spread = np.sqrt(2 / draws) * np.diag(left) + np.sqrt(2 / 100_000) * VARIANCE
    assert (np.abs(found.var(axis=0) - np.diag(left)) < 4.5 * spread).all()


def test_every_resample_follows_its_own_values(surface, rng):
    values, at = rng.standard_normal((2, 20)), rng.uniform(size=(4, 3))
    values[1] += 5
    quiet = replace(surface, noise=1e-9)
    found = quiet.drawn(values, rng).at(surface.places)
    assert found == pytest.approx(values, abs=1e-3)
    assert quiet.drawn(values, rng).at(at).shape == (2, 4)


def test_left_out_points_are_predicted_as_without_them(surface, rng):
    values = rng.standard_normal(20)
    values -= values.mean()
    means, spreads = surface.left_out(values)
    for point in (0, 7, 19):
        others = np.arange(20) != point
        noisy = surface.covariance(surface.places[others], surface.places[others]) + NOISE * np.eye(19)
        across = surface.covariance(surface.places[point : point + 1], surface.places[others])
        mean = (across @ np.linalg.solve(noisy, values[others])).item()
        variance = VARIANCE + NOISE - (across @ np.linalg.solve(noisy, across.T)).item()
        assert (means[point], spreads[point]) == pytest.approx((mean, np.sqrt(variance)), rel=1e-6)


def test_a_fit_finds_noise_and_what_does_not_matter():
    rng = np.random.default_rng(0)
    places = rng.uniform(size=(200, 3))
    values = np.sin(6 * places[:, 0]) + 0.2 * rng.standard_normal(200)
    found = fit_surface(places, values)
    # Of 200 values with about 10 degrees of freedom fitted, a standard deviation has a relative error of 5 %.
    assert np.sqrt(found.noise) == pytest.approx(0.2, rel=0.2)
    assert found.lengths[0] < 1
    assert min(found.lengths[1:]) > 3


def test_values_that_are_all_the_same_make_a_flat_surface(rng):
    places = rng.uniform(size=(16, 2))
    found = fit_surface(places, np.full(16, 0.5))
    assert found.mean(np.full(16, 0.5), places[:3] + 0.1) == pytest.approx(0.5)
