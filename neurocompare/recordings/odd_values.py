"""Single values that are none: each costs its spike or its trial, is named and counted, and no more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from neurocompare.errors import InputError, first_few
from neurocompare.recordings.candidates import BOUNDS, event_columns, inside_trials
from neurocompare.recordings.tables import LONGEST_SESSION

FEW = 0.5
"""More of them than this share, and it is the column that is wrong."""

ONE_START = 1e-3
"""In s: trials that start within it of one another start at one time."""

SOME, MOST = 4, 0.8
"""Of more trials than a few, so large a share is never under way at once: bounds that overlap do so with the next."""


def without_odd_spikes(
    times: np.ndarray, ends: np.ndarray, ids: Sequence | pd.Index
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Leave out spike times that are missing (NaN fills up what a writer had no spikes for) or that no clock shows.

    Returns
    -------
    times, ends : arrays
        As in `Recording`.
    notes : list of str

    Raises
    ------
    InputError
        If most of them are none.

    Examples
    --------
    >>> without_odd_spikes(np.array([0.1, np.nan, 0.3]), np.array([2, 3]), [7, 8])
    (array([0.1, 0.3]), array([1, 2]), ['Spike times that are none were left out: 1 of unit 7.'])
    """
    if not times.size or max(times.max(), -times.min()) < LONGEST_SESSION:  # false where one is NaN
        return times, ends, []
    fine = np.abs(times) < LONGEST_SESSION
    named = times[~np.isnan(times)]
    if named.size and (np.abs(named) >= LONGEST_SESSION).mean() > FEW:
        raise InputError(
            f"expected spike times in s, found {named[np.abs(named).argmax()]:g}; check the file: seconds since 1970, "
            "samples and ns are not seconds of a session"
        )
    unit = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    lost, kept = (np.bincount(unit[where], minlength=len(ends)) for where in (~fine, fine))
    counts = [f"{lost[u]:,} of unit {ids[u]}" for u in np.nonzero(lost)[0].tolist()]
    return times[fine], np.cumsum(kept), [f"Spike times that are none were left out: {first_few(counts, 6)}."]


def without_odd_trials(trials: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out trials without a start and a stop that are times.

    Returns
    -------
    trials : pandas.DataFrame
    notes : list of str

    Raises
    ------
    InputError
        If most of them are, or all trials start at one time.

    Examples
    --------
    >>> without_odd_trials(pd.DataFrame({"start_time": [0.0, 2.0], "stop_time": [1.0, np.nan]}))[1]
    ['1 trials have no start or stop that is a time and are not used: 1.']
    """
    times = trials[list(BOUNDS)].to_numpy(dtype=float)
    fine = np.asarray((np.abs(times) < LONGEST_SESSION).all(axis=1))
    if (~fine).mean() > FEW:
        value = times[~(np.abs(times) < LONGEST_SESSION)][0]
        raise InputError(f"expected start and stop times of trials in s, found {value:g} in most; check the file")
    refuse_one_moment(*times[fine].T)
    if fine.all():
        return trials, []
    return trials.loc[fine], [
        f"{int((~fine).sum())} trials have no start or stop that is a time and are not used: "
        f"{first_few(list(map(str, trials.index[~fine])), 6)}."
    ]


def refuse_one_moment(start: np.ndarray, stop: np.ndarray) -> None:
    """Refuse trials that nearly all start at one time, or are under way at one, as those of a clock of their own are.

    Raises
    ------
    InputError
    """
    if len(start) < 3:
        return
    one = float(np.median(start))
    under_way = np.searchsorted(np.sort(start), start, side="right") - np.searchsorted(np.sort(stop), start, "right")
    if (np.abs(start - one) < ONE_START).mean() > FEW:
        pattern = f"nearly all start at {one:g} s"
    elif len(start) > SOME and under_way.max() > MOST * len(start):
        pattern = f"are nearly all under way at {start[under_way.argmax()]:g} s"
    else:
        return
    raise InputError(
        f"expected trials one after the other, found {len(start)} that {pattern}: their clock restarts with every "
        "trial; place trials, spikes and behaviour one after the other"
    )


def without_odd_events(trials: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Take events as missing where they lie outside their trials, as -1, 0 and slips do, if they seldom do.

    Examples
    --------
    >>> trials = pd.DataFrame({"start_time": np.arange(20.0), "stop_time": np.arange(20.0) + 1})
    >>> trials["go"] = np.where(np.arange(20) == 7, -1.0, np.arange(20) + 0.5)
    >>> without_odd_events(trials)[1]
    ['go lies outside its trial in 1 trials, where it is taken as missing: 7.']
    """
    notes, columns = [], {}
    for name in event_columns(trials):
        values = trials[name].to_numpy(dtype=float)
        outside = ~np.isnan(values) & ~inside_trials(trials, values)
        if outside.any():
            columns[name] = np.where(outside, np.nan, values)
            which = first_few(list(map(str, trials.index[outside])), 6)
            notes.append(
                f"{name} lies outside its trial in {int(outside.sum())} trials, where it is taken as missing: {which}."
            )
    return trials.assign(**columns) if columns else trials, notes
