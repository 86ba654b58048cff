"""Session: a recording as a run reads it, or as one would: its trials, its task, and the run that belongs to it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.recordings import Choices, Reading, Recording, Trials, open_named, trials_of
from neurocompare.tasks import Task, reach_task

DEFAULT_RUN = "neurocompare-run"
"""Where `neurocompare run` leaves a run that is not told where."""

DEFAULTS: Mapping[str, Any] = {
    "g": 1.5,
    "tau": 0.1,
    "beta": 400.0,
    "units": 400,
    "draws": 80,
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
    choices: Choices | None = None,
    lead: float | None = None,
    bin_width: float | None = None,
    smoothing: float | None = None,
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
    choices : Choices, optional
        What not to leave to the layout: not of an opened recording, which is read already.
    lead, bin_width, smoothing : float, optional
        In s. These and `choices` are the run's where None; a run that chose otherwise is not used.

    Returns
    -------
    Session

    Raises
    ------
    InputError
        If the recording cannot be used, or the `run` that was named is of another one or chose otherwise.
    """
    if choices is not None and isinstance(recording, Recording):
        message = (
            "expected choices for a recording that is yet to be opened, found one that is; give them to its reader"
        )
        raise InputError(message)
    folder = Path(DEFAULT_RUN if run is None else run)
    bare = run is not None and (folder / "zoo.csv").exists() and not (folder / "run.json").exists()
    account = _account(folder, needed=run is not None and not bare)
    given = {"lead": lead, "bin_width": bin_width, "smoothing": smoothing}
    given = {name: value for name, value in given.items() if value is not None}
    settings = {**DEFAULTS, **account.get("settings", {}), **given}
    opened = _open(recording, settings, choices)
    notes = []
    misfit = _misfit(account, opened, given, choices)
    if misfit:
        if run is not None:
            message = f"expected a run of {opened.name} read as here in {folder}, found {misfit}; give its own"
            raise InputError(message)
        notes.append(f"The run in {folder} was not used: it is {misfit}.")
        account, settings = {}, {**DEFAULTS, **given}
        opened = _open(recording, settings, choices)
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


def _open(
    recording: str | os.PathLike[str] | Recording, settings: Mapping[str, Any], choices: Choices | None
) -> Recording:
    if isinstance(recording, Recording):
        return recording
    return open_named(recording, choices or Choices.saved(settings.get("choices")))


def _misfit(
    account: Mapping[str, Any], recording: Recording, given: Mapping[str, float], choices: Choices | None
) -> str:
    """Say in what a run differs from what is asked for; nothing where it does not, or there is none.

    It is of the recording if it was made from the same bytes.
    """
    if not account:
        return ""
    made_from, here, settings = account["recording"], recording.provenance, account["settings"]
    if not here.sha256 or made_from.get("sha256") != here.sha256:
        name = made_from.get("name", "another recording")
        return f"one of another recording called {name}" if name == recording.name else f"one of {name}"
    other = [name for name, value in given.items() if name in settings and settings[name] != value]
    if choices is not None and Choices.saved(settings.get("choices")) != choices:
        other.append("choice of what is read")
    return f"one with another {' and another '.join(other).replace('_', ' ')}" if other else ""
