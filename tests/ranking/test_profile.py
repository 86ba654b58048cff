"""Profiles over settings: against brute force on known surfaces, and how often their intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import qmc

from neurocompare.ranking.contrast import differences
from neurocompare.ranking.profile import QUARTERS, profile_of
from neurocompare.ranking.resample import central
from neurocompare.ranking.surface import Surface, fit_surface
from neurocompare.ranking.verdict import bounds_of

GAMMAS = np.linspace(0, 1, 11)


def ridge(places: np.ndarray, top: float, at: np.ndarray, tilt: float = 0.4) -> np.ndarray:
    """A score whose maximum is at `top` along gamma and `at` along the others; the best gamma depends on the first."""
    gamma, others = places[:, 0] - top, places[:, 1:] - at
    return -(gamma**2) + tilt * gamma * others[:, 0] - (others**2) @ np.array([0.3, 0.2, 0.0])[: others.shape[1]]


def test_a_profile_of_a_well_known_surface_is_the_maximum_over_settings():
    rng = np.random.default_rng(0)
    places = qmc.Sobol(3, rng=rng).random(128)
    values = ridge(places, 0.4, np.array([0.5, 0.7]))
    found = profile_of(fit_surface(places, values), values, np.tile(values, (50, 1)), GAMMAS, rng=rng)
    axis = np.linspace(0, 1, 201)
    for place, gamma in enumerate(GAMMAS):
        at = np.column_stack([np.full(201, gamma), axis, np.full(201, 0.7)])
        # Of 256 places in a square the best is up to 0.05 off on either axis, its score 0.001 too low: not so uphill.
        assert found.mean[place] == pytest.approx(ridge(at, 0.4, np.array([0.5, 0.7])).max(), abs=2e-4)
    assert found.best == pytest.approx([0.5, 0.7], abs=0.03)
    assert np.abs(found.deviations).max() < 0.01


def test_a_quarter_keeps_its_setting_within_a_quarter():
    rng = np.random.default_rng(0)
    places = qmc.Sobol(3, rng=rng).random(128)
    values = ridge(places, 0.5, np.array([0.5, 0.5]), tilt=1.0)
    found = profile_of(fit_surface(places, values), values, np.tile(values, (4, 1)), GAMMAS, rng=rng)
    # Where d(score)/d(gamma) = 0: gamma = 0.5 + (first - 0.5) / 2, so each quarter of the first has another best.
    best = GAMMAS[found.by_quarter[:, 0, :].argmax(axis=0)]
    assert best.shape == (QUARTERS,)
    assert (np.diff(best) >= 0).all()
    assert best[0] < 0.5 < best[-1]
    assert np.ptp(GAMMAS[found.by_quarter[:, 1, 1:3].argmax(axis=0)]) == 0


def test_what_the_design_leaves_open_widens_the_profile():
    rng = np.random.default_rng(0)
    spreads = []
    for points in (16, 128):
        places = qmc.Sobol(3, rng=rng).random(points)
        surface = Surface(places, np.array([0.4, 0.6, 0.6]), 1.0, 0.05)
        values = ridge(places, 0.4, np.array([0.5, 0.7]))
        found = profile_of(surface, values, np.tile(values, (200, 1)), GAMMAS, rng=rng)
        spreads.append(found.deviations.std(axis=0).mean())
    assert spreads[1] < 0.7 * spreads[0]


@pytest.mark.parametrize("noise", [0.02, 0.1])
def test_intervals_hold_a_known_maximum_as_often_as_they_say(noise):
    held, kept, widths, simulations = 0, 0, [], 25
    for seed in range(simulations):
        rng = np.random.default_rng(seed)
        top, at = rng.uniform(0.1, 0.9), rng.uniform(0.2, 0.8, 3)
        places = qmc.Sobol(4, rng=rng).random(64)
        values = ridge(places, top, at) + noise * rng.standard_normal(64)
        found = profile_of(fit_surface(places, values, restarts=0), values, np.tile(values, (200, 1)), GAMMAS, rng=rng)
        low, high = central(GAMMAS[(found.mean + found.deviations).argmax(axis=1)])
        half = (GAMMAS[1] - GAMMAS[0]) / 2  # a maximum between grid values is the nearest one's
        held += low - half <= top <= high + half
        bounds = bounds_of(GAMMAS.tolist(), int(found.mean.argmax()), differences(found.mean, found.deviations))
        kept += (bounds.low or -1) - half <= top <= (2 if bounds.high is None else bounds.high) + half
        widths.append(high - low)
    # 95 % less three standard errors of a share of 25.
    least = 0.95 - 3 * np.sqrt(0.95 * 0.05 / simulations)
    assert held >= least * simulations
    assert kept >= least * simulations
    assert np.median(widths) < 0.6  # of the range: they do say something
