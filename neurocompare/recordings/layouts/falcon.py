"""The layout of FALCON M1 (monkeys L and X): reach to grasp with sixteen muscles and no hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.condition_labels import condition_labels
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.layouts.bare import bare_recording, finished
from neurocompare.recordings.layouts.conventions import Conventions, Rule
from neurocompare.recordings.layouts.movement import Movement, chosen_series
from neurocompare.recordings.recording import Recording, Series
from neurocompare.recordings.segment import MOVEMENT_ONLY
from neurocompare.settings import Choices

MUSCLES = "preprocessed_emg"
GRASPS = Conventions(
    condition=(("tgt_obj", "tgt_loc"),), rules=(Rule("result", ("R",), "not rewarded"),), windows=(MOVEMENT_ONLY,)
)
conventions = (GRASPS,)
NOTES = (
    "A condition is an object with a location; condition_id is numbered anew in every session and not used.",
    "Time stamps of muscles are the ends of their bins: each sample is placed at the middle, half a bin earlier.",
    "Muscles are filtered forwards and backwards in time and scaled for each file as a whole; their unit is arbitrary "
    "whatever the file declares. Sizes compare within a muscle of one session only.",
)


def matches(contents: Contents) -> bool:
    """Whether the columns are those of this layout."""
    return {"gocue_time", "tgt_obj", "tgt_loc"} <= set(contents.trials)


def recording_from(contents: Contents, choices: Choices) -> Recording:
    """Make a recording: conditions of object and location, all units in M1, and muscles as one series ``emg``.

    Parameters
    ----------
    contents : Contents
    choices : Choices
        The target can only be ``"emg"``.

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        If the hand or cursor is asked for, or muscles are not sampled together.
    """
    if choices.target not in (None, "emg"):
        message = f"expected muscles as the target, found {choices.target!r}; this layout has neither hand nor cursor"
        raise InputError(message)
    bare = bare_recording(contents, area=np.full(len(contents.units), "M1"))
    trials = bare.trials
    trials["go_cue_time"] = trials["gocue_time"]
    trials["condition"] = condition_labels(trials, GRASPS.columns(trials))
    trials = GRASPS.sorted_out(trials)
    described = tuple(name for name in ("tgt_loc",) if pd.api.types.is_numeric_dtype(trials[name]))
    muscles = read_muscles(contents) if choices.behavior is None else chosen_series(contents, choices.behavior)
    recording = finished(bare, contents, muscles, trials, windows=GRASPS.windows, described=described, notes=NOTES)
    return replace(recording, events=tuple(name for name in recording.events if name != "gocue_time"))


def read_muscles(contents: Contents) -> Movement:
    """Read all muscles as the columns of one series; empty where the file has none.

    Raises
    ------
    InputError
        If muscles have different time stamps.
    """
    paths = [path for path in contents.paths if f"/{MUSCLES}/" in path]
    if not paths:
        return Movement()
    muscles = [contents.series(path) for path in paths]
    times = muscles[0].times
    for muscle in muscles:
        if not (muscle.times is times or np.array_equal(muscle.times, times)):
            message = f"expected muscles sampled together, found {muscle.name} at other times than {muscles[0].name}"
            raise InputError(message)
    half = 0.5 * float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    values = np.concatenate([muscle.values for muscle in muscles], axis=1)
    emg = Series("emg", times - half, values, tuple(muscle.name for muscle in muscles), "arbitrary")
    return Movement((emg,), "emg", (), tuple(paths))
