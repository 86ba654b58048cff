"""The recordings known by name, and the file a user means by one."""

from __future__ import annotations

import difflib
import functools
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd

from neurocompare.errors import InputError
from neurocompare.files import shipped
from neurocompare.recordings.cache import cached
from neurocompare.recordings.entry import CatalogueEntry, Experiment
from neurocompare.untrusted.plain_file import check_plain, what_is
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.zarr_store import is_store

_LISTED = 4
"""So many sessions are named in an error before it says how many more there are."""


@functools.cache
def experiments() -> tuple[Experiment, ...]:
    """Read the catalogue that comes with the package, in its order.

    Returns
    -------
    tuple of Experiment

    Examples
    --------
    >>> [experiment.name for experiment in experiments()][-2:]
    ['even_chen', 'area2_bump']
    """
    with shipped("catalogue.toml").open("rb") as opened:
        return tuple(_experiment(table) for table in tomllib.load(opened)["recording"])


def _experiment(table: dict[str, Any]) -> Experiment:
    """Make the entries of one table of the catalogue: those of its sessions, or the one it describes itself."""
    shared: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    sessions, pattern = shared.pop("session", ({},)), shared.pop("pattern", {})
    name = shared["name"]
    entries = tuple(
        CatalogueEntry(
            **shared | own | {"experiment": name, "name": f"{name}-{own['session']}" if "session" in own else name}
        )
        for own in sessions
    )
    return Experiment(name, entries, pattern.get("session"), pattern.get("path"), pattern.get("example"))


@functools.cache
def known_recordings() -> tuple[CatalogueEntry, ...]:
    """Every recording of the catalogue that is listed one by one.

    Returns
    -------
    tuple of CatalogueEntry

    Examples
    --------
    >>> [entry.name for entry in known_recordings()][:2]
    ['synthetic', 'mc_maze']
    """
    return tuple(entry for experiment in experiments() for entry in experiment.entries)


def datasets() -> pd.DataFrame:
    """List the recordings known by name, as a table.

    Returns
    -------
    pandas.DataFrame
        Indexed by name: units, conditions, trials, size in MB, title, area, whether it is of motor cortex, licence, and
        whether its file is on this computer; None where the catalogue does not know. `fetch` gets one by its name.

    Examples
    --------
    >>> print(*datasets().loc["synthetic", ["units", "trials", "here"]])
    160 240 True
    """
    rows = [
        {
            "name": entry.name,
            "units": entry.units,
            "conditions": entry.conditions,
            "trials": entry.trials,
            "megabytes": None if entry.bytes is None else round(entry.bytes / 1e6, 1),
            # Long text in the middle: what a narrow terminal leaves out.
            "title": entry.title,
            "area": ", ".join(entry.area),
            "motor_cortex": entry.motor_cortex,
            "licence": entry.licence,
            "here": whereabouts(entry) is not None,
        }
        for entry in known_recordings()
    ]
    return pd.DataFrame(rows).set_index("name").astype(dict.fromkeys(("units", "trials", "conditions"), "Int64"))


def whereabouts(entry: CatalogueEntry) -> str | None:
    """Return where the file of a recording is on this computer, or what is wrong with it; None where it is not here."""
    try:
        path = cached(entry)
    except InputError as error:  # someone changed the file: that one cannot be used, the others can
        return str(error)
    return None if path is None else str(path)


def find_experiment(name: str) -> Experiment:
    """Look an experiment up by name.

    Raises
    ------
    InputError
        If none has that name; the message offers the nearest ones.

    Examples
    --------
    >>> len(find_experiment("even_chen").entries)
    12
    """
    names = [experiment.name for experiment in experiments()]
    if name in names:
        return experiments()[names.index(name)]
    if number := re.search(r"(?:^|dandi:|dandiset/)(\d{6})(?:$|/)", name.lower()):
        raise InputError(_of_dandiset(number[1]))
    near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(names)}"
    raise InputError(f"expected a recording of the catalogue, found {name!r}; {hint}")


