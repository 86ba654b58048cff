"""Task: what a network must do, as inputs and targets over condition x time x channel."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.files import write_netcdf
from neurocompare.shown import Overview, Shown
from neurocompare.tasks.continuation import Continuation
from neurocompare.untrusted.netcdf import open_netcdf
from neurocompare.untrusted.printable import printable


@dataclass(frozen=True, repr=False)
class Task(Shown):
    """Inputs and targets, with targets scaled to unit mean square over the trained samples.

    gamma has no unit of its own: a network sees only gamma times the target, so values of gamma compare only when
    targets share a scale. Make tasks with `make_task`, which sets that scale once and keeps the factor.

    Attributes
    ----------
    name : str
        For people.
    inputs : xarray.DataArray, dims (condition, time, channel)
        What the network receives; `time` in s on a regular grid.
    targets : xarray.DataArray, dims (condition, time, output)
        What it must produce, divided by `target_scale`.
    trained : xarray.DataArray of bool, dims (condition, time)
        The samples that enter the loss.
    target_scale : float
        Root mean square of the original targets over trained samples and outputs: original = scaled x target_scale.
    target_unit : str
        Unit of the original targets, such as ``"mm/s"``.
    notes : tuple of str
        Assumptions made on the way, in sentences a person can read.
    events : tuple of (str, float)
        When things happen on the task's clock, in s, such as ``(("target_on", 0.0), ("go", 0.35), ("move", 0.6))``.
    continuation : Continuation, optional
        How targets go on after the last sample, see `continued`; None where nobody knows.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> task = oscillation()
    >>> task.inputs.dims, task.targets.sizes["condition"], round(float((task.targets**2).mean()), 3)
    (('condition', 'time', 'channel'), 2, 1.0)
    """

    name: str
    inputs: xr.DataArray
    targets: xr.DataArray
    trained: xr.DataArray
    target_scale: float
    target_unit: str = "1"
    notes: tuple[str, ...] = ()
    events: tuple[tuple[str, float], ...] = ()
    continuation: Continuation | None = None

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        sizes, time = self.inputs.sizes, self.inputs["time"].values
        rows = [
            ("conditions", f"{sizes['condition']}"),
            ("time", f"{sizes['time']} steps, {time[0]:g} to {time[-1]:g} s"),
            ("inputs", f"{sizes['channel']}"),
            ("outputs", f"{self.targets.sizes['output']}, scaled by {self.target_scale:.4g} {self.target_unit}"),
            ("events", ", ".join(f"{name} {at:g} s" for name, at in self.events)),
        ]
        return Overview(f"Task {self.name!r}", tuple(row for row in rows if row[1]))

    def event(self, name: str) -> float:
        """Return the time of an event in s.

        Raises
        ------
        InputError
            If the task has no such event.
        """
        events = dict(self.events)
        if name not in events:
            raise InputError(f"expected an event {name!r} in task {self.name!r}, found {sorted(events) or 'no events'}")
        return events[name]

    @property
    def time_step(self) -> float:
        """Time step in s."""
        time = self.inputs["time"].values
        return float((time[-1] - time[0]) / (len(time) - 1))

    @property
    def n_samples(self) -> int:
        """Number of (condition, time) samples, M."""
        return self.inputs.sizes["condition"] * self.inputs.sizes["time"]


def make_task(
    inputs: xr.DataArray,
    targets: xr.DataArray,
    *,
    name: str,
    trained: xr.DataArray | None = None,
    target_unit: str = "1",
    notes: tuple[str, ...] = (),
    events: Mapping[str, float] | None = None,
    continuation: Continuation | None = None,
) -> Task:
    """Check inputs and targets, scale the targets to unit mean square, and make a `Task`.

    Parameters
    ----------
    inputs : xarray.DataArray, dims (condition, time, channel)
        Its condition coordinates (such as ``target_angle`` in rad) are kept, for targets too.
    targets : xarray.DataArray, dims (condition, time, output)
        On the same conditions and times, in `target_unit`.
    name : str
    trained : xarray.DataArray of bool, dims (condition, time), optional
        Samples that enter the loss; all where None. The first sample never does unless every target is zero there:
        networks start from rest, so their first output is zero whatever is learned.
    target_unit : str
    notes : tuple of str
    events : mapping of str to float, optional
        Event times in s on the same clock as `time`.
    continuation : Continuation, optional
        How the targets go on after the last sample.

    Returns
    -------
    Task

    Raises
    ------
    InputError
        If labels differ or repeat, values are not finite, times are not a regular grid, no target is trained or all
        are zero, or two conditions have equal inputs and different targets.

    Examples
    --------
    >>> coords = {"condition": ["left", "right"], "time": [0.0, 0.1, 0.2]}
    >>> sign = xr.DataArray([-1.0, 1.0], dims="condition")
    >>> pulse = (sign * xr.DataArray([[1.0], [0.0], [0.0]], dims=("time", "channel"))).assign_coords(coords)
    >>> reach = (sign * xr.DataArray([[0.0], [0.0], [3.0]], dims=("time", "output"))).assign_coords(coords)
    >>> task = make_task(pulse, reach, name="reach", target_unit="mm/s")
    >>> round(task.target_scale, 4), round(float((task.targets**2).mean()), 4)
    (1.7321, 1.0)
    """
    _check_arrays(inputs, targets)
    if trained is None:
        trained = xr.ones_like(targets.isel(output=0, drop=True), dtype=bool)
    else:
        if trained.dims != ("condition", "time") or trained.shape != targets.shape[:2]:
            raise InputError(
                f"expected trained with dims ('condition', 'time') and shape {targets.shape[:2]}, "
                f"found {trained.dims} and {trained.shape}"
            )
        trained = trained.astype(bool).copy()
    if (targets.isel(time=0) != 0).any():
        trained[{"time": 0}] = False
    _refuse_ambiguous(inputs, targets, trained)
    weights = trained.values[:, :, None] * np.ones(targets.sizes["output"])
    # What describes a condition describes it everywhere, as it does after a round trip through a file.
    described = {key: coord for key, coord in inputs.coords.items() if coord.dims == ("condition",)}
    scale = float(np.sqrt((targets.values**2 * weights).sum() / max(weights.sum(), 1)))
    if not scale > 0:
        raise InputError("expected some trained target to differ from zero, found none; there is nothing to learn")
    return Task(
        name=name,
        inputs=inputs.astype(np.float64),
        targets=(targets / scale).astype(np.float64).assign_coords(described),
        trained=trained.assign_coords(described),
        target_scale=scale,
        target_unit=target_unit,
        notes=tuple(notes),
        events=tuple((str(event), float(when)) for event, when in (events or {}).items()),
        continuation=continuation,
    )


def check_task(task: Task) -> Task:
    """Return `task` unchanged if a network can be asked to do it: for tasks that `make_task` did not make.

    Parameters
    ----------
    task : Task

    Returns
    -------
    Task

    Raises
    ------
    InputError
        If arrays disagree or are not finite, times are not a regular grid, no target is trained or all are zero, the
        inputs are all zero, or two conditions have equal inputs and different targets.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> task = oscillation()
    >>> check_task(replace(task, inputs=0 * task.inputs, targets=abs(task.targets)))
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected some input to differ from zero, found none; networks start at rest ...
    """
    inputs, targets, trained = task.inputs, task.targets, task.trained
    _check_arrays(inputs, targets)
    if trained.dims != ("condition", "time") or trained.shape != targets.shape[:2] or trained.dtype != bool:
        message = f"expected trained samples as booleans over condition and time, found {trained.dtype} {trained.shape}"
        raise InputError(message)
    if not targets.values[trained.values].any():
        raise InputError("expected some trained target to differ from zero, found none; there is nothing to learn")
    if not inputs.values.any():
        message = "expected some input to differ from zero, found none; networks start at rest and would stay there"
        raise InputError(message)
    _refuse_ambiguous(inputs, targets, trained)
    return task


def _check_arrays(inputs: xr.DataArray, targets: xr.DataArray) -> None:
    """Refuse inputs and targets that are not finite, or not on the same conditions and regular times."""
    for array, what, dims in (
        (inputs, "inputs", ("condition", "time", "channel")),
        (targets, "targets", ("condition", "time", "output")),
    ):
        if array.dims != dims:
            raise InputError(f"expected {what} with dims {dims}, found {array.dims}")
        if not np.isfinite(array.values).all():
            message = f"expected finite {what}, found {int((~np.isfinite(array.values)).sum())} values that are not"
            raise InputError(message)
    for dim in ("condition", "time"):
        if not np.array_equal(inputs[dim].values, targets[dim].values):
            raise InputError(f"expected inputs and targets on the same {dim}s, found different ones")
    labels = inputs.indexes["condition"]
    if not labels.is_unique:
        raise InputError(f"expected unique condition labels, found {labels[labels.duplicated()][0]!r} more than once")
    steps = np.diff(inputs["time"].values)
    if len(steps) < 2 or not (steps > 0).all() or not np.allclose(steps, steps[0], rtol=1e-6, atol=0):
        raise InputError("expected at least three sample times in s on a regular ascending grid, found irregular ones")


def _refuse_ambiguous(inputs: xr.DataArray, targets: xr.DataArray, trained: xr.DataArray) -> None:
    """Refuse two conditions that a network could not tell apart but would have to answer differently."""
    wanted = np.where(trained.values[:, :, None], targets.values, 0.0)
    flat_inputs = inputs.values.reshape(len(inputs), -1)
    flat_targets = wanted.reshape(len(wanted), -1)
    labels = inputs["condition"].values
    input_tolerance = 1e-9 * max(1.0, float(np.abs(flat_inputs).max()))
    target_tolerance = 1e-6 * float(np.abs(flat_targets).max())
    for i in range(len(labels)):
        same = np.abs(flat_inputs[i + 1 :] - flat_inputs[i]).max(axis=1, initial=0.0) <= input_tolerance
        differ = np.abs(flat_targets[i + 1 :] - flat_targets[i]).max(axis=1, initial=0.0) > target_tolerance
        clash = np.nonzero(same & differ)[0]
        if clash.size:
            first, second = labels[i], labels[i + 1 + clash[0]]
            raise InputError(
                f"conditions {first!s} and {second!s} have equal inputs and different targets: no network can do both; "
                "give the inputs something that tells them apart, or drop one"
            )


def save_task(task: Task, path: str | os.PathLike[str]) -> Path:
    """Write a task as netCDF, whole or not at all; returns the path.

    Parameters
    ----------
    task : Task
    path : path-like
        Of a netCDF file; one that is there is replaced.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    InputError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> save_task(oscillation(), pathlib.Path(tempfile.mkdtemp()) / "task.nc").name
    'task.nc'
    """
    path = Path(path)
    dataset = xr.Dataset(
        # netCDF has no booleans
        {"inputs": task.inputs, "targets": task.targets, "trained": task.trained.astype("int8")},
        attrs={
            "name": task.name,
            "target_scale": task.target_scale,
            "target_unit": task.target_unit,
            "notes": "\n".join(task.notes),
            "events": json.dumps(dict(task.events)),
            "continuation": "" if task.continuation is None else str(task.continuation),
        },
    )
    write_netcdf(dataset, path)
    return path


def load_task(path: str | os.PathLike[str]) -> Task:
    """Read what `save_task` wrote.

    Parameters
    ----------
    path : path-like
        Of a netCDF file.

    Returns
    -------
    Task

    Raises
    ------
    InputError
        If the file is missing or does not hold a task.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> path = save_task(oscillation(), pathlib.Path(tempfile.mkdtemp()) / "task.nc")
    >>> load_task(path).name
    'oscillation'
    """
    path = Path(path)
    try:
        with open_netcdf(path) as opened:
            loaded = opened.load(("inputs", "targets", "trained"))
        return Task(
            name=str(loaded.attrs["name"]),
            inputs=loaded["inputs"],
            targets=loaded["targets"],
            trained=loaded["trained"].astype(bool),
            target_scale=float(loaded.attrs["target_scale"]),
            target_unit=str(loaded.attrs["target_unit"]),
            notes=tuple(filter(None, str(loaded.attrs["notes"]).split("\n"))),
            events=tuple((event, float(when)) for event, when in json.loads(loaded.attrs["events"]).items()),
            # files of earlier versions do not say
            continuation=Continuation.read(text) if (text := str(loaded.attrs.get("continuation", ""))) else None,
        )
    except (OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise InputError(f"expected a task in netCDF at {path}, found {printable(error, 300)}") from error


def task_digest(task: Task) -> str:
    """SHA-256 of what a network takes from a task: inputs, targets, trained samples, times and conditions."""
    digest = hashlib.sha256()
    for array in (task.inputs, task.targets, task.trained):
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array.values).tobytes())
    digest.update(np.ascontiguousarray(task.inputs["time"].values).tobytes())
    digest.update("|".join(map(str, task.inputs["condition"].values)).encode())
    return digest.hexdigest()


def zero_loss(task: Task) -> float:
    """Loss of a network whose output is zero: half the mean square of the trained targets.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> round(zero_loss(oscillation()), 2)  # targets are scaled to a mean square of 1
    0.5
    """
    return 0.5 * float((task.targets.values[task.trained.values] ** 2).mean())
