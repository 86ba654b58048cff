"""What every layout starts from: spikes, units with their areas, and trials as stored."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from neurocompare.recordings.candidates import event_columns, mostly_inside
from neurocompare.recordings.condition_labels import equal_within_rounding, is_missing
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.layouts.movement import Movement, unread
from neurocompare.recordings.recording import Recording
from neurocompare.recordings.segment import DELAYED, Segment, segments_for

SAID = (("PMd", r"\bPMd\b|dorsal premotor"), ("M1", r"\bM1\b|primary motor"), ("area 2", r"\barea ?2\b"))
KNOWN = [area for area, _ in SAID]
NOWHERE = ["unknown", "unknown location", "none"]
"""What writers call a place that they do not know, beside what is missing in any column of text."""

EVENTS = ("target_on_time", "go_cue_time", "move_onset_time")
"""The names that every layout gives these three; the stored columns stay beside them."""


def bare_recording(contents: Contents, *, area: np.ndarray | None = None) -> Recording:
    """Make a recording without conditions and behaviour.

    Parameters
    ----------
    contents : Contents
    area : array of str, shape (unit,), optional
        Where None, what each unit's first electrode says, see `electrode_areas`.
    """
    if area is None:
        area = electrode_areas(contents.units)
    electrode = [name for name in ("electrode_group", "electrode_location", "group_text") if name in contents.units]
    return Recording(
        name="",
        spike_times=contents.spike_times,
        spike_ends=contents.spike_ends,
        units=contents.units.drop(columns=electrode).assign(area=area),
        trials=contents.trials.copy(),
        events=event_columns(contents.trials),
        segments=segments_for(contents.trials),
        target="",
        notes=contents.notes,
        unread=unread(contents, ()),
        observed=contents.observed,
        invalid=contents.invalid,
    )


def area_of(text: str) -> str:
    """Short name of the area that a text names; the text itself where it names none or several.

    Examples
    --------
    >>> area_of("electrode_group_M1"), area_of("Dorsal Premotor Cortex"), area_of("Utah array")
    ('M1', 'PMd', 'Utah array')
    """
    spaced = text.replace("_", " ")
    named = [area for area, pattern in SAID if re.search(pattern, spaced, re.IGNORECASE)]
    if len(named) == 1:
        return named[0]
    return "unknown" if is_missing(text) or spaced.strip().casefold() in NOWHERE else text.strip()


def electrode_areas(units: pd.DataFrame) -> np.ndarray:
    """Area of each unit, shape (unit,): what its electrode's group is called, where that is an area, else its location.

    Where neither is a known area, what the group says of itself. Where no unit has a known area, the location, or the
    group's name, as it stands.

    Examples
    --------
    >>> units = pd.DataFrame({"electrode_group": ["array0", "array1"], "electrode_location": ["M1", "PMd"]})
    >>> electrode_areas(units).tolist()
    ['M1', 'PMd']
    """
    columns = [name for name in ("electrode_group", "electrode_location", "group_text") if name in units]
    if not columns:
        return np.full(len(units), "unknown")
    areas = np.array([[area_of(text) for text in units[name].astype(str)] for name in columns])
    known = np.isin(areas, KNOWN)
    if known.any():
        first = areas[known.any(axis=1).argmax()]  # of units that nothing places, what it says as it stands
        return np.where(known.any(axis=0), areas[known.argmax(axis=0), np.arange(len(units))], first)
    location = areas[columns.index("electrode_location")] if "electrode_location" in columns else areas[0]
    return location if (location != "unknown").any() else areas[0]


def finished(
    bare: Recording,
    contents: Contents,
    movement: Movement,
    trials: pd.DataFrame,
    *,
    windows: tuple[tuple[Segment, ...], ...] = DELAYED,
    described: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Recording:
    """Complete a recording with behaviour and with trials that have conditions and the three events."""
    known = [name for name in EVENTS if name in trials and (trials[name].isna().all() or mostly_inside(trials, name))]
    others = [name for name in event_columns(trials) if name not in known]
    return replace(
        bare,
        trials=trials,
        events=(*known, *others),
        behavior=movement.series,
        target=movement.target,
        condition_columns=constant_columns(trials, described) if "condition" in trials else (),
        segments=segments_for(trials, windows),
        notes=(*bare.notes, *notes, *movement.notes),
        unread=unread(contents, movement.read),
    )


def constant_columns(trials: pd.DataFrame, names: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Those of the columns `names` that have one value within every condition, up to rounding."""
    if "excluded" in trials:
        trials = trials[trials["excluded"] == ""]  # what makes a trial unusable may be that its columns are wrong
    columns = {name: trials[name] for name in names}
    columns |= {name: equal_within_rounding(one.to_numpy()) for name, one in columns.items() if one.dtype.kind == "f"}
    varied = pd.DataFrame(columns, index=trials.index).groupby(trials["condition"]).nunique(dropna=False).max()
    return tuple(name for name in names if varied[name] == 1)
