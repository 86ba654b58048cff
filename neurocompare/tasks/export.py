"""Export: a task as plain arrays, to train a model of one's own on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.tasks.task import Task, save_task


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
