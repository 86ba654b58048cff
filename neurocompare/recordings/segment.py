"""Segments: windows around events, in which spikes are counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from neurocompare.errors import InputError


@dataclass(frozen=True)
class Segment:
    """A window around an event, from `start` to `stop` in s relative to it.

    Raises
    ------
    InputError
        If the window is empty or not finite.
    """

    event: str
    start: float
    stop: float

    def __post_init__(self) -> None:
        if not -np.inf < self.start < self.stop < np.inf:
            message = f"expected a window that ends after it starts, found {self}"
            raise InputError(message)

    def __str__(self) -> str:
        return f"{self.event} {self.start:+g} to {self.stop:+g} s"


DEFAULT_SEGMENTS = (Segment("target_on_time", 0.0, 0.35), Segment("move_onset_time", -0.20, 0.35))
"""Preparation after the target appears, then movement around its onset."""

MOVEMENT_ONLY = (Segment("move_onset_time", -0.25, 0.45),)
"""Movement around its onset, where an experiment has no delay."""

DELAYED = (DEFAULT_SEGMENTS, MOVEMENT_ONLY)
"""Both, where the median trial leaves room for both."""


def segments_for(trials: pd.DataFrame, windows: tuple[tuple[Segment, ...], ...] = DELAYED) -> tuple[Segment, ...]:
    """Choose the first of two sets of windows where the median trial leaves room for it, the last where it does not.

    The first is of two windows, before and after the go cue.

    Examples
    --------
    >>> trials = pd.DataFrame({"target_on_time": [1.0], "go_cue_time": [1.6], "move_onset_time": [1.9]})
    >>> segments_for(trials) == DEFAULT_SEGMENTS, segments_for(trials[["move_onset_time"]]) == MOVEMENT_ONLY
    (True, True)
    """
    if len(windows) == 1:
        return windows[0]
    first, last = windows[0]
    if not {first.event, "go_cue_time", last.event} <= set(trials):
        return windows[-1]
    delay = (trials["go_cue_time"] - trials[first.event]).median()
    between = (trials[last.event] - trials[first.event]).median()
    return windows[0] if delay > 0 and between + last.start >= first.stop else windows[-1]
