"""Behaviour averaged over the trials of each condition, on times around an event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.recordings.observed import within_invalid
from neurocompare.recordings.recording import Recording, Series
from neurocompare.recordings.segment import Segment
from neurocompare.recordings.spike_counts import condition_table
from neurocompare.recordings.windows import TOLERANCE, Windows, event_times, time_axis, windows_of


def mean_behavior(
    recording: Recording,
    name: str,
    times: Sequence[float] | np.ndarray,
    *,
    event: str,
    conditions: Sequence[str] | None = None,
    segments: tuple[Segment, ...] | None = None,
) -> xr.DataArray:
    """Average a behavioural series over the trials of each condition, at times relative to an event.

    Trials are those that `trials_of` uses with the same `segments`, without those whose own samples do not cover all
    of `times`. Values between samples are interpolated linearly; never across a gap, never from another trial.

    Parameters
    ----------
    recording : Recording
    name : str
        Such as ``"hand_vel"``.
    times : sequence of float, shape (time,)
        In s relative to `event`.
    event : str
        Such as ``"move_onset_time"``.
    conditions : sequence of str, optional
        Labels, in the order wanted; all, sorted, where None.
    segments : tuple of Segment, optional

    Returns
    -------
    xarray.DataArray, dims (condition, time, column)
        In the series' own unit, which ``attrs["unit"]`` names. The coordinate ``n_trials`` along condition says how
        many trials each average is over.

    Raises
    ------
    InputError
        If the recording lacks the series or the event, or no trial of a condition covers the times.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording
    >>> recording = open_recording("synthetic")
    >>> hand = mean_behavior(recording, "hand_vel", [0.0, 0.1, 0.2], event="move_onset_time")
    >>> dict(hand.sizes), hand.attrs["unit"]
    ({'condition': 8, 'time': 3, 'column': 2}, 'mm/s')
    """
    return average_series(recording, name, times, event, conditions, windows_of(recording, segments))


def behavior_of(
    recording: Recording, name: str, *, segments: tuple[Segment, ...] | None = None, bin_width: float | None = None
) -> xr.DataArray:
    """Average a behavioural series on the time axis that `trials_of` gives the same segments and bins.

    Parameters
    ----------
    recording : Recording
    name : str
        Of one of its behavioural series.
    segments : tuple of Segment, optional
        As given to `trials_of`; the recording's own where None.
    bin_width : float, optional
        In s; the recording's own where None.

    Returns
    -------
    xarray.DataArray, dims (condition, time, column)
        Labelled along condition and time as the recording's `Responses` are, in the series' own unit.

    Raises
    ------
    InputError
        As `mean_behavior`.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording
    >>> behavior_of(open_recording("synthetic"), "hand_vel").sizes
    Frozen({'condition': 8, 'time': 44, 'column': 2})
    """
    segments = recording.segments if segments is None else segments
    windows = windows_of(recording, segments)
    bin_width = recording.reading.chosen(bin_width=bin_width).bin_width
    time, segment, event_time = time_axis(segments, windows.offsets, bin_width)
    parts = [
        average_series(recording, name, event_time[segment == i], s.event, None, windows)
        for i, s in enumerate(segments)
    ]
    return xr.concat([part.drop_vars("n_trials") for part in parts], dim="time").assign_coords(time=time)


def average_series(
    recording: Recording,
    name: str,
    times: Sequence[float] | np.ndarray,
    event: str,
    conditions: Sequence[str] | None,
    windows: Windows,
) -> xr.DataArray:
    """Do the work of `mean_behavior` for windows already found."""
    series = recording.series(name)
    if series is None:
        names = ", ".join(series.name for series in recording.behavior) or "no behaviour"
        raise InputError(f"expected behaviour called {name!r}, found {names} in {recording.name}")
    times = np.asarray(times, dtype=np.float64)
    moments = event_times(recording, [event])[windows.rows] + times
    trials = recording.trials.iloc[windows.rows]
    start, stop = (trials[bound].to_numpy(dtype=float)[:, None] for bound in ("start_time", "stop_time"))
    within = (moments >= start - TOLERANCE) & (moments <= stop + TOLERANCE)
    within &= ~within_invalid(moments, moments, recording.invalid)
    values, covered = interpolated(series, moments)
    complete = (within & covered).all(axis=1)
    labels = trials["condition"].to_numpy(dtype=str)
    conditions = list(condition_table(recording, windows.rows).index) if conditions is None else list(conditions)
    means, n_trials = [], []
    for condition in conditions:
        rows = np.nonzero(complete & (labels == condition))[0]
        if not rows.size:
            raise InputError(
                f"expected trials of condition {condition} with {name} from {times.min():+.3g} to {times.max():+.3g} s "
                f"around {event}, found none among {int((labels == condition).sum())}; choose times inside the trials, "
                "by a shorter --window or another --lag"
            )
        means.append(values[rows].mean(axis=0))
        n_trials.append(len(rows))
    return xr.DataArray(
        np.array(means),
        dims=("condition", "time", "column"),
        coords={
            "condition": np.array(conditions, dtype=str),
            "time": times,
            "column": list(series.columns),
            "n_trials": ("condition", n_trials),
        },
        attrs={"unit": series.unit, "source": recording.name},
        name=name,
    )


def interpolated(series: Series, moments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Interpolate a series linearly, and say where that is sound.

    Parameters
    ----------
    series : Series
    moments : array
        In s.

    Returns
    -------
    values : array, shape (*moments.shape, column)
        Before the first sample and after the last, theirs.
    covered : array of bool, same shape as `moments`
        Whether a moment lies on a sample or between two that are not a gap apart. They are a gap apart when more than
        one and a half of the series' median steps lie between them.

    Examples
    --------
    >>> gap = Series("hand_vel", np.array([0.0, 0.1, 0.2, 0.9]), np.array([[0.0], [1.0], [4.0], [9.0]]), ("x",), "mm/s")
    >>> values, covered = interpolated(gap, np.array([0.05, 0.2, 0.5]))
    >>> values[:2, 0].round(6).tolist(), covered.tolist()
    ([0.5, 4.0], [True, True, False])
    """
    if len(series.times) < 2:
        return np.zeros((*moments.shape, series.values.shape[1])), np.zeros(moments.shape, dtype=bool)
    step = series.step
    after = np.searchsorted(series.times, moments).clip(1, len(series.times) - 1)
    left, right = series.times[after - 1], series.times[after]
    share = ((moments - left) / (right - left)).clip(0, 1)[..., None]
    values = (1 - share) * series.values[after - 1] + share * series.values[after]
    on_sample = np.minimum(np.abs(moments - left), np.abs(right - moments)) <= 1e-3 * step
    return values, on_sample | ((moments >= left) & (moments <= right) & (right - left <= 1.5 * step))