def _of_dandiset(number: str) -> str:
    """Say what is known here of a dandiset that was named by its number."""
    known = [each.name for each in experiments() if any(entry.dandiset == number for entry in each.entries)]
    if known:
        return (
            f"dandiset {number} is known here as {' and '.join(known)}; neurocompare fetch {known[0]} --list shows it"
        )
    return (
        f"dandiset {number} is not in the catalogue; give a file of it that you downloaded (dandi download), or its "
        "address with --stream"
    )


def find(name: str) -> CatalogueEntry:
    """Look a recording up by name.

    Parameters
    ----------
    name : str
        Of the catalogue; with ``-SESSION`` after it where the experiment has several sessions.

    Returns
    -------
    CatalogueEntry

    Raises
    ------
    InputError
        If no recording has that name, or several have; the message offers the nearest ones.

    Examples
    --------
    >>> find("mc_maze_small").dandiset
    '000140'
    >>> find("perich-M-CO-20140203").path
    'sub-M/sub-M_ses-CO-20140203_behavior+ecephys.nwb'
    >>> find("sinthetic")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a recording of the catalogue, found 'sinthetic'; did you mean synthetic?
    """
    experiment, _, session = name.partition("-")
    return session_of(find_experiment(experiment), session)


def session_of(experiment: Experiment, session: str) -> CatalogueEntry:
    """Look a session up in an experiment.

    Raises
    ------
    InputError
        If there is no such session, or none was named and there are several.

    Examples
    --------
    >>> session_of(find_experiment("mc_maze"), "").bytes
    690612247
    """
    entry = experiment.entry(session)
    if entry is not None:
        return entry
    names = [entry.session for entry in experiment.entries]
    if names == [""]:
        raise InputError(f"expected no session, found {session!r}; {experiment.name} has only one, so leave it out")
    near = difflib.get_close_matches(session, names, n=_LISTED, cutoff=0.6) or names[:_LISTED]
    reason = f"{experiment.name} has no session {session!r}" if session else f"{experiment.name} has several sessions"
    offered = ", ".join(f"{experiment.name}-{near_by}" for near_by in near)
    more = f" or one like {experiment.name}-{experiment.example}" if experiment.example else ""
    message = f"{reason}; name one, such as {offered}{more} (neurocompare datasets {experiment.name} lists them)"
    raise InputError(message)


def recording_path(name: str | os.PathLike[str]) -> Path:
    """Find the file a user means, by path or by catalogue name.

    Parameters
    ----------
    name : str or path-like
        A path to an existing file or Zarr store, or a name of the catalogue whose file has been fetched or comes with
        the package.

    Returns
    -------
    pathlib.Path
        Of the existing file.

    Raises
    ------
    InputError
        If it is a known recording that has not been fetched (the message says how to), an unknown name, or a path where
        there is no file.

    Examples
    --------
    >>> recording_path("synthetic").name
    'synthetic-2.nwb'
    >>> recording_path("mc_mase_small")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a recording of the catalogue, found 'mc_mase_small'; did you mean ...
    """
    path = Path(name)
    if what_is(path) == "a file" or is_store(path):
        return path
    if str(name).lower().startswith(("dandi:", "http://", "https://")):
        if re.search(r"(dandi:|dandiset/)\d{6}/?$", str(name).lower()):
            find_experiment(str(name).rstrip("/"))
        raise InputError(
            f"expected a file or a name, found an address, {printable(name, 200)}; read the file there with --stream, "
            "or download it"
        )
    if path.name != str(name) or path.suffix:
        check_plain(path, "an NWB file")
    try:
        entry = find(str(name))
    except InputError:
        if what_is(path) == "a folder":
            check_plain(path, "an NWB file")  # says that it is one
        raise
    there = cached(entry)
    if there is not None:
        return there
    session = f" --session {entry.session}" if entry.session else ""
    size = f" ({entry.bytes:,} bytes)" if entry.bytes else ""
    message = f"{entry.name} is not on this computer; get it{size} with: neurocompare fetch {entry.experiment}{session}"
    raise InputError(message)
