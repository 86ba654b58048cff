"""Resampling: how far a score could have come out differently with other units, trials and networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurocompare.ranking.draws import RESAMPLING


def half_sample_factor(n: int, m: int) -> float:
    r"""Return what turns the spread of subsamples into the sampling spread of the whole.

    A mean over m of n units, drawn without replacement, has variance :math:`\frac{S^2}{m} \frac{n - m}{n}` around the
    mean over all n, which itself has sampling variance :math:`S^2 / n`: deviations of subsamples are to be multiplied
    by

    .. math:: \sqrt{\frac{m}{n - m}},

    which is 1 for exact halves.

    Parameters
    ----------
    n, m : int
        Units in all, and in a subsample, 0 < m < n.

    References
    ----------
    Shao & Wu (1989). A general theory for jackknife variance estimation. Annals of Statistics 17.

    Examples
    --------
    >>> half_sample_factor(120, 60), round(half_sample_factor(121, 60), 3)
    (1.0, 0.992)
    """
    return float(np.sqrt(m / (n - m)))


def network_weights(networks: Sequence[tuple[int, int]], draws: Sequence[int], *, seed: int = 0) -> np.ndarray:
    r"""Resample networks by their chains: n - 1 of n chains with replacement, all members of each.

    Chains are independent, members of one are not, so chains are what is resampled; a chain's mean carries its members'
    own scatter with it. Drawing n of few chains would give a spread of the mean that is too small by the factor
    :math:`\sqrt{(n - 1) / n}`, 0.7 for two; drawing n - 1 gives it without bias [1]_.

    Parameters
    ----------
    networks : sequence of (chain, member)
    draws : sequence of int
        Indices of the draws; each gives the same row whatever the others are.
    seed : int

    Returns
    -------
    array, shape (draw, network)
        Weight of each network in each draw, the same for every gamma; rows sum to one. All equal for a single chain,
        which says nothing about its own spread.

    References
    ----------
    .. [1] Rao & Wu (1988). Resampling inference with complex survey data. Journal of the American Statistical
       Association 83.

    Examples
    --------
    >>> network_weights([(0, 0), (0, 1), (1, 0), (1, 1)], [0]).sum()
    np.float64(1.0)
    """
    chains = np.array([chain for chain, _ in networks])
    labels = np.unique(chains)
    if len(labels) == 1:
        return np.full((len(draws), len(networks)), 1.0 / len(networks))
    weights = np.zeros((len(draws), len(networks)))
    for row, draw in zip(weights, draws, strict=True):
        generator = np.random.default_rng([RESAMPLING, seed, draw])
        for chain in generator.choice(labels, size=len(labels) - 1):
            row[chains == chain] += 1.0 / ((len(labels) - 1) * (chains == chain).sum())
    return weights


def share_best(scores: np.ndarray) -> np.ndarray:
    """Return how often each gamma scores highest; draws in which several do are split between them.

    Parameters
    ----------
    scores : array, shape (draw, gamma)

    Returns
    -------
    array, shape (gamma,)
        Sums to one.

    Examples
    --------
    >>> share_best(np.array([[1.0, 2.0, 0.0], [1.0, 1.0, 0.0]])).tolist()
    [0.25, 0.75, 0.0]
    """
    highest = scores == scores.max(axis=1, keepdims=True)
    return (highest / highest.sum(axis=1, keepdims=True)).mean(axis=0)


def interval_of(values: Sequence[float], shares: np.ndarray) -> tuple[float, float]:
    """Return the values between which the central 95 % of a discrete distribution lie.

    Parameters
    ----------
    values : sequence of float
        Ascending.
    shares : array, shape (value,)
        Probabilities, summing to one.

    Returns
    -------
    tuple of (float, float)
        The 2.5 % and 97.5 % quantiles, both of them among `values`.

    Examples
    --------
    >>> interval_of([0.0, 0.1, 0.2, 0.4], np.array([0.02, 0.5, 0.46, 0.02]))
    (0.1, 0.2)
    """
    cumulative = np.cumsum(shares)
    # Sums of shares such as 0.1 + 0.2 miss the quantile by rounding.
    low, high = (int(np.argmax(cumulative >= level - 1e-9)) for level in (0.025, 0.975))
    return float(values[low]), float(values[high])
