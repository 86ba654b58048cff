"""Samples and time stamps that cannot be what was measured: a code for missing, one bit that flipped."""

from __future__ import annotations

import numpy as np

FEW = 1e-3
"""At most this share of a series may be outliers; more is another signal."""

FAR = 20.0
"""Outliers lie this much farther from the median than the most extreme thousandth of the samples begins."""

MOST_SAMPLES = 100_000
"""Of longer series, so many samples say where the most extreme begin."""


def outlying(values: np.ndarray) -> np.ndarray:
    """Where a sample has a value that cannot be one of its series, shape (sample,).

    Parameters
    ----------
    values : array, shape (sample, column)

    Examples
    --------
    >>> positions = np.sin(np.arange(2000.0))[:, None]
    >>> positions[7] = -9999.0
    >>> np.nonzero(outlying(positions))[0].tolist()
    [7]
    """
    out = np.zeros(len(values), dtype=bool)
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    for column in values.T:
        some = column[:: -(-len(column) // MOST_SAMPLES) or 1]
        middle = float(np.median(some)) if some.size else 0.0
        edge = FAR * float(np.quantile(np.abs(some - middle), 1 - FEW)) if some.size else 0.0
        if edge > 0 and max(high - middle, middle - low) > edge:
            far = np.abs(column - middle) > edge
            if far.mean() <= FEW:
                out |= far
    return out


def misplaced(times: np.ndarray) -> np.ndarray:
    """Where a time stamp alone is out of order between its neighbours, shape (sample,).

    Examples
    --------
    >>> misplaced(np.array([0.0, 0.1, 9.0, 0.3, 0.4, 0.0, 0.6])).nonzero()[0].tolist()
    [2, 5]
    """
    out = np.zeros(len(times), dtype=bool)
    for i in (np.nonzero(np.diff(times) < 0)[0] + 1).tolist():
        # Either the stamp before the step back is too late, or the one after it too early.
        early = times[i + 1] >= times[i - 1] if i + 1 < len(times) else i < 2 or times[i - 2] > times[i]
        out[i if early else i - 1] = True
    return out
