"""The synthetic session as an NWB file: made once, kept, and made again when absent or altered."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from neurocompare.files import sha256_of, write_text
from neurocompare.recordings.cache import data_folder
from neurocompare.recordings.write_nwb import write_maze_nwb
from neurocompare.responses import Responses
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.tasks.task import Task, task_digest
from neurocompare.untrusted.plain_file import read_json
from neurocompare.workflows.synthetic import synthetic_recording

RECIPE = 1
"""Goes up whenever the same settings make another session, so that files of an older recipe are not used."""


def synthetic_file(
    make_network: Callable[[Task], Responses],
    *,
    planted: tuple[tuple[str, float], ...],
    made_by: str = "",
    task: Task | None = None,
    n_units: int = 120,
    trials: int = 20,
    seed: int = 0,
    folder: str | os.PathLike[str] | None = None,
) -> Path:
    """Return the path of a synthetic session in an NWB file, making it where it is not there yet.

    The file is named by a hash of its settings. A JSON file beside it holds them and the SHA-256 of what was written: a
    file that does not match is made again. Both appear whole or not at all.

    Parameters
    ----------
    make_network : callable
        From a task to the responses of the network to record; called only if the file must be made.
    planted : tuple of (str, float)
        The settings `make_network` uses, such as gamma, g, tau, beta and seed: part of the hash, and kept in the file.
    made_by : str
        Whatever else `make_network` depends on, in any form: part of the hash only.
    task : Task, optional
        The reach to record; `ideal_reach()` where None.
    n_units, trials, seed
        As in `synthetic_recording`.
    folder : path-like, optional
        Where the file is kept; `data_folder()` where None.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    InputError
        If the folder cannot be written to, or the network does not fit the task.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from neurocompare.recordings import open_recording
    >>> from neurocompare.responses import make_responses
    >>> def waves(task):
    ...     time = task.inputs["time"].values
    ...     phi = np.sin(9 * time[:, None] + np.arange(30)) * np.array([1, -1])[:, None, None]
    ...     return make_responses(phi, condition=task.inputs["condition"].values, time=time)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = synthetic_file(
    ...         waves, planted=(("gamma", 0.4),), task=ideal_reach(directions=2), n_units=10, trials=3, folder=folder
    ...     )
    ...     recording = open_recording(path)
    >>> len(recording.units), dict(recording.planted)["gamma"]
    (10, 0.4)
    """
    task = ideal_reach() if task is None else task
    settings = {
        "recipe": RECIPE,
        "planted": {name: float(value) for name, value in planted},
        "made_by": made_by,
        "task": [task_digest(task), task.events, task.target_scale],
        "n_units": n_units,
        "trials": trials,
        "seed": seed,
    }
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
    path = (data_folder() if folder is None else Path(folder)) / f"synthetic-{key}.nwb"
    if is_whole(path):
        return path
    recording = synthetic_recording(
        make_network(task), task=task, n_units=n_units, trials=trials, seed=seed, planted=planted
    )
    provenance = dataclasses.replace(recording.provenance, identifier=path.stem)
    named = dataclasses.replace(recording, name=path.stem, provenance=provenance)
    write_maze_nwb(named, path, subject_description="No animal: a simulated network in the place of one.")
    write_text(json.dumps({"sha256": sha256_of(path), "settings": settings}, indent=1) + "\n", sidecar(path))
    return path


def sidecar(path: Path) -> Path:
    """Return the path of the JSON file that vouches for `path`."""
    return path.with_suffix(".json")


def is_whole(path: Path) -> bool:
    """Whether `path` is there and holds what its sidecar says was written."""
    try:
        return read_json(sidecar(path))["sha256"] == sha256_of(path)
    # absent, unreadable, cut short or edited: all mean that the file cannot be trusted
    except (OSError, ValueError, KeyError, TypeError):
        return False
