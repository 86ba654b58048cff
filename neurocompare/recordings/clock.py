"""One clock for trials, spikes and behaviour: order, restarts of the recording system, and trials that overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from neurocompare.recordings.candidates import BOUNDS, event_columns

PAUSE = 60.0
"""Placed between two parts of a session whose clock was restarted, in s; how long the pause really was is not known."""

OVERLAPS = "overlaps another trial in time"

SELDOM = 0.1
"""Share of trials."""

OVERLAP = 1e-3
"""In s: trials that overlap by less follow one another, up to rounding."""


@dataclass(frozen=True)
class Clock:
    """What to add to the times of each part of a session; a part ends where the stored times go backwards.

    Attributes
    ----------
    shifts : array, shape (part,)
        In s; one part with shift 0 where the clock never restarted.
    """

    shifts: np.ndarray

    @property
    def restarts(self) -> int:
        """How often the clock was restarted."""
        return len(self.shifts) - 1

    def times(self, times: np.ndarray) -> np.ndarray | None:
        """Shift the times of one stream, shape (time,); None where it does not go backwards once a restart."""
        part = parts(times)
        if not times.size or part[-1] != self.restarts:
            return None
        return times + self.shifts[part]

    def trials(self, trials: pd.DataFrame) -> pd.DataFrame:
        """Shift a table of trials with all its events, and put it into time order."""
        if self.restarts:
            shift = self.shifts[parts(trials["start_time"].to_numpy(dtype=float))]
            trials = trials.assign(**{name: trials[name] + shift for name in (*BOUNDS, *event_columns(trials))})
        return trials.sort_values("start_time", kind="stable")

    def spikes(self, times: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
        """Shift each unit's spikes, or sort them where there was no restart.

        Returns
        -------
        times : array, shape (spike,)
            Ascending within each unit.
        lost : array of bool, shape (unit,)
            Units whose parts cannot be told: silent in one of them, or out of order besides. Their times are unshifted.
        unsorted : int
            Number of units that were not in order although the clock never restarted.
        """
        n_units = len(ends)
        lost = np.zeros(n_units, dtype=bool)
        starts = np.concatenate([[0], ends[:-1]])
        back = np.nonzero(times[1:] < times[:-1])[0] + 1
        back = back[~np.isin(back, starts)]
        disordered = np.unique(np.searchsorted(ends, back, side="right"))
        if not self.restarts and not len(disordered):
            return times, lost, 0
        times = times.copy()
        for unit in range(n_units) if self.restarts else disordered.tolist():
            own = slice(starts[unit], ends[unit])
            shifted = self.times(times[own]) if self.restarts else None
            if self.restarts and shifted is None:
                lost[unit] = True
            times[own] = np.sort(times[own]) if shifted is None else shifted
        return times, lost, 0 if self.restarts else len(disordered)


def parts(times: np.ndarray) -> np.ndarray:
    """Return the number of the part each time lies in, counting how often times went backwards before it.

    Examples
    --------
    >>> parts(np.array([5.0, 6.0, 1.0, 2.0, 2.0]))
    array([0, 0, 1, 1, 1])
    """
    return np.cumsum(np.diff(times, prepend=times[:1]) < 0)


def clock_of(trials: pd.DataFrame, behavior_times: np.ndarray | None) -> Clock:
    """Find where a session's clock was restarted.

    Trials that go backwards are a restart if behaviour goes backwards as often; else they are only out of order.

    Parameters
    ----------
    trials : pandas.DataFrame
        In the file's order.
    behavior_times : array, shape (sample,), optional
        Of any behavioural series, in s, in the file's order.
    """
    start, stop = (trials[name].to_numpy(dtype=float) for name in BOUNDS)
    part = parts(start)
    if not part[-1] or behavior_times is None or parts(behavior_times)[-1] != part[-1]:
        return Clock(np.zeros(1))
    shifts = [0.0]
    for k in range(1, part[-1] + 1):
        ended = stop[part == k - 1].max() + shifts[-1]
        shifts.append(ended + PAUSE - start[part == k].min())
    return Clock(np.array(shifts))


def overlapping(start: np.ndarray, stop: np.ndarray, slack: float = OVERLAP) -> np.ndarray:
    """Whether each stretch of time overlaps another by more than `slack`, shape (stretch,); in the order of starts.

    Examples
    --------
    >>> overlapping(np.array([0.0, 1.0, 1.5, 3.0]), np.array([1.0, 2.0, 2.5, 4.0]))
    array([False,  True,  True, False])
    """
    latest = np.maximum.accumulate(stop)
    into = np.concatenate([[False], start[1:] < latest[:-1] - slack])[: len(start)]
    return into | (stop > np.append(start[1:], np.inf)[: len(start)] + slack)


def seldom_overlapping(trials: pd.DataFrame) -> np.ndarray:
    """Whether a trial overlaps another although trials of its session do not, shape (trial,); trials in time order.

    A trial that lasts beyond the whole next one is at fault alone. Where more than a tenth overlap, bounds were padded,
    which says nothing against a trial.

    Examples
    --------
    >>> late = pd.DataFrame({"start_time": np.arange(20.0), "stop_time": np.arange(20.0) + 1})
    >>> late.loc[7, "stop_time"] = 900.0
    >>> np.nonzero(seldom_overlapping(late))[0].tolist()
    [7]
    """
    start, stop = (trials[name].to_numpy(dtype=float) for name in BOUNDS)
    overlaps = np.zeros(len(trials), dtype=bool)
    overlaps[:-2] = stop[:-2] > start[2:] + OVERLAP
    overlaps[~overlaps] = overlapping(start[~overlaps], stop[~overlaps])
    return overlaps & (overlaps.mean() <= SELDOM)
