"""Any NWB file with units and trials: what it means comes from the user, and from columns with common names."""

from __future__ import annotations

import re

import pandas as pd

from neurocompare.recordings.candidates import scalar_columns
from neurocompare.recordings.condition_labels import condition_labels
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.kinematics import ONSET_RULE, movement_onsets, velocity
from neurocompare.recordings.layouts.bare import bare_recording, finished
from neurocompare.recordings.layouts.movement import Movement, chosen_series, velocity_rule
from neurocompare.recordings.lengths import MILLIMETRES
from neurocompare.recordings.recording import Recording, Series
from neurocompare.settings import Choices

conventions = ()
COMMON = {
    "hand": ("hand_vel", "finger_vel", "hand_velocity", "hand_pos", "finger_pos", "hand_position", "Hand"),
    "cursor": ("cursor_vel", "cursor_velocity", "cursor_pos", "cursor_position", "Cursor"),
    "emg": ("emg", "EMG", "preprocessed_emg"),
}
"""Names of series that say what they are."""

POSITION = re.compile(r"_?pos(ition)?s?(?![a-z])", re.IGNORECASE)
SPEED = re.compile(r"vel|speed|acc", re.IGNORECASE)


def matches(contents: Contents) -> bool:
    """Any file does."""
    return True


def recording_from(contents: Contents, choices: Choices) -> Recording:
    """Make a recording of what is stored, without assumptions about the experiment.

    Every trial column of numbers that lie inside their trials is an event. A column ``condition``, if there is one and
    no other columns are chosen, says what each trial was; columns of numbers constant within every condition describe
    it. A unit's area is what its first electrode says. Behaviour is the chosen series, or one that is called as hand
    or cursor velocity or muscles commonly are, scaled by the declared conversion and in the declared unit; of
    positions, velocity is computed. Movement onset is, where a go cue is known and no onset is stored.

    Parameters
    ----------
    contents : Contents
    choices : Choices

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        If a chosen series is not there.
    """
    bare = bare_recording(contents)
    trials = bare.trials
    movement = read_behavior(contents, choices)
    notes: tuple[str, ...] = ()
    if "go_cue_time" in trials and "move_onset_time" not in trials and movement.target.endswith("_vel"):
        go, stop = (trials[name].to_numpy(dtype=float) for name in ("go_cue_time", "stop_time"))
        trials["move_onset_time"] = movement_onsets(movement.named(movement.target), go, stop)
        notes = (ONSET_RULE,)
    described: tuple[str, ...] = ()
    if "condition" in trials:
        trials["condition"] = condition_labels(trials, ["condition"])
    if "condition" in trials and not choices.condition:
        described = tuple(
            name
            for name in scalar_columns(trials)
            if name not in bare.events and pd.api.types.is_numeric_dtype(trials[name])
        )
    return finished(bare, contents, movement, trials, described=described, notes=notes)


def read_behavior(contents: Contents, choices: Choices) -> Movement:
    """Read the chosen series, or one with a common name, as velocity where it holds positions; none where none is."""
    if choices.behavior is not None:
        return as_velocity(chosen_series(contents, choices.behavior))
    kinds = COMMON.values() if choices.target is None else [COMMON[choices.target]]
    names = [name for kind in kinds for name in kind]
    there = next((name for name in names if contents.has(name)), None)
    if there is None and choices.target is not None:
        there = names[0]  # whose absence is then reported with what there is
    if there is not None and choices.target is None and len(contents.called(there)) > 1:
        return Movement(notes=(f"There are several series called {there}: {' and '.join(contents.called(there))}.",))
    return Movement() if there is None else as_velocity(chosen_series(contents, there))


def as_velocity(movement: Movement) -> Movement:
    """Differentiate positions, which networks are not to produce; leave anything else as it is."""
    series = movement.named(movement.target)
    if not is_position(series):
        return movement
    name = f"{POSITION.sub('', series.name).strip('_') or series.name}_vel"
    moving = velocity(series, name)
    return Movement((series, moving), name, (*movement.notes, velocity_rule(name)), movement.read)


def is_position(series: Series) -> bool:
    """Whether a series holds positions: in a unit of length, or without one and called so.

    Examples
    --------
    >>> import numpy as np
    >>> still = (np.zeros(2), np.zeros((2, 2)), ("x", "y"))
    >>> is_position(Series("wrist", *still, "cm")), is_position(Series("hand_pos", *still, ""))
    (True, True)
    >>> is_position(Series("hand_vel", *still, "m/s")), is_position(Series("emg", *still, "V"))
    (False, False)
    """
    if SPEED.search(series.name) or "/" in series.unit:
        return False
    return series.unit.strip().casefold() in MILLIMETRES or bool(POSITION.search(series.name))
