"""Files of binned trials, read: arrays by their names, and trial_data; see `neurocompare.recordings.binned`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.condition_labels import condition_labels
from neurocompare.recordings.reading import BOUNDS
from neurocompare.untrusted.stored import Stored

SPIKES = "_spikes"
"""How fields of counts end in trial_data; an area each."""

CALLED = {"target_on": "target_on_time", "tgt_on": "target_on_time", "go_cue": "go_cue_time",
          "movement_on": "move_onset_time"}  # fmt: skip
"""What the events of trial_data are in a recording."""

DIRECTION = ("tgtDir", "target_direction")
"""What the direction of the target, in rad, is called in trial_data."""

OUTCOMES = {"R", "F", "A", "I"}
"""Of a trial: reward, failure, abortion, incomplete."""

MOST_COUNT = 10_000
"""Spikes of one unit in one bin."""

MOST_SPIKES = 200_000_000


@dataclass(frozen=True, eq=False)
class Trial:
    """One trial: counts (bin, unit), and series (bin, column) by name."""

    counts: np.ndarray
    series: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Binned:
    """What a file of binned trials holds.

    Attributes
    ----------
    trials : list of Trial
    table : pandas.DataFrame
        One row a trial; times of events in s after the trial's first bin.
    events : tuple of str
        Columns of `table` that are such times.
    area : array of str, shape (unit,)
    layout : str
    width : float
        Of a bin, s.
    units : mapping of str to str
        Of series.
    notes : tuple of str
    """

    trials: list[Trial]
    table: pd.DataFrame
    events: tuple[str, ...]
    area: np.ndarray
    layout: str
    width: float
    units: Mapping[str, str]
    notes: tuple[str, ...] = ()


def _counts(values: np.ndarray, where: str) -> np.ndarray:
    """Return counts (bin, unit) as whole numbers.

    Raises
    ------
    InputError
        If they are none.
    """
    values = np.asarray(values)
    if values.ndim != 2 or values.dtype.kind not in "iufb":
        raise InputError(f"expected counts (bin, unit) in {where}, found an array of {values.dtype} {values.shape}")
    if values.size and (not np.isfinite(values).all() or values.min() < 0 or (values != np.round(values)).any()):
        message = f"expected counts of spikes in {where}, found other numbers; give counts, not rates or smoothed ones"
        raise InputError(message)
    if values.size and values.max() > MOST_COUNT:
        raise InputError(f"expected at most {MOST_COUNT:,} spikes in a bin of {where}, found {values.max():g}")
    return values.astype(np.int64)


def of_arrays(arrays: Mapping[str, Stored], chosen: float | None) -> Binned:
    """Read arrays by the names that `neurocompare.recordings.binned` lists.

    Parameters
    ----------
    arrays : mapping of str to Stored
    chosen : float, optional
        How wide bins are, s, where the file does not say it.

    Raises
    ------
    InputError
        If counts are no counts, or nobody says how wide bins are.
    """
    spikes = np.asarray(arrays["spikes"].read())
    if spikes.ndim != 3 or spikes.dtype.kind not in "iufb":
        raise InputError(f"expected spikes (trial, bin, unit), found an array of {spikes.dtype} {spikes.shape}")
    n_trials, n_bins, n_units = spikes.shape
    there = np.asarray(np.isfinite(spikes).any(axis=2))
    lengths = np.where(there.any(axis=1), n_bins - there[:, ::-1].argmax(axis=1), 0)
    columns, series, units, area, width = {}, {}, {}, np.full(n_units, "unknown"), None
    for name, stored in arrays.items():
        if name == "spikes":
            continue
        values = np.asarray(stored.read())
        flat = values.ravel()
        if name in ("bin_width", "bin_size"):
            width = _one_number(flat, name)
        elif name.endswith("_unit") and flat.size == 1:
            units[name.removesuffix("_unit")] = str(flat[0])
        elif name == "area" and flat.size == n_units:
            area = flat.astype(str)
        elif values.ndim == 3 and values.shape[:2] == (n_trials, n_bins) and values.dtype.kind in "iuf":
            series[name] = values.astype(np.float64)
        elif flat.size == n_trials and values.size == max(values.shape):
            columns[name] = flat if flat.dtype.kind in "iufb" else flat.astype(str)
    trials = []
    for k, length in enumerate(lengths.tolist()):
        moving = {name: each[k, :length] for name, each in series.items()}
        trials.append(Trial(_counts(spikes[k, :length], f"spikes, trial {k}"), moving))
    _check(trials)
    units = {name: units.get(name, _usual_unit(name)) for name in series}
    events = tuple(name for name in columns if name.endswith("_time") and columns[name].dtype.kind in "iuf")
    table = pd.DataFrame(columns, index=range(n_trials))
    return Binned(trials, table, events, area, "binned arrays", settled_width(width, chosen), units)


def _usual_unit(name: str) -> str:
    return {"_vel": "mm/s", "_pos": "mm"}.get(name[-4:], "")


def of_trial_data(fields: Mapping[str, Stored], chosen: float | None) -> Binned:
    """Read an array of structs, one a trial; as `of_arrays`."""
    names = [name for name in fields if name.endswith(SPIKES)]
    read = {name: _list(stored.read()) for name, stored in fields.items()}
    if not names:
        message = f"expected fields of spikes, such as M1_spikes, in trial_data, found {', '.join(fields)[:300]}"
        raise InputError(message)
    spikes = [np.hstack([np.atleast_2d(read[name][k]) for name in names]) for k in range(len(read[names[0]]))]
    area = np.repeat([name.removesuffix(SPIKES) for name in names], [np.shape(read[name][0])[-1] for name in names])
    moving = {"pos": ("hand_pos", "cm"), "vel": ("hand_vel", "cm/s")}
    moved = {ours: (theirs, unit) for theirs, (ours, unit) in moving.items() if theirs in read}
    trials = [
        Trial(
            _counts(counts, f"trial {k} of trial_data"),
            {ours: _of_bins(read[theirs][k], len(counts), theirs) for ours, (theirs, _) in moved.items()},
        )
        for k, counts in enumerate(spikes)
    ]
    _check(trials)
    notes = ["Positions and velocities are taken to be in cm and cm/s, as trial_data has them."] if moved else []
    columns: dict[str, Any] = {}
    stored_widths = np.array([np.ravel(each)[0] for each in read.get("bin_size", ())])
    width, events = settled_width(_one_number(stored_widths, "bin_size") if len(stored_widths) else None, chosen), []
    for name, cells in read.items():
        if name in names or name in moving or name == "bin_size" or any(np.size(each) > 1 for each in cells):
            continue
        values = [np.ravel(each)[0] if np.size(each) else np.nan for each in cells]
        if name.startswith("idx_"):
            called = CALLED.get(name.removeprefix("idx_"), f"{name.removeprefix('idx_')}_time")
            if called not in columns:
                columns[called] = (np.asarray(values, dtype=np.float64) - 1.0) * width  # MATLAB counts from 1
                events.append(called)
        else:
            texts = any(isinstance(each, str) for each in values)
            columns[name] = [str(each) for each in values] if texts else np.asarray(values)
    table = pd.DataFrame(columns, index=range(len(trials)))
    if "result" in table and set(table["result"]) <= OUTCOMES:
        table["success"] = table["result"] == "R"
    direction = next((name for name in DIRECTION if name in table and table[name].dtype.kind == "f"), None)
    if direction is not None:
        table["target_angle"] = np.angle(np.exp(1j * table[direction].to_numpy()))
        table["condition"] = condition_labels(table, [direction])
    units = {ours: unit for ours, (_, unit) in moved.items()}
    return Binned(trials, table, tuple(events), area, "trial_data", width, units, tuple(notes))


def _list(values: Any) -> list[Any]:
    """Return the field of every struct, of one struct too; text as str."""
    cells = values if isinstance(values, list) else [values]
    return [_text(each) if np.size(each) == 1 and np.asarray(each).dtype.kind == "U" else each for each in cells]


def _text(value: Any) -> str:
    return str(np.ravel(value)[0])


def _of_bins(values: Any, bins: int, name: str) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 2 or len(values) != bins or values.dtype.kind not in "iuf":
        raise InputError(f"expected {name} of trial_data to be (bin, x and y) with {bins} bins, found {values.shape}")
    return values.astype(np.float64)


def _one_number(values: np.ndarray, name: str) -> float:
    if values.dtype.kind not in "iuf" or not values.size or np.ptp(values) > 0:
        raise InputError(f"expected one number for {name}, found {values.size} of {values.dtype}")
    return float(values.flat[0])


def _check(trials: list[Trial]) -> None:
    """Refuse trials that do not have the same units, or more spikes than a session."""
    units = {each.counts.shape[1] for each in trials}
    if not trials or len(units) != 1 or 0 in units:
        raise InputError(f"expected trials of the same units, found {len(trials)} trials with {sorted(units)} units")
    if sum(int(each.counts.sum()) for each in trials) > MOST_SPIKES:
        raise InputError(f"expected at most {MOST_SPIKES:,} spikes in a file of binned trials, found more")


def settled_width(stored: float | None, chosen: float | None) -> float:
    """Settle how wide bins are, in s, by what the file says and what a user does.

    Raises
    ------
    InputError
        If nobody says, they differ, or it cannot be.
    """
    low, high = BOUNDS["bin_width"]
    if stored is not None and chosen is not None and abs(stored - chosen) > 1e-9 * high:
        raise InputError(f"expected bins as wide as the file says, {stored:g} s, found {chosen:g} s; drop --file-bin")
    width = stored if stored is not None else chosen
    if width is None:
        message = "expected to be told how wide the bins of the file are, found nothing in it; say it with --file-bin"
        raise InputError(message)
    if not low <= width <= high:
        raise InputError(f"expected bins of {low:g} to {high:g} s, found {width:g}; are they in ms? give them in s")
    return float(width)
