"""Needed: how many units and trials it takes until a metric tells gammas apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from neurocompare.ranking.recovery import Needed
from neurocompare.workflows.recovery.recorder import DataSize

ENOUGH = 0.9
"""A metric tells gammas apart where it names one within a grid step of the truth in this share of runs."""


def needed(sizes: Sequence[DataSize], shares: Sequence[float], *, enough: float = ENOUGH) -> Needed:
    """Find the size at which shares reach `enough`, on straight lines over the logarithm of the size.

    More data cannot make it harder: a share that falls with size by chance is taken as the largest so far.

    Parameters
    ----------
    sizes : sequence of DataSize
        In any order.
    shares : sequence of float
        Of runs that name a gamma within a grid step, at each size.
    enough : float

    Returns
    -------
    Needed

    Examples
    --------
    >>> sizes = [DataSize(factor, round(100 * factor), (round(20 * factor),) * 8) for factor in (0.5, 1.0, 2.0)]
    >>> print(needed(sizes, [0.6, 0.8, 1.0]))
    about 141 units and 28 trials a condition
    >>> print(needed(sizes, [0.5, 0.5, 0.6]))
    more than 200 units and 40 trials a condition
    """
    order = np.argsort([size.factor for size in sizes])
    ordered = [sizes[i] for i in order]
    reached = np.maximum.accumulate(np.asarray(shares, dtype=np.float64)[order])
    logs = np.log2([size.factor for size in ordered])
    if reached[0] >= enough:
        return _at("at most", ordered, logs, logs[0])
    if reached[-1] < enough:
        return _at("more than", ordered, logs, logs[-1])
    after = int(np.argmax(reached >= enough))
    part = (enough - reached[after - 1]) / (reached[after] - reached[after - 1])
    return _at("about", ordered, logs, logs[after - 1] + part * (logs[after] - logs[after - 1]))


def _at(
    relation: Literal["about", "at most", "more than"], sizes: Sequence[DataSize], logs: np.ndarray, place: float
) -> Needed:
    units, trials = (
        round(float(2 ** np.interp(place, logs, np.log2(counts))))
        for counts in ([size.units for size in sizes], [min(size.repeats) for size in sizes])
    )
    return Needed(relation, float(2**place), units, trials)
