from itertools import pairwise

import numpy as np
import pytest

from neurocompare.ranking.curve import POINTS, Curve, places_of

GRID = [0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]


@pytest.mark.parametrize("grid", [GRID, GRID[1:], [0.0, 0.1, 0.4, 1.6], [0.1, 0.4, 1.6], [0.0, 0.4], [0.4], [0.0]])
def test_straight_lines_and_constants_pass_unchanged(grid):
    curve = Curve(grid)
    assert np.allclose(curve.spline.sum(axis=1), 1)
    assert np.allclose(places_of(curve.fine[curve.fine > 0]), places_of(curve.fine)[curve.fine > 0])
    if len(grid) > 1:
        x = curve.places
        fine = np.concatenate([np.linspace(a, b, POINTS, endpoint=False) for a, b in pairwise(x)])
        assert np.allclose(curve.spline[:-1] @ x, fine)
    assert set(grid) <= set(curve.fine.tolist())
    assert np.all(np.diff(curve.fine) > 0)


@pytest.mark.parametrize("grid", [GRID, [0.0, 0.1, 0.4, 1.6], [0.1, 0.4, 1.6], [0.0, 0.4]])
def test_the_curve_passes_through_the_scores_and_bends_least_of_all_that_do(grid):
    curve = Curve(grid)
    assert np.allclose(curve.spline[::POINTS], np.eye(len(grid)))
    # The natural spline has the smallest integral of its squared second derivative (Holladay 1957): no polynomial
    # through the same scores has a smaller one.
    steps = np.diff(curve.places)[:, None] / POINTS
    score = np.random.default_rng(2).standard_normal(len(grid))
    polynomial = np.polynomial.Polynomial.fit(curve.places, score, len(grid) - 1)
    bends = [
        sum(
            (np.diff(line[i * POINTS : (i + 1) * POINTS + 1], 2) ** 2).sum() / step[0] ** 3
            for i, step in enumerate(steps)
        )
        for line in (curve.spline @ score, polynomial(places_at_fine(curve)))
    ]
    assert bends[0] <= bends[1] * 1.001 + 1e-12


def places_at_fine(curve):
    return np.concatenate(
        [*(np.linspace(a, b, POINTS, endpoint=False) for a, b in pairwise(curve.places)), curve.places[-1:]]
    )


def test_zero_stands_one_and_a_half_steps_below_and_gamma_runs_linearly_from_it():
    curve = Curve(GRID)
    assert np.allclose(np.diff(curve.places), [1.5, 1, 1, 1, 1, 1, 1])
    assert np.allclose(curve.fine[: POINTS + 1], np.linspace(0, 0.05, POINTS + 1))
    assert np.allclose(curve.fine[POINTS : 2 * POINTS], 0.05 * 2 ** (np.arange(POINTS) / POINTS))


@pytest.mark.parametrize("top", [0.1, 0.28, 0.4, 0.9])
def test_peaks_of_noisy_curves_scatter_around_the_truth(top):
    curve, noise = Curve(GRID[1:]), 0.01 * np.random.default_rng(0).standard_normal((400, 7))
    peaks = curve.peaks(0.8 - 0.03 * (curve.places - np.log2(top)) ** 2 + noise)
    # Between grid points a fine step and the noise are what is left.
    bias = np.mean(np.log2(peaks)) - np.log2(top)
    assert abs(bias) < 1 / POINTS + 4 * np.std(np.log2(peaks)) / np.sqrt(400)


def test_a_flat_curve_peaks_anywhere():
    peaks = Curve(GRID).peaks(np.random.default_rng(0).standard_normal((400, 8)))
    assert np.mean(peaks < 0.1) > 0.1
    assert np.mean(peaks > 1.6) > 0.1


def test_a_spline_that_swings_above_every_score_far_from_the_highest_is_not_its_peak():
    curve = Curve([0.1, 0.2, 0.4, 0.8, 1.6, 3.2])
    scores = np.array([[1.0, 0.0, 0.0, 0.98, 0.98, 0.0]])
    swing = (curve.spline @ scores[0]).argmax() / POINTS
    assert 3 < swing < 4
    assert curve.peaks(scores)[0] < 0.2
