"""Sessions: a recording as it is read for a comparison, by itself or as a run has read it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from neurocompare.account import Account, Comparison, read_account
from neurocompare.errors import InputError
from neurocompare.ranking import Context, check_halves
from neurocompare.recordings import Recording, Trials, open_named, trials_of
from neurocompare.recordings.windows import TIME_STEP
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Choices, Scoring, changed
from neurocompare.tasks import Task, reach_task

DEFAULT_RUN = Path("neurocompare-run")
"""Where a run goes, and is looked for, that is not told where."""

MIN_RATE = 1.0
"""Mean rate below which units are left out, spikes/s, where nobody says otherwise."""

Source = str | os.PathLike[str] | Recording
"""A recording: opened already, a name of the catalogue, or the path of an NWB file."""


def named(recording: Source) -> str:
    """Return what a recording is called in the account of what was made of it; its path, so that it is found again.

    Examples
    --------
    >>> named(Path("sessions") / "monkey.nwb"), named("mc_maze_small")
    ('sessions/monkey.nwb', 'mc_maze_small')
    """
    if isinstance(recording, Recording):
        return recording.provenance.path or recording.name
    return os.fspath(recording)


def asked(recording: Source, choices: Choices | None, scoring: Scoring | None, seed: int) -> Comparison:
    """Return what every verb is asked for, with the defaults of what was left open.

    Examples
    --------
    >>> asked("synthetic", None, Scoring(("cka",)), 3).scoring.metrics
    ('cka',)
    """
    return Comparison(named(recording), choices or Choices(), scoring=(scoring or Scoring()).over(), seed=seed)


@dataclass(frozen=True, eq=False)
class Session:
    """A recording, and how it is read.

    Attributes
    ----------
    recording : Recording
    trials : Trials
    choices : Choices
        With the bins, smoothing, lag and time step in effect, whoever chose them.
    """

    recording: Recording
    trials: Trials
    choices: Choices

    @cached_property
    def task(self) -> Task:
        """What the animal was asked to do."""
        return self.task_at()

    def context(self, held: Mapping[str, Any], fit: Mapping[float, float]) -> Context:
        """Say what a ranking of networks against this recording is of: what it holds at, and how well they fit."""
        return Context([self.recording.name], held, dict(self.recording.planted).get("gamma"), fit)

    def task_at(self, *, lag: float | None = None, time_step: float | None = None) -> Task:
        """Return the task with another lag (s) or time step (s) than the session's own."""
        choices = self.choices
        step = time_step or choices.time_step or TIME_STEP
        return reach_task(self.recording, time_step=step, lag=lag, cue=choices.cue, trigger=choices.trigger)


def open_session(recording: Source, choices: Choices | None = None) -> Session:
    """Open a recording and read it for a comparison.

    Parameters
    ----------
    recording : str, path-like or Recording
        ``"synthetic"`` or another name of the catalogue, the path of an NWB file, or an opened recording.
    choices : Choices, optional
        What not to leave to the file, its layout and the catalogue.

    Raises
    ------
    InputError
        If it cannot be used, is too small to be halved, or choices are given that an opened recording has behind it.
    """
    choices = choices or Choices()
    late = isinstance(recording, Recording)
    opened = _chosen_late(recording, choices) if late else open_named(recording, choices)
    min_rate = MIN_RATE if choices.min_rate is None else choices.min_rate
    trials = trials_of(opened, min_rate=min_rate)
    check_halves(trials)
    read = replace(choices, **opened.reading.values, min_rate=min_rate, time_step=choices.time_step or TIME_STEP)
    return Session(opened, trials, read)


def _chosen_late(recording: Recording, choices: Choices) -> Recording:
    early = [name for name in changed(choices) if name not in (*Choices.LATE, *Choices.CUES)]
    if early:
        message = f"expected no choice of {early[0]} for a recording that is opened already; give it to open_recording"
        raise InputError(message)
    return recording.read_with(choices)


@dataclass(frozen=True, eq=False)
class Beside:
    """A recording as its run reads it, where there is one.

    Attributes
    ----------
    session : Session
    network_task : Task
        What the networks of the run do: the session's task, but for the time step.
    account : Account or None
        Of the run.
    run : Path or None
        Its folder.
    zoo : Path or None
        Folder of networks for the recording, with a run or without.
    notes : tuple of str
        Why there is no run, in a sentence.
    """

    session: Session
    network_task: Task
    account: Account | None
    run: Path | None
    zoo: Path | None
    notes: tuple[str, ...] = ()

    @property
    def quick(self) -> bool:
        """Whether the run settled for less than it was asked for."""
        return self.account is not None and self.account.quick


def open_beside(recording: Source, choices: Choices | None = None, *, run: Path | None = None) -> Beside:
    """Open a recording as its run read it.

    Parameters
    ----------
    recording : str, path-like or Recording
    choices : Choices, optional
        What is not chosen here is as the run chose it; a run that chose otherwise is not used. The time step is free:
        a model may be made for another than the run's networks.
    run : pathlib.Path, optional
        Folder that `neurocompare run` left, or that `neurocompare zoo` made; `DEFAULT_RUN` in the working folder where
        None, if it is of this recording.

    Raises
    ------
    InputError
        If the recording cannot be used, or the `run` that was named is of another one or chose otherwise.
    """
    choices, folder = choices or Choices(), RunFolder(run or DEFAULT_RUN)
    bare = run is not None and folder.networks.exists() and not folder.account.exists()
    account = None
    if (run is not None and not bare) or folder.account.exists():
        account = read_account(folder.path)
    if account is None:
        session = open_session(recording, choices)
        return Beside(session, session.task, None, None, folder.path if bare else None)
    # Where a recording is read from is no choice about it: the run may have streamed what is here by now.
    made = replace(account.settings.choices, stream=False)
    given = changed(choices)
    free = ("time_step", "stream")
    other = [name for name, value in given.items() if name not in free and getattr(made, name) != value]
    opened = isinstance(recording, Recording)
    session = open_session(recording, _late(made, choices) if opened else replace(made, **given))
    misfit = _misfit(account, session.recording, other)
    if not misfit:
        step = made.time_step or TIME_STEP
        same = session.choices.time_step == step
        task = session.task if same else session.task_at(time_step=step)
        return Beside(session, task, account, folder.path, folder.zoo)
    if run is not None:
        message = f"expected a run of {session.recording.name} read as here in {folder.path}, found {misfit}; "
        message += "give its own"
        raise InputError(message)
    session = open_session(recording, choices)
    note = f"The run in {folder.path} was not used: it is {misfit}."
    return Beside(session, session.task, None, None, None, (note,))


def _late(made: Choices, choices: Choices) -> Choices:
    """Return the choices that can still be made of an opened recording: those given, else the run's."""
    return Choices(**({name: getattr(made, name) for name in (*Choices.LATE, *Choices.CUES)} | changed(choices)))


def _misfit(account: Account, recording: Recording, other: list[str]) -> str:
    """Say in what a run differs from what is asked for; nothing where it does not."""
    made_from, here = account.recording.provenance, recording.provenance
    if not here.sha256 or made_from.sha256 != here.sha256:
        return f"one of {account.recording.name or 'another recording'}"
    named = [name.replace("_", " ") for name in other]
    return f"one with another {' and another '.join(named)}" if named else ""
