"""netCDF files from anyone: looked through for ways out of the file, and for sizes, before xarray reads them."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import h5py
import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.hdf5 import Dataset, Group, open_hdf5
from neurocompare.untrusted.opened_once import OpenedOnce
from neurocompare.untrusted.plain_file import reading
from neurocompare.untrusted.printable import printable

MOST_VARIABLES = 1000

_ONLY_A_DIMENSION = "This is a netCDF dimension but not a netCDF variable"
"""How the attribute NAME of a dimension begins that has a length and no values."""


class OpenNetcdf:
    """An open netCDF file, of which variables are read when asked for.

    Attributes
    ----------
    dims : dict
        The dims of each variable.
    """

    def __init__(self, opened: xr.Dataset, budget: Budget) -> None:
        self._opened, self._budget = opened, budget
        self.dims = {str(name): tuple(map(str, array.dims)) for name, array in opened.data_vars.items()}

    def load(self, names: Sequence[str]) -> xr.Dataset:
        """Read some variables with their coordinates.

        Raises
        ------
        InputError
            If they are larger than may be read of a file.
        """
        some = self._opened[list(names)]
        for name, array in some.variables.items():
            self._budget.take(float(array.size) * max(array.dtype.itemsize, 8), str(name))
        return some.load()


@contextlib.contextmanager
def open_netcdf(path: str | os.PathLike[str]) -> Iterator[OpenNetcdf]:
    """Open a netCDF file (version 3 or 4); times are left as the numbers they are.

    Everything in it lies in it, or it is refused: such files have no links, and libraries that read them follow any.

    Raises
    ------
    InputError
        If it is no such file, leads out of itself, or takes more memory than may be read of a file.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.nc"
    >>> xr.Dataset({"x": ("time", [1.0, 2.0])}).to_netcdf(path, engine="h5netcdf")
    >>> with open_netcdf(path) as file:
    ...     file.dims, file.load(["x"])["x"].values.tolist()
    ({'x': ('time',)}, [1.0, 2.0])
    """
    budget = Budget()
    with reading(path, "netCDF"):
        with open(path, "rb") as file:
            classic = file.read(3) == b"CDF"  # version 3, which is no HDF5 and has no ways out
        if classic:
            _check_classic(path, budget)
        else:
            with open_hdf5(path, budget) as root:
                _check(root)
        with _opened(path, classic) as opened:
            yield OpenNetcdf(opened, budget)


@contextlib.contextmanager
def _opened(path: str | os.PathLike[str], classic: bool) -> Iterator[xr.Dataset]:
    """Open a file that was looked through; times are left as the numbers they are."""
    if classic:
        with xr.open_dataset(path, engine="scipy", decode_times=False) as opened:
            yield opened
        return
    import h5netcdf
    from xarray.backends import H5NetCDFStore

    # As `xarray.open_dataset` would.
    options = {"decode_vlen_strings": True, "phony_dims": "access"}
    with (
        OpenedOnce(path, "r") as inner,
        h5netcdf.File(inner, "r", **options) as file,
        xr.open_dataset(H5NetCDFStore(file), decode_times=False) as opened,
    ):
        yield opened


def _check_classic(path: str | os.PathLike[str], budget: Budget) -> None:
    """Count the variables of a file of version 3; labels, and texts that may be some, are read with its description."""
    from scipy.io import netcdf_file

    # Of a file that is mapped nothing is held in memory, whatever its variables share; it is closed where that fails.
    with open(path, "rb") as opened, netcdf_file(opened, mmap=True) as file:
        variables = {name: (each.shape, each.data.dtype) for name, each in file.variables.items()}
    if len(variables) > MOST_VARIABLES:
        raise InputError(f"expected at most {MOST_VARIABLES:,} variables, found more; save fewer")
    for name, (shape, dtype) in variables.items():
        if len(shape) < 2 or dtype.kind == "S":
            budget.take(float(math.prod(shape)) * max(dtype.itemsize, 8), name)


def _check(root: Group) -> None:
    """Look at every object of the file; refuse what leads out of it, and what is larger than it may be."""
    dict(root.attrs)
    for count, name in enumerate(root, start=1):
        if count > MOST_VARIABLES:
            raise InputError(f"expected at most {MOST_VARIABLES:,} variables, found more; save fewer")
        if root.is_link(name):
            raise InputError(f"expected variables, found {printable(name, 100)}, a link; save the variable itself")
        item = root[name]
        if not isinstance(item, Dataset):
            message = f"expected variables alone, found a group, {printable(name, 100)}; save them without groups"
            raise InputError(message)
        _check_variable(item)


def _check_variable(item: Dataset) -> None:
    attributes = dict(item.attrs)
    _check_dimensions(attributes, item)
    name = attributes.get("NAME", b"")
    if isinstance(name, bytes | str) and printable(name).startswith(_ONLY_A_DIMENSION):
        return
    if item.is_text:
        item[()]  # texts of any length have no size but what they turn out to have
    elif item.is_number:
        item.check()
        if item.ndim < 2:
            item[()]  # labels, which are read with the file's description


def _check_dimensions(attributes: Mapping[str, Any], item: Dataset) -> None:
    """Refuse lists of dims of another form: the HDF5 library reads them into memory that it has for the form it knows.

    It gives ``DIMENSION_LIST`` the room of a list of references for each dim of the variable, however many there are.
    """
    listed = attributes.get("DIMENSION_LIST")
    references = attributes.get("REFERENCE_LIST")
    sound = listed is None or (
        isinstance(listed, np.ndarray)
        and listed.shape == (item.ndim,)
        and all(isinstance(each, h5py.Reference) for some in listed for each in np.ravel(some))
    )
    if references is not None:
        sound = sound and isinstance(references, np.ndarray) and references.dtype.names == ("dataset", "dimension")
    if not sound:
        message = f"expected the dims of {printable(item.name, 100)}, found a list of another form; the file is damaged"
        raise InputError(message)
