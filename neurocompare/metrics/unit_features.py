"""Unit features: what one unit's response looks like, whatever its scale and baseline."""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

TEMPORAL_FEATURES = (
    "peak_time", "modulation_depth", "complexity", "temporal_frequency", "autocorrelation_time", "kurtosis",
)  # fmt: skip
"""Rows of `temporal_features`."""

DIRECTION_FEATURES = ("preferred_direction", "tuning_width")
"""Rows of `direction_features`."""

CIRCULAR_FEATURES = frozenset({"preferred_direction"})
"""Angles, in rad: distances go around the circle."""

LEAST_DIRECTIONS = 4
"""A cosine with a baseline passes through any three points."""


def temporal_features(values: np.ndarray, times: np.ndarray) -> np.ndarray:
    r"""Compute the features of every unit that need no knowledge of the conditions.

    With z a unit's response minus its mean, :math:`e_t = \sum_c z_{ct}^2` and the autocorrelation

    .. math:: \rho(l) = \frac{\sum_c \sum_{|t - t'| = l} z_{ct} z_{ct'}}{\frac12 \sum_{|t - t'| = l} (e_t + e_{t'})}

    which is at most 1 on any time axis, one of several segments with gaps between them included:

    ==================== =====================================================================================
    peak_time            time at which :math:`e_t` is largest (s)
    modulation_depth     (largest - smallest response) / standard deviation
    complexity           participation ratio of the singular values squared of z (condition x time): how many
                         time courses it mixes
    temporal_frequency   :math:`\sqrt{2 (1 - \rho(d))} / (2 \pi d)` with d the time step: the root mean square
                         frequency of its power spectrum (Hz)
    autocorrelation_time first lag at which :math:`\rho` has fallen to 1/e; the longest lag if it never does (s)
    kurtosis             excess kurtosis of z over samples; 0 for a Gaussian
    ==================== =====================================================================================

    Parameters
    ----------
    values : array, shape (condition, time, unit)
        Centred; every unit varies.
    times : array, shape (time,)
        In s, at least two.

    Returns
    -------
    array, shape (feature, unit)
        In the order of `TEMPORAL_FEATURES`.

    Examples
    --------
    >>> times = np.arange(0, 2, 0.01)
    >>> wave = np.sin(2 * np.pi * 1.5 * times)[None, :, None]
    >>> dict(zip(TEMPORAL_FEATURES, temporal_features(wave, times)[:, 0].round(1).tolist(), strict=True))
    {'peak_time': 0.5, 'modulation_depth': 2.8, 'complexity': 1.0, ...'kurtosis': -1.5}
    """
    z = values.transpose(2, 0, 1)
    squares = z * z
    energy = squares.sum(axis=1)
    total = energy.sum(axis=1)
    variance = total / (z.shape[1] * z.shape[2])
    alike = z @ z.transpose(0, 2, 1)
    lags, correlation = _autocorrelation(z, energy, times)
    peak_time = times[energy.argmax(axis=1)]
    modulation_depth = np.ptp(z, axis=(1, 2)) / np.sqrt(variance)
    complexity = total**2 / (alike * alike).sum(axis=(1, 2))
    temporal_frequency = np.sqrt(2 * np.maximum(1 - correlation[:, 1], 0.0)) / (2 * np.pi * lags[1])
    autocorrelation_time = _first_fall(lags, correlation, np.exp(-1))
    kurtosis = (squares * squares).mean(axis=(1, 2)) / variance**2 - 3
    return np.stack([peak_time, modulation_depth, complexity, temporal_frequency, autocorrelation_time, kurtosis])


def condition_share(values: np.ndarray) -> np.ndarray:
    """Share of each unit's variance that is not its mean over conditions; 0 where all conditions are alike.

    Parameters
    ----------
    values : array, shape (condition, time, unit)
        Centred; every unit varies.

    Examples
    --------
    >>> condition_share(np.array([[[1.0, 1.0], [0.0, -1.0]], [[-1.0, 1.0], [0.0, -1.0]]])).tolist()
    [1.0, 0.0]
    """
    shared = values.mean(axis=0)
    return 1 - len(values) * (shared * shared).sum(axis=0) / (values * values).sum(axis=(0, 1))


