"""The account of a comparison: what it depended on, how it was made and what it cost; ``run.json``."""

from __future__ import annotations

import datetime
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

from neurocompare import __version__
from neurocompare.errors import InputError
from neurocompare.recordings import Provenance, Recording, Trials, UnitSelection
from neurocompare.records import NOT_KEPT, load_record, save_record
from neurocompare.run_folder import RunFolder
from neurocompare.settings import LAG, Checked, Choices, Exploring, Family, Networks, Scoring, setting
from neurocompare.settings.exploring import RANGES
from neurocompare.stages import Advance, StageCost, Stages
from neurocompare.tasks import Task

AGAIN = "give the folder of a finished `neurocompare run` or `rank`, or run the same command again to finish it"

PACKAGES = ("numpy", "scipy", "torch", "xarray", "pynwb")


@dataclass(frozen=True)
class Comparison(Checked):
    """Everything a comparison depends on; ``settings`` of ``run.json``.

    Attributes
    ----------
    recording : str
        As it was named.
    choices : Choices
        With the bins, smoothing, lag and time step that were used, whoever chose them.
    family, networks : Family and Networks, or None
        Of networks that were made for it.
    scoring : Scoring
    seed : int
        Of everything random.
    quick : bool
        Whether it settled for less than it was asked for.
    models : str or None
        Folder of networks that were there already.
    where : mapping of str to float
        Settings by which those were chosen.
    axis : str or None
        Column of a table of the user's own models that they were ranked along.
    exploring : Exploring or None
        Of a design over all settings.
    repeated_over : tuple of str
        Settings at which an earlier version ranked once more, read of its files and in none of today's; explorations
        vary them.
    """

    recording: str
    choices: Choices = field(default_factory=Choices)
    family: Family | None = None
    networks: Networks | None = None
    scoring: Scoring = field(default_factory=Scoring)
    seed: int = setting(0, "Of everything random.", least=0)
    quick: bool = False
    models: str | None = None
    where: dict[str, float] = field(default_factory=dict)
    axis: str | None = None
    exploring: Exploring | None = None
    repeated_over: tuple[str, ...] = field(default=(), compare=False, metadata=NOT_KEPT)


@dataclass(frozen=True)
class Recorded:
    """The recording: where it came from, and what was planted in it.

    Attributes
    ----------
    name : str
    provenance : Provenance
    planted : dict of str to float
        Settings of the network it was recorded from, where that is known.
    target : str
        Name of the behaviour that networks produce.
    segments : tuple of str
        Its windows, in words.
    from_catalogue : tuple of str
        Settings that the catalogue chose.
    notes : tuple of str
        How it was read.
    """

    name: str
    provenance: Provenance
    planted: dict[str, float] = field(default_factory=dict)
    target: str = ""
    segments: tuple[str, ...] = ()
    from_catalogue: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Used:
    """What was used of the recording: units and trials, kept and left out.

    Attributes
    ----------
    units : int
        Kept.
    low_rate, duplicates : tuple of str
        Units that were left out, as they hardly fire, or are others' copies.
    trials : dict of str to int
        Kept, by condition.
    dropped : dict of str to int
        Left out, by reason.
    """

    units: int
    low_rate: tuple[str, ...]
    duplicates: tuple[str, ...]
    trials: dict[str, int]
    dropped: dict[str, int]


@dataclass(frozen=True)
class Made:
    """By what, when and with what something was made.

    Attributes
    ----------
    command : str
    date : str
        ISO 8601, with its zone.
    python, system : str
        Versions of Python and of the operating system.
    versions : dict of str to str
        Of packages.
    commit : str
        Of this code where it runs in a checkout, with ``-dirty`` where files were changed since; else empty.
    """

    command: str = ""
    date: str = ""
    python: str = ""
    system: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    commit: str = ""


