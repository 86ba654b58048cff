"""Tasks from arrays: of your own, or muscles recorded during centre-out reaching."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.tasks.continuation import Continuation
from neurocompare.tasks.delayed import delay_cues, direction_code
from neurocompare.tasks.task import Task, make_task
from neurocompare.untrusted.matlab_files import stored_arrays
from neurocompare.untrusted.printable import printable


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
        message = (
            "expected inputs (condition, time, channel) and targets (condition, time, output) of equal condition and "
            f"time, found shapes {inputs.shape} and {targets.shape}"
        )
        raise InputError(message)
    labels = {
        "condition": _labels(conditions, inputs.shape[0], "condition"),
        "time": np.round(np.arange(inputs.shape[1]) * time_step, 9),
    }
    if trained is not None:
        trained = np.asarray(trained, bool)
        if trained.shape != inputs.shape[:2]:
            message = f"expected trained of shape (condition, time) {inputs.shape[:2]}, found {trained.shape}"
            raise InputError(message)
        trained = xr.DataArray(trained, dims=("condition", "time"), coords=labels)
    return make_task(
        xr.DataArray(
            inputs,
            dims=("condition", "time", "channel"),
            coords=labels | {"channel": _labels(channels, inputs.shape[2], "channel")},
        ),
        xr.DataArray(
            targets,
            dims=("condition", "time", "output"),
            coords=labels | {"output": _labels(outputs, targets.shape[2], "output")},
        ),
        name=name,
        trained=trained,
        target_unit=target_unit,
        notes=notes,
        events=events,
        continuation=continuation,
    )


def _labels(labels: Sequence | None, size: int, what: str) -> np.ndarray:
    if labels is None:
        return np.arange(size)
    if len(labels) != size:
        message = f"expected {size} {what} labels, found {len(labels)}"
        raise InputError(message)
    return np.asarray(labels)


def task_from_muscles(
    path: str | os.PathLike[str],
    *,
    variable: str = "all_EMG",
    sample_step: float = 0.001,
    bin_width: float = 0.02,
    start: float = 0.0,
    stop: float | None = None,
    go: float = 0.5,
) -> Task:
    """Make a task whose outputs are trial-averaged muscle activity, read from a MATLAB file.

    The file holds one array (muscle, sample, direction) and nothing else: the time step, the order of the directions
    and the time of go are assumptions, written into the task's notes. Each muscle is averaged in bins and divided by
    its root mean square over the window and all directions, so that muscles recorded at different gains count alike.
    Inputs: a hold cue and (cos, sin) of the direction, until go.

    Parameters
    ----------
    path : path-like
        A MATLAB file.
    variable : str
        Name of the array in it.
    sample_step : float
        Assumed time between samples, s.
    bin_width : float
        The task's time step, s; rounded to whole samples.
    start, stop : float
        Window on the file's clock, s; to the end where `stop` is None. Network time 0 is `start`. A shorter window and
        wider bins make a smaller task: ``start=0.3, stop=2.1, bin_width=0.05`` gives 36 samples a direction.
    go : float
        Assumed go cue on the file's clock, s.

    Returns
    -------
    Task

    Raises
    ------
    InputError
        If the file cannot be read, lacks the array, or the window does not fit it.
    """
    muscles = _read_muscles(path, variable)
    n_muscles, n_samples, n_directions = muscles.shape
    last = n_samples * sample_step
    stop = last if stop is None else stop
    width = round(bin_width / sample_step)
    if not (0 <= start < go < stop <= last + sample_step / 2 and width >= 1):
        message = (
            f"expected 0 <= start < go < stop <= {last:g} s and bins of at least {sample_step:g} s, "
            f"found start {start:g}, go {go:g}, stop {stop:g}, bins of {bin_width:g}"
        )
        raise InputError(message)
    first = round(start / sample_step)
    n_bins = (round(stop / sample_step) - first) // width
    window = muscles[:, first : first + n_bins * width].reshape(n_muscles, n_bins, width, n_directions)
    activity = window.mean(axis=2).transpose(2, 1, 0)
    scales = np.sqrt((activity**2).mean(axis=(0, 1)))
    if not (scales > 0).all():
        message = f"expected every muscle to be active in the window, found muscle {int(np.argmin(scales))} silent"
        raise InputError(message)
    time_step = width * sample_step
    angles = 2 * np.pi * np.arange(n_directions) / n_directions
    code = direction_code(angles, condition=[f"{angle:.4g} deg" for angle in np.degrees(angles)])
    time = np.round(np.arange(n_bins) * time_step, 9)
    return make_task(
        delay_cues(code, time, go=go - start),
        xr.DataArray(
            activity / scales,
            dims=("condition", "time", "output"),
            coords={
                "condition": code["condition"],
                "time": time,
                "output": [f"muscle {i}" for i in range(n_muscles)],
            },
        ),
        name="muscles",
        target_unit="root mean square of the muscle",
        notes=(
            f"The file has no time axis: samples are assumed to be {sample_step:g} s apart.",
            f"The go cue is assumed at {go:g} s of the file, {go - start:g} s of the task; the file does not say.",
            f"The {n_directions} directions are assumed evenly spaced, in file order, the first at angle 0.",
            "Each muscle is divided by its root mean square over the window and all directions.",
            "Outputs follow the muscles without a lead, from the first sample that can be trained on.",
        ),
        events={"target_on": 0.0, "go": go - start},
    )


def _read_muscles(path: str | os.PathLike[str], variable: str) -> np.ndarray:
    """Return the array (muscle, sample, direction) of a MATLAB file."""
    with stored_arrays(path) as arrays:
        if variable not in arrays:
            found = printable(", ".join(sorted(arrays)), 300) or "none"
            message = f"expected a variable {variable!r} in {path}, found {found}"
            raise InputError(message)
        muscles = np.asarray(arrays[variable].read(), float)
    if muscles.ndim != 3 or not np.isfinite(muscles).all():
        message = f"expected {variable!r} to be finite (muscle, sample, direction), found shape {muscles.shape}"
        raise InputError(message)
    return muscles
