"""Activity from files: .npy, .npz, .nc and .mat, none of which can run anything when opened."""

from __future__ import annotations

import os
import pickle
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.models.external.labels import labelled
from neurocompare.responses import DIMS

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
    return reader_of(path)(path)


def reader_of(path: Path) -> Callable[[Path], xr.DataArray]:
    """Return what reads a file of this name, which is there; it has not been opened then.

    Raises
    ------
    InputError
        If the file is missing, or of a kind that is not read.
    """
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
    readers = {".npy": _npy, ".npz": _npz, ".nc": _netcdf, ".mat": _matlab}
    if suffix in PICKLES or suffix not in readers:
        message = (
            f"expected a model as {', '.join(readers)}, a zoo network's folder or package.module:callable, found "
            f"{path.name}" + ("; pickles can run anything and are never opened" if suffix in PICKLES else "")
        )
        raise InputError(message + "; save its activity (condition, time, unit) with numpy.savez")
    return readers[suffix]


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
    try:
        with xr.open_dataset(path, engine="h5netcdf") as opened:
            loaded = opened.load()
    except (OSError, ValueError, KeyError) as error:
        message = f"expected netCDF (version 4) in {path}, found {error}"
        raise InputError(message) from error
    fitting = [name for name, array in loaded.data_vars.items() if set(array.dims) == set(DIMS)]
    chosen = [name for name in NAMES["activity"] if name in fitting] or fitting
    if not chosen or (len(fitting) > 1 and chosen == fitting):
        found = ", ".join(f"{name} {array.dims}" for name, array in loaded.data_vars.items()) or "nothing"
        message = f"expected one variable with dims {DIMS} in {path}, found {found}; call the one to score responses"
        raise InputError(message)
    return loaded[chosen[0]]


def _matlab(path: Path) -> xr.DataArray:
    import h5py
    from scipy.io import loadmat

    try:
        if h5py.is_hdf5(path):
            with h5py.File(path, "r") as opened:
                arrays = {name: _of_hdf5(opened, opened[name]) for name in map(str, opened) if not name.startswith("#")}
        else:
            arrays = {name: _plain(array) for name, array in loadmat(path).items() if not name.startswith("__")}
    # scipy raises errors of many kinds at a file that is not MATLAB's
    except Exception as error:
        message = f"expected a MATLAB file in {path}, found {error}"
        raise InputError(message) from error
    return _of_named({name: array for name, array in arrays.items() if array is not None}, path)


def _plain(array: np.ndarray) -> np.ndarray:
    """Turn a cell array of texts, as scipy reads it, into texts."""
    if array.dtype == object:
        return np.array([str(np.squeeze(cell)) for cell in array.ravel()])
    return array


def _of_hdf5(opened: Any, item: Any) -> np.ndarray | None:
    """Read an array of MATLAB 7.3: its dims are stored in reverse, text as numbers, cells as references."""
    import h5py

    if not isinstance(item, h5py.Dataset):
        return None
    kind = item.attrs.get("MATLAB_class", b"")
    if h5py.check_ref_dtype(item.dtype) is not None:
        return np.array([_text(opened[reference][()]) for reference in item[()].ravel()])
    if kind == b"char":
        return np.array([_text(item[()])])
    return item[()].T


def _text(codes: np.ndarray) -> str:
    return "".join(map(chr, np.ravel(codes).astype(int))) if np.size(codes) != 1 else _one(np.ravel(codes)[0])


def _one(code: Any) -> str:
    # One number in a cell: a character's code where it is stored as such, else a numeric label.
    return chr(int(code)) if isinstance(code, np.generic) and code.dtype == np.uint16 else str(code)


def _of_named(arrays: Mapping[str, np.ndarray], path: Path) -> xr.DataArray:
    chosen = next((name for name in NAMES["activity"] if name in arrays), None)
    if chosen is None:
        fitting = [name for name, array in arrays.items() if np.ndim(array) == 3]
        if len(fitting) != 1:
            found = ", ".join(f"{name} {np.shape(array)}" for name, array in arrays.items()) or "nothing"
            message = (
                f"expected an array called responses, of shape (condition, time, unit), in {path}, found {found}; "
                "save it under that name, with condition and time beside it"
            )
            raise InputError(message)
        chosen = fitting[0]
    labels = {dim: next((arrays[name] for name in NAMES[dim] if name in arrays), None) for dim in ("condition", "time")}
    return labelled(arrays[chosen], where=path.name, **labels)


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
