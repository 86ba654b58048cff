"""Planted recordings: a network drawn at a known gamma, seen like a monkey's motor cortex, kept as an NWB file."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch

from neurocompare.files import sha256_of, write_text
from neurocompare.models import Family, Sampling, WeightPosterior, check_gamma, draw_reservoir, respond, sample_chain
from neurocompare.parallel import one_thread
from neurocompare.recordings.cache import data_folder
from neurocompare.recordings.write_nwb import write_maze_nwb
from neurocompare.responses import Responses
from neurocompare.settings import digest_of
from neurocompare.streams import Purpose, torch_stream
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.tasks.task import Task, task_digest
from neurocompare.untrusted.plain_file import read_json
from neurocompare.workflows.synthetic import synthetic_recording

RECIPE = 1
"""Goes up whenever the same settings make another session, so that files of an older recipe are not used."""


def planted_session(
    family: Family,
    gamma: float,
    *,
    time_step: float = 0.05,
    lag: float = 0.1,
    seed: int = 0,
    sampling: Sampling | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Path:
    """Return the NWB file of a session recorded from a network of known gamma, making it where it is not there yet.

    Parameters
    ----------
    family : Family
        Settings of the planted network.
    gamma : float
        The truth to be found again.
    time_step, lag : float
        Of the ideal reach it does, s.
    seed : int
        Of the network and of the session. The network's chain has a seed of its own that no zoo uses.
    sampling : Sampling, optional
        Of the planted network's chain.
    folder : path-like, optional
        Where the file is kept; the cache where None.

    Returns
    -------
    pathlib.Path

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.recordings import open_recording
    >>> from neurocompare.settings import Family
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = open_recording(planted_session(Family(n_units=120), 0.0, folder=folder))
    >>> dict(recording.planted)["gamma"], len(recording.units)
    (0.0, 120)
    """
    gamma = check_gamma(gamma)
    sampling = sampling or Sampling()
    settings = (
        ("gamma", gamma),
        ("g", family.g),
        ("tau", family.tau),
        ("beta", family.beta),
        ("units", float(family.n_units)),
        ("seed", float(seed)),
    )
    made_by = json.dumps([asdict(family), asdict(sampling)], sort_keys=True)

    def make_network(task: Task) -> Responses:
        return planted_responses(task, family, gamma, seed=seed, sampling=sampling)

    task = ideal_reach(time_step=time_step, lag=lag)
    return synthetic_file(make_network, planted=settings, made_by=made_by, task=task, seed=seed, folder=folder)


@one_thread()
@torch.no_grad()
def planted_responses(
    task: Task, family: Family, gamma: float, *, seed: int, sampling: Sampling | None = None
) -> Responses:
    """Draw the planted network and simulate it without noise."""
    generator = torch_stream(Purpose.PLANTED_NETWORK, digest_of([seed, gamma]))
    if gamma == 0:
        network = draw_reservoir(task, family, generator=generator)
    else:
        chain = sample_chain(task, family, gamma, members=1, generator=generator, sampling=sampling)
        network = WeightPosterior(task, family, gamma).network(chain.members[-1], generator=generator)
    return respond(network, task, source=f"planted network, gamma {gamma:g}")[0]


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