@dataclass(frozen=True)
class Account:
    """What ``run.json`` holds.

    Attributes
    ----------
    settings : Comparison
    recording : Recorded
    used : Used
    task : str
    samples : int
        Of the task: conditions x time steps.
    notes : tuple of str
        On the task, and on the models.
    stages : tuple of StageCost
    made : Made
    """

    SCHEMA: ClassVar[int] = 4
    AGAIN: ClassVar[str] = AGAIN
    FORMER: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]]

    settings: Comparison
    recording: Recorded
    used: Used
    task: str
    samples: int
    notes: tuple[str, ...] = ()
    stages: tuple[StageCost, ...] = ()
    made: Made = field(default_factory=Made)

    @property
    def quick(self) -> bool:
        """Whether it settled for less than it was asked for."""
        return self.settings.quick


@dataclass(frozen=True)
class PooledAccount:
    """What ``run.json`` holds of rankings that are pooled.

    Attributes
    ----------
    rankings : tuple of str
        Their folders.
    recordings : tuple of Recorded
    resamples, seed : int
    quick : bool
        Whether one of them settled for less than it was asked for.
    stages : tuple of StageCost
    made : Made
    """

    SCHEMA: ClassVar[int] = 2
    AGAIN: ClassVar[str] = "pool the rankings again"
    FORMER: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}

    rankings: tuple[str, ...]
    recordings: tuple[Recorded, ...]
    resamples: int
    seed: int
    quick: bool = False
    stages: tuple[StageCost, ...] = ()
    made: Made = field(default_factory=Made)


def made_now() -> Made:
    """Say by what, when and with what something is being made."""
    return Made(
        command=shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        python=platform.python_version(),
        system=platform.platform(),
        versions=versions_now(),
        commit=commit_now(),
    )


def commit_now() -> str:
    """Return the commit of the checkout that this code runs in, see `Made`."""
    checkout = Path(__file__).parent.parent
    if not (checkout / ".git").exists():
        return ""
    asked = [
        "git",
        "--no-optional-locks",
        "-C",
        os.fspath(checkout),
        "describe",
        "--always",
        "--dirty",
        "--abbrev=40",
        "--exclude=*",
    ]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def versions_now() -> dict[str, str]:
    """Return the versions of what makes numbers: this code, whatever its install is called, and packages."""
    return {"neurocompare": __version__} | {name: version(name) for name in PACKAGES}


def account_of(
    settings: Comparison, recording: Recording, trials: Trials, task: Task, notes: tuple[str, ...] = ()
) -> Account:
    """Give the account of a comparison that has just been made."""
    selection = trials.selection or UnitSelection(())
    per_condition = zip(map(str, trials.conditions.index), trials.trials_per_condition.tolist(), strict=True)
    return Account(
        settings=settings,
        recording=Recorded(
            name=recording.name,
            provenance=recording.provenance,
            planted=dict(recording.planted),
            target=recording.target,
            segments=tuple(map(str, recording.segments)),
            from_catalogue=recording.reading.catalogued,
            notes=recording.notes,
        ),
        used=Used(
            units=len(selection.kept),
            low_rate=tuple(map(str, selection.low_rate)),
            duplicates=tuple(map(str, selection.duplicates)),
            trials=dict(per_condition),
            dropped=dict(trials.dropped),
        ),
        task=task.name,
        samples=task.n_samples,
        notes=(*task.notes, *notes),
        made=made_now(),
    )


def leave(
    account: Account | PooledAccount, folder: RunFolder, stages: Stages, write_page: Callable[[Advance], object]
) -> None:
    """Leave the account of what has been made, and its page; then the account anew, with what the page took."""
    with stages.stage("report") as advance:
        save_record(replace(account, stages=stages.costs), folder.account)
        write_page(advance)
    save_record(replace(account, stages=stages.costs), folder.account)


def read_account(folder: Path) -> Account:
    """Read the account in the folder of a finished comparison.

    Raises
    ------
    InputError
        If there is none, or it cannot be read.
    """
    return load_record(Account, RunFolder(folder).account)


def account_in(folder: RunFolder) -> Account | PooledAccount | None:
    """Read the account in a folder, whether of one recording or of several.

    None where there is none, or it cannot be read.

    Examples
    --------
    >>> account_in(RunFolder(Path("not-there-yet")))
    """
    for kind in (Account, PooledAccount):
        try:
            return load_record(kind, folder.account)
        except InputError:
            continue
    return None


