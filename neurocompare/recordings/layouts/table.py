"""Layouts that are tables: what a laboratory calls its columns, groups and series, and which trials count.

Area2_Bump (centre-out reaches, some with a bump, in somatosensory area 2), Churchland and colleagues (2012: the maze
task, threshold crossings on 192 electrodes) and Even-Chen and colleagues (2019: delayed reaches among barriers, 192
channels).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from neurocompare.recordings.condition_labels import condition_labels
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.kinematics import ONSET_RULE, movement_onsets
from neurocompare.recordings.layouts.bare import area_of, bare_recording, finished
from neurocompare.recordings.layouts.conventions import Conventions, Rule, with_directions
from neurocompare.recordings.layouts.movement import Movement, Stored, read_movement
from neurocompare.recordings.recording import Recording
from neurocompare.settings import Choices


@dataclass(frozen=True)
class Table:
    """A layout that is a table.

    Attributes
    ----------
    marks : set of str
        Trial columns that tell it.
    trials : Conventions
        Which trials count, and what a condition is.
    movements : mapping of str to Stored
    stored : float
        Millimetres that positions are stored in where the file says nothing that can be.
    area : str
        Of all units; where empty, electrode groups say theirs.
    groups : mapping of str to str
        Areas of electrode groups that say nothing.
    names : mapping of str to str
        What our columns are called there.
    degrees : str
        The column with the target's direction in degrees, where that is the condition.
    held : str
        The column with when the target had been held, the end of the reach, where movement onset has to be computed.
    limits : tuple of str
        Columns that look like events and are none.
    notes : tuple of str
    """

    marks: frozenset[str]
    trials: Conventions
    movements: Mapping[str, Stored]
    stored: float = 1.0
    area: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    degrees: str = ""
    held: str = ""
    limits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def conventions(self) -> tuple[Conventions, ...]:
        """Which trials count, by task."""
        return (self.trials,)

    def matches(self, contents: Contents) -> bool:
        """Whether the columns are those of this layout."""
        return self.marks <= set(contents.trials)

    def recording_from(self, contents: Contents, choices: Choices) -> Recording:
        """Make a recording.

        Raises
        ------
        InputError
            If positions cannot be in the unit they should be in, or what an onset is computed of is missing.
        """
        area = np.full(len(contents.units), self.area) if self.area else group_areas(contents, self.groups)
        bare = bare_recording(contents, area=area)
        trials = bare.trials.drop(columns=[name for name in self.limits if name in bare.trials])
        movement = read_movement(contents, choices, self.movements, stored=self.stored, required=bool(self.held))
        for name, there in self.names.items():
            trials[name] = trials[there]
        columns, notes = self.trials.columns(trials), self.notes
        if self.degrees:
            trials = with_directions(trials, trials[self.degrees].to_numpy(dtype=float))
        elif columns:
            trials["condition"] = condition_labels(trials, columns)
        if len(self.trials.condition) > 1:
            notes = (*notes, f"A condition is {' with '.join(columns)}.")
        if self.held:
            trials["move_onset_time"], notes = _onsets(trials, movement, self.held), (*notes, ONSET_RULE)
        described = ("target_angle",) if self.degrees else ()
        return finished(bare, contents, movement, self.trials.sorted_out(trials), described=described, notes=notes)


def group_areas(contents: Contents, known: Mapping[str, str]) -> np.ndarray:
    """Area of each unit: what its electrode group says of itself, or what groups of its name are `known` to be."""
    units = contents.units
    groups = units["electrode_group"].astype(str) if "electrode_group" in units else ["unknown"] * len(units)
    texts = units["group_text"].astype(str) if "group_text" in units else [""] * len(units)
    pairs = [(area_of(text), known.get(group, group)) for group, text in zip(groups, texts, strict=True)]
    return np.array([area if area in ("PMd", "M1") else otherwise for area, otherwise in pairs])


def _onsets(trials: pd.DataFrame, movement: Movement, held: str) -> np.ndarray:
    """Return onsets of reaches that end when the target has been held, or with the trial."""
    go, stop = (trials[name].to_numpy(dtype=float) for name in ("go_cue_time", "stop_time"))
    if held in trials and trials[held].dtype.kind == "f":
        until = trials[held].to_numpy(dtype=float)
        stop = np.where(until > go, np.fmin(until, stop), stop)
    return movement_onsets(movement.named("_vel"), go, stop)


HAND_AND_CURSOR = {"hand": Stored("Position/Hand"), "cursor": Stored("Position/Cursor")}

AREA2 = Table(
    marks=frozenset({"cond_dir", "ctr_hold_bump"}),
    trials=Conventions(
        condition=(("cond_dir",),),
        rules=(
            Rule("split", ("train", "val"), "not in the train or val split"),
            Rule("result", ("R",), "not rewarded"),
            Rule("ctr_hold_bump", (False,), "passive, moved by a bump"),
        ),
    ),
    movements={"hand": Stored("hand_pos", "hand_vel")},
    stored=10.0,
    area="area 2",
    degrees="cond_dir",
    notes=(
        "Recorded in somatosensory area 2, which is not motor cortex: it follows the movement as much as it leads it.",
        "Trials in which a bump moved the hand are not used: no network could make them of its cues.",
    ),
)

CHURCHLAND = Table(
    marks=frozenset({"target_presentation_time", "move_begins_time", "discard_trial"}),
    trials=Conventions(
        # Not all files have the same columns.
        condition=(
            ("maze_condition", "trial_version"),
            ("maze_condition",),
            ("trial_type", "trial_version"),
            ("trial_type",),
        ),
        rules=(
            Rule("discard_trial", (False,), "discarded"),
            Rule("task_success", (True,), "failed"),
            Rule("correct_reach", (True,), "reached incorrectly"),
            Rule("novel_maze", (False,), "novel maze"),
        ),
    ),
    movements=HAND_AND_CURSOR,  # in mm, with a conversion that is not a number
    groups={"1": "PMd", "2": "M1"},
    names={"target_on_time": "target_presentation_time", "move_onset_time": "move_begins_time"},
    notes=(
        "Units are threshold crossings, several cells each.",
        "Target positions are not used: some files store them without their sign.",
    ),
)

EVEN_CHEN = Table(
    marks=frozenset({"target_shown_time", "version_id", "is_successful"}),
    trials=Conventions(condition=(("version_id",),), rules=(Rule("is_successful", (True,), "failed"),)),
    movements=HAND_AND_CURSOR,  # x, y and z in mm, with a conversion that is not a number
    names={"target_on_time": "target_shown_time"},
    held="target_held_time",
    limits=("reach_time", "target_hold_time", "fail_time"),
    notes=(
        "Areas are what the file's electrode groups say; other files of this laboratory say the opposite: uncertain.",
        "The columns reach_time, target_hold_time and fail_time are limits, not events.",
    ),
)
