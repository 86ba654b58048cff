"""Offsets and gains of recorded units."""

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.workflows.tuning import Tuning, draw_tuning


def test_offsets_have_the_distribution_asked_for():
    tuning = draw_tuning(20_000, n_units=10_000, rng=np.random.default_rng(0))
    # the median of n lognormal draws scatters by spread sqrt(pi / 2n) in the logarithm
    assert np.log(np.median(tuning.offset) / 10) == pytest.approx(0.0, abs=4 * 0.6 * np.sqrt(np.pi / 2 / 10_000))
    assert np.quantile(tuning.offset, 0.977) == pytest.approx(10 * np.exp(2 * 0.6), rel=0.1)
    assert tuning.offset.max() == 60
    depth = tuning.gain / tuning.offset
    assert 0.5 <= depth.min() < 0.51
    assert 1.49 < depth.max() <= 1.5


def test_units_are_a_random_part_without_repeats():
    first, second = (draw_tuning(400, rng=np.random.default_rng(seed)).unit for seed in (0, 1))
    assert len(set(first)) == 120
    assert set(first) <= set(range(400))
    assert set(first) != set(second)


def test_rates_are_rectified_and_affine():
    tuning = Tuning(unit=np.array([0, 1]), offset=np.array([10.0, 4.0]), gain=np.array([5.0, 6.0]))
    np.testing.assert_allclose(
        tuning.rates(np.array([[0.0, 0.0], [1.0, -0.5], [-1.0, -1.0]])), [[10, 4], [15, 1], [5, 0]]
    )


@pytest.mark.parametrize("n_units", [121, 1, 0])
def test_impossible_numbers_of_units_are_refused(n_units):
    with pytest.raises(InputError, match="found"):
        draw_tuning(120, n_units=n_units, rng=np.random.default_rng(0))
