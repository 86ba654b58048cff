"""Where a file keeps its tables: units and trials in other places than the usual, found to be named or as chosen."""

from __future__ import annotations

from typing import Any

from neurocompare.errors import InputError

UNITS, TRIALS = "units", "intervals/trials"
"""Where they usually are."""

DEEPEST = 3
MOST_TABLES = 100


def units_at(file: Any, chosen: str | None) -> str:
    """Path of the table of units: the usual one, or the one a user named.

    Raises
    ------
    InputError
        If there is none there; the message names those there are.
    """
    return _at(file, chosen, usual=UNITS, what="units with spike times", needed=("spike_times",), option="--units")


def trials_at(file: Any, chosen: str | None) -> str:
    """Path of the table of trials: the usual one, or the one a user named, by its path or its name.

    Raises
    ------
    InputError
        If there is none there; the message names those there are.
    """
    needed = ("start_time", "stop_time")
    what = "a table of trials with start and stop times"
    return _at(file, chosen, usual=TRIALS, what=what, needed=needed, option="--trials")


def _at(file: Any, chosen: str | None, *, usual: str, what: str, needed: tuple[str, ...], option: str) -> str:
    path = usual if chosen is None else chosen.strip("/")
    if _is_table(file.get(path), needed):
        return path
    there = tables_with(file, needed)
    named = [each for each in there if chosen is not None and each.endswith(f"/{path}")]
    if len(named) == 1:
        return named[0]
    found = ", ".join(there)
    advice = f"; choose one with {option}" if there else f"; give a file with {what}"
    message = f"expected {what}{'' if chosen is None else f' called {chosen!r}'}, found {found or 'none'}{advice}"
    raise InputError(message)


def tables_with(file: Any, needed: tuple[str, ...]) -> list[str]:
    """Paths of the tables of a file that have some columns, except that of invalid times."""
    found: list[str] = []
    for place in ("intervals", "processing", "analysis"):
        if file.get(place) is not None:
            _look(file.get(place), place, needed, found, depth=DEEPEST)
    return [path for path in found if not path.endswith("invalid_times")]


def _look(group: Any, path: str, needed: tuple[str, ...], found: list[str], *, depth: int) -> None:
    for name in group:
        item = group.get(name)
        if item is None or hasattr(item, "dtype"):  # nothing, or no group
            continue
        if len(found) < MOST_TABLES and _is_table(item, needed):
            found.append(f"{path}/{name}")
        elif depth > 1:
            _look(item, f"{path}/{name}", needed, found, depth=depth - 1)


def _is_table(item: Any, needed: tuple[str, ...]) -> bool:
    return item is not None and not hasattr(item, "dtype") and all(name in item for name in needed)
