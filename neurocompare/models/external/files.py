"""Activity from files: .npy, .npz, .nc and .mat, none of which can run anything when opened."""

from __future__ import annotations

import os
import pickle
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.models.external.arrays import as_array, shape_of
from neurocompare.models.external.labels import labelled
from neurocompare.models.external.matlab import read_matlab

NAMES = {
    "activity": ("responses", "activity", "rates", "hidden"),
    "condition": ("condition", "conditions"),
    "time": ("time", "times", "t"),
}
"""What arrays in a file may be called."""

_DAMAGED = (OSError, ValueError, EOFError, pickle.UnpicklingError, zipfile.BadZipFile, zlib.error)

TORCH = (".pt", ".pth", ".ckpt", ".bin")
PICKLES = (".pkl", ".pickle", ".joblib", ".dill")


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
    >>> path = Path(tempfile.mkdtemp()) / "model.npz"
    >>> np.savez(path, responses=np.zeros((2, 3, 4)), condition=["left", "right"])
    >>> read_activity(path)["condition"].values.tolist()
    ['left', 'right']
    """
    path = Path(path)
    if not path.is_file():
        found = "a folder without a network's card.json" if path.is_dir() else "nothing there"
        message = f"expected a model's file at {path}, found {found}"
        raise InputError(message)
    suffix = path.suffix.lower()
    if suffix in TORCH:
        raise InputError(_of_torch(path))
    if suffix == ".py":
        message = (
            f"expected what to score in {path.name}, found no name; give {path.stem}:NAME, of a module or a function"
        )
        raise InputError(message)
    readers = {".npy": _npy, ".npz": _npz, ".nc": _netcdf, ".mat": _of_matlab}
    if suffix in PICKLES or suffix not in readers:
        message = (
            f"expected a model as {', '.join(readers)}, a zoo network's folder or package.module:callable, found "
            f"{path.name}" + ("; pickles can run anything and are never opened" if suffix in PICKLES else "")
        )
        raise InputError(message + "; save its activity (condition, time, unit) with numpy.savez")
    return readers[suffix](path)


def _npy(path: Path) -> xr.DataArray:
    return labelled(_load(path), where=path.name)


def _npz(path: Path) -> xr.DataArray:
    opened = _load(path)
    if isinstance(opened, np.ndarray):
        return labelled(opened, where=path.name)
    try:
        with opened:
            arrays = {name: opened[name] for name in opened.files}
    except _DAMAGED as error:
        raise InputError(_pickled(path, error)) from error
    if {"t", "d", "type"} <= set(arrays):  # as pynapple saves
        tensor = arrays["d"]
        return labelled(tensor.swapaxes(0, 1) if tensor.ndim == 3 else tensor, time=arrays["t"], where=path.name)
    return _of_named(arrays, path)


def _load(path: Path) -> Any:
    try:
        return np.load(path, allow_pickle=False)
    except _DAMAGED as error:
        raise InputError(_pickled(path, error)) from error


def _pickled(path: Path, error: Exception) -> str:
    if "pickle" in str(error):
        return (
            f"{path} holds pickled objects, which can run anything and are never opened; save plain numbers and text "
            "with numpy.save or numpy.savez"
        )
    return f"expected numpy arrays in {path}, found {error}"


def _netcdf(path: Path) -> xr.DataArray:
    from neurocompare.models.external.tables import of_dataset

    try:
        with path.open("rb") as opened:
            engine = "scipy" if opened.read(3) == b"CDF" else "h5netcdf"  # netCDF 3, which is no HDF5
        with xr.open_dataset(path, engine=engine, decode_times=False) as opened:
            loaded = opened.load()
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"expected netCDF in {path}, found {error}"
        raise InputError(message) from error
    return of_dataset(loaded, path.name)


def _of_matlab(path: Path) -> xr.DataArray:
    return _of_named(read_matlab(path), path)


def _of_named(arrays: Mapping[str, Any], path: Path) -> xr.DataArray:
    """Take what is called as activity is, or the only array of three dims, with the labels beside it."""
    inner = [one for one in arrays.values() if isinstance(one, Mapping)]
    if not any(name in arrays for name in NAMES["activity"]) and len(inner) == 1:
        return _of_named(inner[0], path)  # a struct that holds them all
    chosen = next((name for name in NAMES["activity"] if name in arrays), None)
    if chosen is None:
        fitting = [name for name, array in arrays.items() if np.ndim(array) == 3 or _is_cells(array)]
        if len(fitting) != 1:
            found = (
                ", ".join(f"{name} {np.shape(array) or shape_of(array)}" for name, array in arrays.items()) or "nothing"
            )
            message = (
                f"expected an array called responses, of shape (condition, time, unit), in {path}, found {found}; "
                "save it under that name, with condition and time beside it"
            )
            raise InputError(message)
        chosen = fitting[0]
    labels = {dim: next((arrays[name] for name in NAMES[dim] if name in arrays), None) for dim in ("condition", "time")}
    return labels_named(as_array(arrays[chosen], path.name), labels, path.name)


def _is_cells(array: Any) -> bool:
    return isinstance(array, list) and bool(array) and all(np.ndim(one) == 2 for one in array)


def labels_named(values: np.ndarray, labels: Mapping[str, Any], where: str) -> xr.DataArray:
    """Label activity, with labels that may be in lists of single values, as MATLAB's cells are."""
    flat = {
        dim: np.array([np.ravel(one)[0] if np.size(one) == 1 else str(one) for one in each])
        if isinstance(each, list)
        else each
        for dim, each in labels.items()
    }
    return labelled(values, where=where, condition=flat.get("condition"), time=flat.get("time"))


def _of_torch(path: Path) -> str:
    """Say why a torch file cannot be scored; opened with weights only, it can run nothing."""
    import torch

    try:
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
