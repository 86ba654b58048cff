"""Differences in gamma between recordings, of which the right ones are known."""

import numpy as np
import pytest
from scipy.stats import binom

from neurocompare.ranking.curve import curve_on
from neurocompare.ranking.resample import network_deviations, network_deviations_together
from neurocompare.ranking.resampled_scores import Resampled
from neurocompare.ranking.shift import Shift, shifts_of

GRID = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


def hill(peak):
    return -0.1 * (np.log2(GRID) - np.log2(peak)) ** 2


def measured(mean, rng, *, draw=0.02, chain=0.02, chance=None, resamples=2000):
    """One recording's scores, off by what its units and its two chains do; the error of both is known."""
    chance = rng.normal(size=(len(GRID), 2)) if chance is None else chance
    chains = mean[:, None] + draw * rng.normal(size=(len(GRID), 1)) + chain * chance
    recorded = draw * rng.normal(size=(resamples, len(GRID)))
    return Resampled(chains.mean(axis=1), recorded, np.zeros_like(recorded), chains)


def shift(scores, *, networks=("a", "b"), **settings):
    (found,) = shifts_of("toy", ["one", "two"], scores, gammas=GRID, networks=networks, **settings)
    return found


def test_recordings_of_one_gamma_are_rarely_told_apart():
    told = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        told += shift([measured(hill(0.3), rng) for _ in range(2)], seed=seed).sure
    assert told <= binom.ppf(0.999, 400, 0.05)


@pytest.mark.parametrize("peaks", [(0.15, 0.6), (0.6, 0.15), (0.3, 0.3), (0.05, 0.4)])
def test_the_interval_holds_the_difference(peaks):
    held = 0
    curve = curve_on(GRID)
    one, two = (curve.peaks(hill(peak)[None])[0] for peak in peaks)
    for seed in range(400):
        rng = np.random.default_rng([1, seed])
        found = shift([measured(hill(peak), rng) for peak in peaks], seed=seed)
        held += found.low <= two - one <= found.high
    assert held >= binom.ppf(0.001, 400, 0.95)


def test_two_gammas_are_told_apart_and_in_the_right_order():
    rng = np.random.default_rng(0)
    found = shift([measured(hill(peak), rng) for peak in (0.1, 0.8)])
    assert found.sure
    assert found.recording == "two"
    assert found.low > 0
    assert str(found).startswith("By toy, the best gamma of two is higher than that of one by 0.")
    back = shift([measured(hill(peak), rng) for peak in (0.8, 0.1)])
    assert back.high < 0
    assert "two is lower than that of one by 0." in str(back)


def test_what_networks_do_to_both_recordings_cancels():
    chance = np.random.default_rng(4).normal(size=(len(GRID), 2))
    pair = [measured(hill(0.3), np.random.default_rng(0), draw=0.0, chain=0.05, chance=chance) for _ in range(2)]
    same, other = shift(pair, networks=("a", "a")), shift(pair, networks=("a", "b"))
    assert (same.difference, same.low, same.high, same.p) == (0, 0, 0, 1)
    assert other.high - other.low > 0.1


def test_networks_that_do_the_opposite_to_two_recordings_do_not_cancel():
    chance = np.random.default_rng(4).normal(size=(len(GRID), 2))
    chance -= chance.mean(axis=1, keepdims=True)
    pair = np.stack([chance, -chance])
    one, other = network_deviations_together(pair, resamples=20_000)
    assert np.allclose(one, -other)
    # Each by itself is as `network_deviations` has it: 5 % is five standard errors of an s.d. of 20,000.
    alone = network_deviations(chance, resamples=20_000, seed=1)
    assert one.std(axis=0) == pytest.approx(alone.std(axis=0), rel=0.05)


def test_correlations_of_networks_are_those_of_their_chains():
    rng = np.random.default_rng(2)
    first, own = rng.normal(size=(2, 50, 6))
    chains = np.stack([first, 0.6 * first + 0.8 * own])
    off = (chains - chains.mean(axis=2, keepdims=True)).reshape(2, -1)
    found = network_deviations_together(chains, resamples=4000)
    correlations = [np.corrcoef(found[0, :, item], found[1, :, item])[0, 1] for item in range(50)]
    assert np.mean(correlations) == pytest.approx(np.corrcoef(off)[0, 1], abs=0.01)


def test_p_pays_for_all_pairs_of_recordings():
    rng = np.random.default_rng(0)
    scores = [measured(hill(peak), rng, draw=0.05, chain=0.0) for peak in (0.2, 0.5, 0.3)]
    alone = shift(scores[:2])
    first, *_ = shifts_of("toy", ["one", "two", "three"], scores, gammas=GRID, networks="abc")
    assert (first.recording, first.against) == ("two", "one")
    assert 0 < alone.p < 1 / 3
    assert first.p == pytest.approx(3 * alone.p)
    assert first.low < alone.low < alone.high < first.high


def test_names_are_said_as_they_are():
    assert "the best size of {a} cannot be told from that of {b}" in Shift("cka", "{a}", "{b}", 0, -1, 1, 1).sentence(
        "size"
    )
