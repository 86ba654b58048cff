"""Which columns of a table of trials could say what a trial was, which could be its events, and why others are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from neurocompare.recordings.time_units import likely_unit

if TYPE_CHECKING:
    from neurocompare.recordings.recording import Recording


BOUNDS = ("start_time", "stop_time")
SLACK = 1.0
"""An event may lie this far outside its trial, in s: rewards come after the end."""

MOSTLY = 0.9
"""This share of an event's times must lie inside their trials; the others are slips, or codes for missing."""

FEW = 4
"""Values of a column that are all named."""

SHORT = 0.1
"""In s: events that all lie so close to their trial's start are not told from numbers of another kind."""


def scalar_columns(trials: pd.DataFrame) -> list[str]:
    """Columns with one number or text a trial, without trial bounds and what layouts add."""
    added = (*BOUNDS, "condition", "excluded")
    return [
        str(name)
        for name in trials
        if name not in added and (trials[name].dtype.kind in "iufb" or isinstance(trials[name].iloc[0], str))
    ]


def event_columns(trials: pd.DataFrame) -> tuple[str, ...]:
    """Columns of numbers that nearly all lie inside their trial, and are not missing everywhere.

    Examples
    --------
    >>> trials = pd.DataFrame({"start_time": [10.0], "stop_time": [12.0], "go": [11.0], "rt": [0.3]})
    >>> event_columns(trials)
    ('go',)
    """
    events = []
    for name in scalar_columns(trials):
        if trials[name].dtype.kind != "f":
            continue
        if mostly_inside(trials, name):
            events.append(name)
    return tuple(events)


def mostly_inside(trials: pd.DataFrame, name: str) -> bool:
    """Whether nearly all times of a column lie inside their trials; false where all are missing."""
    values = trials[name].to_numpy(dtype=float)
    known = np.isfinite(values)
    return bool(known.any() and inside_trials(trials, values)[known].mean() >= MOSTLY)


def inside_trials(trials: pd.DataFrame, times: np.ndarray) -> np.ndarray:
    """Where times lie inside their trial, give or take a second, shape (trial,)."""
    start, stop = (trials[name].to_numpy(dtype=float) for name in BOUNDS)
    return (times >= start - SLACK) & (times <= stop + SLACK)


def condition_columns(trials: pd.DataFrame) -> tuple[str, ...]:
    """Columns with at least two values, and at least two trials a value on average.

    Examples
    --------
    >>> trials = pd.DataFrame({"start_time": range(4), "stop_time": range(4), "target": [1, 2, 1, 2], "n": range(4)})
    >>> condition_columns(trials)
    ('target',)
    """
    events = event_columns(trials)
    names = [name for name in scalar_columns(trials) if name not in events]
    return tuple(name for name in names if 2 <= trials[name].nunique() <= len(trials) / 2)


def advice_on_conditions(recording: Recording) -> str:
    """Say what to do about a recording without conditions."""
    columns = condition_columns(recording.trials)
    if not columns:
        return "give a file that says what each trial was"
    values = ", ".join(f"{name} ({recording.trials[name].nunique()} values)" for name in columns)
    numbers = [name for name in columns if pd.api.types.is_any_real_numeric_dtype(recording.trials[name])]
    angle = f"; --direction in its place where {' or '.join(numbers)} is the target's direction" if numbers else ""
    return f"choose them with --condition, of {values}{angle}"


def advice_on_selection(recording: Recording) -> tuple[str, ...]:
    """Name the columns that could tell trials and units that count from others; empty where none could."""
    known = ("target_angle", *recording.condition_columns)
    trials = [_with_values(recording.trials[name]) for name in condition_columns(recording.trials) if name not in known]
    units = [
        _with_values(recording.units[name])
        for name in scalar_columns(recording.units)
        if name != "area" and recording.units[name].nunique() > 1
    ]
    return tuple(
        f"{what}, with {option}: {', '.join(columns)}"
        for what, option, columns in (("trials", "--valid", trials), ("units", "--good-units", units))
        if columns
    )


def _with_values(column: pd.Series) -> str:
    """Name a column and what is in it: its values where they are few, else their range or number."""
    values = column.dropna().unique()
    if len(values) <= FEW:
        inside = ", ".join(str(value) for value in sorted(values))
    elif pd.api.types.is_any_real_numeric_dtype(column):
        inside = f"{values.min():.3g} to {values.max():.3g}"
    else:
        inside = f"{len(values)} values"
    return f"{column.name} ({inside})"


ROLES = {"target_on_time": "--target-onset", "go_cue_time": "--go", "move_onset_time": "--movement-onset"}
"""Options that name the column of an event."""


def advice_on_events(recording: Recording, event: str) -> str:
    """Say what to do about an event that is not there; empty where nothing can be done."""
    names = dict.fromkeys([*recording.events, *event_columns(recording.trials)])
    role = f"name its column with {ROLES[event]}, or " if event in ROLES else ""
    if event == "move_onset_time" and "go_cue_time" not in recording.events:
        role += "name the go cue with --go, and it is computed from the movement, or "
    return f"; {role}choose with --event, of {', '.join(names)}" if names else ""


def trouble_with(trials: pd.DataFrame, name: str) -> str:
    """Say what the numbers of a column look to be if they are no times inside their trials; empty if nothing known.

    Examples
    --------
    >>> start = 10.0 + 3 * np.arange(5)
    >>> trials = pd.DataFrame({"start_time": start, "stop_time": start + 2})
    >>> trials["go"], trials["lift"] = 1000 * (start + 0.5), 0.5 + 0.1 * np.arange(5)
    >>> trouble_with(trials, "go")
    '; go looks to be in ms: convert it to s'
    >>> trouble_with(trials, "lift")
    '; lift lies inside trials if it counts from their start: if so, name it with --relative too'
    """
    if name not in trials or trials[name].dtype.kind not in "iuf":
        return ""
    values = trials[name].to_numpy(dtype=float)
    known = np.isfinite(values)
    if not known.any():
        return f"; {name} is missing in every trial"
    start, stop = (trials[bound].to_numpy(dtype=float) for bound in BOUNDS)

    def fits(times: np.ndarray) -> bool:
        return bool(inside_trials(trials, times)[known].mean() >= MOSTLY)

    def within(lags: np.ndarray) -> bool:
        inside = (lags >= 0) & (lags <= stop - start)
        return bool(inside[known].mean() >= MOSTLY and np.quantile(lags[known], MOSTLY) > SHORT)

    if (unit := likely_unit(lambda factor: fits(values * factor))) is not None:
        return f"; {name} looks to be in {unit}: convert it to s"
    if within(values):
        return f"; {name} lies inside trials if it counts from their start: if so, name it with --relative too"
    continuous = len(np.unique(values[known])) > known.sum() / 2
    if continuous and (unit := likely_unit(lambda factor: factor < 1 and within(values * factor))) is not None:
        return f"; {name} lies inside trials if it counts from their start in {unit}: convert it to s"
    share = 1 - inside_trials(trials, values)[known].mean()
    return f"; {share:.0%} of {name} lies outside its trials"
