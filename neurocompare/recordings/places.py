"""Where a file keeps its tables: units and trials in other places than the usual, found to be named or as chosen."""

from __future__ import annotations

from neurocompare.errors import InputError
from neurocompare.recordings.look_through_file import is_looked_through
from neurocompare.recordings.tables import has_columns
from neurocompare.untrusted.hdf5 import Group
from neurocompare.untrusted.printable import printable

UNITS, TRIALS = "units", "intervals/trials"
"""Where they usually are."""

DEEPEST = 3
MOST_TABLES = 100


def units_at(file: Group, chosen: str | None) -> str:
    """Path of the table of units: the usual one, or the one a user named.

    Raises
    ------
    InputError
        If there is none there; the message names those there are.
    """
    return _at(
        file, chosen, usual=UNITS, what="units with spike times", needed=("spike_times",), option="--units-table"
    )


def trials_at(file: Group, chosen: str | None) -> str:
    """Path of the table of trials: the usual one, or the one a user named, by its path or its name.

    Raises
    ------
    InputError
        If there is none there; the message names those there are.
    """
    needed = ("start_time", "stop_time")
    what = "a table of trials with start and stop times"
    return _at(file, chosen, usual=TRIALS, what=what, needed=needed, option="--trials-table")


def _at(file: Group, chosen: str | None, *, usual: str, what: str, needed: tuple[str, ...], option: str) -> str:
    path = usual if chosen is None else chosen.strip("/")
    if is_looked_through(path) and has_columns(file.group(path), *needed):
        return path
    there = tables_with(file, needed)
    named = [each for each in there if chosen is not None and each.endswith(f"/{path}")]
    if len(named) == 1:
        return named[0]
    listed = printable(", ".join(there))
    only = f" {listed}" if len(there) == 1 else ""
    advice = f"; choose one with {option}{only}" if there else f"; give a file with {what}"
    message = f"expected {what}{'' if chosen is None else f' called {chosen!r}'}, found {listed or 'none'}{advice}"
    raise InputError(message)


def tables_with(file: Group, needed: tuple[str, ...]) -> list[str]:
    """Paths of the tables of a file that have some columns, except that of invalid times."""
    paths: list[str] = []
    for place in ("intervals", "processing", "analysis"):
        if (group := file.group(place)) is not None:
            _look(group, place, needed, paths, depth=DEEPEST)
    return [path for path in paths if not path.endswith("invalid_times")]


def _look(group: Group, path: str, needed: tuple[str, ...], paths: list[str], *, depth: int) -> None:
    for name in group:
        if group.is_link(name):
            continue  # a link leads to what is found where it lies
        item = group.group(name)
        if item is None:
            continue
        if len(paths) < MOST_TABLES and has_columns(item, *needed):
            paths.append(f"{path}/{name}")
        elif depth > 1:
            _look(item, f"{path}/{name}", needed, paths, depth=depth - 1)
