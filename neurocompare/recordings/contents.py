"""What an NWB file holds, before any layout gives it meaning: tables, and behavioural series read when asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.candidates import BOUNDS
from neurocompare.recordings.clock import OVERLAPS, PAUSE, Clock, clock_of, overlapping
from neurocompare.recordings.flags import exclude
from neurocompare.recordings.observed import Observed, read_invalid_times, read_observed, usable_intervals
from neurocompare.recordings.odd_values import without_odd_events, without_odd_spikes, without_odd_trials
from neurocompare.recordings.outliers import FEW, misplaced, outlying
from neurocompare.recordings.places import trials_at, units_at
from neurocompare.recordings.stored_series import SeriesReader, StoredSeries, series_paths
from neurocompare.recordings.tables import read_trials, read_units
from neurocompare.untrusted.hdf5 import Group

ONE_PART = Clock(np.zeros(1))
"""The clock of a session that was recorded in one go."""


def _nothing(path: str) -> StoredSeries:
    raise InputError(f"expected a series {path}, found none")


@dataclass(frozen=True)
class Contents:
    """The parts of an NWB file that a recording is made of, on one clock.

    Attributes
    ----------
    spike_times, spike_ends : arrays
        As in `Recording`.
    units : pandas.DataFrame
        Columns with one value a unit, indexed by unit id, and those of `tables.electrode_columns`.
    trials : pandas.DataFrame
        All columns, in time order; a ragged or matrix column holds one array a trial.
    paths : tuple of str
        Of the behavioural series.
    read : callable
        Reads the series at a path. Works only while the file is open.
    clock : Clock
        That trials and spikes have been put on already.
    notes : tuple of str
        What was repaired on the way.
    observed, invalid
        As in `Recording`.
    """

    spike_times: np.ndarray
    spike_ends: np.ndarray
    units: pd.DataFrame
    trials: pd.DataFrame
    paths: tuple[str, ...] = ()
    read: Callable[[str], StoredSeries] = _nothing
    clock: Clock = ONE_PART
    notes: tuple[str, ...] = ()
    observed: Observed | None = None
    invalid: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))

    def has(self, name: str) -> bool:
        """Whether there is a series of this name, or whose path ends in it."""
        return bool(self.called(name))

    def series(self, name: str) -> StoredSeries:
        """Read the series of this name, or whose path ends in it, in time order and without missing samples.

        Samples with a missing value and repeated times are left out, which makes a gap of them.

        Raises
        ------
        InputError
            If there is no such series, or several, or its times do not ascend.
        """
        there = self.called(name)
        if not there:
            names = ", ".join(each.rsplit("/", 1)[-1] for each in self.paths) or "no behaviour"
            raise InputError(f"expected behaviour called {name!r}, found {names}")
        if len(there) > 1:
            raise InputError(
                f"expected one series called {name!r}, found {' and '.join(there)}; say which with --behavior and as "
                "much of its path as tells it apart"
            )
        return in_order(self.read(next(iter(there))), self.clock)

    def called(self, name: str) -> tuple[str, ...]:
        """Paths of the series of this name, or whose path ends in it."""
        return (name,) if name in self.paths else tuple(path for path in self.paths if path.endswith(f"/{name}"))


def read_contents(file: Group, *, units_table: str | None = None, trials_table: str | None = None) -> Contents:
    """Read units and trials, whose tables are named where they lie elsewhere than usual, and find behaviour.

    Raises
    ------
    InputError
        If there are no units with spike times or no trials, or their tables are not valid.
    """
    place = units_at(file, units_table)
    spike_times, spike_ends, units = read_units(file, place)
    spike_times, spike_ends, notes = without_odd_spikes(spike_times, spike_ends, units.index)
    trials, odd = without_odd_trials(read_trials(file, trials_at(file, trials_table)))
    notes += odd
    stored = series_paths(file)
    paths, read = tuple(stored), SeriesReader(file, stored)
    backwards = (np.diff(trials["start_time"].to_numpy(dtype=float)) < 0).any()
    clock = clock_of(trials, read(paths[0]).times if backwards and paths else None)
    spike_times, lost, unsorted = clock.spikes(spike_times, spike_ends)
    if clock.restarts:
        notes.append(
            f"The clock restarts {clock.restarts} times in the file: each part is placed {PAUSE:g} s after the one "
            "before, in trials, behaviour and spikes alike."
        )
    if unsorted:
        notes.append(f"Spike times of {unsorted} units were not in order and have been sorted.")
    if lost.any():
        names = ", ".join(map(str, units.index[lost].tolist()))
        notes.append(f"Units whose spikes cannot be placed on the restarted clock are left out: {names}.")
        counts = np.diff(spike_ends, prepend=0)
        spike_times = spike_times[np.repeat(~lost, counts)]
        spike_ends, units = np.cumsum(counts[~lost]), units[~lost]
    observed, invalid = None if clock.restarts else read_observed(file, place), read_invalid_times(file)
    if observed is not None:
        observed, observed_notes = usable_intervals(observed, spike_times, spike_ends, units.index)
        notes += observed_notes
    if clock.restarts and len(invalid):
        raise InputError(
            "expected invalid times on one clock, found a session whose clock restarts; leave them out of the file"
        )
    trials = clock.trials(trials)
    if backwards and not clock.restarts:
        start, stop = (trials[name].to_numpy(dtype=float) for name in BOUNDS)
        trials = exclude(trials, overlapping(start, stop), OVERLAPS)
    trials, odd = without_odd_events(trials)
    return Contents(spike_times, spike_ends, units, trials, paths, read, clock, (*notes, *odd), observed, invalid)


def in_order(series: StoredSeries, clock: Clock) -> StoredSeries:
    """Put a series on the clock and drop samples that are missing or repeat a time.

    Raises
    ------
    InputError
        If its times do not ascend.
    """
    times, values = series.times, series.values
    # Nearly every series is in order and whole: to see that takes no more than going through it once.
    ascending = bool((times[1:] > times[:-1]).all() and np.isfinite(times[-1:]).all())
    if not (ascending and np.isfinite(values.sum())):
        finite = np.isfinite(times) & np.isfinite(values).all(axis=1)
        times, values = times[finite], values[finite]
    out = outlying(values)
    if ascending and not clock.restarts and len(times) == len(series.times) and not out.any():
        return series
    notes = list(series.notes)
    if out.any():
        times, values = times[~out], values[~out]
        notes.append(f"{int(out.sum())} samples of {series.name} are far beyond all others and taken as missing.")
    if not clock.restarts and (wrong := misplaced(times)).any() and wrong.sum() <= max(FEW * len(times), 1):
        times, values = times[~wrong], values[~wrong]
        notes.append(f"{int(wrong.sum())} samples of {series.name} are out of order in time and taken as missing.")
    if clock.restarts and times.size:
        shifted = clock.times(times)
        if shifted is None:
            raise InputError(
                f"expected {clock.restarts} restarts of the clock in {series.name} as in trials, found another number"
            )
        times = shifted
    steps = np.diff(times)
    if (steps < 0).any():
        message = f"expected times of {series.name} that ascend, found {int((steps < 0).sum())} steps that do not"
        raise InputError(message)
    if (steps == 0).any():
        first = np.concatenate([[True], steps > 0])
        times, values = times[first], values[first]
    return replace(series, times=times, values=values, notes=tuple(notes))
