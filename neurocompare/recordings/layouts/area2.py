"""The layout of Area2_Bump: centre-out reaches, some with a bump, recorded in somatosensory area 2."""

from __future__ import annotations

import numpy as np

from neurocompare.recordings.choices import Choices
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.exclusion import exclude, flag
from neurocompare.recordings.layouts.bare import bare_recording, finished
from neurocompare.recordings.layouts.movement import Stored, read_movement
from neurocompare.recordings.recording import Recording

MOVEMENTS = {"hand": Stored("hand_pos", "hand_vel")}
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
    if "split" in trials:
        trials = exclude(trials, ~trials["split"].isin(["train", "val"]), "not in the train or val split")
    if "result" in trials:
        trials = exclude(trials, trials["result"].astype(str) != "R", "not rewarded")
    trials = exclude(trials, flag(trials, "ctr_hold_bump"), "passive, moved by a bump")
    movement = read_movement(contents, choices, MOVEMENTS, stored=10.0)
    return finished(bare, contents, movement, trials, described=("target_angle",), notes=NOTES)
