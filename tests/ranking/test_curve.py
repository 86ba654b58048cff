from itertools import pairwise

import numpy as np
import pytest

from neurocompare.ranking.curve import FREEDOM, POINTS, Curve, places_of

GRID = [0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]


@pytest.mark.parametrize("grid", [GRID, GRID[1:], [0.0, 0.1, 0.4, 1.6], [0.1, 0.4, 1.6], [0.0, 0.4], [0.4], [0.0]])
def test_straight_lines_and_constants_pass_unchanged(grid):
    curve = Curve(grid)
    assert np.allclose(curve.smoother.sum(axis=1), 1)
    assert np.allclose(places_of(curve.fine[curve.fine > 0]), places_of(curve.fine)[curve.fine > 0])
    if len(grid) > 1:
        x = curve.places
        fine = np.concatenate([np.linspace(a, b, POINTS, endpoint=False) for a, b in pairwise(x)])
        assert np.allclose(curve.smoother[:-1] @ x, fine)
    assert set(grid) <= set(curve.fine.tolist())
    assert np.all(np.diff(curve.fine) > 0)


def test_the_smoother_has_the_stated_degrees_of_freedom_and_short_grids_interpolate():
    curve = Curve(GRID)
    assert np.trace(curve.smoother[::POINTS]) == pytest.approx(FREEDOM, abs=1e-3)
    for grid in ([0.0, 0.1, 0.4, 1.6], [0.1, 0.4, 1.6], [0.0, 0.4]):
        assert np.allclose(Curve(grid).smoother[::POINTS], np.eye(len(grid)))


def test_zero_stands_one_and_a_half_steps_below_and_gamma_runs_linearly_from_it():
    curve = Curve(GRID)
    assert np.allclose(np.diff(curve.places), [1.5, 1, 1, 1, 1, 1, 1])
    assert np.allclose(curve.fine[: POINTS + 1], np.linspace(0, 0.05, POINTS + 1))
    assert np.allclose(curve.fine[POINTS : 2 * POINTS], 0.05 * 2 ** (np.arange(POINTS) / POINTS))


@pytest.mark.parametrize("top", [0.1, 0.28, 0.4, 0.9])
def test_peaks_of_noisy_curves_scatter_around_the_truth(top):
    curve, noise = Curve(GRID[1:]), 0.01 * np.random.default_rng(0).standard_normal((400, 7))
    peaks = curve.peaks(0.8 - 0.03 * (curve.places - np.log2(top)) ** 2 + noise)
    # A parabola is what a spline keeps best; a fine step and the noise are what is left.
    bias = np.mean(np.log2(peaks)) - np.log2(top)
    assert abs(bias) < 1 / POINTS + 4 * np.std(np.log2(peaks)) / np.sqrt(400)


def test_a_flat_curve_peaks_anywhere():
    peaks = Curve(GRID).peaks(np.random.default_rng(0).standard_normal((400, 8)))
    assert np.mean(peaks < 0.1) > 0.1
    assert np.mean(peaks > 1.6) > 0.1
