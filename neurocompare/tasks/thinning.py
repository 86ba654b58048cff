"""Thinning: a task too big for the memory or the patience at hand, made smaller in a way that is written down."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.tasks.task import Task, make_task


def thin_task(task: Task, *, max_samples: int, max_step: float = 0.05) -> Task:
    """Return a task of at most `max_samples` samples that asks for the same movements at the same times.

    First the time step grows, in whole multiples. An input acts on the network until the next sample, so inputs are
    averaged over the new step that begins at a sample. A target belongs to its moment, so targets are averaged over a
    step centred on a sample; at both ends over the symmetric part of it that exists. If that is not enough, conditions
    are left out, evenly spread: around the circle of ``target_angle`` where conditions have one, else along their
    numeric coordinates in turn, else in the order they come in. Targets are scaled to unit mean square again.

    Parameters
    ----------
    task : Task
    max_samples : int
        Conditions times time steps.
    max_step : float
        Longest time step, s: half the networks' time constant leaves their dynamics alone. A task that is already
        coarser keeps its step.

    Returns
    -------
    Task
        `task` itself where it is small enough; otherwise its notes say what was chosen.

    Raises
    ------
    InputError
        If two conditions at the longest step are still too many.

    Examples
    --------
    >>> from neurocompare.tasks.ideal import ideal_reach
    >>> small = thin_task(ideal_reach(time_step=0.01), max_samples=80)
    >>> dict(small.inputs.sizes), round(small.time_step, 6)
    ({'condition': 4, 'time': 20, 'channel': 3}, 0.05)
    >>> small.inputs["condition"].values.tolist()
    ['0 deg', '90 deg', '180 deg', '270 deg']
    >>> print(small.notes[-1])
    Thinned from 768 to 80 samples: time steps of 0.05 s, averaged over 5 of 0.01 s; 4 of 8 conditions.
    """
    if task.n_samples <= max_samples:
        return task
    n_conditions, n_times = task.targets.shape[:2]
    # make_task wants three times; a task is not stretched beyond what it needs.
    most = max(1, min(math.floor(max_step / task.time_step * (1 + 1e-9)), (n_times - 1) // 2))
    enough = (factor for factor in range(1, most) if n_conditions * _length(n_times, factor) <= max_samples)
    factor = next(enough, most)
    kept = min(n_conditions, max_samples // _length(n_times, factor))
    if kept < 2:
        least = 2 * _length(n_times, factor)
        raise InputError(
            f"expected a task that can be thinned to {max_samples} samples, found that two conditions at time steps of "
            f"{factor * task.time_step:g} s are {least}; allow {least} samples, a longer step, or a shorter task"
        )
    chosen = np.sort(spread_conditions(task.targets, kept))
    smaller = make_task(
        _averaged_ahead(task.inputs[chosen], factor),
        _averaged_around(task.targets[chosen] * task.target_scale, factor),
        name=task.name,
        trained=_trained_throughout(task.trained[chosen], factor),
        target_unit=task.target_unit,
        notes=task.notes,
        events=dict(task.events),
        # A period need not be a whole number of the longer steps; `continued` says so when it is asked.
        continuation=task.continuation,
    )
    return replace(smaller, notes=(*task.notes, _account(task, smaller, factor)))


def spread_conditions(described: xr.DataArray, kept: int) -> np.ndarray:
    """Choose `kept` conditions spread evenly over what describes them; return their positions.

    Parameters
    ----------
    described : xarray.DataArray
        With a dimension ``condition`` and its coordinates; ``target_angle`` in rad.
    kept : int

    Examples
    --------
    >>> angles = np.radians([0, 180, 90, 270])
    >>> described = xr.DataArray(np.zeros(4), dims="condition", coords={"target_angle": ("condition", angles)})
    >>> spread_conditions(described, 2).tolist()
    [0, 1]
    """
    n = described.sizes["condition"]
    columns = {
        name: coord.values.astype(float)
        for name, coord in described.coords.items()
        if coord.dims == ("condition",) and name != "condition" and np.issubdtype(coord.dtype, np.number)
    }
    keys = [column for name, column in columns.items() if name != "target_angle"]
    if "target_angle" in columns:
        # To a milliradian: directions that a recording gives slightly differently are the same.
        keys.insert(0, np.round(np.mod(columns["target_angle"] + 5e-4, 2 * np.pi), 3))
    order = np.lexsort(keys[::-1]) if keys else np.arange(n)
    return order[(np.arange(kept) * n) // kept]


def _length(n_times: int, factor: int) -> int:
    return (n_times - 1) // factor + 1


def _averaged_ahead(inputs: xr.DataArray, factor: int) -> xr.DataArray:
    """Average over the `factor` samples from each kept one on."""
    starts = np.arange(0, inputs.sizes["time"], factor)
    sums = np.add.reduceat(inputs.values, starts, axis=1)
    counts = np.diff(np.append(starts, inputs.sizes["time"]))
    return inputs[:, ::factor].copy(data=sums / counts[:, None])


def _averaged_around(targets: xr.DataArray, factor: int) -> xr.DataArray:
    """Average over `factor` samples centred on each kept one, half a sample at both edges where it is even."""
    values = targets.values
    averaged = []
    for centre in range(0, values.shape[1], factor):
        weights, window = _window(centre, values.shape[1], factor)
        averaged.append(np.tensordot(weights, values[:, window], axes=(0, 1)))
    return targets[:, ::factor].copy(data=np.stack(averaged, axis=1))


def _trained_throughout(trained: xr.DataArray, factor: int) -> xr.DataArray:
    """Whether every sample that a target was averaged over is trained."""
    values = trained.values
    windows = (_window(centre, values.shape[1], factor)[1] for centre in range(0, values.shape[1], factor))
    return trained[:, ::factor].copy(data=np.stack([values[:, window].all(axis=1) for window in windows], axis=1))


def _window(centre: int, n_times: int, factor: int) -> tuple[np.ndarray, slice]:
    """Weights, and the samples they belong to: symmetric around `centre`, so that nothing moves in time."""
    half = min(factor / 2, centre + 0.5, n_times - 0.5 - centre)
    reach = math.ceil(half - 0.5)
    weights = np.clip(half + 0.5 - np.abs(np.arange(-reach, reach + 1)), 0.0, 1.0)
    return weights / weights.sum(), slice(centre - reach, centre + reach + 1)


def _account(task: Task, smaller: Task, factor: int) -> str:
    steps = f"time steps of {smaller.time_step:g} s, averaged over {factor} of {task.time_step:g} s"
    if factor == 1:
        steps = f"time steps of {task.time_step:g} s as they were"
    kept, all_of_them = smaller.targets.sizes["condition"], task.targets.sizes["condition"]
    conditions = f"{kept} of {all_of_them} conditions" if kept < all_of_them else f"all {kept} conditions"
    return f"Thinned from {task.n_samples} to {smaller.n_samples} samples: {steps}; {conditions}."
