"""The layout of Even-Chen and colleagues (2019): delayed reaches among barriers, 192 channels."""

from __future__ import annotations

import numpy as np

from neurocompare.recordings.condition_labels import condition_labels
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.kinematics import ONSET_RULE, movement_onsets
from neurocompare.recordings.layouts.bare import bare_recording, finished
from neurocompare.recordings.layouts.churchland import group_areas
from neurocompare.recordings.layouts.conventions import Conventions, Rule
from neurocompare.recordings.layouts.movement import Stored, read_movement
from neurocompare.recordings.recording import Recording
from neurocompare.settings import Choices

MOVEMENTS = {"hand": Stored("Position/Hand"), "cursor": Stored("Position/Cursor")}
REACHES = Conventions(condition=(("version_id",),), rules=(Rule("is_successful", (True,), "failed"),))
CONVENTIONS = (REACHES,)
NOTES = (
    "Areas are what the file's electrode groups say; other files of this laboratory say the opposite: uncertain.",
    "The columns reach_time, target_hold_time and fail_time are limits, not events.",
)
LIMITS = ("reach_time", "target_hold_time", "fail_time")


def matches(contents: Contents) -> bool:
    """Whether the columns are those of this layout."""
    return {"target_shown_time", "version_id", "is_successful"} <= set(contents.trials)


def recording_from(contents: Contents, choices: Choices) -> Recording:
    """Make a recording: conditions by version, movement onset computed from speed.

    The hand is stored in mm along x, y and z, with a conversion that is not a number; velocity is computed. The reach
    ends when the target has been held, or with the trial.

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
        If there is neither hand nor cursor, or positions cannot be in mm.
    """
    bare = bare_recording(contents, area=group_areas(contents, {}))
    trials = bare.trials.drop(columns=[name for name in LIMITS if name in bare.trials])
    movement = read_movement(contents, choices, MOVEMENTS, stored=1.0, required=True)
    trials["target_on_time"] = trials["target_shown_time"]
    trials["condition"] = condition_labels(trials, REACHES.columns(trials))
    go, stop = (trials[name].to_numpy(dtype=float) for name in ("go_cue_time", "stop_time"))
    if "target_held_time" in trials and trials["target_held_time"].dtype.kind == "f":
        held = trials["target_held_time"].to_numpy(dtype=float)
        stop = np.where(held > go, np.fmin(held, stop), stop)
    trials["move_onset_time"] = movement_onsets(movement.named("_vel"), go, stop)
    return finished(bare, contents, movement, REACHES.sorted_out(trials), notes=(*NOTES, ONSET_RULE))
