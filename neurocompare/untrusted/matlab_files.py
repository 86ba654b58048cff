"""Arrays of MATLAB files of any version, read only where they are wanted and within a budget."""

from __future__ import annotations

import contextlib
import functools
import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import h5py
import numpy as np

from neurocompare.errors import InputError
from neurocompare.untrusted import matlab_4_headers, matlab_headers
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.hdf5 import Dataset, Group, open_hdf5
from neurocompare.untrusted.matlab_4_headers import is_version_4
from neurocompare.untrusted.matlab_headers import DEEPEST, HEADER, Declared, byte_order, header_of, is_reserved
from neurocompare.untrusted.plain_file import reading
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.stored import Stored, native

LONGEST_LABEL = 1000
"""Characters of a text in a cell."""


@contextlib.contextmanager
def stored_arrays(path: Path) -> Iterator[dict[str, Stored]]:
    """Find the arrays of a MATLAB file, its cells of arrays and texts, and its structs of such.

    Of an array of structs, each field is cells, one a struct.

    Raises
    ------
    InputError
        If it is none, or takes more memory than may be read of a file.
    """
    with reading(path, "a MATLAB file"):
        budget = Budget()
        if h5py.is_hdf5(path):
            with open_hdf5(path, budget) as root:
                yield _fields(root, root, budget, DEEPEST)
        else:
            yield _old(path, budget)


def _fields(root: Group, group: Group, budget: Budget, depth: int) -> dict[str, Stored]:
    """Find what a group of MATLAB 7.3 holds: arrays, cells, and structs, which are groups, down to a depth."""
    stored: dict[str, Stored] = {}
    for name in group:
        item = None if name.startswith("#") else group.get(name)
        if isinstance(item, Dataset):
            stored[name] = Stored(item.shape[::-1], partial(_of_hdf5, root, item, budget), cells=item.is_reference)
        elif isinstance(item, Group) and depth > 1:
            stored[name] = Stored(fields=_fields(root, item, budget, depth - 1))
    return stored


def _of_hdf5(root: Group, item: Dataset, budget: Budget) -> np.ndarray | list[np.ndarray | str]:
    """Read an array of MATLAB 7.3: its dims are stored in reverse, text as numbers, cells as references."""
    if item.is_reference:
        return _cells(root, item, budget)
    values = np.asarray(item[()])
    return np.array([_text(row) for row in np.atleast_2d(values.T)]) if _is_text(item) else values.T


def _is_text(item: Dataset) -> bool:
    """Whether numbers are characters; without a class, those of 16 bits in a row or rows are."""
    kind = item.attrs.get("MATLAB_class", b"char" if item.dtype == np.uint16 and item.ndim < 3 else b"")
    return bool(kind == b"char")


def _cells(root: Group, item: Dataset, budget: Budget) -> list[np.ndarray | str]:
    """Read cells; those that are one object are read once, and counted as often as they are there."""
    read: dict[int, np.ndarray | str] = {0: ""}
    addresses = item.addresses().ravel().tolist()
    for reference, address in zip(item[()].ravel(), addresses, strict=True):
        if address not in read:
            read[address] = _cell(root.resolved(reference))
        budget.take(getattr(read[address], "nbytes", 0), item.name)
    return [read[address] for address in addresses]


def _cell(item: object) -> np.ndarray | str:
    if not isinstance(item, Dataset) or item.is_reference or (_is_text(item) and item.size > LONGEST_LABEL):
        message = f"expected cells of texts or numbers, found one of another kind or longer than {LONGEST_LABEL:,}"
        raise InputError(message)
    values = np.asarray(item[()])
    return _text(values) if _is_text(item) else values.T


def _text(codes: np.ndarray) -> str:
    return printable("".join(map(chr, np.ravel(codes).astype(int))).strip(), LONGEST_LABEL)


def _old(path: Path, budget: Budget) -> dict[str, Stored]:
    """Find the variables of a file of version 7.2 or older."""
    variables = matlab_4_headers.variables(path) if is_version_4(path) else matlab_headers.variables(path, budget)
    return {
        name: _of_declared(declared, (), functools.cache(partial(_load, path, name, declared, budget)))
        for name, declared in variables.items()
    }


def _of_declared(declared: Declared, way: tuple[str, ...], variable: Callable[[], np.ndarray]) -> Stored:
    """Describe a variable, or what lies on a way of names through its structs."""
    fields = {name: _of_declared(each, (*way, name), variable) for name, each in declared.fields.items()}
    if declared.is_struct:
        return Stored(fields=fields)
    return Stored(declared.shape, partial(_of_loaded, variable, way), cells=declared.is_cells)


def _load(path: Path, name: str, declared: Declared, budget: Budget) -> np.ndarray:
    """Read a variable whole, with all that is inside.

    The library is given what was looked at and nothing else: it finds variables, and the version, in its own way.
    """
    from scipy.io import loadmat

    budget.take(16.0 * declared.size + declared.ends - declared.begins, name)
    with path.open("rb") as file:
        header = b"" if is_version_4(path) else header_of(byte_order(file.read(HEADER)))
        file.seek(declared.begins)
        alone = io.BytesIO(header + file.read(declared.ends - declared.begins))
    (variable,) = (value for key, value in loadmat(alone).items() if not is_reserved(key))
    return variable


def _of_loaded(variable: Callable[[], np.ndarray], way: tuple[str, ...]) -> np.ndarray | list[np.ndarray]:
    array = variable()
    for name in way:
        several = array.size > 1  # structs: the field is read of each
        array = array[name].ravel("F") if several else array[name].flat[0]
    return [_plain(cell) for cell in array.ravel()] if array.dtype == object else _plain(array)


def _plain(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind != "U":
        return native(array)
    return np.array([printable(text.strip(), LONGEST_LABEL) for text in array.ravel()])
