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
    critical : array, shape (item, item)
        Differences beyond this many standard errors have p < 0.05.
    """

    difference: np.ndarray
    error: np.ndarray
    p: np.ndarray
    critical: np.ndarray

    def between(self, one: int, other: int) -> tuple[float, float, float, float]:
        """Return one difference, its interval, widened for all pairs so that it leaves out 0 where p < 0.05, and p."""
        difference = float(self.difference[one, other])
        margin = float(self.critical[one, other] * self.error[one, other])
        return difference, difference - margin, difference + margin, float(self.p[one, other])


def differences(mean: np.ndarray, deviations: np.ndarray) -> Differences:
    r"""Compare every item with every other, paired on the same resamples.

    With resampled deviations e, the standard error :math:`s_{ij}` of a difference is the s.d. of :math:`e_i - e_j` over
    resamples. Pairs are taken from the surest on, :math:`t_{ij} = |m_i - m_j| / s_{ij}`, and the p of each is the share
    of resamples, the observed one counted among them, with

    .. math:: \max_{kl} |e_k - e_l| / s_{kl} \ge t_{ij}

    over the pairs kl that are not surer than ij, or the p of a surer pair where that is larger [1]_. For the surest
    that is the studentized range of Tukey, for scores that are correlated and unequally sure; the others need not pay
    for pairs that are settled. However many items score the same in truth, and whichever is then picked as the best,
    one of those that do is told from another with p < 0.05 in at most 5 % of experiments.

    Parameters
    ----------
    mean : array, shape (item,)
    deviations : array, shape (resample, item)

    Returns
    -------
    Differences

    References
    ----------
    .. [1] Romano & Wolf (2005). Exact and approximate stepdown methods for multiple hypothesis testing. Journal of the
       American Statistical Association 100.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal((4000, 3))
    >>> found = differences(np.array([0.0, 0.0, 6.0]), noise)
    >>> found.critical.max().round(1), found.critical[0, 1].round(1)  # Tukey's q(3, inf) / sqrt(2) = 2.34; of one pair
    (np.float64(2.3), np.float64(2.0))
    """
    count = len(mean)
    difference = mean[:, None] - mean
    p, error, critical = np.ones((count, count)), np.zeros((count, count)), np.zeros((count, count))
    if count < 2:
        return Differences(difference, error, p, critical)
    first, second = np.transpose(list(combinations(range(count), 2)))
    apart = deviations[:, first] - deviations[:, second]
    spread = apart.std(axis=0)
    # Rounding alone is no spread; without spread any difference is sure, and none is a difference.
    sure = spread <= 1e-12 * max(1.0, np.abs(mean).max())
    by = np.abs(difference[first, second])
    none = np.where(by > 1e-12 * np.abs(mean).max(), np.inf, 0.0)
    observed = np.where(sure, none, by / np.where(sure, 1.0, spread))
    order = np.argsort(-observed, kind="stable")
    resampled = (np.abs(apart) / np.where(sure, np.inf, spread))[:, order]
    largest = np.maximum.accumulate(resampled[:, ::-1], axis=1)[:, ::-1]  # of this pair and those less sure
    steps = (1 + (largest >= observed[order]).sum(axis=0)) / (1 + len(largest))
    corrected = np.maximum.accumulate(steps)
    unsettled = int((corrected < LEVEL).sum())  # the first of those for which all are paid that are left
    beyond = np.quantile(largest, 1 - LEVEL, axis=0, method="higher")
    beyond[unsettled:] = beyond[min(unsettled, len(beyond) - 1)]
    for matrix, values in ((p, corrected), (critical, beyond), (error, np.where(sure, 0.0, spread)[order])):
        matrix[first[order], second[order]] = matrix[second[order], first[order]] = values
    return Differences(difference, error, p, critical)
