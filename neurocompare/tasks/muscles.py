"""Muscle activity as something to produce: above rest, each muscle at unit size; and the muscles that are shipped."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.files import shipped
from neurocompare.tasks.delayed import ROUNDING, delay_cues, direction_code
from neurocompare.tasks.task import Task, make_task
from neurocompare.untrusted import matlab_files

SHIPPED = "muscles-1.nc"
"""The recording behind `muscles`, in the folder ``data``; made by ``data/make_muscles.py``."""

UNIT = "root mean square of the muscle"

NOTE = (
    "Muscles: the mean before go, over all conditions, is taken as rest and subtracted; each muscle is then divided by "
    "its root mean square from go on over all conditions, because recorded sizes depend on the electrode."
)


def above_rest(activity: xr.DataArray, resting: np.ndarray) -> xr.DataArray:
    """Subtract each muscle's rest, and divide by its root mean square over the other times and all conditions.

    Parameters
    ----------
    activity : xarray.DataArray, dims (condition, time, output)
    resting : array of bool, shape (time,)
        Times at rest; the first time alone where there are none.

    Returns
    -------
    xarray.DataArray, dims (condition, time, output)
        Zero at rest.

    Raises
    ------
    InputError
        If a muscle does not change.

    Examples
    --------
    >>> activity = xr.DataArray([[[1.0], [1.0], [4.0]], [[3.0], [3.0], [-1.0]]], dims=("condition", "time", "output"))
    >>> above_rest(activity, np.array([True, True, False])).values.ravel().round(3).tolist()
    [0.0, 0.0, 0.784, 0.0, 0.0, -1.177]
    """
    quiet = resting if resting.any() else np.arange(len(resting)) == 0
    rest = activity.values[:, quiet].mean(axis=(0, 1))
    values = np.where(resting[:, None], 0.0, activity.values - rest)
    sizes = np.sqrt((values[:, ~resting] ** 2).mean(axis=(0, 1)))
    # Rounding alone leaves a size of about 1e-16 of the level.
    still = ~(sizes > 1e-9 * np.abs(activity.values).max())
    if still.any():
        names = activity["output"].values if "output" in activity.coords else np.arange(activity.sizes["output"])
        raise InputError(f"expected every muscle to change in the window, found {names[still][0]!s} that does not")
    return activity.copy(data=values / sizes)


def muscles(*, time_step: float = 0.05, start: float = 0.3, stop: float = 2.1, go: float = 0.5) -> Task:
    """Make the task of real muscles: activity of 13 muscles of a macaque during reaches in 8 directions.

    The recording comes with the package (CC0, Hatsopoulos lab). It has no time axis, no muscle names and no events:
    that its samples are 1 ms apart, that the directions are evenly spaced, and when go was, are guesses. Rest is
    subtracted and each muscle is divided by its root mean square, as `reach_task` does with recorded muscles.

    Parameters
    ----------
    time_step : float
        In s; a multiple of 0.01, such as 0.02 or 0.05. Muscles are averaged over it.
    start, stop : float
        Window on the recording's clock of 3.34 s; network time 0 is `start`.
    go : float
        Guessed go cue on the recording's clock, s: a good tenth of a second before the first muscles rise.

    Returns
    -------
    Task

    Raises
    ------
    InputError
        If the time step is no multiple of 0.01 s, or the window does not fit the recording.

    References
    ----------
    Liang et al., PNAS, doi:10.1073/pnas.2212227120, as released with Bachschmid-Romano, Hatsopoulos and Brunel,
    eLife 2023.

    Examples
    --------
    >>> task = muscles()
    >>> dict(task.targets.sizes), task.event("go"), round(float((task.targets**2).mean()), 6)
    ({'condition': 8, 'time': 36, 'output': 13}, 0.2, 1.0)
    """
    with xr.open_dataarray(shipped(SHIPPED), engine="h5netcdf") as opened:
        activity, step = opened.values.astype(np.float64), float(opened.attrs["step"])
    note = "The recording has no time axis: its samples are assumed to be 0.001 s apart."
    return _task_of_muscles(activity, step, time_step, start=start, stop=stop, go=go, note=note)


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
    and the time of go are assumptions, written into the task's notes. Muscles are averaged in bins and taken above
    rest, see `above_rest`. Inputs: a hold cue and (cos, sin) of the direction, until go.

    Parameters
    ----------
    path : path-like
        A MATLAB file of version 7.2 or older.
    variable : str
        Name of the array in it.
    sample_step : float
        Assumed time between samples, s.
    bin_width : float
        The task's time step, s; a multiple of `sample_step`.
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

    Examples
    --------
    >>> import tempfile
    >>> from scipy.io import savemat
    >>> rise = np.clip(np.arange(1000) - 600, 0, None)  # from 0.6 s, with 1 ms a sample
    >>> recorded = rise[:, None] * np.array([[[1.0, 3.0]], [[2.0, 1.0]]])  # (muscle, sample, direction)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     savemat(f"{folder}/muscles.mat", {"all_EMG": recorded})
    ...     task = task_from_muscles(f"{folder}/muscles.mat", bin_width=0.05)
    >>> dict(task.targets.sizes), task.event("go"), round(float((task.targets**2).mean()), 6)
    ({'condition': 2, 'time': 20, 'output': 2}, 0.5, 1.0)
    """
    activity = _read_muscles(path, variable)
    stop = float(activity.shape[1] * sample_step) if stop is None else stop
    note = f"The recording has no time axis: its samples are assumed to be {sample_step:g} s apart."
    return _task_of_muscles(activity, sample_step, bin_width, start=start, stop=stop, go=go, note=note)


