"""The layout of MC_RTT: reaches from one random target to the next, at the animal's own pace."""

from __future__ import annotations

import numpy as np

from neurocompare.errors import InputError
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.kinematics import ONSET_RULE, run_starts
from neurocompare.recordings.layouts.bare import bare_recording, finished
from neurocompare.recordings.layouts.conventions import Conventions, Rule
from neurocompare.recordings.layouts.movement import Movement, Stored, read_movement
from neurocompare.recordings.layouts.reaches import DIRECTION, DIRECTION_RULE, WINDOWS, reach_table
from neurocompare.recordings.recording import Recording
from neurocompare.recordings.stored_series import StoredSeries
from neurocompare.settings import Choices

REACHES = Conventions(
    meaning=DIRECTION, rules=(Rule("split", ("train", "val"), "not in the train or val split"),), windows=WINDOWS
)
conventions = (REACHES,)
MOVEMENTS = {"hand": Stored("finger_pos", "finger_vel"), "cursor": Stored("cursor_pos")}


def matches(contents: Contents) -> bool:
    """Whether there are targets and a finger over time, and no cue in the table of trials."""
    return contents.has("target_pos") and contents.has("finger_pos") and "go_cue_time" not in contents.trials


def recording_from(contents: Contents, choices: Choices) -> Recording:
    """Make a recording whose trials are reaches, found where the target changes.

    The stored trials are arbitrary pieces of 0.6 s and not used. A reach lasts from one change of the target to the
    next; those at the edges of a stretch without gaps, whose beginning or end is not seen, are left out. Its direction
    is from the last target to this one. ``hand_pos`` and ``hand_vel`` are those of the tracked finger.

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
        If fewer than two targets are seen, or positions cannot be in mm.
    """
    bare = bare_recording(contents, area=np.full(len(contents.units), "M1"))
    movement = read_movement(contents, choices, MOVEMENTS, stored=1.0, required=True)
    start, stop, vectors = target_changes(contents.series("target_pos"))
    trials = reach_table(start, stop, vectors, movement.named("_vel"))
    if "split" in bare.trials:
        piece = np.searchsorted(bare.trials["start_time"].to_numpy(dtype=float), start, side="right") - 1
        trials["split"] = np.where(piece < 0, "none", bare.trials["split"].to_numpy(dtype=str)[piece])
    notes = (
        f"Reaches are found where the target changes: {len(trials)} of them, in place of {len(bare.trials)} stored "
        "pieces of trials. Reaches at the edges of the recorded stretches are left out.",
        DIRECTION_RULE,
        ONSET_RULE,
    )
    seen = Movement(movement.series, movement.target, movement.notes, (*movement.read, "target_pos"))
    trials = REACHES.sorted_out(trials)
    return finished(bare, contents, seen, trials, windows=REACHES.windows, described=("target_angle",), notes=notes)


def target_changes(target: StoredSeries) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find when each target appears and when the next one does, and the way from the target before.

    Returns
    -------
    start, stop : arrays, shape (reach,)
        In s.
    vectors : array, shape (reach, 2)

    Raises
    ------
    InputError
        If no target is seen from its appearance to the next.

    Examples
    --------
    >>> places = np.repeat([[0.0, 0.0], [5.0, 0.0], [5.0, 5.0], [0.0, 5.0]], 3, axis=0)
    >>> target_changes(StoredSeries("target_pos", np.arange(12.0), places, ("x", "y"), "mm", 1.0))
    (array([3., 6.]), array([6., 9.]), array([[5., 0.], [0., 5.]]))
    """
    run = np.zeros(len(target.times), dtype=np.int64)
    run[run_starts(target.times)[1:]] = 1
    run = np.cumsum(run)
    places = target.values[:, :2]
    changed = (places[1:] != places[:-1]).any(axis=1) & (run[1:] == run[:-1])
    at = np.nonzero(changed)[0] + 1
    together = run[at[1:]] == run[at[:-1]] if at.size else np.zeros(0, dtype=bool)
    if not together.any():
        raise InputError(f"expected reaches from one target to the next, found {at.size} changes of target_pos")
    first, following = at[:-1][together], at[1:][together]
    return target.times[first], target.times[following], places[first] - places[first - 1]
