r"""Gaussianity: whether single units are draws from a Gaussian over (condition, time).

In a random network of many units each unit's preactivations are an independent draw from one multivariate Gaussian over
all samples; learning tilts that law. Rates phi(x) are not Gaussian even then, wherever phi bends: the claim is about x.

The multivariate test looks at k directions in sample space: units are points with k coordinates, centred and whitened.
If units are Gaussian draws, the whitened coordinates on the leading principal components, or on any fixed directions,
are a uniformly random orthonormal frame, whatever the covariance: the null distribution of every statistic depends on
the number of units and on k alone, and is had exactly by simulation.

References
----------
Henze & Zirkler (1990), Communications in Statistics 19, 3595-3617. Mardia (1970), Biometrika 57, 519-530.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from neurocompare.errors import InputError
from neurocompare.streams import Purpose, stream

QUIET = 1e-6
"""Standard deviation, relative to the largest, below which a sample or a unit is constant: rest before the input."""


@dataclass(frozen=True)
class Kurtosis:
    """Excess kurtosis: 0 for a Gaussian, -1.2 for a uniform distribution, -1.5 for a sine wave.

    Attributes
    ----------
    over_units, over_units_error : float
        Over units at each sample, mean over samples; the error is the jackknife's over units.
    over_samples, over_samples_error : float
        Over samples of each unit, mean over units; the error is that of the mean over units. A smooth Gaussian process
        has few independent samples, and a mean below zero. NaN for fewer than four samples.

    Examples
    --------
    >>> phases = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    >>> found = excess_kurtosis(np.sin(phases[:200:5, None] + phases))  # sine waves
    >>> round(found.over_units, 1)
    -1.5
    """

    over_units: float
    over_units_error: float
    over_samples: float
    over_samples_error: float


@dataclass(frozen=True)
class NormalityTest:
    """A test of multivariate normality of units, projected on few directions of sample space.

    Attributes
    ----------
    dimensions : int
        k.
    henze_zirkler, p : float
        Its statistic, sensitive to any departure, and its one-sided p.
    mardia_kurtosis, mardia_p : float
        Mean fourth power of the whitened length, less that of a Gaussian, k (k + 2); and its two-sided p.

    Examples
    --------
    >>> found = normality_test(np.random.default_rng(0).normal(size=(3, 300)), simulations=99)
    >>> found.dimensions, found.p > 0.05
    (3, True)
    """

    dimensions: int
    henze_zirkler: float
    p: float
    mardia_kurtosis: float
    mardia_p: float


@dataclass(frozen=True)
class Gaussianity:
    """How Gaussian the units of a network are.

    Attributes
    ----------
    preactivations, rates : Kurtosis
        Of x, and of phi(x).
    test : NormalityTest
        Of x, on its principal components.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(100, 100))
    >>> found = gaussianity(x, np.sign(x))
    >>> abs(found.preactivations.over_units) < 0.2, round(found.rates.over_units, 1)
    (True, -2.0)
    """

    preactivations: Kurtosis
    rates: Kurtosis
    test: NormalityTest


def gaussianity(preactivations: np.ndarray, rates: np.ndarray, *, dimensions: int = 3, seed: int = 0) -> Gaussianity:
    """Measure how Gaussian the units of a network are; both arrays (..., unit), all axes but the last are samples.

    Parameters
    ----------
    preactivations : array, shape (..., unit)
    rates : array, shape (..., unit)
        Phi of these, without unit.
    dimensions : int
        Principal components in which the test of joint normality is made.
    seed : int
        Of everything random in that test.

    Returns
    -------
    Gaussianity

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(100, 100))
    >>> found = gaussianity(x, np.tanh(x))
    >>> abs(found.preactivations.over_units) < 0.2 < abs(found.rates.over_units)
    True
    """
    normality = normality_test(preactivations, dimensions=dimensions, seed=seed)
    return Gaussianity(excess_kurtosis(preactivations), excess_kurtosis(rates), normality)


def excess_kurtosis(activity: np.ndarray) -> Kurtosis:
    """Return the excess kurtosis of activity, over units and over samples.

    Parameters
    ----------
    activity : array, shape (..., unit)

    Returns
    -------
    Kurtosis

    Examples
    --------
    >>> found = excess_kurtosis(np.random.default_rng(0).uniform(size=(50, 4000)))
    >>> round(found.over_units, 1)
    -1.2
    """
    values = _varying(activity)
    n_units = values.shape[1]
    per_unit = _excess(values.T) if len(values) >= 4 else np.array([np.nan, np.nan])
    left_out = _leave_one_out(values)
    over_units = float(_excess(values).mean())
    jackknife = float(np.sqrt((n_units - 1) * ((left_out - left_out.mean()) ** 2).mean()))
    return Kurtosis(over_units, jackknife, float(per_unit.mean()), float(per_unit.std(ddof=1) / np.sqrt(n_units)))


def normality_test(
    activity: np.ndarray,
    *,
    dimensions: int = 3,
    directions: Literal["principal", "random"] = "principal",
    simulations: int = 999,
    seed: int = 0,
) -> NormalityTest:
    """Test whether units are independent draws from one multivariate Gaussian over samples.

    Parameters
    ----------
    activity : array, shape (..., unit)
        Preactivations; all axes but the last are samples.
    dimensions : int
        k; fewer where activity has fewer.
    directions : {"principal", "random"}
        Principal components of the samples over units, or random directions.
    simulations : int
        Draws of the null distribution.
    seed : int
        Of directions and simulations.

    Returns
    -------
    NormalityTest

    Raises
    ------
    InputError
        If there are too few units for the test.

    Examples
    --------
    >>> uniform = np.random.default_rng(0).uniform(size=(3, 300))
    >>> round(normality_test(uniform, simulations=99).p, 2)
    0.01
    """
    values = _varying(activity)
    centred = (values - values.mean(axis=1, keepdims=True)).T
    if directions == "random":
        centred = centred @ stream(Purpose.PROJECTIONS, seed).standard_normal((centred.shape[1], dimensions))
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    kept = int((sizes[:dimensions] > QUIET * sizes[0]).sum())
    n_units = len(left)
    if n_units < 4 * kept:
        raise InputError(f"expected at least {4 * kept} units for a test in {kept} dimensions, found {n_units}")
    statistic = _statistics(left[:, :kept] * np.sqrt(n_units))
    null = _null(n_units, kept, simulations, seed)
    above = (1 + (null >= statistic).sum(axis=0)) / (1 + simulations)
    below = (1 + (null <= statistic).sum(axis=0)) / (1 + simulations)
    two_sided = min(1.0, 2 * min(above[1], below[1]))
    return NormalityTest(kept, float(statistic[0]), float(above[0]), float(statistic[1]), float(two_sided))


def _varying(activity: np.ndarray) -> np.ndarray:
    """Return activity as (sample, unit), without samples in which all units are alike."""
    values = np.asarray(activity, dtype=np.float64).reshape(-1, np.shape(activity)[-1])
    spread = values.std(axis=1)
    values = values[spread > QUIET * spread.max(initial=0.0)]
    if not (len(values) and values.shape[1] >= 4):
        raise InputError(f"expected at least 4 units that differ in some sample, found {values.shape[1]} units")
    return values


def _excess(rows: np.ndarray) -> np.ndarray:
    """Excess kurtosis of each row, unbiased for Gaussian draws; without rows that are constant."""
    n = rows.shape[1]
    centred = rows - rows.mean(axis=1, keepdims=True)
    second = (centred**2).mean(axis=1)
    kept = second > QUIET**2 * second.max()
    plain = (centred[kept] ** 4).mean(axis=1) / second[kept] ** 2 - 3
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * plain + 6)


def _leave_one_out(values: np.ndarray) -> np.ndarray:
    """Mean over samples of the kurtosis over all units but one, for each left out, from sums of powers."""
    n = values.shape[1] - 1
    centred = values - values.mean(axis=1, keepdims=True)
    m1, m2, m3, m4 = (((centred**p).sum(axis=1, keepdims=True) - centred**p) / n for p in (1, 2, 3, 4))
    second = m2 - m1**2
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    plain = fourth / second**2 - 3
    return ((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * plain + 6)).mean(axis=0)


def _statistics(white: np.ndarray) -> np.ndarray:
    """Henze-Zirkler's statistic and Mardia's excess kurtosis of points with unit covariance, shape (unit, k)."""
    n, k = white.shape
    squares = (white**2).sum(axis=1)
    smoothing = ((2 * k + 1) * n / 4) ** (1 / (k + 4)) / np.sqrt(2)
    b = smoothing**2
    distances = squares[:, None] + squares - 2 * white @ white.T
    pairs = np.exp(-b / 2 * distances).sum() / n
    single = 2 * (1 + b) ** (-k / 2) * np.exp(-b / (2 * (1 + b)) * squares).sum()
    return np.array([pairs - single + n * (1 + 2 * b) ** (-k / 2), (squares**2).mean() - k * (k + 2)])


@lru_cache(maxsize=16)
def _null(n_units: int, k: int, simulations: int, seed: int) -> np.ndarray:
    """Statistics of random orthonormal frames, shape (simulation, statistic): what Gaussian units would give."""
    rng = stream(Purpose.BOOTSTRAPPED_UNITS, seed)
    statistics = np.empty((simulations, 2))
    for row in statistics:
        draws = rng.standard_normal((n_units, k))
        row[:] = _statistics(np.linalg.qr(draws - draws.mean(axis=0))[0] * np.sqrt(n_units))
    return statistics
