"""Windows around events: which trials have them, and where they lie on the median timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.candidates import advice_on_conditions
from neurocompare.recordings.clock import overlapping
from neurocompare.recordings.flags import flag
from neurocompare.recordings.observed import seen_together, within_invalid
from neurocompare.recordings.recording import Recording
from neurocompare.recordings.segment import Segment

# Event times carry rounding errors of about 1e-9 s; a window that ends with its trial is still inside it.
TOLERANCE = 1e-6

ROUNDING = 1e-8
"""In s: windows that overlap by less follow one another."""

TIME_STEP = 0.05
"""Of tasks, unless another is chosen, s."""

MOVEMENT = 0.35
"""How long at least networks produce the movement from its onset on, s."""

SHARED_WINDOWS = "windows overlap in time with another trial's"

FEW_CONDITIONS = 0.1
"""Less than this share of the conditions may be left out for want of trials; more must be a mistake in the windows."""


@dataclass(frozen=True)
class Windows:
    """The windows of the usable trials.

    Attributes
    ----------
    rows : array of int, shape (trial,)
        Rows of the recording's trial table that are used.
    events : array, shape (trial, segment)
        Time of each segment's event in s.
    offsets : array, shape (segment,)
        Median over those trials of each event's time after the first segment's event, in s: the median timeline.
    dropped : tuple of (reason, int)
        How many trials are not used, and why.
    unobserved : array of bool, shape (unit,)
        Units that are left out, since they were observed in too few of the trials.
    """

    rows: np.ndarray
    events: np.ndarray
    offsets: np.ndarray
    dropped: tuple[tuple[str, int], ...]
    unobserved: np.ndarray


@dataclass(frozen=True)
class Timeline:
    """The median trial, in s after the first segment's event.

    `go` and `move` are medians over trials of the time since that event, so that they lie on the same axis as the
    responses; `reaction_time` is their difference, not the median of single reaction times.

    Attributes
    ----------
    target_on : float
        When the target appears, s.
    go : float
        The go cue, s.
    move : float
        Movement onset, s.
    stop : float
        The end of the last window, s.

    Examples
    --------
    >>> found = Timeline(target_on=0.0, go=0.5, move=0.75, stop=1.2)
    >>> found.delay, found.reaction_time
    (0.5, 0.25)
    """

    target_on: float
    go: float
    move: float
    stop: float

    @property
    def delay(self) -> float:
        """Target onset to go cue, in s."""
        return self.go - self.target_on

    @property
    def movement_end(self) -> float:
        """Until when networks produce the movement: the end of the last window or, if later, `MOVEMENT` after onset."""
        return max(self.move + MOVEMENT, self.stop)

    @property
    def reaction_time(self) -> float:
        """Go cue to movement onset, in s."""
        return self.move - self.go


def windows_of(recording: Recording, segments: tuple[Segment, ...] | None = None) -> Windows:
    """Choose the trials that have every window.

    A trial is left out if its layout excludes it, it failed (where the table has a column ``success``), has no
    condition, lacks an event, has a window that reaches outside it or into invalid times, or has windows that overlap
    one another or another trial's: a spike must not be counted twice, and activity after a very short delay is not
    preparation. A trial in which a unit was not observed is left out, or the unit is, see `seen_together`. Conditions
    left with fewer than two trials are left out too, as long as they are few (`FEW_CONDITIONS`).

    Parameters
    ----------
    recording : Recording
    segments : tuple of Segment, optional
        In the order they have on the time axis; the recording's own where None.

    Returns
    -------
    Windows

    Raises
    ------
    InputError
        If the recording has no conditions or lacks an event, or if a condition is left without trials.
    """
    trials = recording.trials
    segments = recording.segments if segments is None else segments
    if not segments:
        raise InputError("expected at least one segment, found none")
    if "condition" not in trials:
        raise InputError(
            f"expected trials labelled by condition, found no condition columns in {recording.name}; "
            f"{advice_on_conditions(recording)}"
        )
    events = event_times(recording, [segment.event for segment in segments])
    begins = events + [segment.start for segment in segments]
    ends = events + [segment.stop for segment in segments]
    start, stop = (trials[name].to_numpy(dtype=float)[:, None] for name in ("start_time", "stop_time"))
    labels = trials["condition"]
    usable = np.ones(len(trials), dtype=bool)
    dropped: list[tuple[str, int]] = []

    def keep(reason: str, fine: Any) -> None:
        if count := int((usable & ~fine).sum()):
            dropped.append((reason, count))
        usable[~fine] = False

    for reason, fine in valid_trials(trials):
        keep(reason, fine)
    valid = usable.copy()
    keep("event missing", np.isfinite(events).all(axis=1))
    keep("window outside the trial", ((begins >= start - TOLERANCE) & (ends <= stop + TOLERANCE)).all(axis=1))
    keep("windows overlap", (begins[:, 1:] >= ends[:, :-1] - TOLERANCE).all(axis=1))
    keep("in invalid times", ~within_invalid(begins, ends, recording.invalid).any(axis=1))
    keep(SHARED_WINDOWS, ~sharing(begins, ends, usable))
    unobserved = np.zeros(len(recording.units), dtype=bool)
    if recording.observed is not None and usable.any():
        covered = recording.observed.covers(begins[usable], ends[usable])
        together, units = seen_together(covered, labels[usable].to_numpy(dtype=str))
        unobserved = ~units
        keep("a unit not observed", np.isin(np.arange(len(trials)), np.nonzero(usable)[0][together]))
    left = labels[usable].value_counts().reindex(sorted(set(labels[valid])), fill_value=0)
    lost = left.index[left == 0].tolist()
    if (left < 2).sum() < FEW_CONDITIONS * len(left):
        keep("condition with fewer than 2 trials left", labels.isin(left.index[left >= 2]).to_numpy())
        lost = []
    if lost or not usable.any():
        reasons = ", ".join(f"{reason}: {count}" for reason, count in dropped) or "no trials"
        where = "any condition" if not usable.any() else f"condition {lost[0]}"
        raise InputError(
            f"expected trials with the windows {' and '.join(map(str, segments))}, found none left in {where} "
            f"({reasons}; {len(trials)} trials in all); choose windows that lie inside the trials and do not overlap"
        )
    events = events[usable]
    rows, offsets = np.nonzero(usable)[0], np.median(events - events[:, :1], axis=0)
    return Windows(rows=rows, events=events, offsets=offsets, dropped=tuple(dropped), unobserved=unobserved)


def sharing(begins: np.ndarray, ends: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """Where a trial's windows overlap those of another usable trial, shape (trial,).

    Parameters
    ----------
    begins, ends : arrays, shape (trial, segment)
        In s.
    usable : array of bool, shape (trial,)

    Examples
    --------
    >>> begins = np.array([[0.0], [0.5], [3.0]])
    >>> sharing(begins, begins + 1, np.array([True, True, True])).tolist()
    [True, True, False]
    """
    rows = np.nonzero(usable)[0].repeat(begins.shape[1])
    start, stop = begins[usable].ravel(), ends[usable].ravel()
    order = np.argsort(start, kind="stable")
    shared = rows[order][overlapping(start[order], stop[order], ROUNDING)]
    return np.isin(np.arange(len(begins)), shared)


def valid_trials(trials: pd.DataFrame) -> list[tuple[str, np.ndarray]]:
    """Reasons for which trials are not used whatever the windows, each with where it does not apply, shape (trial,)."""
    reasons = []
    if "excluded" in trials:
        excluded = trials["excluded"].to_numpy(dtype=str)
        reasons += [(str(reason), excluded != reason) for reason in pd.unique(excluded) if reason]
    if "success" in trials:
        reasons.append(("failed", flag(trials, "success")))
    return [*reasons, ("no condition", trials["condition"].notna().to_numpy())]


def event_times(recording: Recording, names: list[str]) -> np.ndarray:
    """Look up the times of the named events in s, shape (trial, event); NaN where a trial lacks one.

    Raises
    ------
    InputError
        If the recording has no event of one of the names.
    """
    for name in names:
        if name not in recording.events:
            raise InputError(
                f"expected trials with {name}, found {', '.join(recording.events) or 'no events'} in {recording.name}"
            )
    return recording.trials[names].to_numpy(dtype=float)


def movement_event(recording: Recording, segments: tuple[Segment, ...]) -> str:
    """Name the event that the movement is aligned to: its onset or, where that is not known, the last segment's."""
    return "move_onset_time" if "move_onset_time" in recording.events else segments[-1].event


