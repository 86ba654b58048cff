import numpy as np
import pytest
from scipy.stats import studentized_range

from neurocompare.ranking.contrast import differences


@pytest.mark.parametrize("count", [2, 5, 8])
def test_the_critical_value_is_tukeys(count):
    noise = np.random.default_rng(0).standard_normal((40000, count))
    found = differences(np.zeros(count), noise).critical.max()
    # Tukey's range counts in errors of a mean, ours in errors of a difference.
    assert found == pytest.approx(studentized_range.ppf(0.95, count, np.inf) / np.sqrt(2), abs=0.04)


def test_pairs_pay_only_for_those_that_are_not_surer():
    """Two far items are settled first; what is left is Tukey's for those that are alike, by hand."""
    noise = np.random.default_rng(2).standard_normal((20_000, 6))
    mean = np.array([0.0, 2.9, 0.1, 100.0, 203.0, 0.0])
    found = differences(mean, noise)
    left = [0, 1, 2, 5]
    alone = differences(mean[left], noise[:, left])
    assert np.allclose(found.critical[np.ix_(left, left)], alone.critical)
    assert np.allclose(found.p[np.ix_(left, left)], alone.p)
    assert found.critical.max() > found.critical[0, 1] + 0.2


@pytest.mark.parametrize(("apart", "least"), [(10.0, 0.03), (3.0, 0.0)])
def test_where_only_some_items_are_alike_they_are_told_apart_as_seldom_as_is_said(apart, least):
    """Three are alike and two are not: any pair of the three has p < 0.05 in 5 % of experiments, or fewer.

    Those that are surely apart are not paid for: with all pairs paid for at once it would be 2 %.
    """
    generator, truth = np.random.default_rng(3), apart * np.array([0, 0, 0, 1, 2])
    falsely = 0
    for _ in range(600):
        p = differences(truth + generator.standard_normal(5), generator.standard_normal((500, 5))).p
        falsely += bool((p[:3, :3] < 0.05).any())
    assert least < falsely / 600 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600)


def test_what_items_share_drops_out():
    generator = np.random.default_rng(0)
    shared, own = generator.standard_normal((4000, 1)), 0.1 * generator.standard_normal((4000, 3))
    alone, together = (differences(np.array([0.0, 0.3, 0.6]), noise) for noise in (own, own + 10 * shared))
    assert np.allclose(alone.error, together.error)
    assert np.array_equal(alone.p, together.p)


def test_intervals_leave_out_zero_where_p_is_small():
    generator = np.random.default_rng(1)
    for _ in range(20):
        found = differences(generator.normal(size=4), 0.4 * generator.standard_normal((2000, 4)))
        for i in range(4):
            for j in set(range(4)) - {i}:
                difference, low, high, p = found.between(i, j)
                assert (low > 0 or high < 0) == (p < 0.05)
                back = found.between(j, i)
                assert (back[3], back[0]) == (p, -difference)


def test_without_spread_any_difference_is_sure_and_none_is_none():
    found = differences(np.array([0.5, 0.5, 0.6]), np.zeros((1000, 3)))
    assert found.p[0, 1] == 1
    assert found.p[0, 2] == pytest.approx(1 / 1001)
    assert differences(np.array([0.5]), np.zeros((1000, 1))).p.tolist() == [[1.0]]
