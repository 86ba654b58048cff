"""Labels: whatever activity a user has, on the recording's conditions and times, and what was assumed on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from neurocompare.errors import InputError, first_few
from neurocompare.recordings.time_units import likely_unit, seconds_in
from neurocompare.responses import DIMS, Responses, make_responses
from neurocompare.tasks.task import Task
from neurocompare.untrusted.printable import printable

EXPORT = "`neurocompare task RECORDING --export task.npz` writes the conditions, times and inputs to use"
"""How every mismatch ends."""

FEWEST_STEPS = 4
"""A model with fewer of its own steps in the recorded time says nothing about what happens in it: its unit is wrong."""

MOST_TIMES = 50
"""Nor does one run so many times as long as what was recorded."""


def labelled(
    values: np.ndarray,
    *,
    condition: Sequence | np.ndarray | None = None,
    time: Sequence | np.ndarray | None = None,
    where: str = "the model",
) -> xr.DataArray:
    """Name the dims of an array (condition, time, unit), and label those of which the labels are known.

    Raises
    ------
    InputError
        If the array has another number of dims, is not of real numbers, or labels do not fit it.

    Examples
    --------
    >>> labelled(np.zeros((2, 3, 4)), time=[0.0, 0.1, 0.2]).dims
    ('condition', 'time', 'unit')
    """
    values = np.asarray(values)
    if values.ndim != 3:
        message = f"expected activity (condition, time, unit) from {where}, found shape {values.shape}; {EXPORT}"
        raise InputError(message)
    if not (np.issubdtype(values.dtype, np.number) or values.dtype == bool) or np.iscomplexobj(values):
        raise InputError(f"expected real numbers from {where}, found an array of {values.dtype}")
    coords = {}
    for dim, labels, size in (("condition", condition, values.shape[0]), ("time", time, values.shape[1])):
        if labels is None:
            continue
        labels = np.asarray(labels).reshape(-1)
        if len(labels) != size:
            raise InputError(
                f"expected one label a {dim} from {where}, found {len(labels)} labels for {size} along {dim}; "
                f"activity has shape (condition, time, unit), here {values.shape}"
            )
        coords[dim] = labels
    return xr.DataArray(values, dims=DIMS, coords=coords)


def matched(
    activity: xr.DataArray, task: Task, *, time: np.ndarray, bin_width: float, where: str = "the model"
) -> tuple[Responses, tuple[str, ...]]:
    """Put activity on the task's conditions, by label, and make sure that it covers the recording's times.

    Conditions that the recording lacks are left out. Activity in steps of at most half a bin is averaged in the
    recording's bins; coarser activity keeps its own times, to be interpolated linearly by whoever looks at it.

    Parameters
    ----------
    activity : xarray.DataArray
        Dims condition, time (s) and unit in any order; what carries no labels is taken to be in the task's order.
    task : Task
    time : array, shape (time,)
        Bin centres of the recording, s.
    bin_width : float
        In s.
    where : str
        What to call the model in messages.

    Returns
    -------
    responses : Responses
    notes : tuple of str
        What was assumed or changed, in sentences.

    Raises
    ------
    InputError
        If dims, conditions or times do not fit; the message says which are missing.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> task = oscillation()
    >>> shape = (task.inputs.sizes["condition"], task.inputs.sizes["time"], 5)
    >>> responses, notes = matched(labelled(np.ones(shape)), task, time=np.array([0.1, 0.2]), bin_width=0.1)
    >>> notes[0]
    'The model gives no condition labels: they are taken to be in the order of the task.'
    """
    if set(activity.dims) != set(DIMS):
        raise InputError(f"expected dims {DIMS} from {where}, found {activity.dims}; rename or drop some")
    activity, notes = activity.transpose(*DIMS), []
    activity = _conditions(activity, task, where, notes)
    activity = _times(activity, task, where, notes)
    if activity.sizes["unit"] < 4:
        raise InputError(f"expected activity of at least 4 units from {where}, found {activity.sizes['unit']}")
    values, own = activity.values.astype(np.float64), activity["time"].values.astype(np.float64)
    _refuse_not_finite(values, activity, where)
    own, values = _resampled(own, values, time, bin_width, where, notes)
    described = task.inputs["condition"].coords
    responses = make_responses(
        values,
        condition=task.inputs["condition"].values,
        time=own,
        source=where,
        coords={str(name): ("condition", coord.values) for name, coord in described.items() if name != "condition"},
    )
    return responses, tuple(notes)


def _conditions(activity: xr.DataArray, task: Task, where: str, notes: list[str]) -> xr.DataArray:
    wanted = [_label(label) for label in task.inputs["condition"].values]
    if "condition" not in activity.coords:
        _same_size(activity, task, "condition", where)
        notes.append(f"{_opening(where)} gives no condition labels: they are taken to be in the order of the task.")
        return activity
    labels = [_label(label) for label in activity["condition"].values]
    labels = _as_numbers(labels, wanted, notes)
    twice = sorted(label for label, count in Counter(labels).items() if count > 1)
    if twice:
        raise InputError(f"expected each condition once from {where}, found {first_few(twice, 4)} more than once")
    there, asked = {label: place for place, label in enumerate(labels)}, set(wanted)
    missing, extra = [label for label in wanted if label not in there], [one for one in labels if one not in asked]
    if missing:
        raise InputError(
            f"expected activity of {where} in all {len(wanted)} conditions of the recording, found none for "
            f"{first_few(missing, 4)} (it has {first_few(labels, 4)}); {EXPORT}"
        )
    if extra:
        notes.append(f"Conditions that the recording does not have were left out: {first_few(extra, 4)}.")
    order = [there[label] for label in wanted]
    if order != sorted(order):
        notes.append("Conditions were put into the order of the recording, by their labels.")
    return activity.isel(condition=order)


def _times(activity: xr.DataArray, task: Task, where: str, notes: list[str]) -> xr.DataArray:
    if "time" not in activity.coords:
        _same_size(activity, task, "time", where)
        notes.append(
            f"{_opening(where)} gives no times: its steps are taken to be the task's, of {1000 * task.time_step:g} ms."
        )
        return activity.assign_coords(time=task.inputs["time"].values)
    time, unit = activity["time"].values, printable(activity["time"].attrs.get("units", ""), 100)
    if time.dtype.kind == "m":
        time, unit = time / np.timedelta64(1, "ns"), "ns"
    if time.dtype.kind not in "iuf" or len(time) < 2 or not (np.diff(time.astype(np.float64)) > 0).all():
        what = "dates" if time.dtype.kind == "M" else "times that do not ascend or no numbers"
        raise InputError(f"expected ascending sample times in s from {where}, found {what}")
    if " since " in unit:
        raise InputError(f"expected sample times in s from {where}, found dates, in {unit}")
    factor = seconds_in(unit) if unit else None
    if factor is not None and factor != 1:
        notes.append(f"Times of {where} are declared in {unit} and were converted to s.")
    return activity.assign_coords(time=time.astype(np.float64) * (1.0 if factor is None else factor))


def _resampled(
    own: np.ndarray, values: np.ndarray, time: np.ndarray, bin_width: float, where: str, notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return times and activity as they are, or averaged in the recording's bins where they are much finer."""
    step = float(np.diff(own).max())
    if step > (time[-1] - time[0]) / FEWEST_STEPS or own[-1] > MOST_TIMES * max(time[-1], bin_width):
        raise InputError(
            f"expected times in s, from {time[0]:.3g} to {time[-1]:.3g} s as recorded, from {where}, found "
            f"{own[0]:.6g} to {own[-1]:.6g} in steps of {step:.3g}{_look_like(own, time, bin_width)}; convert "
            "them to s, or declare their unit (netCDF: the attribute units of time)"
        )
    if own[0] - step > time[0] + 1e-9 or own[-1] + step < time[-1] - 1e-9:
        raise InputError(
            f"expected activity of {where} from {time[0]:.3g} to {time[-1]:.3g} s from the first event, as recorded, "
            f"found {own[0]:.3g} to {own[-1]:.3g} s{_look_like(own, time, bin_width)}; {EXPORT}"
        )
    if step > bin_width / 2 + 1e-9:
        if abs(step - bin_width) > 1e-9:
            notes.append(
                f"Steps of {1000 * step:.3g} ms were interpolated linearly to the recording's {1000 * bin_width:g} ms."
            )
        return own, values
    inside = np.abs(own - time[:, None]) <= bin_width / 2 + 1e-9
    notes.append(f"Steps of {1000 * step:.3g} ms were averaged in the recording's bins of {1000 * bin_width:g} ms.")
    return time, (inside / inside.sum(axis=1, keepdims=True)) @ values


