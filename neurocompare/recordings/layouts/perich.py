"""The layout of Perich, Miller and colleagues: centre-out reaches with a delay, and sequences of random targets."""

from __future__ import annotations

import numpy as np

from neurocompare.recordings.contents import Contents
from neurocompare.recordings.kinematics import ONSET_RULE, displacement, movement_onsets
from neurocompare.recordings.layouts.bare import bare_recording, finished
from neurocompare.recordings.layouts.conventions import Conventions, Rule, with_directions
from neurocompare.recordings.layouts.movement import Movement, Stored, read_movement
from neurocompare.recordings.layouts.reaches import DIRECTION, DIRECTION_RULE, WINDOWS, reach_table
from neurocompare.recordings.recording import Recording
from neurocompare.settings import Choices

MOVEMENTS = {"cursor": Stored("cursor_pos", "cursor_vel")}
REWARDED = Rule("result", ("R",), "not rewarded")
CENTRE_OUT = Conventions(
    condition=(("target_dir",),),
    rules=(REWARDED, Rule("target_id", (), "no target")),
    length=(0.5, 6.0),
    task="centre-out",
)
RANDOM_TARGETS = Conventions(
    meaning=DIRECTION,
    rules=(REWARDED, Rule("num_attempted", (4,), "not all targets attempted")),
    length=(2.0, 10.0),
    windows=WINDOWS,
    task="random targets",
)
conventions = (CENTRE_OUT, RANDOM_TARGETS)


def matches(contents: Contents) -> bool:
    """Whether the columns are those of this layout, of either task."""
    trials = set(contents.trials)
    return (
        {"result", "target_dir"} <= trials
        and ({"target_on_time", "go_cue_time", "target_id"} <= trials or "go_cue_time_array" in trials)
        and "ctr_hold_bump" not in trials
    )


def recording_from(contents: Contents, choices: Choices) -> Recording:
    """Make a recording of whichever of the two tasks the file holds.

    Areas are those of the electrodes' groups. Behaviour is the cursor's, stored in cm; there is no hand. Movement onset
    is computed from speed, see `kinematics.movement_onsets`.

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
        If the hand or muscles are asked for, the cursor is missing, or its positions cannot be in cm.
    """
    bare = bare_recording(contents)
    movement = read_movement(contents, choices, MOVEMENTS, stored=10.0, required=True)
    make = random_targets if "go_cue_time_array" in bare.trials else centre_out
    return make(bare, contents, movement)


def centre_out(bare: Recording, contents: Contents, movement: Movement) -> Recording:
    """Trials to one of a ring of targets; a condition is the target's direction."""
    trials = with_directions(bare.trials, np.degrees(bare.trials["target_dir"].to_numpy(dtype=float)))
    trials["move_onset_time"] = movement_onsets(
        movement.named("cursor_vel"), trials["go_cue_time"].to_numpy(dtype=float), trials["stop_time"].to_numpy(float)
    )
    trials = CENTRE_OUT.sorted_out(trials)
    return finished(bare, contents, movement, trials, described=("target_angle",), notes=(ONSET_RULE,))


def random_targets(bare: Recording, contents: Contents, movement: Movement) -> Recording:
    """Trials of four targets, one after the other: each reach is a trial, its condition its direction.

    The direction is that of the cursor's way from one go cue to the next, since targets' positions are not reliable.
    """
    sequences = RANDOM_TARGETS.sorted_out(bare.trials)
    go = np.stack([np.asarray(row, dtype=float) for row in sequences["go_cue_time_array"]])
    stop = np.concatenate([go[:, 1:], sequences["stop_time"].to_numpy(dtype=float)[:, None]], axis=1)
    valid = np.isfinite(go) & np.isfinite(stop) & (stop > go)
    start, stop = go[valid], stop[valid]
    vectors = displacement(movement.named("cursor_pos"), start, stop)[:, :2]
    trials = reach_table(start, stop, vectors, movement.named("cursor_vel"))
    trials["excluded"] = np.repeat(sequences["excluded"].to_numpy(), valid.sum(axis=1))
    notes = (f"Trials of several targets: each of {len(trials)} reaches is a trial here.", DIRECTION_RULE, ONSET_RULE)
    return finished(
        bare, contents, movement, trials, windows=RANDOM_TARGETS.windows, described=("target_angle",), notes=notes
    )
