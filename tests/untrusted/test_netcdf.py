"""netCDF is written and read as xarray by itself would; lists of dims that are none are refused.

The HDF5 library would write beyond the memory it has for them.
"""

import io

import h5netcdf
import h5py
import numpy as np
import pytest
import xarray as xr
from xarray.backends import H5NetCDFStore

from neurocompare.errors import InputError
from neurocompare.files import write_netcdf
from neurocompare.untrusted.netcdf import open_netcdf


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.nc"
    array = xr.DataArray(
        np.ones((2, 3)), dims=("condition", "time"), coords={"condition": ["a", "b"], "time": [0, 1, 2]}
    )
    array.to_dataset(name="x").to_netcdf(path, engine="h5netcdf")
    return path


def replaced(path, variable, name, value, dtype=None):
    with h5py.File(path, "r+") as file:
        del file[variable].attrs[name]
        file[variable].attrs.create(name, value, dtype=dtype)


def refused(path):
    with pytest.raises(InputError, match="a list of another form"), open_netcdf(path):
        pass


def test_a_file_is_written_and_read_as_xarray_would(tmp_path):
    """A coordinate of a dim, one of none, texts, a mask, an attribute, a dim without labels, and one of length 0."""
    dataset = xr.Dataset(
        {"x": (("condition", "time"), [[1.0, np.nan], [3.0, 4.0]], {"unit": "spikes/s"}), "none": ("empty", [])},
        coords={"condition": ["a", "bb"], "seen": ("time", [True, False]), "of": ("time", ["go", "move"]), "one": 3},
        attrs={"name": "a set"},
    )
    plain = io.BytesIO()
    with h5netcdf.File(plain, "w") as file:
        dataset.dump_to_store(H5NetCDFStore(file))
    path = tmp_path / "a.nc"
    write_netcdf(dataset, path)
    assert path.read_bytes() == plain.getvalue()
    with xr.open_dataset(path, engine="h5netcdf", decode_times=False) as expected, open_netcdf(path) as opened:
        xr.testing.assert_identical(opened.load(["x", "none"]), expected[["x", "none"]].load())


def test_sound_ones_are_read(path):
    with open_netcdf(path) as opened:
        assert opened.load(["x"])["x"].dims == ("condition", "time")


@pytest.mark.parametrize("count", [0, 1, 3, 1000])
def test_more_or_fewer_dims_than_there_are(path, count):
    with h5py.File(path) as file:
        reference = file["time"].ref
    lists = np.empty(count, dtype=object)
    lists[:] = [np.array([reference], dtype=h5py.ref_dtype)] * count
    replaced(path, "x", "DIMENSION_LIST", lists, h5py.vlen_dtype(h5py.ref_dtype))
    refused(path)


OTHERS = [3, "text", np.zeros(2), np.zeros((2, 2)), np.zeros(2, [("dataset", "i8"), ("dim", "i4")])]


@pytest.mark.parametrize("name", ["DIMENSION_LIST", "REFERENCE_LIST"])
@pytest.mark.parametrize("value", OTHERS)
def test_something_else(path, name, value):
    replaced(path, "x" if name == "DIMENSION_LIST" else "time", name, value)
    refused(path)
