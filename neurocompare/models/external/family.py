"""A family of models of the user's own: a folder of them, and a table that says which stands where on an axis."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from neurocompare.errors import InputError
from neurocompare.untrusted.plain_file import inside, what_is
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.tables import open_table

RUNS = ("run", "seed")
"""What the column may be called that tells trainings at one value apart."""

MOST_TABLE = 64 * 2**20
"""In bytes, of the table of a family."""


@dataclass(frozen=True)
class Listed:
    """One model of a family.

    Attributes
    ----------
    file : str
        As the table has it.
    path : Path
        Inside the folder of the table.
    value : float
        On the axis.
    run, member : int
        Which of the trainings at this value, and which of the models kept of it: models of one run share its chance.
    loss : float or None
        Of the task, divided by the loss of a model whose output is zero.
    """

    file: str
    path: Path
    value: float
    run: int
    member: int
    loss: float | None


def read_family(folder: str | os.PathLike[str], axis: str) -> tuple[Listed, ...]:
    r"""Read the table of a family of models.

    Parameters
    ----------
    folder : path-like
        A folder with models and one table, ``*.csv``; or the path of the table, beside which the models are. Columns:
        ``file``, relative to the folder; `axis`, a number; ``run`` or ``seed``, which tell repeated trainings apart
        (without, each row is a training of its own); ``member``, where several models of a training are listed;
        ``loss``, where known, divided by the loss of a model whose output is zero. Other columns are ignored.
    axis : str
        Name of the column to rank along.

    Returns
    -------
    tuple of Listed
        Ascending in value, then by run and member.

    Raises
    ------
    InputError
        If there is no such table or column, a file is not there or outside the folder, a value is no number, there is
        only one value, or values do not all have the same number of runs, at least two.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in "abcd":
    ...     (folder / f"{name}.npy").touch()
    >>> table = "file,decay,seed\na.npy,0.1,1\nb.npy,0.1,2\nc.npy,0,1\nd.npy,0,2\n"
    >>> _ = (folder / "models.csv").write_text(table)
    >>> [(each.file, each.value, each.run) for each in read_family(folder, "decay")]
    [('c.npy', 0.0, 0), ('d.npy', 0.0, 1), ('a.npy', 0.1, 0), ('b.npy', 0.1, 1)]
    """
    path = table_in(Path(folder))
    table = read_table(path, ("file", axis))
    root = path.parent.resolve()
    files = [inside_folder(root, file, path) for file in table["file"]]
    values = [_number(text, axis, path, row) for row, text in enumerate(table[axis], start=2)]
    losses = [None] * len(table)
    if "loss" in table:
        texts = enumerate(table["loss"], start=2)
        losses = [_number(text, "loss", path, row) if text.strip() else None for row, text in texts]
    labels = run_labels(table)
    listed = []
    at_value: dict[float, list[int]] = {}
    for row, value in enumerate(values):
        at_value.setdefault(value, []).append(row)
    for value, rows in sorted(at_value.items()):
        places = run_places([labels[row] for row in rows], f"{axis} {value:g} of {path}")
        listed += [
            Listed(table["file"].iloc[row], files[row], value, *place, losses[row])
            for row, place in zip(rows, places, strict=True)
        ]
    _check_runs(listed, axis, path)
    return tuple(sorted(listed, key=lambda each: (each.value, each.run, each.member)))


def table_in(folder: Path) -> Path:
    """Return the one table in a folder, or the table itself where that is given.

    Raises
    ------
    InputError
        If there is none, or several.
    """
    if folder.is_file():
        return folder
    tables = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if len(tables) != 1:
        names = ", ".join(path.name for path in tables) or ("none" if folder.is_dir() else "no such folder")
        raise InputError(
            f"expected a folder with one table, *.csv, of its models at {folder}, found {names}; write one with "
            "columns file and the axis, or give the path of the table itself"
        )
    return tables[0]


def read_table(path: Path, needed: Sequence[str]) -> pd.DataFrame:
    """Read a table of models as text.

    Raises
    ------
    InputError
        If it is too large or none, lacks a column, or lists a file twice.
    """
    try:
        with open_table(path, most=MOST_TABLE) as held:
            table = pd.read_csv(held, index_col=False, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError(f"expected a table of models in {path}, found {error}") from error
    for column in needed:
        if column not in table:
            message = f"expected a column {column!r} in {path}, found {', '.join(table.columns) or 'none'}"
            hint = "; a table of your own models has one row a file, and a zoo is ranked along gamma, without --axis"
            raise InputError(message + (hint if column == "file" else ""))
    if "member" in table and not set(RUNS) & set(table.columns):
        raise InputError(f"expected a column run or seed beside member in {path}, found none: members are of a run")
    twice = table.loc[table["file"].duplicated(), "file"]
    if len(twice):
        raise InputError(f"expected each file once in {path}, found {twice.iloc[0]} more than once")
    return table


def inside_folder(root: Path, file: str, table: Path) -> Path:
    """Return where a listed file is; nothing outside the table's folder is opened, whatever the table says."""
    path = inside(root, file) if printable(file) == file else None
    if path is None:
        shown = printable(file, 100)
        message = f"expected files inside {root} in {table.name}, found {shown!r}; move the models beside their table"
        raise InputError(message)
    if what_is(path) not in ("a file", "a folder"):
        raise InputError(f"expected {printable(file, 100)} of {table.name} in {root}, found nothing there")
    return path


