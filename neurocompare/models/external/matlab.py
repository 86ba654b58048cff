"""MATLAB's files of any version: arrays, texts, cells as lists, structs as mappings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from neurocompare.errors import InputError

DEEPEST = 4
"""Cells and structs inside one another are read so far down."""


def read_matlab(path: Path) -> dict[str, Any]:
    """Read the variables of a file.

    Raises
    ------
    InputError
        If it is not MATLAB's.
    """
    import h5py
    from scipy.io import loadmat

    try:
        if h5py.is_hdf5(path):
            with h5py.File(path, "r") as opened:
                found = {name: _of_hdf5(opened, opened[name], DEEPEST) for name in opened if not name.startswith("#")}
        else:
            found = {name: _plain(array, DEEPEST) for name, array in loadmat(path).items() if not name.startswith("__")}
    # scipy raises errors of many kinds at a file that is not MATLAB's
    except Exception as error:
        message = f"expected a MATLAB file in {path}, found {error}"
        raise InputError(message) from error
    return {name: one for name, one in found.items() if one is not None}


def _plain(array: Any, depth: int) -> Any:
    """Turn what scipy makes of a file before 7.3 into arrays, texts, lists and mappings."""
    if not isinstance(array, np.ndarray) or depth == 0:
        return None
    if array.dtype.names:
        if array.size != 1:
            return None
        return {name: one for name in array.dtype.names if (one := _plain(array[name].flat[0], depth - 1)) is not None}
    if array.dtype == object:
        return [_plain(cell, depth - 1) for cell in array.ravel()]
    return np.array([str(text) for text in array.ravel()]) if array.dtype.kind == "U" else array


def _of_hdf5(opened: Any, item: Any, depth: int) -> Any:
    """Read what MATLAB 7.3 stores: dims in reverse, text as numbers, cells as references, structs as groups."""
    import h5py

    if depth == 0:
        return None
    if isinstance(item, h5py.Group):
        return {name: one for name in item if (one := _of_hdf5(opened, item[name], depth - 1)) is not None}
    if h5py.check_ref_dtype(item.dtype) is not None:
        return [_of_hdf5(opened, opened[each], depth - 1) if each else None for each in item[()].ravel()]
    values = item[()]
    # Without a class, what is of 16 bits and one row is text, as MATLAB stores its characters.
    kind = item.attrs.get("MATLAB_class", b"char" if values.dtype == np.uint16 else b"")
    if kind == b"char":
        return np.array(["".join(map(chr, row.astype(int))).strip() for row in np.atleast_2d(values.T)])
    return values.T