def time_axis(
    segments: tuple[Segment, ...], offsets: np.ndarray, bin_width: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lay the bins of all segments on the median timeline.

    Bins start where the segment starts; a last bin that would not fit whole is left out.

    Parameters
    ----------
    segments : tuple of Segment
    offsets : array, shape (segment,)
        Time of each segment's event on the median timeline, in s.
    bin_width : float
        In s.

    Returns
    -------
    time : array, shape (bin,)
        Bin centres on the median timeline, in s.
    segment : array of int, shape (bin,)
        Which segment a bin belongs to.
    event_time : array, shape (bin,)
        Bin centres relative to the segment's event, in s.

    Raises
    ------
    InputError
        If the bin width is not positive, or a segment is shorter than a bin.

    Examples
    --------
    >>> time_axis((Segment("go", 0.0, 0.1), Segment("move", -0.1, 0.0)), [0.0, 0.4], 0.05)[0].round(3)
    array([0.025, 0.075, 0.325, 0.375])
    """
    if not 0 < bin_width < np.inf:
        raise InputError(f"expected a bin width above 0 s, found {bin_width}")
    bins = [int((segment.stop - segment.start) / bin_width + TOLERANCE) for segment in segments]
    if min(bins) == 0:
        raise InputError(f"expected segments of at least one bin of {bin_width:g} s, found {segments[bins.index(0)]}")
    event_time = np.concatenate(
        [segment.start + bin_width * (np.arange(n) + 0.5) for segment, n in zip(segments, bins, strict=True)]
    )
    segment = np.repeat(np.arange(len(segments)), bins)
    return np.asarray(offsets)[segment] + event_time, segment, event_time


def timeline(recording: Recording, *, segments: tuple[Segment, ...] | None = None) -> Timeline:
    """Median times of target onset, go cue and movement onset, over the trials `trials_of` uses.

    Where a recording has no movement onset, the last segment's event stands for it; where it has no go cue, movement
    onset does; where it has no target onset, the go cue does.

    Parameters
    ----------
    recording : Recording
    segments : tuple of Segment, optional
        As given to `trials_of`; `stop` is the end of the last one.

    Returns
    -------
    Timeline

    Raises
    ------
    InputError
        If `windows_of` finds no trials.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording
    >>> found = timeline(open_recording("synthetic"))
    >>> found.target_on, round(found.reaction_time, 2)
    (0.0, 0.25)
    """
    segments = recording.segments if segments is None else segments
    windows = windows_of(recording, segments)
    move = movement_event(recording, segments)
    go = "go_cue_time" if "go_cue_time" in recording.events else move
    target_on = "target_on_time" if "target_on_time" in recording.events else go
    events = event_times(recording, [target_on, go, move])[windows.rows] - windows.events[:, :1]
    if np.isnan(events).all(axis=0).any():
        events[:, 0] = np.where(np.isnan(events[:, 0]).all(), events[:, 1], events[:, 0])
    target_on, go, move = np.nanmedian(events, axis=0)
    return Timeline(float(target_on), float(go), float(move), float(windows.offsets[-1] + segments[-1].stop))
