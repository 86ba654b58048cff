"""Segments: windows around events, in which spikes are counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.settings import Choices


@dataclass(frozen=True)
class Segment:
    """A window around an event, from `start` to `stop` in s relative to it.

    Attributes
    ----------
    event : str
        Column of the table of trials with its time.
    start, stop : float
        In s, relative to it.

    Raises
    ------
    InputError
        If the window is empty or not finite.

    Examples
    --------
    >>> Segment("go_cue_time", -0.1, 0.4).stop
    0.4
    """

    event: str
    start: float
    stop: float

    def __post_init__(self) -> None:
        if not -np.inf < self.start < self.stop < np.inf:
            raise InputError(f"expected a window that ends after it starts, found {self}")

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


def segments_of(choices: Choices, default: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Return windows around events: those chosen, filled up from `default`.

    Events without windows get the default window of that event, or that of movement onset. Windows without events go to
    the last of the default's events.

    Raises
    ------
    InputError
        If there are more windows than the default has events.

    Examples
    --------
    >>> segments_of(Choices(event=("go_cue_time",), window=((-0.1, 0.3),)), DEFAULT_SEGMENTS)
    (Segment(event='go_cue_time', start=-0.1, stop=0.3),)
    """
    usual = {segment.event: (segment.start, segment.stop) for segment in (*MOVEMENT_ONLY, *default)}
    movement = (MOVEMENT_ONLY[0].start, MOVEMENT_ONLY[0].stop)
    if not choices.event and not choices.window:
        return default
    events = choices.event or tuple(segment.event for segment in default[-len(choices.window) :])
    if choices.window and len(events) != len(choices.window):
        message = f"expected at most {len(events)} windows, found {len(choices.window)}; say which events they are of"
        raise InputError(message)
    windows = choices.window or tuple(usual.get(event, movement) for event in events)
    return tuple(Segment(event, *window) for event, window in zip(events, windows, strict=True))
