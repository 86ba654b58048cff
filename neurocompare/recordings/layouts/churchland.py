"""The layout of Churchland and colleagues (2012): the maze task, threshold crossings on 192 electrodes."""

from __future__ import annotations

import numpy as np

from neurocompare.recordings.condition_labels import condition_labels
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.layouts.bare import area_of, bare_recording, finished
from neurocompare.recordings.layouts.conventions import Conventions, Rule
from neurocompare.recordings.layouts.movement import Stored, read_movement
from neurocompare.recordings.recording import Recording
from neurocompare.settings import Choices

MOVEMENTS = {"hand": Stored("Position/Hand"), "cursor": Stored("Position/Cursor")}
GROUPS = {"1": "PMd", "2": "M1"}
NAMES = {
    "target_on_time": "target_presentation_time",
    "move_onset_time": "move_begins_time",
}
MAZES = Conventions(
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
)
CONVENTIONS = (MAZES,)

NOTES = (
    "Units are threshold crossings, several cells each.",
    "Target positions are not used: some files store them without their sign.",
)


def matches(contents: Contents) -> bool:
    """Whether the columns are those of this layout."""
    return {"target_presentation_time", "move_begins_time", "discard_trial"} <= set(contents.trials)


def recording_from(contents: Contents, choices: Choices) -> Recording:
    """Make a recording: conditions by maze (and version), areas by what the electrode groups say of themselves.

    Used are trials that were not discarded, succeeded, and, where the file says so, were reached correctly and in a
    maze that was not novel. Hand and cursor are stored in mm, with a conversion that is not a number; velocity is
    computed.

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
        If positions cannot be in mm.
    """
    bare = bare_recording(contents, area=group_areas(contents, GROUPS))
    trials = bare.trials
    for name, stored in NAMES.items():
        trials[name] = trials[stored]
    columns = MAZES.columns(trials)
    if columns:
        trials["condition"] = condition_labels(trials, columns)
    movement = read_movement(contents, choices, MOVEMENTS, stored=1.0)
    trials = MAZES.sorted_out(trials)
    return finished(bare, contents, movement, trials, notes=(*NOTES, f"A condition is {' with '.join(columns)}."))


def group_areas(contents: Contents, known: dict[str, str]) -> np.ndarray:
    """Area of each unit: what its electrode group says of itself, or what groups of its name are `known` to be."""
    units = contents.units
    groups = units["electrode_group"].astype(str) if "electrode_group" in units else ["unknown"] * len(units)
    texts = units["group_text"].astype(str) if "group_text" in units else [""] * len(units)
    found = [(area_of(text), known.get(group, group)) for group, text in zip(groups, texts, strict=True)]
    return np.array([said if said in ("PMd", "M1") else otherwise for said, otherwise in found])
