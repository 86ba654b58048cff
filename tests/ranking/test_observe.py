from dataclasses import replace

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.ranking.observe import Observation, observation_of, observe
from neurocompare.ranking.trial_gains import TrialGains
from neurocompare.recordings.trials import smoothing_matrix
from neurocompare.responses import make_responses

TIME = 0.01 + 0.02 * np.arange(20)
CONDITIONS = np.array(["c0", "c1", "c2", "c3"])


def observation(*, units=40, mean=30.0, modulation=3.0, trials=10, smoothing=0.04):
    segment = np.where(np.arange(20) < 10, "target", "move")
    spread = np.linspace(0.5, 1.5, units)
    return Observation(
        condition=CONDITIONS,
        trial_counts=np.full(4, trials),
        time=TIME,
        smoothing=smoothing_matrix(segment, TIME, smoothing),
        bin_width=0.02,
        mean_rate=mean * spread,
        modulation=modulation * spread[::-1],
    )


def network(*, units=60, seed=0, condition=CONDITIONS, time=None):
    time = np.arange(0.0, 0.41, 0.05) if time is None else time
    values = np.tanh(np.random.default_rng(seed).normal(size=(len(condition), len(time), units)))
    return make_responses(values, condition=condition, time=time)


def test_signal_sd_is_free_of_trial_noise(make_trials):
    generator = np.random.default_rng(0)
    # Two conditions of 20 bins: few enough that noise common to all samples shows as well.
    rates = 30.0 + 15.0 * np.sin(generator.uniform(0, 6, (2, 1, 60)) + np.linspace(0, 6, 20)[:, None])
    truth = np.matmul(observation_of(make_trials(rates, smoothing=0.04)).smoothing, rates)
    corrected, naive, mean = [], [], []
    for seed in range(200):
        trials = make_trials(rates, repeats=6, seed=seed, smoothing=0.04)
        seen = observation_of(trials)
        corrected.append(np.mean(seen.modulation**2))
        labels = trials.counts["condition"].values
        average = [np.matmul(seen.smoothing, trials.counts.values[labels == c].mean(0) / 0.02) for c in seen.condition]
        naive.append(np.mean(np.var(average, axis=(0, 1))))
        mean.append(np.mean(seen.mean_rate))
    signal = np.mean(truth.var(axis=(0, 1)))
    assert abs(np.mean(corrected) - signal) < 4 * np.std(corrected) / np.sqrt(200)
    assert np.mean(naive) - signal > 10 * np.std(naive) / np.sqrt(200)
    assert abs(np.mean(mean) - truth.mean()) < 4 * np.std(mean) / np.sqrt(200)


def test_chosen_trials_set_the_counts_only(make_trials):
    trials = make_trials(np.full((3, 20, 4), 20.0), repeats=[4, 6, 8])
    chosen = np.zeros(18, dtype=bool)
    chosen[[0, 1, 4, 5, 6, 10]] = True
    some, every = observation_of(trials, chosen), observation_of(trials)
    assert some.trial_counts.tolist() == [2, 3, 1]
    assert every.trial_counts.tolist() == [4, 6, 8]
    assert np.array_equal(some.modulation, every.modulation)


def test_without_noise_every_recorded_mean_and_sd_reappears():
    like = observation()
    seen = observe(network(), like=like, units=40, seed=3, noise=False).values
    # Smoothing is linear and no rate comes near zero, so the pairs return exactly, each once.
    found = sorted(zip(seen.mean(axis=(0, 1)).round(9), seen.std(axis=(0, 1)).round(9), strict=True))
    assert found == sorted(zip(like.mean_rate.round(9), like.modulation.round(9), strict=True))


def test_noisy_mean_and_variance_are_those_of_poisson_trials():
    like = observation(modulation=0.0, smoothing=0.0)
    rates = observe(network(units=40), like=like, units=40, seed=1).values
    exposure = 10 * 0.02
    expected = np.sort(like.mean_rate)
    found = rates.mean(axis=(0, 1))
    order = np.argsort(found)
    samples = rates.shape[0] * rates.shape[1]
    assert np.all(
        np.abs(found[order] - expected) < 5 * np.sqrt(expected / exposure / samples) + np.diff(expected).max()
    )
    fano = rates.var(axis=(0, 1), ddof=1) * exposure / found
    assert abs(fano.mean() - 1) < 4 * np.sqrt(2 / (samples * 40))
    assert np.allclose(rates * exposure, np.round(rates * exposure))


def test_more_trials_approach_the_noise_free_view():
    like = observation(mean=6.0, modulation=6.0)
    clean = observe(network(), like=like, units=40, seed=5, noise=False).values
    misses = []
    for trials in (10, 1000):
        noisy = observe(network(), like=replace(like, trial_counts=np.full(4, trials)), units=40, seed=5).values
        misses.append(np.mean((noisy - clean) ** 2))
    unsmoothed = observe(
        network(), like=observation(mean=6.0, modulation=6.0, smoothing=0.0), units=40, seed=5, noise=False
    )
    assert unsmoothed.min() == 0
    # Neighbouring smoothed samples share noise: some 40 units x 4 conditions x 4 bins are independent.
    assert misses[0] / misses[1] == pytest.approx(100, rel=4 * 2 / np.sqrt(640))