def _look_like(own: np.ndarray, time: np.ndarray, bin_width: float) -> str:
    """Say which unit would explain times that do not cover the recording's; empty where none would."""
    unit = likely_unit(
        lambda factor: (
            factor * own[0] <= time[0] + bin_width
            and 0.9 * time[-1] - bin_width <= factor * own[-1] <= 10 * (time[-1] + bin_width)
        )
    )
    if unit is None and np.array_equal(own, np.arange(len(own)) + own[0]):
        unit = "sample numbers"
    return f", which look like {unit}" if unit else ""


def _same_size(activity: xr.DataArray, task: Task, dim: str, where: str) -> None:
    """Without labels only an equal number can be matched."""
    size, wanted = activity.sizes[dim], task.inputs.sizes[dim]
    if size == wanted:
        return
    shape = tuple(task.inputs.sizes[name] for name in ("condition", "time"))
    hint = ""
    for order in ((1, 0, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1), (0, 2, 1)):
        if tuple(activity.shape[axis] for axis in np.argsort(order)[:2]) == shape:
            hint = f"; it looks like ({', '.join(DIMS[axis] for axis in order)}): transpose it"
            break
    raise InputError(
        f"expected activity (condition, time, unit) = ({shape[0]}, {shape[1]}, any) from {where}, as it has no {dim} "
        f"labels, found {activity.shape}{hint}; label it ({dim} along {dim}), or {EXPORT}"
    )


