"""Summary statistics: unbiased for noise, the same for any gain, and what there is none of is refused."""

from __future__ import annotations

import numpy as np
import pytest
from counted_trials import trials_of_counts

from neurocompare.errors import InputError
from neurocompare.metrics.unit_features import TEMPORAL_FEATURES
from neurocompare.ranking.summary_statistics import summarise
from neurocompare.recordings import Trials

CONDITIONS, TIMES, UNITS = 4, 6, 30
WIDTH = 0.05


def rates(rng: np.random.Generator) -> np.ndarray:
    """Spikes/s, shape (condition, time, unit)."""
    return 40 + 15 * np.sin(rng.uniform(0, 6, (CONDITIONS, 1, UNITS)) + np.linspace(0, 2, TIMES)[:, None])


def recorded(means: np.ndarray, repeats: int, *, rng: np.random.Generator | None = None) -> Trials:
    """Poisson counts, or the means themselves where nothing is random."""
    expected = np.repeat(means, repeats, axis=0) * WIDTH
    counts = expected if rng is None else rng.poisson(expected)
    return trials_of_counts(counts, np.full(len(means), repeats), width=WIDTH)


def brute_kernel(means: np.ndarray) -> np.ndarray:
    """K of rates without noise, by sums over units one at a time."""
    samples = means.reshape(-1, means.shape[2])
    kernel = np.zeros((len(samples), len(samples)))
    for unit in samples.T:
        kernel += np.outer(unit - unit.mean(), unit - unit.mean())
    return kernel / np.trace(kernel)


def full(triangle: np.ndarray, size: int) -> np.ndarray:
    """A symmetric matrix from its lower triangle as it is kept."""
    kernel = np.zeros((size, size))
    kernel[np.tril_indices(size)] = triangle
    kernel = (kernel + kernel.T) / np.sqrt(2)
    kernel[np.diag_indices(size)] /= np.sqrt(2)
    return kernel


def test_a_kernel_without_noise_is_that_of_the_rates():
    means = rates(np.random.default_rng(0))
    found = summarise(recorded(means, 2)).kernel
    assert full(found, CONDITIONS * TIMES) == pytest.approx(brute_kernel(means), abs=1e-12)
    assert (found**2).sum() == pytest.approx((brute_kernel(means) ** 2).sum())


def test_noise_does_not_raise_the_kernel():
    rng = np.random.default_rng(1)
    means = rates(rng)
    kept, naive = [], []
    for _ in range(100):
        trials = recorded(means, 6, rng=rng)
        kept.append(summarise(trials).kernel)
        together = trials.counts.values.reshape(CONDITIONS, 6, TIMES, UNITS).mean(axis=1)
        naive.append(brute_kernel(together)[np.tril_indices(CONDITIONS * TIMES)])
    exact = summarise(recorded(means, 2)).kernel

    def off(draws: list[np.ndarray], true: np.ndarray) -> float:
        """Root mean square of the means' errors, in standard errors: 1 where nothing is wrong."""
        values = np.array(draws)
        return float(np.sqrt((((values.mean(axis=0) - true) / (values.std(axis=0) / np.sqrt(100))) ** 2).mean()))

    # 300 pairs of samples, correlated; the trace they are divided by has an error of its own, far below that of a pair.
    assert off(kept, exact) < 1.5
    assert off(naive, brute_kernel(means)[np.tril_indices(CONDITIONS * TIMES)]) > 3


def test_gains_and_baselines_of_all_units_together_change_nothing():
    means = rates(np.random.default_rng(2))
    one, other = summarise(recorded(means, 2)), summarise(recorded(3 * means + 5, 2))
    assert other.kernel == pytest.approx(one.kernel, abs=1e-12)
    assert other.units == pytest.approx(one.units)


def test_quartiles_are_those_of_the_features():
    means = rates(np.random.default_rng(3))
    found = summarise(recorded(means, 2))
    assert len(found.names) == len(found.units) == 3 * (len(TEMPORAL_FEATURES) + 1)  # condition_share is the other
    place = found.names.index("peak_time, 50 %")
    z = means - means.mean(axis=(0, 1))
    assert found.units[place] == pytest.approx(np.median(WIDTH * (z**2).sum(axis=0).argmax(axis=0)))


def test_units_of_which_two_halves_agree_on_nothing_are_refused():
    means = np.zeros((CONDITIONS, TIMES, UNITS))
    trials = recorded(means + 1, 2)
    # Every other trial is high where the rest is low.
    trials.counts.values[::2, :3] += 1
    trials.counts.values[1::2, 3:] += 1
    with pytest.raises(InputError, match="expected units that two halves of the trials agree on, found none"):
        summarise(trials)
