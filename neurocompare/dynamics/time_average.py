"""The mean of a stretch of time, with a standard error that knows that neighbouring moments are alike."""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

MOST_BLOCKS, FEWEST_BLOCKS = 16, 4


def time_average(series: np.ndarray) -> tuple[float, float, int]:
    r"""Return the mean of a stationary series, its standard error, and the degrees of freedom of that error.

    The error is sqrt(S(0) / T), with S(0) the spectral density at frequency zero, from the means of blocks that overlap
    by half and are weighted by Hann's window (Welch 1967): what merely oscillates, as everything does on a limit cycle,
    does not count. Blocks are joined, from 16 down to 4, while neighbours are alike.

    Parameters
    ----------
    series : array, shape (time,)
        At least 16 values.

    Examples
    --------
    >>> mean, error, freedom = time_average(np.random.default_rng(0).standard_normal(6400))
    >>> abs(mean) < 3 * error, round(error * 80, 1), freedom
    (True, 1.0, 28)
    """
    n_blocks = MOST_BLOCKS
    while n_blocks > FEWEST_BLOCKS and (len(series) < 4 * n_blocks or _alike(_block_means(series, n_blocks)[0])):
        n_blocks //= 2
    means, weight = _block_means(series, n_blocks)
    density = means.var(ddof=1) / weight
    # Windows that overlap by half share a sixth of their amplitude.
    freedom = max(1, round(len(means) / (1 + 2 / 36)) - 1)
    return float(series.mean()), float(np.sqrt(density / len(series))), freedom


def half_width(error: float, freedom: int, *, level: float = 0.95) -> float:
    """Return half the width of an interval of Student's t.

    Examples
    --------
    >>> round(half_width(1.0, 7), 3)
    2.365
    """
    return float(error * student.ppf(0.5 + level / 2, freedom))


def _block_means(series: np.ndarray, n_blocks: int) -> tuple[np.ndarray, float]:
    """Return weighted means of 2 n - 1 blocks that overlap by half, and the sum of squares of their weights."""
    half = len(series) // (2 * n_blocks)
    weights = np.sin(np.pi * (np.arange(2 * half) + 0.5) / (2 * half)) ** 2
    weights /= weights.sum()
    blocks = np.lib.stride_tricks.sliding_window_view(series, 2 * half)[::half][: 2 * n_blocks - 1]
    return blocks @ weights, float((weights**2).sum())


def _alike(means: np.ndarray) -> bool:
    """Whether blocks that touch are alike: their correlation is more than its standard error."""
    centred = means - means.mean()
    variance = float((centred**2).mean())
    if variance == 0:
        return False
    return float((centred[2:] * centred[:-2]).mean()) / variance > 1 / np.sqrt(len(means) / 2)