def _task_of_muscles(
    activity: np.ndarray, sample_step: float, bin_width: float, *, start: float, stop: float, go: float, note: str
) -> Task:
    """Make a task of an array (muscle, sample, direction): binned, above rest, cued until go."""
    n_muscles, n_samples, n_directions = activity.shape
    last, width = n_samples * sample_step, round(bin_width / sample_step)
    if not (0 <= start < go < stop <= last + sample_step / 2 and width >= 1):
        raise InputError(
            f"expected 0 <= start < go < stop <= {last:g} s and bins of at least {sample_step:g} s, "
            f"found start {start:g}, go {go:g}, stop {stop:g}, bins of {bin_width:g}"
        )
    if abs(width * sample_step - bin_width) > ROUNDING:
        raise InputError(f"expected a time step that is a multiple of {sample_step:g} s, found {bin_width:g} s")
    first = round(start / sample_step)
    n_bins = (round(stop / sample_step) - first) // width
    window = activity[:, first : first + n_bins * width].reshape(n_muscles, n_bins, width, n_directions)
    angles = 2 * np.pi * np.arange(n_directions) / n_directions
    code = direction_code(angles, condition=[f"{angle:.4g} deg" for angle in np.degrees(angles)])
    time = np.round(np.arange(n_bins) * bin_width, 9)
    labels = {"condition": code["condition"], "time": time, "output": [f"muscle {i}" for i in range(n_muscles)]}
    targets = xr.DataArray(window.mean(axis=2).transpose(2, 1, 0), dims=tuple(labels), coords=labels)
    return make_task(
        delay_cues(code, time, go=go - start),
        above_rest(targets, time < go - start - ROUNDING),
        name="muscles",
        target_unit=UNIT,
        notes=(
            note,
            f"Nor does it say when go was: assumed at {go:g} s of it, {go - start:g} s of the task.",
            f"The {n_directions} directions are assumed evenly spaced, in its order, the first at angle 0.",
            NOTE,
            "Targets follow the muscles without a lag; zero before go.",
        ),
        events={"target_on": 0.0, "go": round(go - start, 9)},
    )


def _read_muscles(path: str | os.PathLike[str], variable: str) -> np.ndarray:
    """Return the array (muscle, sample, direction) of a MATLAB file."""
    with matlab_files.stored_arrays(Path(path)) as stored:
        if variable not in stored:
            raise InputError(f"expected a variable {variable!r} in {path}, found {', '.join(stored) or 'none'}")
        muscles = np.asarray(stored[variable].read(), dtype=object if stored[variable].cells else None)
    if muscles.ndim != 3 or muscles.dtype.kind not in "biuf" or not np.isfinite(muscles).all():
        raise InputError(f"expected {variable!r} to be finite (muscle, sample, direction), found shape {muscles.shape}")
    return muscles.astype(float)