def _refuse_not_finite(values: np.ndarray, activity: xr.DataArray, where: str) -> None:
    bad = ~np.isfinite(values)
    if not bad.any():
        return
    condition, time, unit = (int(place[0]) for place in np.nonzero(bad))
    label = _label(activity["condition"].values[condition]) if "condition" in activity.coords else condition
    raise InputError(
        f"expected finite activity from {where}, found {int(bad.sum())} values that are not (first at condition "
        f"{label}, {activity['time'].values[time]:.3g} s, unit {unit}); fill or drop them"
    )


def _label(label: Any) -> str:
    """Write a label as text, so that 3, 3.0 and "3" are one condition."""
    if isinstance(label, float | np.floating) and float(label).is_integer():
        label = int(label)
    return printable(label).strip()


def _as_numbers(given: list[str], wanted: list[str], notes: list[str]) -> list[str]:
    """Match labels by the numbers they say, where their texts do not match and both are of different numbers."""
    if set(wanted) <= set(given):
        return given
    own, asked = ([_number(label) for label in labels] for labels in (given, wanted))
    if None in own or None in asked or len(set(own)) < len(own) or len(set(asked)) < len(asked):
        return given
    by_number = dict(zip(asked, wanted, strict=True))
    if len(set(own) & set(by_number)) < len(asked):
        return given
    notes.append("Conditions were matched by the numbers that their labels say.")
    return [by_number.get(number, label) for number, label in zip(own, given, strict=True)]


def _number(label: str) -> float | None:
    try:
        return float(label)
    except ValueError:
        return None


def _opening(where: str) -> str:
    """Return what a sentence begins with: a file keeps the name that it has."""
    return f"The {where[4:]}" if where.startswith("the ") else where
