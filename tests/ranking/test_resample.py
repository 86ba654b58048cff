import numpy as np
import pytest

from neurocompare.ranking.resample import (
    UNLIKE,
    _alike,
    half_sample_factor,
    network_deviations,
    recording_deviations,
    share_best,
)


@pytest.mark.parametrize(("n", "m"), [(20, 10), (21, 10), (30, 10)])
def test_rescaled_subsamples_spread_as_repeated_recordings_do(n, m):
    generator = np.random.default_rng(0)

    def subsample_variance(values):
        order = generator.permuted(np.tile(values, (200, 1)), axis=1)
        means = order[:, :m].mean(axis=1)
        return np.mean((half_sample_factor(n, m) * (means - values.mean())) ** 2)

    recordings = generator.exponential(size=(4000, n))
    truth = recordings.mean(axis=1).var()  # brute force: record again and again
    estimates = np.array([subsample_variance(values) for values in recordings[:500]])
    error = np.hypot(estimates.std() / np.sqrt(500), truth * np.sqrt((2 + 6 / n) / 4000))
    assert abs(estimates.mean() - truth) < 4 * error


def test_a_recordings_resamples_keep_the_covariance_of_its_draws():
    scores = np.random.default_rng(0).multivariate_normal([0, 0, 0], [[1, 0.9, 0], [0.9, 1, 0], [0, 0, 4]], size=80)
    deviations = recording_deviations(scores, resamples=40000)
    # The squared t factor has mean nu / (nu - 2).
    wanted = np.cov(scores.T) * 79 / 77
    error = np.sqrt((np.outer(np.diag(wanted), np.diag(wanted)) + wanted**2) / 40000)
    assert np.all(np.abs(deviations.T @ deviations / 40000 - wanted) < 5 * error)
    assert np.array_equal(recording_deviations(scores, seed=3), recording_deviations(scores, seed=3))
    assert not recording_deviations(scores[:1]).any()


@pytest.mark.parametrize("chains", [2, 3, 6])
def test_intervals_from_resampled_networks_cover_the_mean_of_all_networks(chains):
    """Eight items of one spread: their chains tell it together, and t makes up for what few chains do not tell."""
    generator, covered = np.random.default_rng(0), []
    for _ in range(400):
        means = generator.normal(size=(8, chains))
        low, high = np.quantile(network_deviations(means, resamples=500), [0.025, 0.975], axis=0)
        covered.append((means.mean(axis=1) + low <= 0) & (means.mean(axis=1) + high >= 0))
    # Taking the larger of an item's own spread and the pool's makes intervals wider, never narrower.
    assert 0.95 - 4 * np.sqrt(0.95 * 0.05 / 3200) < np.mean(covered) < 0.99


def test_an_item_of_two_states_leaves_the_others_as_sure_as_they_are():
    """Of nine items one has chains in two states, 40 s.d. apart: intervals of the others keep coverage and width."""
    generator, covered, widths = np.random.default_rng(0), [], []
    for _ in range(300):
        means = generator.normal(size=(9, 4))
        means[4] += 40 * (np.arange(4) == 0)
        low, high = np.quantile(network_deviations(means, resamples=500), [0.025, 0.975], axis=0)
        covered.append((means.mean(axis=1) + low <= 0) & (means.mean(axis=1) + high >= 0))
        widths.append(high - low)
    others = np.arange(9) != 4
    assert 0.95 - 4 * np.sqrt(0.95 * 0.05 / 2400) < np.mean(np.array(covered)[:, others]) < 0.99
    # Student's t with 24 degrees of freedom, for a mean of four; the larger own spreads make some intervals wider.
    exact = 2 * 2.064 / np.sqrt(4)
    assert exact < np.mean(np.array(widths)[:, others]) < 1.25 * exact
    # Of four numbers of which one is 40 off the s.d. is 20: its own interval is twenty times as wide.
    assert np.mean(np.array(widths)[:, 4]) > 5 * exact


def test_few_items_of_one_spread_are_left_out_of_its_pool():
    generator = np.random.default_rng(1)
    left_out = [not _alike(generator.normal(size=(8, 4)).var(axis=1, ddof=1), 3).all() for _ in range(4000)]
    # Corrected by the number of items, and they are nearly independent: 1 %.
    assert np.mean(left_out) < UNLIKE + 4 * np.sqrt(UNLIKE / 4000)
    assert np.mean(left_out) > UNLIKE / 2 - 4 * np.sqrt(UNLIKE / 4000)


def test_networks_of_different_items_are_resampled_apart():
    deviations = network_deviations(np.tile([0.0, 1.0], (40, 1)), resamples=20000)
    # With 40 degrees of freedom the factor t that items share hardly couples them.
    assert abs(np.corrcoef(deviations[:, :2].T)[0, 1]) < 4.5 / np.sqrt(20000)
    assert not network_deviations(np.ones((3, 1))).any()


def test_share_best_splits_ties():
    scores = np.array([[3.0, 1.0, 2.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 2.0]])
    assert share_best(scores) == pytest.approx([(1 + 0.5 + 1 / 3) / 4, (0.5 + 1 / 3) / 4, (1 / 3 + 1) / 4])