def _number(text: str, column: str, table: Path, row: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"expected numbers in column {column!r} of {table}, found {text!r} in line {row}")
    return value


def run_labels(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return what the table calls the run and member of each row; each row is a run of its own where it does not."""
    runs = next((table[name].tolist() for name in RUNS if name in table), [str(row) for row in range(len(table))])
    members = table["member"].tolist() if "member" in table else [""] * len(table)
    return list(zip(runs, members, strict=True))


def run_places(labels: Sequence[tuple[str, str]], where: str) -> list[tuple[int, int]]:
    """Give each row the number of its run and of its member of it, in the order of their labels.

    Raises
    ------
    InputError
        If two rows have one run and member.
    """
    if len(set(labels)) < len(labels):
        run, member = next(label for label, count in Counter(labels).items() if count > 1)
        named = f"run {run}" + (f", member {member}" if member else "")
        message = f"expected each run once at {where}, found {named} twice; a column member tells models of a run apart"
        raise InputError(message)
    of_run: dict[str, list[str]] = {}
    for run, member in labels:
        of_run.setdefault(run, []).append(member)
    runs = {run: place for place, run in enumerate(_ordered(set(of_run)))}
    places = {
        run: {member: place for place, member in enumerate(_ordered(set(there)))} for run, there in of_run.items()
    }
    return [(runs[run], places[run][member]) for run, member in labels]


def _ordered(labels: set[str]) -> list[str]:
    try:
        return sorted(labels, key=float)
    except ValueError:
        return sorted(labels)


def _check_runs(listed: Sequence[Listed], axis: str, path: Path) -> None:
    """Refuse a family of which nothing can be said about how trainings differ by chance."""
    by_value: dict[float, set[tuple[int, int]]] = {}
    for each in listed:
        by_value.setdefault(each.value, set()).add((each.run, each.member))
    if len(by_value) < 2:
        raise InputError(f"expected models at two values of {axis} at least in {path}, found {len(by_value)}")
    counts = {value: len({run for run, _ in places}) for value, places in by_value.items()}
    fewest = min(counts, key=counts.__getitem__)
    if counts[fewest] < 2:
        raise InputError(
            f"expected at least 2 runs at every value of {axis} in {path}, found {counts[fewest]} at {fewest:g}: "
            "without a second training nothing is known about how far they differ by chance; add one with another seed"
        )
    first = next(iter(by_value.values()))
    other = next((value for value, places in by_value.items() if places != first), None)
    if other is not None:
        raise InputError(
            f"expected as many runs, and members of each, at every value of {axis} in {path}, found "
            f"{len(by_value[other])} models at {other:g} and {len(first)} at {next(iter(by_value)):g}; add the missing "
            "ones or drop the others"
        )
