"""Several models at once: a list, a mapping of names, a folder of files, or a table with names; and their trainings."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count as count_from
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.models.card import CARD
from neurocompare.models.external.arrays import is_array
from neurocompare.models.external.family import inside_folder, read_table, run_labels, run_places, table_in
from neurocompare.models.external.files import READABLE
from neurocompare.models.external.mapping import is_pynapple
from neurocompare.models.external.model import check_model
from neurocompare.models.external.modules import Wrapped
from neurocompare.models.external.tables import NAMES
from neurocompare.untrusted.plain_file import what_is

MOST_MODELS = 100
"""Of one comparison: they make 4950 pairs."""


@dataclass(frozen=True)
class Training:
    """One of the models under a name: which training it is of, and which of the models kept of that training."""

    model: Any
    run: int = 0
    member: int = 0


@dataclass(frozen=True)
class Given:
    """A model as its user has it, in one training or several, and what to call it; found where None."""

    trainings: tuple[Training, ...]
    name: str | None = None


def alone(model: Any, name: str | None = None) -> Given:
    """Return a model of one training."""
    return Given((Training(model),), name)


def models_of(model: Any, name: str | None = None) -> tuple[tuple[Given, ...], bool]:
    r"""Tell one model from several.

    Parameters
    ----------
    model : object
        What `external_model` takes; or several of those: a list or tuple of them, a mapping of names to them, a folder
        of files and of networks' folders, or a table ``*.csv`` with a column ``file`` (relative to the table, and
        nowhere outside its folder) and perhaps ``name``; rows of one name are trainings of it, told apart as in
        `read_family`. A folder with one table is read by its table. A list or mapping of arrays (time, unit) is one
        model, a condition each.
    name : str, optional
        What to call one model.

    Returns
    -------
    models : tuple of Given
    several : bool

    Raises
    ------
    InputError
        If a path or name leads to no model, or there are several and fewer than two.

    Examples
    --------
    >>> conditions = [np.zeros((3, 5)), np.zeros((3, 5))]
    >>> models_of(conditions)[1], models_of({"a": np.zeros((2, 3, 5)), "b": np.ones((2, 3, 5))})[1]
    (False, True)
    >>> [each.name for each in models_of({"gru": torch.nn.GRU(3, 8), "lstm": torch.nn.LSTM(3, 8)})[0]]
    ['gru', 'lstm']
    """
    given = _several(model)
    if given is None:
        check_model(model)
        return (alone(model, name),), False
    if not 2 <= len(given) <= MOST_MODELS:
        message = f"expected 2 to {MOST_MODELS} models to compare, found {len(given)}; a model alone is given by itself"
        raise InputError(message)
    if name is not None:
        raise InputError(
            f"expected names for {len(given)} models, found the one name {name!r}; give a mapping of names to models, "
            "or a table *.csv with columns file and name"
        )
    for each in given:
        for training in each.trainings:
            check_model(training.model)
    return given, True


def holds_names(folder: str | os.PathLike[str], column: str) -> bool:
    """Whether a column of the table of a family holds names throughout, where `read_family` wants numbers.

    Raises
    ------
    InputError
        If there is no such table or column.
    """
    path = table_in(Path(folder))
    return not any(map(_is_number, read_table(path, ("file", column))[column]))


def read_named(folder: str | os.PathLike[str], column: str) -> tuple[Given, ...]:
    """Read a family of models of which a column holds names: those of one name are trainings of it.

    Parameters
    ----------
    folder : path-like
        As for `read_family`.
    column : str

    Raises
    ------
    InputError
        If there is no such table or column, a file is not there or outside the folder, or there is no name.
    """
    return _of_table(table_in(Path(folder)), column)


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Give names that are there more than once a number.

    Examples
    --------
    >>> distinct(["GRU", "LSTM", "GRU"])
    ('GRU', 'LSTM', 'GRU (2)')
    """
    numbered: list[str] = []
    for name in names:
        again = (f"{name} ({count})" for count in count_from(2))
        numbered.append(name if name not in numbered else next(one for one in again if one not in numbered))
    return tuple(numbered)


def _several(model: Any) -> tuple[Given, ...] | None:
    """Return the models among what was given; None where it is one."""
    if isinstance(model, tuple) and model and all(isinstance(one, Given) for one in model):
        return model
    if isinstance(model, str | os.PathLike):
        path = Path(model)
        if what_is(path) == "a folder" and what_is(path / CARD) != "a file":
            return _of_folder(path)
        return _of_table(path) if path.suffix.lower() == ".csv" and what_is(path) == "a file" else None
    if isinstance(model, Mapping):
        if not model or any(name in model for name in NAMES["activity"]) or not all(map(_whole, model.values())):
            return None
        return tuple(alone(one, str(name)) for name, one in model.items())
    if isinstance(model, list | tuple) and model and all(map(_whole, model)):
        return tuple(map(alone, model))
    return None


def _whole(one: Any) -> bool:
    """Whether something is a model by itself, and not the activity of one condition."""
    if isinstance(one, str | os.PathLike | torch.nn.Module | Wrapped | xr.DataArray | xr.Dataset | pd.DataFrame):
        return not isinstance(one, xr.DataArray) or one.ndim == 3
    if is_pynapple(one):
        return np.ndim(one.values) == 3
    if isinstance(one, Mapping):
        return True
    return np.ndim(one) == 3 if is_array(one) else callable(one)


def _of_folder(folder: Path) -> tuple[Given, ...]:
    tables = sorted(folder.glob("*.csv"))
    if len(tables) == 1:
        return _of_table(tables[0])
    if tables:
        raise InputError(f"expected one table, *.csv, among the models of {folder}, found {len(tables)}; give its path")
    paths = [
        path
        for path in sorted(folder.iterdir())
        if (path.suffix.lower() in READABLE and what_is(path) == "a file") or what_is(path / CARD) == "a file"
    ]
    if not paths:
        message = f"expected models in {folder} ({', '.join(READABLE)}, or networks' folders with {CARD}), found none"
        raise InputError(message)
    return tuple(map(alone, paths, _called(paths)))


def _called(paths: Sequence[Path]) -> list[str]:
    """Call files by their stems where these differ."""
    stems = [path.stem for path in paths]
    return stems if len(set(stems)) == len(stems) else [path.name for path in paths]


def _of_table(path: Path, column: str = "name") -> tuple[Given, ...]:
    table = read_table(path, ("file",))
    root = path.parent.resolve()
    files = [inside_folder(root, file, path) for file in table["file"]]
    if column not in table:
        return tuple(map(alone, files, _called(files)))
    names = [str(name).strip() for name in table[column]]
    if not all(names):
        raise InputError(f"expected a name for every model in {path}, found none in line {2 + names.index('')}")
    labels = run_labels(table)
    models = []
    for name in dict.fromkeys(names):
        rows = [row for row, other in enumerate(names) if other == name]
        places = run_places([labels[row] for row in rows], f"{name} of {path}")
        models.append(Given(tuple(Training(files[row], *at) for row, at in zip(rows, places, strict=True)), name))
    return tuple(models)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
