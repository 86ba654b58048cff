"""The layout of Area2_Bump: centre-out reaches, some with a bump, recorded in somatosensory area 2."""

from __future__ import annotations

import numpy as np

from neurocompare.recordings.contents import Contents
from neurocompare.recordings.layouts.bare import bare_recording, finished
from neurocompare.recordings.layouts.conventions import Conventions, Rule
from neurocompare.recordings.layouts.movement import Stored, read_movement
from neurocompare.recordings.recording import Recording
from neurocompare.settings import Choices

MOVEMENTS = {"hand": Stored("hand_pos", "hand_vel")}
REACHES = Conventions(
    condition=(("cond_dir",),),
    rules=(
        Rule("split", ("train", "val"), "not in the train or val split"),
        Rule("result", ("R",), "not rewarded"),
        Rule("ctr_hold_bump", (False,), "passive, moved by a bump"),
    ),
)
CONVENTIONS = (REACHES,)
NOTES = (
    "Recorded in somatosensory area 2, which is not motor cortex: it follows the movement as much as it leads it.",
    "Trials in which a bump moved the hand are not used: no network could make them of its cues.",
)


def matches(contents: Contents) -> bool:
    """Whether the columns are those of this layout."""
    return {"cond_dir", "ctr_hold_bump"} <= set(contents.trials)


def recording_from(contents: Contents, choices: Choices) -> Recording:
    """Make a recording of the active reaches; a condition is the direction of the target.

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
        If hand positions cannot be in cm.
    """
    bare = bare_recording(contents, area=np.full(len(contents.units), "area 2"))
    trials = bare.trials
    degrees = np.round(trials["cond_dir"].to_numpy(dtype=float)) % 360
    trials["condition"] = [f"{degree:03.0f}" if np.isfinite(degree) else None for degree in degrees]
    trials["target_angle"] = np.angle(np.exp(1j * np.radians(degrees)))
    movement = read_movement(contents, choices, MOVEMENTS, stored=10.0)
    return finished(bare, contents, movement, REACHES.sorted_out(trials), described=("target_angle",), notes=NOTES)