def is_quick(folder: RunFolder) -> bool:
    """Whether what lies in a folder, or one of those it is pooled of, settled for less than it was asked for.

    Examples
    --------
    >>> is_quick(RunFolder(Path("not-there-yet")))
    False
    """
    account = account_in(folder)
    return account is not None and account.quick


def settings_of_run(path: Path) -> Comparison:
    """Read what an earlier `neurocompare run` was asked for, to ask for it again.

    Parameters
    ----------
    path : pathlib.Path
        Of its ``run.json``, or of the folder that holds it.

    Raises
    ------
    InputError
        If it cannot be read, or is of a ranking of networks that were there already.
    """
    asked = load_record(Account, RunFolder(path).account if path.is_dir() else path).settings
    if asked.models is not None or asked.axis is not None:
        raise InputError(
            f"expected run.json of `neurocompare run`, found one of `neurocompare rank` in {path}: rank the same "
            "networks again with that command"
        )
    if asked.exploring is not None and LAG.name in asked.exploring.varied:  # kept is the recording's own
        return replace(asked, choices=replace(asked.choices, lag=None))
    return asked


def _of_first_form(document: dict[str, Any]) -> dict[str, Any]:
    """Bring up what version 0.1 wrote: settings side by side, without a schema number."""
    made, choices = document["settings"], dict(document["settings"].get("choices") or {})
    for name in ("bin_width", "smoothing", "lead", "min_rate", "time_step"):
        if made.get(name) is not None:
            choices[name] = made[name]
    family = networks = None
    if "g" in made:
        family = {"g": made["g"], "tau": made["tau"], "beta": made["beta"], "n_units": made["units"]}
        networks = {"gammas": made["gammas"], "chains": made["chains"], "members": made["members"]}
        networks |= {"trajectories": made["sampling"]["trajectories"]}
    scoring = {"resamples": made["draws"]} | ({"metrics": made["metrics"]} if "metrics" in made else {})
    several = made.get("nuisance") if isinstance(made.get("nuisance"), list) else []
    read, units, trials = (document.get(name, {}) for name in ("read", "units", "trials"))
    return document | {
        "schema": 1,
        "settings": {
            "recording": made["recording"],
            "choices": choices,
            "family": family,
            "networks": networks,
            "scoring": scoring,
            "checks": {"match": made.get("match"), "nuisance": several},
            "seed": made["seed"],
            "models": made.get("zoo", made.get("family")),
            "where": dict(made.get("where", ())),
            "axis": made.get("axis"),
        },
        "recording": {
            "name": document["recording"]["name"],
            "provenance": document["recording"],
            "planted": document["recording"].get("planted", {}),
            "target": read.get("target", ""),
            "segments": read.get("segments", []),
            "from_catalogue": read.get("from_catalogue", []),
            "notes": read.get("notes", []),
        },
        "used": {
            "units": units.get("kept", 0),
            "low_rate": units.get("dropped_low_rate", []),
            "duplicates": units.get("dropped_duplicates", []),
            "trials": trials.get("per_condition", {}),
            "dropped": trials.get("dropped", {}),
        },
        "task": document.get("task", {}).get("name", ""),
        "samples": document.get("task", {}).get("samples", 0),
        "notes": document.get("task", {}).get("notes", []),
        "made": {"versions": document.get("versions", {})},
    }


def _with_lag(document: dict[str, Any]) -> dict[str, Any]:
    """Bring schema 2 up to schema 3: lag was called lead."""
    choices, recording = document["settings"]["choices"], document["recording"]
    if "lead" in choices:
        choices["lag"] = choices.pop("lead")
    if "from_catalogue" in recording:
        recording["from_catalogue"] = ["lag" if name == "lead" else name for name in recording["from_catalogue"]]
    return document


def _without_checks(document: dict[str, Any]) -> dict[str, Any]:
    """Bring schema 3 up to schema 4: it could be ranked once more at other settings, or with beta for equal fit."""
    settings = document["settings"]
    checks = settings.pop("checks", None) or {}
    asked = {*(checks.get("nuisance") or ()), *(("beta",) if checks.get("match") else ())}
    settings["repeated_over"] = [name for name in RANGES if name in asked]
    return document


Account.FORMER = {0: _of_first_form, 1: lambda document: document, 2: _with_lag, 3: _without_checks}
