"""What can be made of a recording that was binned before it was stored: bins of whole bins, and no spike times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neurocompare.errors import InputError
from neurocompare.recordings.recording import Recording
from neurocompare.recordings.segment import Segment

WHOLE = 1e-6
"""A width so close to a whole number of bins, in bins, is one."""


def in_bins(seconds: float, width: float) -> int | None:
    """Return a time as a whole number of bins; None where it is none.

    Examples
    --------
    >>> in_bins(0.06, 0.02), in_bins(0.05, 0.02)
    (3, None)
    """
    count = round(seconds / width)
    return count if abs(seconds / width - count) <= WHOLE * max(1.0, abs(count)) else None


def least_multiple(width: float, at_least: float) -> float:
    """Return the shortest width that is a whole number of bins and at least as long as another.

    Examples
    --------
    >>> least_multiple(0.015, 0.02), least_multiple(0.05, 0.02)
    (0.03, 0.05)
    """
    return width * max(1, int(np.ceil(at_least / width - WHOLE)))


def on_bins(recording: Recording) -> Recording:
    """Move the windows of a binned recording to the nearest edges of its bins, and say so."""
    width = recording.binned
    if width is None:
        return recording
    moved = tuple(_on_edges(each, width) for each in recording.segments)
    if all(in_bins(each.start, width) is not None for each in recording.segments):
        return recording
    note = f"Windows were moved to edges of the file's bins: {' and '.join(map(str, moved))}."
    return replace(recording, segments=moved, notes=(*recording.notes, note))


def check_bins(recording: Recording, segments: tuple[Segment, ...], bin_width: float) -> None:
    """Refuse bins and windows into which those of a binned recording do not fit whole.

    Raises
    ------
    InputError
    """
    width = recording.binned
    if width is None:
        return
    if not in_bins(bin_width, width):
        ways = ", ".join(f"{count * width:g}" for count in (1, 2, 3))
        raise InputError(
            f"expected bins of a whole number of the {width:g} s bins that {recording.name} holds in place of spike "
            f"times, found {bin_width:g} s; choose a --bin-width such as {ways}"
        )
    off = [each for each in segments if in_bins(each.start, width) is None]
    if off:
        raise InputError(
            f"expected windows that start on edges of the {width:g} s bins that {recording.name} holds in place of "
            f"spike times, found {off[0]}"
        )


def needs_spikes(recording: Recording, what: str) -> None:
    """Refuse what is made of the times of single spikes, where only counts were stored.

    Raises
    ------
    InputError
        In a line that says so.
    """
    if recording.binned is not None:
        raise InputError(
            f"expected spike times for {what}, found counts in bins of {recording.binned:g} s in {recording.name}: a "
            "file of binned trials has none"
        )


def _on_edges(segment: Segment, width: float) -> Segment:
    first = round(segment.start / width)
    last = max(first + 1, round(segment.stop / width))
    return Segment(segment.event, first * width, last * width)
