"""Whether spikes, trials and behaviour can be on one clock, in s: if not, which unit would explain it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.candidates import BOUNDS
from neurocompare.recordings.recording import Recording, Series
from neurocompare.recordings.time_units import MISTAKES, likely_unit

MOST_SILENT = 0.5
"""Where no unit fires in so many trials, trials and spikes are not on one clock."""

SAME_SPAN = (0.97, 4.0)
"""Spikes and behaviour last about as long as the trials, or longer: in their right unit, so many times."""

TRIAL_LENGTH = (0.2, 30.0)
"""In s: half of a session's trials last less, half more than one within."""

UNIT_RATE = (0.2, 400.0)
"""In spikes/s: the median unit's rate in trials."""

MOST_TRIALS = 500
"""Of longer sessions, so many trials say how fast units fire."""

SLOWEST_SAMPLING = 0.2
"""In s: movement that is sampled more seldom is none."""

TOO_LONG = 120.0
"""In s: the median trial of no reaching task is longer."""


def check_times(recording: Recording) -> None:
    """Refuse times that cannot all be seconds on one clock.

    Raises
    ------
    InputError
        If hardly any trial has spikes, or samples of the behaviour that networks are to produce, or trials last and
        units fire as no animal's do. The message names the unit that would explain it, where one would.
    """
    start, stop = (recording.trials[name].to_numpy(dtype=float) for name in BOUNDS)
    fine = stop > start
    start, stop = start[fine], stop[fine]
    if not start.size or not recording.spike_times.size:
        return
    refuse_other_clock(recording, start, stop)
    refuse_other_pace(recording, start, stop)
    if (target := recording.series(recording.target)) is not None and len(target.times) > 2:
        refuse_other_sampling(target, start, stop)


def refuse_other_clock(recording: Recording, start: np.ndarray, stop: np.ndarray) -> None:
    """Refuse trials most of which have no spike of any unit although there are spikes enough."""
    silent = ~with_spikes(recording, start, stop)
    if silent.mean() <= MOST_SILENT or len(recording.spike_times) < 10 * len(start):
        return
    first, last = recording.spike_times.min(), recording.spike_times.max()
    begin, end = start.min(), stop.max()
    spans = f"spikes from {first:.6g} to {last:.6g} and trials from {begin:.6g} to {end:.6g}"
    unit = same_span(last - first, end - begin)
    if unit is not None:
        message = f"expected spike times in s, as trials are, found {spans}: spikes look to be in {unit}; convert them"
        raise InputError(message)
    unit = same_span(end - begin, last - first)
    if unit is not None:
        message = f"expected trial times in s, as spikes are, found {spans}: trials look to be in {unit}; convert them"
        raise InputError(message)
    raise InputError(
        f"expected spikes during trials, found {spans} s, and none in {int(silent.sum())} of {len(start)} trials: they "
        "are not on one clock; correct the file"
    )


def with_spikes(recording: Recording, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Whether any unit fires in each trial, shape (trial,)."""
    firing = np.zeros(len(start), dtype=bool)
    for times in np.split(recording.spike_times, recording.spike_ends[:-1]):
        firing |= np.searchsorted(times, stop) > np.searchsorted(times, start)
        if firing.all():
            break
    return firing


def same_span(span: float, other: float) -> str | None:
    """Name the unit in which a span is as long as another, in s, or a little longer: the one that is nearest.

    Examples
    --------
    >>> same_span(161_000.0, 160.0), same_span(161.0 * 30_000, 160.0), same_span(90.0, 160.0)
    ('ms', 'samples at 30 kHz', None)
    """
    low, high = SAME_SPAN
    fitting = {factor * span / other: name for factor, name in MISTAKES.items() if low <= factor * span / other <= high}
    return fitting[min(fitting, key=lambda ratio: abs(np.log(ratio)))] if fitting else None


def refuse_other_pace(recording: Recording, start: np.ndarray, stop: np.ndarray) -> None:
    """Refuse trials that last minutes while units hardly fire, and units that fire faster than any can."""
    length = float(np.median(stop - start))
    some = slice(None, None, -(-len(start) // MOST_TRIALS))
    start, stop = start[some], stop[some]
    inside = [
        (np.searchsorted(times, stop) - np.searchsorted(times, start)).sum()
        for times in np.split(recording.spike_times, recording.spike_ends[:-1])
    ]
    rate = float(np.median(inside) / (stop - start).sum())
    slowest, fastest = UNIT_RATE
    if not (length > TOO_LONG and rate < slowest) and not rate > fastest:
        return
    low, high = TRIAL_LENGTH
    unit = likely_unit(lambda factor: low <= factor * length <= high and slowest < rate / factor < fastest)
    guess = f": times look to be in {unit}; convert them" if unit else "; check the unit of times"
    raise InputError(
        f"expected times in s, found a median trial of {length:.6g} s and a median rate of {rate:.3g} spikes/s{guess}"
    )


def refuse_other_sampling(series: Series, start: np.ndarray, stop: np.ndarray) -> None:
    """Refuse behaviour without samples in most trials, unless it was recorded for part of the session only."""
    step = series.step
    samples = np.searchsorted(series.times, stop) - np.searchsorted(series.times, start)
    if (samples >= 2).mean() > 1 - MOST_SILENT and step <= SLOWEST_SAMPLING:
        return
    first, last = float(series.times[0]), float(series.times[-1])
    begin, end = start.min(), stop.max()
    part = first < end and last > begin and step <= SLOWEST_SAMPLING and 0.2 < (last - first) / (end - begin) < 5
    if part:
        return
    unit = same_span(last - first, end - begin)
    if unit is None and np.array_equal(np.diff(series.times), np.ones(len(series.times) - 1)):
        unit = "sample numbers"
    guess = f"its times look to be in {unit}; convert them" if unit else "check its time stamps or its rate"
    raise InputError(
        f"expected samples of {series.name} in s, as trials are, found them from {first:.6g} to {last:.6g} in steps of "
        f"{step:.3g}, and trials from {begin:.6g} to {end:.6g}: {guess}"
    )


def outside_spikes(trials: pd.DataFrame, spike_times: np.ndarray) -> np.ndarray:
    """Whether a trial lies before the first spike of all units or after the last, shape (trial,).

    Examples
    --------
    >>> trials = pd.DataFrame({"start_time": [0.0, 2.0, 9.0], "stop_time": [1.0, 3.0, 10.0]})
    >>> outside_spikes(trials, np.array([1.5, 2.5, 4.0])).tolist()
    [True, False, True]
    """
    if not spike_times.size:
        return np.zeros(len(trials), dtype=bool)
    start, stop = (trials[name].to_numpy(dtype=float) for name in BOUNDS)
    return (stop < spike_times.min()) | (start > spike_times.max())
