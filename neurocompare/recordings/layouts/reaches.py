"""Reaches as trials, for experiments in which one reach follows another without a delay."""

from __future__ import annotations

import numpy as np
import pandas as pd

from neurocompare.recordings.kinematics import movement_onsets, octants
from neurocompare.recordings.recording import Series
from neurocompare.recordings.segment import Segment

WINDOWS = ((Segment("move_onset_time", -0.15, 0.35),),)
"""Short: a reach begins some 0.2 s after its target appears, and the next target comes soon after it ends."""

DIRECTION = "the direction of a reach, in eight sectors of 45 degrees"
DIRECTION_RULE = f"A condition is {DIRECTION}; no reach is made twice."


def reach_table(start: np.ndarray, stop: np.ndarray, vectors: np.ndarray, velocity: Series) -> pd.DataFrame:
    """Make a table of trials, one a reach: its target appears and is the go cue at once.

    Parameters
    ----------
    start, stop : arrays, shape (reach,)
        When the target appears, and when the reach ends, in s.
    vectors : array, shape (reach, 2)
        The way to go.
    velocity : Series
        From which movement onset is computed.
    """
    condition, angle = octants(vectors)
    return pd.DataFrame(
        {
            "start_time": start,
            "stop_time": stop,
            "target_on_time": start,
            "go_cue_time": start,
            "move_onset_time": movement_onsets(velocity, start, stop),
            "condition": condition,
            "target_angle": angle,
        },
        index=pd.RangeIndex(len(start), name="trial"),
    )
