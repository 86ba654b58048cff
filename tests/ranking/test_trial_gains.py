"""Trial gains: measured where they were planted, and absent from Poisson spikes."""

from __future__ import annotations

import numpy as np
import pytest
from counted_trials import trials_of_counts

from neurocompare.ranking.trial_gains import TrialGains, trial_gains_of
from neurocompare.recordings import Trials

CONDITIONS, TIMES, UNITS, REPEATS = 6, 8, 40, 15


def recorded(gains: TrialGains, rng: np.random.Generator) -> Trials:
    """Spikes of units of different rates, with gains over trials."""
    rates = rng.uniform(0.5, 3, (CONDITIONS, TIMES, UNITS)) * rng.uniform(0.3, 2, UNITS)
    expected = np.repeat(rates, REPEATS, axis=0)
    expected = expected * gains.draw(len(expected), UNITS, rng)[:, None]
    return trials_of_counts(rng.poisson(expected), np.full(CONDITIONS, REPEATS), width=0.05)


@pytest.mark.parametrize("planted", [TrialGains(0.25, 0.0), TrialGains(0.0, 0.05), TrialGains(0.16, 0.04)])
def test_gains_are_measured_where_they_were_planted(planted):
    rng = np.random.default_rng(0)
    measured = [trial_gains_of(recorded(planted, rng)) for _ in range(60)]
    for name in ("own", "shared"):
        values, true = np.array([getattr(each, name) for each in measured]), getattr(planted, name)
        error = values.std(ddof=1) / np.sqrt(len(values))
        # What is 0 is cut off there: it lies above by half of a spread at most.
        assert values.mean() == pytest.approx(true, abs=4 * error + (values.std() if true == 0 else 0))


def test_poisson_spikes_have_none():
    measured = trial_gains_of(recorded(TrialGains(0.0, 0.0), np.random.default_rng(1)))
    # A variance of counts of mean 17 over 15 trials of 240 has an error of 0.4 % of the mean squared.
    assert measured.own < 0.01
    assert measured.shared < 0.002


def test_gains_have_the_mean_and_the_variances_they_should():
    drawn = TrialGains(own=0.3, shared=0.1).draw(20_000, 5, np.random.default_rng(2))
    assert drawn.mean() == pytest.approx(1, abs=0.02)  # sqrt(0.1 / 20000) is 0.002, and own ones add as little
    assert drawn.var() == pytest.approx(1.1 * 1.3 - 1, rel=0.06)
    assert np.cov(drawn[:, 0], drawn[:, 1])[0, 1] == pytest.approx(0.1, abs=0.02)


def test_nothing_is_drawn_where_there_is_nothing_to_draw():
    rng, other = np.random.default_rng(3), np.random.default_rng(3)
    assert (TrialGains(0.0, 0.0).draw(4, 2, rng) == 1).all()
    assert rng.random() == other.random()
