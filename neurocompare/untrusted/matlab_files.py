"""Arrays of MATLAB files of any version, read only where they are wanted and within a budget."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import h5py
import numpy as np

from neurocompare.errors import InputError
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.hdf5 import Dataset, Group, open_hdf5
from neurocompare.untrusted.matlab_headers import variables
from neurocompare.untrusted.plain_file import check_plain
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.stored import Stored

LONGEST_LABEL = 1000
"""Characters of a text in a cell."""


@contextlib.contextmanager
def stored_arrays(path: Path) -> Iterator[dict[str, Stored]]:
    """Find the arrays of a MATLAB file.

    Raises
    ------
    InputError
        If it is none, or takes more memory than may be read of a file.
    """
    check_plain(path, "a MATLAB file")
    try:
        if h5py.is_hdf5(path):
            with open_hdf5(path) as root:
                names = [name for name in root if not name.startswith("#")]
                found = {name: root.dataset(name) for name in names}
                yield {name: _stored(root, item) for name, item in found.items() if item is not None}
        else:
            yield _old(path)
    except InputError as error:
        message = str(error) if str(path) in str(error) else f"{path}: {error}"
        raise InputError(message) from error
    # scipy raises errors of many kinds at a file that is not MATLAB's
    except Exception as error:
        message = f"expected a MATLAB file in {path}, found {printable(error, 200) or type(error).__name__}"
        raise InputError(message) from error


def _stored(root: Group, item: Dataset) -> Stored:
    return Stored(item.shape[::-1], partial(_of_hdf5, root, item))


def _of_hdf5(root: Group, item: Dataset) -> np.ndarray:
    """Read an array of MATLAB 7.3: its dims are stored in reverse, text as numbers, cells as references."""
    if item.is_reference:
        texts: dict[int, str] = {0: ""}
        addresses = item.addresses().ravel()
        for reference, address in zip(item[()].ravel(), addresses.tolist(), strict=True):
            if address not in texts:  # many cells can be one object
                texts[address] = _cell(root.resolved(reference))
        return np.array([texts[address] for address in addresses.tolist()])
    if item.attrs.get("MATLAB_class", b"") == b"char":
        return np.array([_text(item[()])])
    return np.asarray(item[()]).T


def _cell(item: object) -> str:
    if not isinstance(item, Dataset) or item.size > LONGEST_LABEL:
        message = f"expected cells of texts or numbers, found one of another kind or longer than {LONGEST_LABEL:,}"
        raise InputError(message)
    return _text(item[()])


def _text(codes: np.ndarray) -> str:
    return "".join(map(chr, np.ravel(codes).astype(int))) if np.size(codes) != 1 else _one(np.ravel(codes)[0])


def _one(code: object) -> str:
    # One number in a cell: a character's code where it is stored as such, else a numeric label.
    return chr(int(code)) if isinstance(code, np.uint16) else str(code)


def _old(path: Path) -> dict[str, Stored]:
    """Find the arrays of a file of version 7.2 or older."""
    budget = Budget()
    return {
        name: Stored(shape, partial(_load, path, name, math.prod(shape), budget))
        for name, shape in variables(path, budget).items()
    }


def _load(path: Path, name: str, count: int, budget: Budget) -> np.ndarray:
    from scipy.io import loadmat

    budget.take(16.0 * count, name)
    array = loadmat(path, variable_names=[name])[name]
    if array.dtype == object:  # a cell array of texts
        return np.array([printable(np.squeeze(cell), LONGEST_LABEL) for cell in array.ravel()])
    return array
