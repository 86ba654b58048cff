"""When a recording can be believed: the session's invalid times, and the intervals in which each unit was observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from neurocompare.errors import InputError, first_few
from neurocompare.recordings.tables import has_columns, read_values
from neurocompare.untrusted.hdf5 import Group

GAP = 2e-3
"""In s: intervals closer than this follow one another."""

FEWEST_TRIALS = 0.5
"""At least this share of the trials is kept; units that were observed in fewer are left out instead."""

MOST_OUTSIDE = 0.01
"""Where a larger share of a unit's spikes lies outside its intervals, these do not say when it was observed."""

SOME_SPIKES = 1000


@dataclass(frozen=True)
class Observed:
    """The intervals in which each unit was observed.

    Attributes
    ----------
    start, stop : arrays, shape (interval,)
        In s; those of unit 0, then those of unit 1, ...; within a unit in time order and apart.
    ends : array of int, shape (unit,)
        ``start[ends[i - 1] : ends[i]]`` are those of unit i.
    """

    start: np.ndarray
    stop: np.ndarray
    ends: np.ndarray

    def with_units(self, chosen: np.ndarray) -> Observed:
        """Return the intervals of the units where `chosen`, shape (unit,), is true."""
        counts = np.diff(self.ends, prepend=0)
        kept = np.repeat(chosen, counts)
        return Observed(self.start[kept], self.stop[kept], np.cumsum(counts[chosen]))

    def of(self, unit: int) -> tuple[np.ndarray, np.ndarray]:
        """Start and stop of one unit's intervals."""
        own = slice(self.ends[unit - 1] if unit else 0, self.ends[unit])
        return self.start[own], self.stop[own]

    def covers(self, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Whether each unit was observed throughout each trial's windows, shape (trial, unit).

        Parameters
        ----------
        begins, ends : arrays, shape (trial, segment)
            In s.

        Examples
        --------
        >>> halves = Observed(np.array([0.0, 5.0]), np.array([9.0, 9.0]), np.array([1, 2]))
        >>> halves.covers(np.array([[1.0], [6.0]]), np.array([[2.0], [7.0]])).tolist()
        [[True, False], [True, True]]
        """
        columns: dict[tuple[bytes, bytes], np.ndarray] = {}  # many units, or all, have the same intervals
        covered = np.empty((len(begins), len(self.ends)), dtype=bool)
        for unit in range(len(self.ends)):
            start, stop = self.of(unit)
            key = (start.tobytes(), stop.tobytes())
            if key not in columns:
                at = np.searchsorted(start, begins + GAP, side="right") - 1
                within = ((at >= 0) & (ends <= stop[at] + GAP)).all(axis=1) if len(start) else False
                columns[key] = np.asarray(within)
            covered[:, unit] = columns[key]
        return covered


def read_invalid_times(file: Group) -> np.ndarray:
    """Read start and stop of the session's invalid times in s, shape (interval, 2); none where there is no table."""
    table = file.group("intervals/invalid_times")
    if not has_columns(table, "start_time", "stop_time"):
        return np.zeros((0, 2))
    bounds = [np.ravel(read_values(table[name])) for name in ("start_time", "stop_time")]
    if len(bounds[0]) != len(bounds[1]) or any(each.dtype.kind not in "iuf" for each in bounds):
        raise InputError("expected a start and a stop of every invalid time, found something else; correct the file")
    times = np.stack(bounds, axis=1).astype(np.float64)
    return times[times[:, 1] > times[:, 0]]


def within_invalid(begins: np.ndarray, ends: np.ndarray, invalid: np.ndarray) -> np.ndarray:
    """Whether any moment between `begins` and `ends` is in an invalid time, same shape.

    Examples
    --------
    >>> within_invalid(np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([[1.0, 1.5]])).tolist()
    [False, True]
    """
    inside = np.zeros(np.shape(begins), dtype=bool)
    for start, stop in invalid:
        inside |= (begins < stop - GAP) & (ends > start + GAP)
    return inside


def time_to_believe(trials: np.ndarray, observed: np.ndarray, invalid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Start and stop, in s, of the pieces of time that are in a trial, observed and not invalid; apart and in order.

    Parameters
    ----------
    trials, observed, invalid : arrays, shape (interval, 2)
        In s, in any order; those of one kind may overlap.

    Examples
    --------
    >>> start, stop = time_to_believe(np.array([[0, 2], [1, 4]]), np.array([[1, 9]]), np.array([[2, 3]]))
    >>> start.tolist(), stop.tolist()
    ([1, 3], [2, 4])
    """
    edges = np.unique(np.concatenate([np.ravel(each) for each in (trials, observed, invalid)]))
    middle = edges[:-1] / 2 + edges[1:] / 2  # of units that always were, edges are infinite
    good = _inside(trials, middle) & _inside(observed, middle) & ~_inside(invalid, middle)
    change = np.diff(good.astype(int), prepend=0, append=0)
    return edges[change == 1], edges[change == -1]


def _inside(intervals: np.ndarray, moments: np.ndarray) -> np.ndarray:
    begun, over = (np.searchsorted(np.sort(each), moments) for each in (intervals[:, 0], intervals[:, 1]))
    return begun > over


def read_observed(file: Group, place: str = "units") -> Observed | None:
    """Read the intervals in which each unit of the table at `place` was observed; None where it does not say."""
    table = file.group(place)
    if not has_columns(table, "obs_intervals", "obs_intervals_index"):
        return None
    bounds = read_values(table["obs_intervals"])
    ends = np.ravel(read_values(table["obs_intervals_index"])).astype(np.int64)
    if bounds.ndim == 2 and bounds.shape[1] != 2:
        bounds = bounds.T
    fits = bounds.ndim == 2 and bounds.shape[1] == 2 and len(ends) == table["id"].size and bounds.dtype.kind in "iuf"
    if not fits or not len(ends) or ends[-1] != len(bounds) or (np.diff(ends, prepend=0) < 0).any():
        message = "expected observation intervals (obs_intervals) with an index that divides them among the units, "
        message += "found one that does not; correct the file"
        raise InputError(message)
    return Observed(bounds[:, 0].astype(np.float64), bounds[:, 1].astype(np.float64), ends)


def usable_intervals(
    observed: Observed, spike_times: np.ndarray, spike_ends: np.ndarray, units: pd.Index
) -> tuple[Observed, list[str]]:
    """Join intervals that follow one another; a unit without any, or with spikes outside, counts as always observed.

    Returns
    -------
    observed : Observed
    notes : list of str
    """
    starts, stops, ends, wrong = [], [], [], []
    joined: dict[tuple[bytes, bytes], tuple[np.ndarray, np.ndarray]] = {}
    for unit, spikes in enumerate(np.split(spike_times, spike_ends[:-1])):
        start, stop = observed.of(unit)
        key = (start.tobytes(), stop.tobytes())
        if key not in joined:
            joined[key] = _joined(start, stop)
        start, stop = joined[key]
        if len(start) and _outside(spikes, start, stop) > MOST_OUTSIDE:
            wrong.append(str(units[unit]))
            start = start[:0]
        if not len(start):
            start, stop = np.array([-np.inf]), np.array([np.inf])
        starts.append(start)
        stops.append(stop)
        ends.append(len(start))
    notes = []
    if wrong:
        notes.append(
            f"The observation intervals (obs_intervals) of {len(wrong)} units are not used, since spikes lie outside "
            f"them: {first_few(wrong, 6)}."
        )
    return Observed(np.concatenate(starts), np.concatenate(stops), np.cumsum(ends)), notes


def _outside(spikes: np.ndarray, start: np.ndarray, stop: np.ndarray) -> float:
    """Share of spikes outside intervals, of a thousand of them."""
    some = spikes[:: -(-len(spikes) // SOME_SPIKES) or 1]
    at = np.searchsorted(start, some + GAP, side="right") - 1
    return float(((at < 0) | (some > stop[at] + GAP)).mean()) if some.size else 0.0


def _joined(start: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    fine = stop > start  # false where one is NaN
    start, stop = start[fine], stop[fine]
    order = np.argsort(start, kind="stable")
    start, stop = start[order], np.maximum.accumulate(stop[order])
    new = np.concatenate([[True], start[1:] > stop[:-1] + GAP])[: len(start)]
    return start[new], stop[np.concatenate([new[1:], [True]])[: len(start)]]


def seen_together(covered: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Choose units, and the trials in which all of them were observed.

    Units are left out, the one observed in the fewest trials first, until at least half of the trials are left, two of
    every condition that has two.

    Parameters
    ----------
    covered : array of bool, shape (trial, unit)
    labels : array of str, shape (trial,)

    Returns
    -------
    trials : array of bool, shape (trial,)
    units : array of bool, shape (unit,)

    Examples
    --------
    >>> seen_together(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 1, 1]], bool), np.array(list("aabb")))
    (array([ True,  True,  True,  True]), array([ True, False, False]))
    """
    units, trials = np.ones(covered.shape[1], dtype=bool), np.zeros(len(covered), dtype=bool)
    conditions, of = np.unique(labels, return_inverse=True)
    needed = np.minimum(np.bincount(of, minlength=len(conditions)), 2)
    for unit in [None, *np.argsort(covered.sum(axis=0), kind="stable").tolist()]:
        if unit is not None:
            units[unit] = False
        trials = np.asarray(covered[:, units].all(axis=1))
        left = np.bincount(of[trials], minlength=len(conditions))
        if trials.sum() >= FEWEST_TRIALS * len(trials) and (left >= needed).all():
            break
    return trials, units
