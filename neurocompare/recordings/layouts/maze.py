"""The layout of MC_Maze and its Large, Medium and Small siblings: delayed reaches, straight or around barriers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.contents import Contents, StoredSeries
from neurocompare.recordings.layouts import plain
from neurocompare.recordings.recording import Recording, Series

EVENTS = ("target_on_time", "go_cue_time", "move_onset_time")
AREAS = {1: "PMd", 2: "M1"}
MILLIMETRES = {"mm": 1.0, "millimeters": 1.0, "cm": 10.0, "centimeters": 10.0, "m": 1000.0, "meters": 1000.0}
PLAUSIBLE_SPAN = (10.0, 2000.0)
"""A monkey's reach, in mm."""


def matches(contents: Contents) -> bool:
    """Whether the columns are those of this layout; the published test files lack all that describe trials."""
    return {"trial_type", "trial_version"} <= set(contents.trials) or (
        {"split", "move_onset_time"} <= set(contents.trials) and "heldout" in contents.units
    )


def recording_from(contents: Contents) -> Recording:
    """Make a recording: conditions, events, areas, targets and behaviour in mm and mm/s.

    A condition is a trial type (which maze) with a trial version (which targets and barriers it shows). Areas come from
    the first digit of the unit id, 1 for PMd and 2 for M1, because the published electrode indices of M1 units are
    wrong. ``target_x``, ``target_y`` (mm) and ``target_angle`` (rad) are those of the target that was reached for.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        If hand positions cannot be in mm, see `millimetres`, or an active target is not among a trial's targets.
    """
    recording = plain.recording_from(dataclasses.replace(contents, series=()))
    trials = contents.trials.copy()
    described: tuple[str, ...] = ()
    if {"trial_type", "trial_version"} <= set(trials):
        trials["condition"] = [
            condition_label(*row) for row in zip(trials["trial_type"], trials["trial_version"], strict=True)
        ]
        if {"target_pos", "active_target"} <= set(trials):
            target = reached_targets(trials)
            trials["target_angle"] = np.arctan2(target[:, 1], target[:, 0])
            trials["target_x"], trials["target_y"] = target.T
            described = plain.constant_columns(trials, ["target_angle", "target_x", "target_y"])
    return dataclasses.replace(
        recording,
        units=recording.units.assign(area=unit_areas(recording.units)),
        trials=trials,
        events=tuple(name for name in EVENTS if name in trials),
        behavior=millimetres(contents.series),
        condition_columns=described,
    )


def condition_label(trial_type: int, trial_version: int) -> str:
    """Label of a condition; labels sort as their numbers do.

    Examples
    --------
    >>> condition_label(7, 1)
    '07-1'
    """
    return f"{int(trial_type):02d}-{int(trial_version)}"


def unit_areas(units: pd.DataFrame) -> np.ndarray:
    """Area of each unit from the first digit of its four-digit id, or as its electrode says where an id has none."""
    arrays = units.index.to_numpy() // 1000
    if np.isin(arrays, list(AREAS)).all():
        return np.array([AREAS[array] for array in arrays.tolist()])
    return units["area"].to_numpy()


def reached_targets(trials: pd.DataFrame) -> np.ndarray:
    """Position of the active target of each trial, shape (trial, 2)."""
    positions = []
    for name, targets, active in zip(trials.index, trials["target_pos"], trials["active_target"], strict=True):
        targets = np.asarray(targets, dtype=np.float64).reshape(-1, 2)
        if not 0 <= active < len(targets):
            message = (
                f"expected an active target among the {len(targets)} targets of trial {name}, found index {active}"
            )
            raise InputError(message)
        positions.append(targets[int(active)])
    return np.array(positions)


def millimetres(series: tuple[StoredSeries, ...]) -> tuple[Series, ...]:
    """Scale positions to mm and velocities to mm/s.

    The declared unit and conversion are followed if they make the hand's positions span between 1 cm and 2 m; if they
    do not, but the stored numbers taken as mm do, those are: published files store mm and do not all declare it.

    Raises
    ------
    InputError
        If neither reading is plausible.
    """
    hand = next((s for name in ("hand_pos", "cursor_pos") for s in series if s.name == name), None)
    as_stored = False
    if hand is not None:
        span = float(np.ptp(hand.values, axis=0).max())
        declared = span * declared_scale(hand)
        as_stored = not plausible(declared)
        if as_stored and not plausible(span):
            message = (
                f"expected {hand.name} to span 10 to 2000 mm, found {declared:.3g} mm by the declared unit "
                f"{hand.unit!r} and conversion {hand.conversion:g}; correct them in the file"
            )
            raise InputError(message)
    scaled = []
    for s in series:
        scale = 1.0 if as_stored else declared_scale(s)
        unit = "mm/s" if s.name.endswith("_vel") else "mm"
        scaled.append(Series(s.name, s.times, s.values if scale == 1.0 else s.values * scale, s.columns, unit))
    return tuple(scaled)


def declared_scale(series: StoredSeries) -> float:
    """Factor from stored numbers to mm (or mm/s), as the file declares; 1 where it declares nothing usable.

    Examples
    --------
    >>> declared_scale(StoredSeries("hand_vel", np.zeros(2), np.zeros((2, 1)), ("x",), "m/s", 0.001))
    1.0
    """
    scale = MILLIMETRES.get(series.unit.split("/")[0].strip().lower(), np.nan) * series.conversion
    return float(scale) if np.isfinite(scale) else 1.0


def plausible(span: float) -> bool:
    """Whether a hand can move that far, in mm."""
    return PLAUSIBLE_SPAN[0] <= span <= PLAUSIBLE_SPAN[1]
