"""Distributions: how far apart two samples of one feature are, on the line or around the circle."""

from __future__ import annotations

import numpy as np


def wasserstein(a: np.ndarray, b: np.ndarray, *, circular: bool = False) -> float:
    r"""Earth mover's distance of two samples of equal size, in their unit.

    With the samples' distribution functions F and G it is :math:`\int |F - G - c|`: on the line with c = 0, around the
    circle with the c that makes it least, the median of F - G over the circle [1]_.

    Parameters
    ----------
    a, b : array, shape (unit,)
        Angles in rad where `circular`.

    References
    ----------
    .. [1] Rabin, Delon & Gousseau (2011). Transportation distances on the circle. Journal of Mathematical Imaging and
       Vision 41.

    Examples
    --------
    >>> wasserstein(np.array([0.0, 1.0]), np.array([3.0, 2.0]))
    2.0
    >>> round(wasserstein(np.array([0.1]), np.array([2 * np.pi - 0.1]), circular=True), 6)
    0.2
    """
    if not circular:
        return float(np.abs(np.sort(a) - np.sort(b)).mean())
    points = np.mod(np.concatenate([a, b]), 2 * np.pi)
    order = np.argsort(points, kind="stable")
    steps = np.concatenate([np.full(len(a), 1 / len(a)), np.full(len(b), -1 / len(b))])
    apart = np.cumsum(steps[order])
    arcs = np.diff(points[order], append=points[order[0]] + 2 * np.pi)
    by_size = np.argsort(apart)
    middle = apart[by_size][np.searchsorted(np.cumsum(arcs[by_size]), arcs.sum() / 2)]
    return float(np.abs(apart - middle) @ arcs)


def energy(a: np.ndarray, b: np.ndarray, *, circular: bool = False) -> float:
    r"""Energy coefficient of two samples: 0 for one distribution, 1 for two points apart.

    .. math:: \frac{2 E|a - b| - E|a - a'| - E|b - b'|}{2 E|a - b|}

    with the shorter arc for :math:`|\cdot|` around the circle; 0 where all values are the same [1]_.

    Parameters
    ----------
    a, b : array, shape (unit,)
        Angles in rad where `circular`.

    References
    ----------
    .. [1] Szekely & Rizzo (2013). Energy statistics: a class of statistics based on distances. Journal of Statistical
       Planning and Inference 143.

    Examples
    --------
    >>> energy(np.array([0.0, 0.0]), np.array([3.0, 3.0]))
    1.0
    """
    between, first, second = (_apart(*pair, circular).mean() for pair in ((a, b), (a, a), (b, b)))
    return float(max(0.0, 2 * between - first - second) / (2 * between)) if between > 0 else 0.0


def spread(values: np.ndarray, *, circular: bool = False) -> float:
    """Root mean square distance from the mean, in the values' unit; around the circle from the mean direction.

    The Wasserstein distance of two samples of equal size never exceeds twice the spread of both together.

    Examples
    --------
    >>> spread(np.array([0.0, 2.0]))
    1.0
    """
    if not circular:
        return float(values.std())
    mean = np.angle(np.exp(1j * values).mean())
    return float(np.sqrt((_apart(values, np.array([mean]), True) ** 2).mean()))


def _apart(a: np.ndarray, b: np.ndarray, circular: bool) -> np.ndarray:
    differences = np.abs(a[:, None] - b)
    return np.abs(np.mod(differences + np.pi, 2 * np.pi) - np.pi) if circular else differences
