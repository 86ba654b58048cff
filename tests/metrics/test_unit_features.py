import numpy as np
import pytest
from scipy.special import i0, i1

from neurocompare.metrics.unit_features import (
    TEMPORAL_FEATURES,
    condition_share,
    direction_features,
    direction_tuning,
    temporal_features,
)


def feature(name: str, values: np.ndarray, times: np.ndarray) -> np.ndarray:
    return temporal_features(values - values.mean(axis=(0, 1)), times)[TEMPORAL_FEATURES.index(name)]


def test_a_sine_has_its_own_frequency_and_the_kurtosis_of_a_sine():
    times = np.arange(0, 4, 0.005)
    waves = np.stack([np.sin(2 * np.pi * rate * times + 0.3) for rate in (0.5, 2.0, 4.5)], axis=-1)[None]
    assert feature("temporal_frequency", waves, times) == pytest.approx([0.5, 2.0, 4.5], rel=0.01)
    assert feature("kurtosis", waves, times) == pytest.approx([-1.5] * 3, abs=1e-6)
    assert feature("modulation_depth", waves, times) == pytest.approx([2 * np.sqrt(2)] * 3, rel=1e-3)
    # The autocorrelation of a long sine is a cosine; it falls to 1/e where the cosine does.
    assert feature("autocorrelation_time", waves, times)[1:] == pytest.approx(
        np.arccos(np.exp(-1)) / (2 * np.pi * np.array([2.0, 4.5])), rel=0.02
    )


def test_the_autocorrelation_time_of_a_gaussian_bump_is_twice_its_width():
    """The overlap of a Gaussian of s.d. s with itself, a lag l away, is exp(-l^2 / 4 s^2)."""
    times = np.arange(0, 10, 0.01)
    bumps = np.stack([np.exp(-0.5 * ((times - 5) / width) ** 2) for width in (0.1, 0.3)], axis=-1)[None]
    falls = temporal_features(bumps, times)[TEMPORAL_FEATURES.index("autocorrelation_time")]
    assert falls == pytest.approx([0.2, 0.6], abs=1e-3)


def autocorrelation_by_pairs(z: np.ndarray, times: np.ndarray, lag: float) -> float:
    products, energies = 0.0, 0.0
    for first in range(len(times)):
        for second in range(len(times)):
            if abs(abs(times[first] - times[second]) - lag) < 1e-9:
                products += z[:, first] @ z[:, second]
                energies += 0.5 * (z[:, first] @ z[:, first] + z[:, second] @ z[:, second])
    return products / energies


def test_lags_are_counted_in_time_across_gaps():
    rng = np.random.default_rng(0)
    times = np.concatenate([np.arange(8) * 0.02, 0.30 + np.arange(9) * 0.02])
    values = rng.normal(size=(3, len(times), 4)).cumsum(axis=1)
    z = values - values.mean(axis=(0, 1))
    frequencies, falls = feature("temporal_frequency", values, times), feature("autocorrelation_time", values, times)
    lags = np.unique(np.round(np.abs(times[:, None] - times) / 0.02)) * 0.02
    for unit in range(4):
        curve = np.array([autocorrelation_by_pairs(z[:, :, unit], times, lag) for lag in lags])
        assert frequencies[unit] == pytest.approx(np.sqrt(2 * (1 - curve[1])) / (2 * np.pi * 0.02), abs=1e-9)
        after = np.argmax(curve < np.exp(-1))
        expected = np.interp(-np.exp(-1), -curve[after - 1 : after + 1], lags[after - 1 : after + 1])
        assert falls[unit] == pytest.approx(expected, abs=1e-9)


def test_a_correlation_that_never_falls_lasts_the_whole_window():
    values = np.array([1.0, 2.0, -3.0])[:, None, None] * np.ones((3, 6, 1))
    assert feature("autocorrelation_time", values, 0.1 * np.arange(6)) == pytest.approx([0.5])
    assert feature("temporal_frequency", values, 0.1 * np.arange(6)) == pytest.approx([0.0], abs=1e-6)


def test_peak_time_is_where_conditions_and_time_move_the_unit_most():
    times = 0.1 * np.arange(7)
    values = np.zeros((2, 7, 2))
    values[:, 4, 0] = 3.0, -3.0
    values[:, 2, 1] = -5.0
    assert feature("peak_time", values, times) == pytest.approx([0.4, 0.2])


