"""Roles: which trial columns say when the target appears, when to go, when movement begins, and where it goes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.candidates import mostly_inside, scalar_columns, trouble_with
from neurocompare.recordings.condition_labels import condition_labels, equal_within_rounding, largest_of, turn_of
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.odd_values import without_odd_events
from neurocompare.settings import Choices

EVENTS = {"target_onset": "target_on_time", "go": "go_cue_time", "movement_onset": "move_onset_time"}
"""What the events of each role are called in a recording."""

TARGET = ("target_angle", "target_x", "target_y")
"""What is known of a target, in rad and in the file's unit of length."""

ON_A_CIRCLE = 0.05
"""Targets are on a circle if their distances from its centre differ by no more than this share of it."""


def with_roles(contents: Contents, choices: Choices) -> Contents:
    """Give trials the columns that the user named for their roles, under the names they have in a recording.

    Raises
    ------
    InputError
        If a column is not there, or not what it is named for; the message names those that are.
    """
    trials, notes = contents.trials, list(contents.notes)
    for name in choices.relative:
        trials = trials.assign(**{name: trials["start_time"] + _numbers(trials, name)})
        notes.append(f"Times in {name} count from the start of their trial, as chosen.")
    if choices.relative:
        trials, odd = without_odd_events(trials)
        notes += odd
    for role, event in EVENTS.items():
        name = getattr(choices, role)
        if name is None:
            continue
        values = _numbers(trials, name)
        if not mostly_inside(trials, name):
            raise InputError(
                f"expected times inside their trials in {name}, named for {role}, found others"
                f"{trouble_with(trials, name) or '; choose another column'}"
            )
        trials = trials.assign(**{event: values})
    if choices.direction is not None:
        values = _numbers(trials, choices.direction)
        turn = turn_of("direction", pd.Series(values)) or 360.0
        trials = trials.assign(target_angle=np.angle(np.exp(2j * np.pi * values / turn)))
    if choices.target_position:
        trials = with_positions(trials, choices.target_position)
    if not choices.condition and "condition" not in trials:
        meant = [choices.direction] if choices.direction is not None else ["target_x", "target_y"]
        if choices.direction is not None or choices.target_position:
            trials = trials.assign(condition=np.array(condition_labels(trials, meant), dtype=object))
    return replace(contents, trials=trials, notes=tuple(notes))


def with_positions(trials: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Add ``target_x`` and ``target_y``, and ``target_angle`` where targets are on a circle, about its centre.

    Examples
    --------
    >>> trials = pd.DataFrame({"x": [15.0, 10.0, 5.0, 10.0], "y": [3.0, 8.0, 3.0, -2.0]})
    >>> with_positions(trials, ("x", "y"))["target_angle"].round(3).tolist()
    [0.0, 1.571, 3.142, -1.571]
    """
    if len(names) == 2:
        places = np.stack([_numbers(trials, name) for name in names], axis=1)
    else:
        rows = [np.ravel(row) for row in _column(trials, names[0])]
        if any(len(row) < 2 or row.dtype.kind not in "iuf" for row in rows):
            raise InputError(f"expected x and y of every trial in {names[0]}, found one number; name two columns")
        places = np.array([row[:2] for row in rows], dtype=np.float64)
    beside = largest_of([places])
    places = np.stack([equal_within_rounding(each, beside=beside) for each in places.T], axis=1)
    trials = trials.assign(target_x=places[:, 0], target_y=places[:, 1])
    known = np.unique(places[np.isfinite(places).all(axis=1)], axis=0)
    if len(known) < 2 or "target_angle" in trials:
        return trials
    away = places - known.mean(axis=0)
    radius = np.sqrt(((known - known.mean(axis=0)) ** 2).sum(axis=1))
    if np.ptp(radius) > ON_A_CIRCLE * radius.mean():
        return trials
    return trials.assign(target_angle=np.arctan2(away[:, 1], away[:, 0]))


def _column(trials: pd.DataFrame, name: str) -> pd.Series:
    if name not in trials:
        raise InputError(f"expected a trial column {name!r}, found {', '.join(scalar_columns(trials)) or 'none'}")
    return trials[name]


def _numbers(trials: pd.DataFrame, name: str) -> np.ndarray:
    column = _column(trials, name)
    if column.dtype.kind not in "iuf":
        raise InputError(f"expected numbers in the trial column {name!r}, found {column.dtype}; choose another")
    return column.to_numpy(dtype=np.float64)
