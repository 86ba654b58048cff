"""Units drawn from the law against its moments, and predicted outliers against those of drawn networks."""

from __future__ import annotations

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.settings import Family
from neurocompare.tasks.oscillation import oscillation
from neurocompare.theory import mean_field

TASK = oscillation()
# Largest eigenvalues of networks drawn with N = 1000 from whole trajectories, one a gamma; gamma of raw targets.
OUTLIERS = {0.3: 1.64, 0.7: 1.92, 1.0: 2.08}


@pytest.fixture(scope="module")
def solved():
    family = Family(g=1.5, tau=TASK.time_step / 0.3, beta=100.0, private_noise=1e-3**0.5)
    gammas = [gamma * TASK.target_scale for gamma in (0.0, *OUTLIERS)]
    return mean_field(TASK, family, gammas, population=800, both_ways=False)


def test_units_drawn_have_the_moments_of_the_law(solved):
    one, units = solved[-1], 5000
    drawn = one.unit.draw(units, seed=0)
    assert drawn.shape == (2, 30, units)
    rates = np.tanh(drawn).reshape(60, units)
    kernel = one.kernel.reshape(60, 60)
    error = np.sqrt(((rates**2) @ (rates**2).T / units - kernel**2).clip(0) / units)
    error += one.kernel_error * np.sqrt(kernel.diagonal()[:, None] * kernel.diagonal())
    deviation = (rates @ rates.T / units - kernel) / (error + 1e-9)
    assert np.sqrt((deviation**2).mean()) < 1.5
    second, fourth = (drawn**2).mean(-1), (drawn**4).mean(-1)
    heard = second > 1e-3 * second.max()
    # 24 / n is the variance of a Gaussian sample's kurtosis; samples share little more than two dimensions.
    error = (24 / units) ** 0.5
    assert one.excess_kurtosis == pytest.approx((fourth[heard] / second[heard] ** 2 - 3).mean(), abs=error)


def test_random_units_are_gaussian_and_learning_makes_them_flatter(solved):
    kurtoses = [each.excess_kurtosis for each in solved]
    assert kurtoses[0] == 0
    assert kurtoses[-1] < kurtoses[-2] < -0.2


def test_outliers_are_those_of_drawn_networks(solved):
    assert len(solved[0].outliers) == 0
    for found, expected in zip(solved[1:], OUTLIERS.values(), strict=True):
        pair = found.outliers[:2]
        assert pair[0] == pair[1].conj()
        assert pair[0].imag > 0
        # One network of 1000 units each: an outlier moves by about g / sqrt(N), 5 %; and the table has two digits.
        assert abs(pair[0]) == pytest.approx(expected, rel=0.05)


def test_rank_grows_from_nothing(solved):
    ranks = [each.rank for each in solved]
    assert ranks[0] == 0
    assert ranks[1] >= 2
    assert ranks == sorted(ranks)


def test_no_units_are_refused(solved):
    with pytest.raises(InputError, match="at least 1 unit"):
        solved[0].unit.draw(0, seed=0)


def test_no_more_units_than_were_sampled(solved):
    assert solved[-1].unit.n_units == 8 * 800
    assert solved[0].unit.n_units == np.inf
    with pytest.raises(InputError, match="at most the 6400 units that were sampled, found 6401"):
        solved[-1].unit.draw(6401, seed=0)
    drawn = solved[-1].unit.draw(6400, seed=0)
    assert len(np.unique(drawn[0, 5])) == 6400  # none twice