def test_complexity_counts_time_courses():
    """k orthogonal time courses of equal size, each in its own condition, are k."""
    times = np.arange(40) / 40
    courses = np.stack([np.sin(2 * np.pi * k * times) for k in (1, 2, 3, 4)])
    alone = np.outer([1, -1, 2, -2], courses[0])
    values = np.stack([courses, alone], axis=-1)
    assert feature("complexity", values, times) == pytest.approx([4.0, 1.0])


def test_condition_share_splits_the_variance():
    rng = np.random.default_rng(1)
    shared = np.tile(rng.normal(size=(1, 50, 1)), (6, 1, 1))
    tuned = np.tile(rng.normal(size=(6, 1, 1)), (1, 50, 1))
    shared, tuned = ((part - part.mean()) / part.std() for part in (shared, tuned))
    values = np.concatenate([shared, tuned, shared + np.sqrt(3) * tuned], axis=-1)
    assert condition_share(values) == pytest.approx([0, 1, 0.75], abs=1e-9)


def test_direction_tuning_is_the_share_of_a_cosine_fitted_time_by_time():
    rng = np.random.default_rng(2)
    angles = rng.uniform(0, 2 * np.pi, 9)
    values = rng.normal(size=(9, 5, 3))
    design = np.stack([np.ones(9), np.cos(angles), np.sin(angles)], axis=1)
    for unit, share in enumerate(direction_tuning(values, angles)):
        residual = sum(np.linalg.lstsq(design, values[:, time, unit])[1][0] for time in range(5))
        total = ((values[:, :, unit] - values[:, :, unit].mean(axis=0)) ** 2).sum()
        assert share == pytest.approx(1 - residual / total, abs=1e-9)


def test_direction_tuning_of_a_unit_alike_in_all_conditions_is_zero():
    values = np.tile(np.random.default_rng(3).normal(size=(1, 5, 1)), (8, 1, 1))
    assert direction_tuning(values, np.arange(8) * np.pi / 4).tolist() == [0.0]


def test_preferred_directions_and_widths_of_von_mises_tuning():
    """The circular standard deviation of a von Mises curve that falls to nothing is known by its concentration."""
    angles = np.arange(64) * 2 * np.pi / 64
    centres, concentrations = np.array([0.3, 2.0, -2.5]), np.array([6.0, 12.0, 40.0])
    values = np.exp(concentrations * (np.cos(angles[:, None] - centres) - 1))[:, None]
    preferred, width = direction_features(values, angles)
    assert preferred == pytest.approx(centres, abs=1e-6)
    expected = np.sqrt(-2 * np.log(i1(concentrations) / i0(concentrations)))
    assert width == pytest.approx(expected, abs=0.01)


def test_direction_features_do_not_depend_on_gain_baseline_or_how_often_a_direction_comes():
    rng = np.random.default_rng(4)
    angles = np.arange(6) * np.pi / 3 + rng.normal(scale=0.1, size=6)
    values = rng.normal(size=(6, 5, 4))
    found = direction_features(values, angles)
    assert direction_features(7 * values - 3, angles) == pytest.approx(found, abs=1e-9)
    again = np.concatenate([values, values[:2]])
    assert direction_features(again, np.append(angles, angles[:2] + 2 * np.pi)) == pytest.approx(found, abs=1e-4)


def test_uneven_directions_count_by_the_arc_they_stand_for():
    angles = np.concatenate([np.arange(8) * np.pi / 4, [0.05, 0.1, 0.15]])
    values = (1 + np.cos(angles - 2))[:, None, None]
    expected = np.sqrt(2 * np.log(2))
    above = values[:, 0, 0] - values.min()
    uneven = np.sqrt(-2 * np.log(np.abs(np.exp(1j * angles) @ above) / above.sum()))
    found = direction_features(values, angles)[1, 0]
    assert abs(found - expected) < 0.05 < 0.1 < abs(uneven - expected)


def test_a_unit_without_tuning_is_as_wide_as_can_be():
    values = np.tile(np.random.default_rng(5).normal(size=(1, 5, 1)), (8, 1, 1))
    assert direction_features(values, np.arange(8) * np.pi / 4)[1] == pytest.approx([np.pi])
