"""From spike times to `Trials`: count spikes in bins around events, keep the units worth comparing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.recordings.bin_edges import check_bins
from neurocompare.recordings.recording import Recording
from neurocompare.recordings.segment import Segment
from neurocompare.recordings.trials import TRIAL_DIMS, Trials
from neurocompare.recordings.unit_selection import unit_selection
from neurocompare.recordings.windows import time_axis, windows_of

# A spike this far below a bin's edge, in bins, is on the edge up to rounding.
EDGE = 1e-6


def trials_of(
    recording: Recording,
    *,
    segments: tuple[Segment, ...] | None = None,
    bin_width: float | None = None,
    smoothing: float | None = None,
    min_rate: float = 1.0,
) -> Trials:
    """Count spikes around events, trial by trial.

    Parameters
    ----------
    recording : Recording
    segments : tuple of Segment, optional
        Windows around events, in the order they have on the time axis; the recording's own where None. A later segment
        is placed where its event is in the median trial, so one axis in s runs from the first segment's event to the
        end.
    bin_width : float, optional
        In s; the recording's own (`Reading`) where None. A last bin that does not fit whole into a segment is left out.
    smoothing : float, optional
        Standard deviation of the Gaussian that `average` applies, in s; the recording's own where None.
    min_rate : float
        Units whose mean rate in the windows is below it are left out, in spikes/s; see `unit_selection` for how units
        that are the same cell are found.

    Returns
    -------
    Trials
        Of the trials that `windows_of` finds usable; ``dropped`` says how many were not, and why.

    Raises
    ------
    InputError
        If there are fewer than two conditions or two units, an event is unknown, a condition is left without trials,
        or trials overlap in time.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording
    >>> trials = trials_of(open_recording("synthetic"), bin_width=0.05)
    >>> trials.counts.dims, int(trials.trials_per_condition.min())
    (('trial', 'time', 'unit'), 30)
    """
    segments = recording.segments if segments is None else segments
    reading = recording.reading.chosen(bin_width=bin_width, smoothing=smoothing)
    bin_width, smoothing = reading.bin_width, reading.smoothing
    check_bins(recording, segments, bin_width)
    windows = windows_of(recording, segments)
    conditions = condition_table(recording, windows.rows)
    time, segment, event_time = time_axis(segments, windows.offsets, bin_width)
    starts = windows.events + [s.start for s in segments]
    position, unit = place_spikes(recording, starts, np.bincount(segment), bin_width)
    seconds = len(starts) * len(time) * bin_width
    rates = np.bincount(unit, minlength=len(recording.units)) / seconds
    selection = unit_selection(recording, rates, min_rate=min_rate, unobserved=windows.unobserved)
    units = recording.units.loc[list(selection.kept)]
    # Where each recorded unit is among the kept ones; -1 where it is not.
    column = units.index.get_indexer(recording.units.index)
    counts = count_spikes(position, column[unit], (len(starts), len(time), len(units)))
    coords = {
        "trial": recording.trials.index.to_numpy()[windows.rows],
        "condition": ("trial", recording.trials["condition"].to_numpy()[windows.rows].astype(str)),
        "time": time,
        "segment": ("time", np.array([s.event for s in segments])[segment]),
        "event_time": ("time", event_time),
        "unit": units.index.to_numpy(),
        "area": ("unit", units["area"].to_numpy().astype(str)),
    }
    return Trials(
        counts=xr.DataArray(counts, dims=TRIAL_DIMS, coords=coords, name="counts"),
        conditions=conditions,
        bin_width=float(bin_width),
        smoothing=float(smoothing),
        selection=selection,
        dropped=windows.dropped,
        source=recording.name,
    )


def condition_table(recording: Recording, rows: np.ndarray) -> pd.DataFrame:
    """One row a condition among the trials in `rows`, sorted by label, with the columns that describe it.

    Raises
    ------
    InputError
        If there are fewer than two conditions.
    """
    trials = recording.trials.iloc[rows]
    table = trials.groupby("condition")[list(recording.condition_columns)].first()
    if len(table) < 2:
        raise InputError(f"expected trials of at least 2 conditions, found {len(table)} in {recording.name}")
    return table


def place_spikes(
    recording: Recording, starts: np.ndarray, bins: np.ndarray, bin_width: float
) -> tuple[np.ndarray, np.ndarray]:
    """Find the bin each spike falls into, of windows that do not overlap.

    A bin holds the spikes from its left edge up to, not including, its right edge.

    Parameters
    ----------
    recording : Recording
    starts : array, shape (trial, segment)
        When each window starts, in s.
    bins : array of int, shape (segment,)
        Number of bins of each segment.
    bin_width : float
        In s.

    Returns
    -------
    position : array of int, shape (spike,)
        Of the spikes inside windows: the bin, counted along the segments of a trial and on through the trials.
    unit : array of int, shape (spike,)
        Row of each such spike's unit.

    Raises
    ------
    InputError
        If two windows overlap.

    Examples
    --------
    >>> none = pd.DataFrame()
    >>> recording = Recording("r", np.array([0.1, 0.12, 0.3, 0.15]), np.array([3, 4]), none, none, ())
    >>> place_spikes(recording, np.array([[0.1]]), np.array([3]), 0.1)
    (array([0, 0, 2, 0]), array([0, 0, 0, 1]))
    """
    n_trials, n_time = len(starts), int(bins.sum())
    first_bin = np.arange(n_trials)[:, None] * n_time + np.cumsum(bins) - bins
    order = np.argsort(starts, axis=None)
    starts, first_bin, bins = starts.ravel()[order], first_bin.ravel()[order], np.tile(bins, n_trials)[order]
    if (starts[1:] < (starts + bins * bin_width)[:-1] - EDGE * bin_width).any():
        message = f"expected trials that follow one another, found trials that overlap in time in {recording.name}"
        raise InputError(message)
    # Where windows begin and end, in time order: begin, end, begin, end, ...
    edges = np.stack([starts, starts + bins * bin_width], axis=1).ravel() - EDGE * bin_width
    edges = np.maximum.accumulate(edges)
    positions = []
    # Unit by unit: what is computed on the way is small and stays in the processor's cache.
    for times in np.split(recording.spike_times, recording.spike_ends[:-1]):
        first, last = np.searchsorted(times, edges).reshape(-1, 2).T
        window = np.repeat(np.arange(len(starts)), last - first)
        before = np.cumsum(last - first) - (last - first)
        inside = np.arange(len(window)) + (first - before)[window]
        position = ((times[inside] - starts[window]) / bin_width + EDGE).astype(np.int64)
        positions.append(first_bin[window] + np.minimum(position, bins[window] - 1))
    return np.concatenate(positions), np.repeat(np.arange(len(positions)), [len(each) for each in positions])


def count_spikes(position: np.ndarray, unit: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Count placed spikes in every bin of every unit.

    Parameters
    ----------
    position, unit : arrays of int, shape (spike,)
        As from `place_spikes`; a negative unit is not counted.
    shape : (trial, time, unit)

    Returns
    -------
    array, shape (trial, time, unit)

    Examples
    --------
    >>> count_spikes(np.array([0, 0, 2, 0]), np.array([0, 0, 0, 1]), (1, 3, 2))[0]
    array([[2., 1.],
           [0., 0.],
           [1., 0.]])
    """
    counted = unit >= 0
    cell = position[counted] * shape[2] + unit[counted]
    # Weights make the result float64 at once.
    return np.bincount(cell, weights=np.ones(len(cell)), minlength=int(np.prod(shape))).reshape(shape)
