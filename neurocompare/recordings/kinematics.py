"""Movement from samples: velocity, movement onset and direction, never across a gap."""

from __future__ import annotations

import numpy as np

from neurocompare.recordings.recording import Series

ONSET_FRACTION = 0.2
"""Movement begins where speed last rises through this share of its peak."""

ONSET_RULE = (
    f"Movement onset is computed: where speed last rises through {ONSET_FRACTION:.0%} of its peak between the go cue "
    "and the end of the reach."
)

SMOOTHING = 0.01
"""Standard deviation in s of the Gaussian over positions before they are differentiated."""


def run_starts(times: np.ndarray) -> np.ndarray:
    """First sample of each stretch without a gap; a gap is more than one and a half median steps.

    Examples
    --------
    >>> run_starts(np.array([0.0, 0.1, 0.2, 0.9, 1.0]))
    array([0, 3])
    """
    steps = np.diff(times)
    if not steps.size:
        return np.zeros(min(len(times), 1), dtype=np.int64)
    return np.concatenate([[0], np.nonzero(steps > 1.5 * np.median(steps))[0] + 1])


def velocity(position: Series, name: str) -> Series:
    """Differentiate positions within each stretch without a gap, after a Gaussian of 10 ms.

    Central differences, one-sided at the ends. Stretches of a single sample have no velocity and are left out.

    Parameters
    ----------
    position : Series
    name : str
        Of the velocity.

    Returns
    -------
    Series
        In the position's unit a second.

    Examples
    --------
    >>> times = np.array([0.0, 0.1, 0.2, 5.0, 5.1])
    >>> jump = Series("hand_pos", times, np.array([[0.0], [1.0], [2.0], [90.0], [91.0]]), ("x",), "mm")
    >>> velocity(jump, "hand_vel").values.ravel().round(6).tolist()
    [10.0, 10.0, 10.0, 10.0, 10.0]
    """
    from scipy.ndimage import gaussian_filter1d

    times = position.times
    starts = run_starts(times)
    ends = np.append(starts[1:], len(times))
    steps = np.diff(times)
    width = SMOOTHING / np.median(steps) if steps.size else 0.0
    result = np.full(position.values.shape, np.nan)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end - start < 2:
            continue
        values = position.values[start:end]
        if width >= 0.5:
            values = gaussian_filter1d(values, width, axis=0, mode="nearest")
        result[start:end] = np.gradient(values, times[start:end], axis=0)
    finite = np.isfinite(result).all(axis=1)
    return Series(name, times[finite], result[finite], position.columns, f"{position.unit}/s")


def movement_onsets(velocity: Series, go: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """When each reach begins: where its speed last rises through a fifth of its peak, between `go` and `stop`.

    Parameters
    ----------
    velocity : Series
    go, stop : arrays, shape (reach,)
        In s; NaN where there is none.

    Returns
    -------
    array, shape (reach,)
        In s, interpolated between samples; NaN where samples are missing within the reach, or the hand was already
        moving that fast at `go`.

    Examples
    --------
    >>> times = np.arange(0, 1, 0.01)
    >>> bell = Series("hand_vel", times, np.exp(-0.5 * ((times - 0.5) / 0.1) ** 2)[:, None], ("x",), "mm/s")
    >>> movement_onsets(bell, np.array([0.0, 0.45]), np.array([0.99, 0.99])).round(2)
    array([0.32,  nan])
    """
    speed = np.sqrt((velocity.values**2).sum(axis=1))
    times, step = velocity.times, float(np.median(np.diff(velocity.times))) if len(velocity.times) > 1 else np.nan
    first, last = np.searchsorted(times, go), np.searchsorted(times, stop, side="right")
    onsets = np.full(len(go), np.nan)
    for k in np.nonzero(np.isfinite(go) & np.isfinite(stop) & (last - first >= 3))[0]:
        own, when = speed[first[k] : last[k]], times[first[k] : last[k]]
        dense = when[0] - go[k] <= 1.5 * step and stop[k] - when[-1] <= 1.5 * step and np.diff(when).max() <= 1.5 * step
        peak = int(own.argmax())
        threshold = ONSET_FRACTION * own[peak]
        below = np.nonzero(own[:peak] < threshold)[0]
        if dense and below.size:
            i = below[-1]
            onsets[k] = when[i] + (threshold - own[i]) / (own[i + 1] - own[i]) * (when[i + 1] - when[i])
    return onsets


def displacement(position: Series, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """From the position at `start` to that at `stop`, shape (reach, column); NaN where there are no samples near.

    Parameters
    ----------
    position : Series
    start, stop : arrays, shape (reach,)
        In s.
    """
    step = float(np.median(np.diff(position.times)))
    ends = []
    for moments in (start, stop):
        nearest = np.searchsorted(position.times, moments).clip(0, len(position.times) - 1)
        before = (nearest - 1).clip(0)
        nearer = np.abs(position.times[before] - moments) < np.abs(position.times[nearest] - moments)
        nearest = np.where(nearer, before, nearest)
        near = np.abs(position.times[nearest] - moments) <= 1.5 * step
        ends.append(np.where(near[:, None], position.values[nearest], np.nan))
    return ends[1] - ends[0]


def octants(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sort vectors into eight directions of 45 degrees, the first centred on +x.

    Parameters
    ----------
    vectors : array, shape (reach, 2)

    Returns
    -------
    label : array of object, shape (reach,)
        ``"000"``, ``"045"``, ... in degrees; None where a vector is missing or zero.
    angle : array, shape (reach,)
        Centre of that direction, in rad from -pi to pi; NaN where there is none.

    Examples
    --------
    >>> octants(np.array([[1.0, 0.1], [0.0, -2.0], [0.0, 0.0]]))[0].tolist()
    ['000', '270', None]
    """
    there = np.isfinite(vectors).all(axis=1) & (np.abs(vectors).sum(axis=1) > 0)
    angle = np.arctan2(vectors[:, 1], vectors[:, 0])
    octant = np.mod(np.round(np.where(there, angle, 0.0) / (np.pi / 4)).astype(int), 8)
    label = np.array([f"{45 * o:03d}" if fine else None for o, fine in zip(octant, there, strict=True)], dtype=object)
    centre = np.angle(np.exp(1j * octant * np.pi / 4))
    return label, np.where(there, centre, np.nan)