def test_units_without_modulation_stay_flat():
    silent = network()
    silent.values[:] = 0.7
    seen = observe(silent, like=observation(), units=10, seed=0, noise=False).values
    assert seen.std(axis=(0, 1)).max() < 1e-9
    assert set(seen[0, 0].round(9)) <= set(observation().mean_rate.round(9))


def test_same_seed_same_units_and_rates_whatever_the_network():
    like = observation()
    one, same, other = (observe(network(seed=i), like=like, units=10, seed=s) for i, s in ((0, 1), (9, 1), (0, 2)))
    assert one["unit"].values.tolist() == same["unit"].values.tolist() != other["unit"].values.tolist()
    assert np.array_equal(one, observe(network(seed=0), like=like, units=10, seed=1))
    assert not np.array_equal(one, same)


def test_time_is_interpolated_linearly_and_conditions_matched_by_label():
    time = np.arange(0.0, 0.41, 0.05)
    level = np.array([1.0, -2.0, 3.0, 0.5])
    ramps = level[:, None, None] * time[:, None] * np.ones(12)
    like = observation(units=12, smoothing=0.0)
    expected = level[:, None] * TIME
    expected = (expected - expected.mean()) / expected.std()
    for order in ([0, 1, 2, 3], [2, 0, 3, 1]):
        shuffled = make_responses(ramps[order], condition=CONDITIONS[order], time=time)
        seen = observe(shuffled, like=like, units=12, seed=0, noise=False)
        assert seen["condition"].values.tolist() == CONDITIONS.tolist()
        values = seen.values
        assert np.allclose((values - values.mean((0, 1))) / values.std((0, 1)), expected[:, :, None], atol=1e-9)


@pytest.mark.parametrize(
    ("given", "units", "words"),
    [
        (
            network(condition=np.array(["c0", "c1", "c2", "x"])),
            10,
            "c3 only in the recording and x only in the network",
        ),
        (network(units=8), 10, "network of at least 10 units, found 8"),
        (network(), 50, "recording of at least 50 units, found 40"),
        (network(time=np.arange(0.0, 0.31, 0.05)), 10, "from 0.01 to 0.39 s, as recorded, found 0 to 0.3 s"),
        (network(time=np.arange(0.1, 0.41, 0.05)), 10, "found 0.1 to 0.4 s in steps of 0.05 s"),
    ],
)
def test_what_cannot_be_seen_is_refused(given, units, words):
    with pytest.raises(InputError, match=words):
        observe(given, like=observation(), units=units, seed=0)


def test_within_one_step_of_its_end_a_network_holds_its_last_value():
    time = np.arange(0.0, 0.36, 0.05)
    held = network(time=time)
    seen = observe(held, like=observation(smoothing=0.0, mean=100.0), units=5, seed=0, noise=False).values
    assert np.array_equal(seen[:, TIME > 0.35][:, 0], seen[:, -1])
    assert not np.array_equal(seen[:, TIME < 0.35][:, -1], seen[:, -1])


def test_one_trial_cannot_tell_noise_from_signal(make_trials):
    with pytest.raises(InputError, match="at least 2 trials in each condition, found 1 in c1"):
        observation_of(make_trials(np.full((2, 20, 4), 20.0), repeats=[3, 1]))


def test_averages_vary_as_those_of_trials_with_gains():
    gains, trials, seeds = TrialGains(own=0.3, shared=0.2), 5, 2000
    like = replace(observation(units=2, mean=20.0, trials=trials, smoothing=0.0), gains=gains)
    flat = make_responses(np.zeros((4, 9, 3)), condition=CONDITIONS, time=np.arange(0.0, 0.41, 0.05))
    means = np.array([observe(flat, like=like, units=2, seed=seed).values.mean(axis=1) for seed in range(seeds)])
    # By unit of the recording: which network unit is given which rate differs from seed to seed.
    ordered = np.sort(like.mean_rate)
    picked = np.array([observe(flat, like=like, units=2, seed=s, noise=False).values[0, 0] for s in range(seeds)])
    means = np.take_along_axis(means, np.argsort(picked, axis=1)[:, None, :].repeat(4, axis=1), axis=2)
    own = (1 + gains.shared) * (1 + gains.own) - 1
    variance = ordered / (trials * len(TIME) * 0.02) + ordered**2 * own / trials
    for condition in range(4):
        seen = means[:, condition]
        assert abs(seen.mean(axis=0) - ordered).max() < 4 * np.sqrt(variance.max() / seeds)
        # An s.d. of 2000 values is known to 1.6 %, a little less well of gains, whose tails are heavy.
        assert seen.var(axis=0) == pytest.approx(variance, rel=0.2)
        together = np.cov(seen.T)[0, 1]
        assert together == pytest.approx(ordered.prod() * gains.shared / trials, rel=0.25)
    assert abs(np.corrcoef(means[:, 0, 0], means[:, 1, 0])[0, 1]) < 4 / np.sqrt(seeds)  # trials are of one condition
