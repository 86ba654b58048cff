"""Session: a recording as a run reads it, or as one would: its trials, its task, and the run that belongs to it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.experiments.planted import open_chosen, planted_session
from neurocompare.models import Family, Sampling
from neurocompare.recordings import Choices, Reading, Recording, Trials, trials_of
from neurocompare.tasks import Task, reach_task

DEFAULT_RUN = "neurocompare-run"
"""Where `neurocompare run` leaves a run that is not told where."""

DEFAULTS: Mapping[str, Any] = {
    "g": 1.5,
    "tau": 0.1,
    "beta": 400.0,
    "units": 400,
    "draws": 80,
    "planted": 0.4,
    "seed": 0,
    "time_step": 0.05,
    "min_rate": 1.0,
}
"""Settings where there is no run: those that a run has by default. Bins, smoothing and lead are the recording's."""


@dataclass(frozen=True)
class Session:
    """A recording, and what it is compared by.

    Attributes
    ----------
    recording : Recording
    trials : Trials
    task : Task
        What a model is run on.
    network_task : Task
        What the networks of the run do: the same, but for the time step.
    settings : mapping
        As in ``run.json``, or `DEFAULTS` with the recording's `Reading`.
    run : Path or None
        Folder of the run of this recording.
    zoo : Path or None
        Folder of networks for it, with a run or without.
    notes : tuple of str
        Why there is no run, in a sentence.
    """

    recording: Recording
    trials: Trials
    task: Task
    network_task: Task
    settings: Mapping[str, Any]
    run: Path | None
    zoo: Path | None
    notes: tuple[str, ...] = ()


def open_session(
    recording: str | os.PathLike[str] | Recording,
    *,
    run: str | os.PathLike[str] | None = None,
    time_step: float | None = None,
) -> Session:
    """Open a recording with the settings of its run, where there is one.

    Parameters
    ----------
    recording : str, path-like or Recording
        ``"synthetic"``, a name of the catalogue, the path of an NWB file, or what `open_recording` returned.
    run : path-like, optional
        Folder that `neurocompare run` left, or that `neurocompare zoo` made; ``neurocompare-run`` in the working folder
        where None, if it is of this recording.
    time_step : float, optional
        Of the task, s; the run's where None.

    Returns
    -------
    Session

    Raises
    ------
    InputError
        If the recording cannot be used, or the `run` that was named is of another one.
    """
    folder = Path(DEFAULT_RUN if run is None else run)
    bare = run is not None and (folder / "zoo.csv").exists() and not (folder / "run.json").exists()
    account = _account(folder, needed=run is not None and not bare)
    settings = {**DEFAULTS, **account.get("settings", {})}
    opened = _open(recording, settings)
    notes = []
    if account and not _is_of(account, opened):
        of = account["recording"].get("name", "another recording")
        if run is not None:
            message = f"expected a run of {opened.name} in {folder}, found one of {of}; name its own with --run"
            raise InputError(message)
        notes.append(f"The run in {folder} is of {of}, and was not used.")
        account, settings = {}, dict(DEFAULTS)
        opened = _open(recording, settings)
    opened = opened.read_with(**{name: settings.get(name) for name in Reading().values})
    settings |= opened.reading.values
    trials = trials_of(opened, min_rate=settings["min_rate"])
    task = network_task = reach_task(opened, time_step=settings["time_step"])
    if time_step is not None and time_step != settings["time_step"]:
        task = reach_task(opened, time_step=time_step)
    zoo = folder if bare else folder / "zoo" if account else None
    return Session(opened, trials, task, network_task, settings, folder if account else None, zoo, tuple(notes))


def _account(folder: Path, *, needed: bool) -> dict[str, Any]:
    """Read a run's ``run.json``; nothing where there is none and none was named."""
    path = folder / "run.json"
    if not needed and not path.exists():
        return {}
    try:
        account = json.loads(path.read_text(encoding="utf-8"))
        return {"settings": account["settings"], "recording": account["recording"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = (
            f"expected a finished run in {folder}, found {error}; make one: neurocompare run RECORDING --out {folder}"
        )
        raise InputError(message) from error


def _open(recording: str | os.PathLike[str] | Recording, settings: Mapping[str, Any]) -> Recording:
    if isinstance(recording, Recording):
        return recording

    def planted() -> Path:
        return planted_session(
            Family(g=settings["g"], tau=settings["tau"], beta=settings["beta"], n_units=settings["units"]),
            settings["planted"],
            time_step=settings["time_step"],
            lead=settings.get("lead", Reading().lead),
            seed=settings["seed"],
            sampling=Sampling(**settings["sampling"]) if "sampling" in settings else None,
        )

    return open_chosen(recording, Choices.saved(settings.get("choices")), synthetic=planted)


def _is_of(account: Mapping[str, Any], recording: Recording) -> bool:
    """Whether a run was made from this recording: the same bytes, or the same session made again."""
    made_from, here = account["recording"], recording.provenance
    same_bytes = bool(here.sha256) and made_from.get("sha256") == here.sha256
    return same_bytes or (bool(recording.planted) and made_from.get("identifier") == here.identifier)
