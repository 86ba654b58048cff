"""Contrasts: does gamma matter? Differences between scores, with a p that pays for having looked at all of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from neurocompare.records import Share

LEVEL = 0.05
"""Of all differences together: how often one of them may be called real where there is none."""


@dataclass(frozen=True)
class Contrast:
    """How much higher the best gamma scores than something else in the same draws, its 95 % interval, and its p.

    Attributes
    ----------
    against : str
        What the best gamma is held against, see `MetricRanking`.
    difference : float
        Adjusted score of the best gamma less that of the other.
    low, high : float
        Ends of the 95 % interval.
    p : float
        Corrected for all differences that were looked at.

    Examples
    --------
    >>> found = Contrast("reservoir", difference=0.15, low=0.1, high=0.2, p=0.004)
    >>> found.against, found.low > 0  # significantly better than random networks
    ('reservoir', True)
    """

    against: str
    difference: float
    low: float
    high: float
    p: Share


@dataclass(frozen=True)
class Difference:
    """How much higher one gamma scores than another in the same draws, its 95 % interval, and its p.

    Attributes
    ----------
    gamma, against : float
        The two that are compared.
    difference : float
        Adjusted score of the first less that of the second.
    low, high : float
        Ends of the 95 % interval.
    p : float
        Corrected for all pairs.
    """

    gamma: float
    against: float
    difference: float
    low: float
    high: float
    p: Share


@dataclass(frozen=True)
class Differences:
    """All pairwise differences, corrected for their number.

    Attributes
    ----------
    difference : array, shape (item, item)
        Row less column.
    error : array, shape (item, item)
        Standard error.
    p : array, shape (item, item)
        Corrected for all pairs.
    critical : float
        Differences beyond this many standard errors have p < 0.05.
    """

    difference: np.ndarray
    error: np.ndarray
    p: np.ndarray
    critical: float

    def between(self, one: int, other: int) -> tuple[float, float, float, float]:
        """Return one difference, its interval, widened for all pairs so that it leaves out 0 where p < 0.05, and p."""
        difference, margin = float(self.difference[one, other]), self.critical * float(self.error[one, other])
        return difference, difference - margin, difference + margin, float(self.p[one, other])


def differences(mean: np.ndarray, deviations: np.ndarray) -> Differences:
    r"""Compare every item with every other, paired on the same resamples.

    With resampled deviations e, the standard error :math:`s_{ij}` of a difference is the s.d. of :math:`e_i - e_j` over
    resamples, and its corrected p is the share of resamples, the observed one counted among them, with

    .. math:: \max_{k < l} |e_k - e_l| / s_{kl} \ge |m_i - m_j| / s_{ij},

    the studentized range of Tukey for scores that are correlated and unequally sure. If all items score the same in
    truth, any p falls below 0.05 in at most 5 % of experiments, whichever item is then picked as the best.

    Parameters
    ----------
    mean : array, shape (item,)
    deviations : array, shape (resample, item)

    Returns
    -------
    Differences

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal((4000, 3))
    >>> found = differences(np.array([0.0, 0.0, 6.0]), noise)
    >>> bool(found.p[2, 0] < 0.01), round(found.critical, 1)  # Tukey's q(3, inf) / sqrt(2) = 2.34
    (True, 2.3)
    """
    count = len(mean)
    difference = mean[:, None] - mean
    pairs = list(combinations(range(count), 2))
    p, error = np.ones((count, count)), np.zeros((count, count))
    if not pairs:
        return Differences(difference, error, p, 0.0)
    first, second = np.transpose(pairs)
    apart = deviations[:, first] - deviations[:, second]
    spread = apart.std(axis=0)
    # Rounding alone is no spread; without spread any difference is sure, and none is a difference.
    sure = spread <= 1e-12 * max(1.0, np.abs(mean).max())
    largest = (np.abs(apart) / np.where(sure, np.inf, spread)).max(axis=1)
    for i, j, alone, s in zip(first, second, sure, spread, strict=True):
        apart_by = abs(difference[i, j])
        observed = apart_by / s if not alone else (np.inf if apart_by > 1e-12 * np.abs(mean).max() else 0.0)
        p[i, j] = p[j, i] = (1 + (largest >= observed).sum()) / (1 + len(largest))
        error[i, j] = error[j, i] = 0.0 if alone else s
    return Differences(difference, error, p, float(np.quantile(largest, 1 - LEVEL)))
