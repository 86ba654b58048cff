import numpy as np
import pytest

from neurocompare.ranking.resample import half_sample_factor, interval_of, network_weights, share_best


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


@pytest.mark.parametrize("chains", [2, 3, 6])
def test_resampled_networks_spread_as_repeated_zoos_do(chains):
    """Chains of s.d. 1, members of s.d. 2 within them: the variance of the mean is known."""
    members, generator = 2, np.random.default_rng(0)
    networks = [(chain, member) for chain in range(chains) for member in range(members)]
    truth = (1 + 4 / members) / chains
    weights = network_weights(networks, range(4000))
    estimates = []
    for _ in range(2000):
        values = (generator.normal(size=(chains, 1)) + 2 * generator.normal(size=(chains, members))).ravel()
        estimates.append(np.mean((weights @ values - values.mean()) ** 2))
    # The error of 2000 zoos, and that of 4000 draws of weights, which all of them share.
    error = np.hypot(np.std(estimates) / 2000**0.5, truth * (2 / 4000) ** 0.5)
    assert abs(np.mean(estimates) - truth) < 4 * error


def test_network_weights_sum_to_one_and_follow_the_draw():
    networks = [(0, 0), (0, 1), (0, 2), (1, 0)]
    weights = network_weights(networks, [0, 1, 2, 3], seed=1)
    assert np.allclose(weights.sum(axis=1), 1)
    assert np.array_equal(network_weights(networks, [3, 1], seed=1), weights[[3, 1]])
    draws = range(50)
    assert not np.array_equal(network_weights(networks, draws, seed=2), network_weights(networks, draws, seed=1))
    assert np.array_equal(network_weights([(0, 0)], [0, 1]), np.ones((2, 1)))


def test_share_best_splits_ties():
    scores = np.array([[3.0, 1.0, 2.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 2.0]])
    assert share_best(scores) == pytest.approx([(1 + 0.5 + 1 / 3) / 4, (0.5 + 1 / 3) / 4, (1 / 3 + 1) / 4])


@pytest.mark.parametrize(
    ("shares", "interval"),
    [
        ([1.0, 0.0, 0.0, 0.0], (0.0, 0.0)),
        ([0.02, 0.48, 0.48, 0.02], (0.1, 0.2)),
        ([0.025, 0.475, 0.475, 0.025], (0.0, 0.2)),
        ([0.5, 0.0, 0.0, 0.5], (0.0, 0.4)),
        ([0.0, 0.1, 0.2, 0.7], (0.1, 0.4)),
        ([0.1, 0.2, 0.675, 0.025], (0.0, 0.2)),
    ],
)
def test_interval_holds_the_central_95_percent(shares, interval):
    assert interval_of([0.0, 0.1, 0.2, 0.4], np.array(shares)) == interval
