"""Activity from files: .npy, .npz, .nc and .mat, none of which can run anything when opened."""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import xarray as xr

from neurocompare.errors import InputError
from neurocompare.models.external.labels import labelled
from neurocompare.models.external.tables import chosen_variable, of_named, renamed
from neurocompare.untrusted import matlab_files, numpy_files
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.netcdf import open_netcdf
from neurocompare.untrusted.plain_file import what_is
from neurocompare.untrusted.printable import printable

TORCH = (".pt", ".pth", ".ckpt", ".bin")
PICKLES = (".pkl", ".pickle", ".joblib", ".dill")

READABLE = (".npy", ".npz", ".nc", ".mat")
"""Endings of files that hold activity."""


def read_activity(path: str | os.PathLike[str]) -> xr.DataArray:
    """Read activity (condition, time, unit) and the labels beside it, as far as there are any.

    Parameters
    ----------
    path : path-like
        ``.npy``: one array. ``.npz`` and ``.mat`` (any version): an array called ``responses``, or the only one of
        three dims, and perhaps ``condition`` (labels) and ``time`` (s). ``.nc``: a netCDF variable with dims
        condition, time and unit. An ``.npz`` of a pynapple tensor (time, condition, unit) is read as such.

    Returns
    -------
    xarray.DataArray, dims (condition, time, unit) for all but netCDF, whose dims are its own

    Raises
    ------
    InputError
        If the file is missing, of another kind, needs unpickling (which could run anything and is never done), or
        holds no activity.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> path = Path(tempfile.mkdtemp()) / "model.npz"
    >>> np.savez(path, responses=np.zeros((2, 3, 4)), condition=["left", "right"])
    >>> read_activity(path)["condition"].values.tolist()
    ['left', 'right']
    """
    path = Path(path)
    return reader_of(path)(path)


def reader_of(path: Path) -> Callable[[Path], xr.DataArray]:
    """Return what reads a file of this name, which is there; it has not been opened then.

    Raises
    ------
    InputError
        If the file is missing, or of a kind that is not read.
    """
    kind = what_is(path)
    if kind != "a file":
        kind = "a folder without a network's card.json" if kind == "a folder" else kind
        raise InputError(f"expected a model's file at {printable(path)}, found {kind}")
    suffix = path.suffix.lower()
    if suffix in TORCH:
        raise InputError(_of_torch(path))
    if suffix == ".py":
        raise InputError(
            f"expected what to score in {path.name}, found no name; give {path.stem}:NAME, of a module or a function"
        )
    readers = dict(zip(READABLE, (_numpy, _numpy, _netcdf, _matlab), strict=True))
    if suffix in PICKLES or suffix not in readers:
        message = (
            f"expected a model as {', '.join(readers)}, a zoo network's folder or package.module:callable, found "
            f"{path.name}" + ("; pickles can run anything and are never opened" if suffix in PICKLES else "")
        )
        raise InputError(message + "; save its activity (condition, time, unit) with numpy.savez")
    return readers[suffix]


def _numpy(path: Path) -> xr.DataArray:
    with numpy_files.stored_arrays(path) as arrays:
        if list(arrays) == [""]:
            return labelled(arrays[""].read(), where=path.name)
        if {"t", "d", "type"} <= set(arrays):  # as pynapple saves
            tensor = arrays["d"].read()
            return labelled(
                tensor.swapaxes(0, 1) if tensor.ndim == 3 else tensor, time=arrays["t"].read(), where=path.name
            )
        return of_named(arrays, path.name)


def _matlab(path: Path) -> xr.DataArray:
    with matlab_files.stored_arrays(path) as arrays:
        return of_named(arrays, path.name)


def _netcdf(path: Path) -> xr.DataArray:
    with open_netcdf(path) as file:
        name = chosen_variable(file.dims, path.name)
        return renamed(file.load([name])[name])


def _of_torch(path: Path) -> str:
    """Say why a torch file cannot be scored; opened with weights only, it can run nothing."""
    import torch

    try:
        with zipfile.ZipFile(path) as archive:  # older files, which are none, are not looked into
            Budget().take(sum(each.file_size for each in archive.infolist()), path.name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the pickle's version, which says nothing about what is in it
            held = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:
        return (
            f"{path} holds pickled objects, which can run anything and are never opened; write a function that builds "
            "the module and loads its state dict, and give package.module:function"
        )
    what = "a state dict" if isinstance(held, Mapping) else f"a {type(held).__name__}"
    return (
        f"expected a model that can be run, found {what} in {path}: weights without the module they belong to; write a "
        "function that builds the module and loads them, and give package.module:function, or save its activity "
        "(condition, time, unit) with numpy.savez"
    )
