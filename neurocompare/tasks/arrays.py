"""Tasks from plain arrays of your own, and a task as plain arrays to train a model on."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.tasks.continuation import Continuation
from neurocompare.tasks.task import Task, make_task, save_task


def task_from_arrays(
    inputs: np.ndarray,
    targets: np.ndarray,
    *,
    time_step: float,
    name: str = "arrays",
    conditions: Sequence | None = None,
    channels: Sequence | None = None,
    outputs: Sequence | None = None,
    trained: np.ndarray | None = None,
    target_unit: str = "1",
    notes: tuple[str, ...] = (),
    events: Mapping[str, float] | None = None,
    continuation: Continuation | None = None,
) -> Task:
    """Make a task of plain arrays.

    Parameters
    ----------
    inputs : array, shape (condition, time, channel)
    targets : array, shape (condition, time, output)
        In `target_unit`; scaled to unit mean square, as every task's.
    time_step : float
        In s; the first sample is at 0.
    name : str
    conditions, channels, outputs : sequence, optional
        Labels; 0, 1, 2, ... where None.
    trained : array of bool, shape (condition, time), optional
        Samples that enter the loss; all where None, except a first sample with a target other than zero.
    target_unit : str
    notes : tuple of str
    events : mapping of str to float, optional
        Event times in s.
    continuation : Continuation, optional
        How the targets go on after the last sample, such as ``Continuation("repeat", 0.5)``.

    Returns
    -------
    Task

    Raises
    ------
    InputError
        If shapes do not fit each other, or `make_task` finds the task impossible.

    Examples
    --------
    >>> time = np.arange(10) * 0.1
    >>> pulse = np.array([1.0, -1.0])[:, None, None] * (time < 0.2)[:, None]
    >>> ramp = np.array([1.0, -1.0])[:, None, None] * time[:, None]
    >>> task_from_arrays(pulse, ramp, time_step=0.1, conditions=["up", "down"]).n_samples
    20
    """
    inputs, targets = np.asarray(inputs, float), np.asarray(targets, float)
    if inputs.ndim != 3 or targets.ndim != 3 or inputs.shape[:2] != targets.shape[:2]:
        raise InputError(
            "expected inputs (condition, time, channel) and targets (condition, time, output) of equal condition and "
            f"time, found shapes {inputs.shape} and {targets.shape}"
        )
    labels = {
        "condition": _labels(conditions, inputs.shape[0], "condition"),
        "time": np.round(np.arange(inputs.shape[1]) * time_step, 9),
    }
    window = None
    if trained is not None:
        if np.shape(trained) != inputs.shape[:2]:
            message = f"expected trained of shape (condition, time) {inputs.shape[:2]}, found {np.shape(trained)}"
            raise InputError(message)
        window = xr.DataArray(np.asarray(trained, bool), dims=("condition", "time"), coords=labels)
    channel, output = _labels(channels, inputs.shape[2], "channel"), _labels(outputs, targets.shape[2], "output")
    return make_task(
        xr.DataArray(inputs, dims=("condition", "time", "channel"), coords=labels | {"channel": channel}),
        xr.DataArray(targets, dims=("condition", "time", "output"), coords=labels | {"output": output}),
        name=name,
        trained=window,
        target_unit=target_unit,
        notes=notes,
        events=events,
        continuation=continuation,
    )


def _labels(labels: Sequence | None, size: int, what: str) -> np.ndarray:
    if labels is None:
        return np.arange(size)
    if len(labels) != size:
        raise InputError(f"expected {size} {what} labels, found {len(labels)}")
    return np.asarray(labels)


def export_task(task: Task, path: str | os.PathLike[str]) -> Path:
    """Write a task for use outside, whole or not at all.

    Parameters
    ----------
    task : Task
    path : path-like
        ``.npz``: arrays ``inputs`` (condition, time, channel), ``targets`` (condition, time, output; divided by
        ``target_scale``), ``trained`` (condition, time; the samples that count), ``condition``, ``time`` (s),
        ``channel`` and ``output`` (labels), ``target_scale`` and ``target_unit``. Nothing in it is pickled.
        ``.nc``: as `save_task`.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    InputError
        If the path ends in neither, or cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> path = export_task(oscillation(), Path(tempfile.mkdtemp()) / "task.npz")
    >>> sorted(np.load(path))[:3]
    ['channel', 'condition', 'inputs']
    """
    path = Path(path)
    if path.suffix == ".nc":
        return save_task(task, path)
    if path.suffix != ".npz":
        raise InputError(f"expected a file name that ends in .npz or .nc to export a task to, found {path.name}")
    arrays = {
        "inputs": task.inputs.values,
        "targets": task.targets.values,
        "trained": task.trained.values,
        "condition": task.inputs["condition"].values.astype(str),
        "time": task.inputs["time"].values,
        "channel": task.inputs["channel"].values.astype(str) if "channel" in task.inputs.coords else None,
        "output": task.targets["output"].values.astype(str) if "output" in task.targets.coords else None,
        "target_scale": np.array(task.target_scale),
        "target_unit": np.array(task.target_unit),
    }
    # A name would get .npz added.
    with atomic(path) as temporary, open(temporary, "wb") as opened:
        np.savez(opened, **{name: array for name, array in arrays.items() if array is not None})
    return path
