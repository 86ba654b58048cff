"""The layout of MC_Maze and its Large, Medium and Small siblings: delayed reaches, straight or around barriers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.flags import exclude
from neurocompare.recordings.layouts.bare import EVENTS, bare_recording, finished
from neurocompare.recordings.layouts.conventions import Conventions, Rule
from neurocompare.recordings.layouts.movement import Stored, read_movement
from neurocompare.recordings.recording import Recording
from neurocompare.settings import Choices

__all__ = ["AREAS", "EVENTS", "condition_label", "matches", "recording_from"]

MAZES = Conventions(
    condition=(("trial_type", "trial_version"),),
    rules=(Rule("split", ("train", "val"), "not in the train or val split"),),
)
conventions = (MAZES,)
AREAS = {1: "PMd", 2: "M1"}
MOVEMENTS = {"hand": Stored("hand_pos", "hand_vel"), "cursor": Stored("cursor_pos")}


def matches(contents: Contents) -> bool:
    """Whether the columns are those of this layout; the published test files lack all that describe trials."""
    return {"trial_type", "trial_version", "move_onset_time"} <= set(contents.trials) or (
        {"split", "move_onset_time"} <= set(contents.trials) and "heldout" in contents.units
    )


def recording_from(contents: Contents, choices: Choices) -> Recording:
    """Make a recording: conditions, events, areas, targets and behaviour in mm and mm/s.

    A condition is a trial type (which maze) with a trial version (which targets and barriers it shows). Areas come from
    the first digit of the unit id, 1 for PMd and 2 for M1, because the published electrode indices of M1 units are
    wrong. ``target_x``, ``target_y`` (mm) and ``target_angle`` (rad) are those of the target that was reached for.
    Trials of the splits ``test`` and ``none`` are not used.

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
        If hand positions cannot be in mm, see `lengths`, or active targets are not among the trials' targets.
    """
    bare = bare_recording(contents)
    areas, note = unit_areas(bare.units)
    trials = bare.trials
    described: tuple[str, ...] = ()
    if columns := MAZES.columns(trials):
        known = trials[list(columns)].notna().all(axis=1)
        rows = zip(known, *(trials[name] for name in columns), strict=True)
        trials["condition"] = [condition_label(*row) if complete else None for complete, *row in rows]
        if {"target_pos", "active_target"} <= set(trials):
            target = reached_targets(trials)
            unknown = np.asarray(np.isnan(target).any(axis=1))
            trials = exclude(trials, unknown, "active target not among its targets") if unknown.any() else trials
            trials["target_angle"] = np.arctan2(target[:, 1], target[:, 0])
            trials["target_x"], trials["target_y"] = target.T
            described = ("target_angle", "target_x", "target_y")
        trials = MAZES.sorted_out(trials)
    movement = read_movement(contents, choices, MOVEMENTS, stored=1.0)
    recording = finished(bare, contents, movement, trials, described=described, notes=(note,))
    recording.units["area"] = areas
    return recording


def condition_label(trial_type: int, trial_version: int) -> str:
    """Label of a condition; labels sort as their numbers do.

    Examples
    --------
    >>> condition_label(7, 1)
    '07-1'
    """
    return f"{int(trial_type):02d}-{int(trial_version)}"


def unit_areas(units: pd.DataFrame) -> tuple[np.ndarray, str]:
    """Area of each unit from the first digit of its four-digit id, or as its electrode says where an id has none."""
    arrays = units.index.to_numpy() // 1000
    if np.isin(arrays, list(AREAS)).all():
        return np.array([AREAS[array] for array in arrays.tolist()]), "Areas follow the first digit of the unit id."
    return units["area"].to_numpy(), "Areas are what the units' electrodes say, which published files get wrong for M1."


def reached_targets(trials: pd.DataFrame) -> np.ndarray:
    """Position of the active target of each trial, shape (trial, 2); NaN where it is not among the targets.

    Raises
    ------
    InputError
        If it is so in most trials.
    """
    positions = np.full((len(trials), 2), np.nan)
    for row, (targets, active) in enumerate(zip(trials["target_pos"], trials["active_target"], strict=True)):
        targets = np.asarray(targets, dtype=np.float64).reshape(-1, 2)
        if 0 <= active < len(targets):
            positions[row] = targets[int(active)]
    if np.isnan(positions).any(axis=1).mean() > 0.5:
        name, active = trials.index[0], trials["active_target"].iloc[0]
        message = f"expected an active target among the targets of every trial, found index {active} in trial {name}"
        raise InputError(message)
    return positions
