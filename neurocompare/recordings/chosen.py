"""A recording as a user chose it: their conditions, valid trials, events, windows and brain area."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.answers import answers
from neurocompare.recordings.candidates import BOUNDS, event_columns, scalar_columns, trouble_with
from neurocompare.recordings.clock import OVERLAPS, seldom_overlapping
from neurocompare.recordings.condition_labels import condition_labels
from neurocompare.recordings.flags import exclude, with_success
from neurocompare.recordings.layouts.bare import constant_columns
from neurocompare.recordings.plausible_movement import check_movement
from neurocompare.recordings.plausible_times import check_times, outside_spikes
from neurocompare.recordings.recording import Recording
from neurocompare.recordings.roles import TARGET
from neurocompare.recordings.segment import segments_of
from neurocompare.settings import Choices


def as_chosen(recording: Recording, choices: Choices) -> Recording:
    """Apply what a layout leaves to the user, and exclude trials that no one can tell apart.

    Raises
    ------
    InputError
        If a column, an event or an area is not there; the message names those there are.
    """
    trials = recording.trials
    described = recording.condition_columns
    if choices.condition:
        check_columns(trials, choices.condition)
        labels = np.array(condition_labels(trials, choices.condition), dtype=object)
        trials = trials.assign(condition=labels)
        numbers = [name for name in choices.condition if pd.api.types.is_numeric_dtype(trials[name])]
        targets = [name for name in TARGET if name in trials]
        described = constant_columns(trials, list(dict.fromkeys([*described, *targets, *numbers])))
    if choices.valid is not None:
        trials = exclude(trials, ~answers(trials, choices.valid), f"not {choices.valid}")
    trials = exclude(trials, outside_spikes(trials, recording.spike_times), "before or after all recorded spikes")
    trials, success_notes = with_success(trials, choices.valid)
    trials = exclude(trials, ~(trials["stop_time"] > trials["start_time"]), "no duration")
    trials = exclude(trials, seldom_overlapping(trials), OVERLAPS)
    events = dict.fromkeys(recording.events)
    for name in choices.event:
        if name not in events:
            check_event(trials, name, recording)
            events[name] = None
    recording = replace(
        recording,
        trials=trials,
        events=tuple(events),
        condition_columns=described,
        segments=segments_of(choices, recording.segments),
        notes=(*recording.notes, *success_notes, *overlap_note(trials)),
    )
    if choices.good_units is not None:
        recording = recording.with_units(chosen_units(recording, choices.good_units))
    check_times(recording)
    check_movement(recording)
    return recording if choices.area is None else recording.in_area(choices.area)


def chosen_units(recording: Recording, query: str) -> np.ndarray:
    """Where a query on the table of units holds, shape (unit,).

    Raises
    ------
    InputError
        If it is no query on its columns, or holds for no unit.
    """
    chosen = answers(recording.units, query, row="unit")
    if not chosen.any():
        raise InputError(f"expected units for which {query} holds, found none of {len(chosen)}; choose others")
    return chosen


def overlap_note(trials: pd.DataFrame) -> list[str]:
    """Say how many trials are left out because they overlap."""
    count = int((trials["excluded"] == OVERLAPS).sum())
    return [f"{count} trials overlap another in time and are not used."] if count else []


def check_columns(trials: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Refuse columns that are not there or hold more than one value a trial.

    Raises
    ------
    InputError
        Naming the columns that could be meant.
    """
    there = scalar_columns(trials)
    for name in names:
        if name not in there and name not in BOUNDS:
            message = f"expected a trial column {name!r} with one value a trial, found {', '.join(there) or 'none'}"
            raise InputError(message)


def check_event(trials: pd.DataFrame, name: str, recording: Recording) -> None:
    """Refuse an event that is not a column of numbers inside their trials.

    Raises
    ------
    InputError
        Naming the columns that are.
    """
    if name not in BOUNDS and name not in event_columns(trials):
        events = ", ".join(dict.fromkeys([*recording.events, *event_columns(trials)])) or "none"
        raise InputError(
            f"expected an event {name!r}, a trial column of times inside their trials, found {events}"
            f"{trouble_with(trials, name)}"
        )