def direction_tuning(values: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Share of each unit's variance between conditions that is a cosine of the direction, fitted time by time.

    1 for a unit whose response is at any time a baseline plus a multiple of the cosine of the angle to some preferred
    direction, which may turn; 0 for a unit that does not vary between conditions.

    Parameters
    ----------
    values : array, shape (condition, time, unit)
    angles : array, shape (condition,)
        In rad, of at least four directions.

    Examples
    --------
    >>> angles = np.arange(8) * np.pi / 4
    >>> responses = np.stack([np.cos(angles - 1), np.cos(2 * angles)], axis=-1)[:, None]
    >>> direction_tuning(responses, angles).round(6).tolist()
    [1.0, 0.0]
    """
    between = values - values.mean(axis=0)
    waves = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    basis, sizes, _ = np.linalg.svd(waves - waves.mean(axis=0), full_matrices=False)
    # Directions on one line leave a single wave.
    basis = basis[:, sizes > 1e-9 * sizes[0]]
    fitted = basis.T @ between.reshape(len(values), -1)
    explained = (fitted * fitted).reshape(-1, *values.shape[1:]).sum(axis=(0, 1))
    total = (between * between).sum(axis=(0, 1))
    tuned = total > 1e-18 * (values * values).sum(axis=(0, 1))
    return np.divide(explained, total, out=np.zeros_like(total), where=tuned)


def direction_features(values: np.ndarray, angles: np.ndarray) -> np.ndarray:
    r"""Preferred direction and tuning width of every unit, from its mean over times.

    The preferred direction is that of the cosine :math:`a + b \cos(\theta - \theta_0)` fitted to the mean response
    :math:`r(\theta)`. The width is the circular standard deviation of the response above its minimum,

    .. math:: w = \sqrt{-2 \log \frac{|\sum_\theta h_\theta (r - r_{min}) e^{i\theta}|}
                                      {\sum_\theta h_\theta (r - r_{min})}}

    with :math:`h_\theta` half the distance between the neighbours of a direction, so that unevenly spread directions
    count alike: 1.2 rad for a cosine, less for sharper tuning, and at most pi, which a unit without tuning is given.

    Parameters
    ----------
    values : array, shape (condition, time, unit)
    angles : array, shape (condition,)
        In rad, of at least four directions; conditions of one direction are averaged.

    Returns
    -------
    array, shape (feature, unit)
        In the order of `DIRECTION_FEATURES`, in rad.

    Examples
    --------
    >>> angles = np.arange(8) * np.pi / 4
    >>> responses = np.stack([np.cos(angles - 1), np.exp(4 * np.cos(angles + 1))], axis=-1)[:, None]
    >>> direction_features(responses, angles).round(2).tolist()
    [[1.0, -1.0], [1.16, 0.54]]
    """
    directions, same = np.unique(np.round(np.mod(angles, 2 * np.pi), 6) % (2 * np.pi), return_inverse=True)
    mean = values.mean(axis=1)
    response = np.stack([mean[same == index].mean(axis=0) for index in range(len(directions))])
    design = np.stack([np.ones_like(directions), np.cos(directions), np.sin(directions)], axis=1)
    _, cosine, sine = np.linalg.lstsq(design, response, rcond=None)[0]
    gaps = np.diff(directions, append=directions[0] + 2 * np.pi)
    arcs = (gaps + np.roll(gaps, 1)) / 2
    above = arcs[:, None] * (response - response.min(axis=0))
    total = above.sum(axis=0)
    tuned = total > 1e-9 * np.ptp(values, axis=(0, 1))
    resultant = np.abs(np.exp(1j * directions) @ above)
    concentration = np.divide(resultant, total, out=np.zeros_like(total), where=tuned)
    width = np.sqrt(-2 * np.log(np.clip(concentration, np.exp(-(np.pi**2) / 2), 1.0)))
    return np.stack([np.arctan2(sine, cosine), width])


def _autocorrelation(z: np.ndarray, energy: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lags present, in s, shape (lag,), and each unit's autocorrelation, shape (unit, lag).

    Sums over pairs of times are products of Fourier transforms on an even grid, empty where no time is.
    """
    step = np.diff(times).min()
    bins = np.floor((times - times[0]) / step + 0.5).astype(int)
    span = bins[-1] + 1
    length = next_fast_len(2 * span, real=True)

    def transformed(values: np.ndarray) -> np.ndarray:
        grid = np.zeros((*values.shape[:-1], span))
        grid[..., bins] = values
        return np.asarray(rfft(grid, length))

    def sums(spectrum: np.ndarray) -> np.ndarray:
        return np.asarray(irfft(spectrum, length))[..., :span]

    response, occupied = transformed(z), transformed(np.ones(len(times)))
    present = sums(np.abs(occupied) ** 2) > 0.5
    products = sums((np.real(response) ** 2 + np.imag(response) ** 2).sum(axis=1))[:, present]
    # The real part is the mean of the two orders: the energy at the earlier and at the later time of each pair.
    energies = sums(np.real(transformed(energy) * occupied.conj()))[:, present]
    varies = energies > 1e-12 * energies[:, :1]
    correlation = np.divide(products, energies, out=np.zeros_like(products), where=varies)
    return np.flatnonzero(present) * step, correlation


def _first_fall(lags: np.ndarray, correlation: np.ndarray, level: float) -> np.ndarray:
    """Lag at which each row first falls below `level`, interpolated; the last lag where it never does."""
    below = correlation < level
    falls = below.any(axis=1)
    after = np.where(falls, below.argmax(axis=1), len(lags) - 1)
    rows = np.arange(len(correlation))
    high, low = correlation[rows, after - 1], correlation[rows, after]
    share = np.divide(high - level, high - low, out=np.ones_like(high), where=falls)
    return lags[after - 1] + share * (lags[after] - lags[after - 1])
