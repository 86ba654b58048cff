"""Activity read from every kind of file, and files that could run something, which are never opened."""

import pickle
import sys

import h5py
import numpy as np
import pytest
import torch
import xarray as xr
from scipy.io import savemat

from neurocompare.errors import InputError
from neurocompare.models.external.files import read_activity

CONDITIONS, TIME = ["left", "right"], [0.0, 0.1, 0.2]
VALUES = np.arange(24.0).reshape(2, 3, 4)


def write_matlab_73(path, values, conditions, time):
    """Write as MATLAB does: dims in reverse, text as uint16, a cell array as references."""
    with h5py.File(path, "w", userblock_size=512) as opened:
        opened["responses"] = values.T
        opened["time"] = np.array(time)[:, None]
        cells = opened.create_group("#refs#")
        for place, label in enumerate(conditions):
            cells[f"c{place}"] = np.array([[ord(letter)] for letter in label], dtype=np.uint16)
        references = np.array([[cells[f"c{place}"].ref for place in range(len(conditions))]], dtype=h5py.ref_dtype)
        opened.create_dataset("condition", data=references, dtype=h5py.ref_dtype)
        opened["condition"].attrs["MATLAB_class"] = np.bytes_("cell")


def write(path):
    if path.name == "plain.npy":
        np.save(path, VALUES)
    elif path.suffix == ".npz":
        np.savez(path, responses=VALUES, condition=CONDITIONS, time=TIME, weights=np.zeros((2, 2, 2)))
    elif path.suffix == ".nc":
        coords = {"condition": CONDITIONS, "time": TIME}
        xr.DataArray(VALUES, dims=("condition", "time", "unit"), coords=coords, name="x").to_netcdf(
            path, engine="h5netcdf"
        )
    elif path.name == "old.mat":
        savemat(path, {"responses": VALUES, "condition": np.array(CONDITIONS, dtype=object), "time": TIME})
    else:
        write_matlab_73(path, VALUES, CONDITIONS, TIME)
    return path


@pytest.mark.parametrize("name", ["plain.npy", "named.npz", "named.nc", "old.mat", "new.mat"])
def test_every_kind_of_file_gives_the_same_activity(tmp_path, name):
    found = read_activity(write(tmp_path / name))
    np.testing.assert_array_equal(found.values, VALUES)
    assert found.dims == ("condition", "time", "unit")
    if name != "plain.npy":
        assert found["condition"].values.tolist() == CONDITIONS
        np.testing.assert_allclose(found["time"].values, TIME)


@pytest.mark.parametrize("name", ["plain.npy", "named.npz", "old.mat", "new.mat", "classic.nc"])
def test_numbers_may_have_either_order_of_bytes(tmp_path, name):
    values, time = VALUES.astype(">f8"), np.array(TIME, ">f8")
    path = tmp_path / name
    if path.suffix == ".npy":
        np.save(path, values)
    elif path.suffix == ".npz":
        np.savez(path, responses=values, condition=CONDITIONS, time=time)
    elif path.suffix == ".nc":
        xr.DataArray(values, dims=("condition", "time", "unit"), name="x").to_netcdf(path, engine="scipy")
    elif name == "new.mat":
        write_matlab_73(path, values, CONDITIONS, time)
    else:
        savemat(path, {"responses": values, "time": time})
    found = read_activity(path)
    np.testing.assert_array_equal(found.values, VALUES)
    assert found.dtype.isnative


def test_what_pynapple_saves_is_read_time_first(tmp_path):
    path = tmp_path / "tensor.npz"
    np.savez(path, t=TIME, d=VALUES.swapaxes(0, 1), start=[0.0], end=[1.0], type=np.array(["TsdTensor"]))
    np.testing.assert_array_equal(read_activity(path).values, VALUES)


class Marks:
    """Leaves a file behind if it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def test_nothing_is_ever_unpickled(tmp_path):
    marker, evil = tmp_path / "marker", None
    evil = Marks(marker)
    np.save(tmp_path / "a.npy", np.array([evil], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "b.npz", responses=np.array([evil], dtype=object))
    for name in ("c.npy", "d.pkl", "e.pt", "f.npz", "g.mat", "h.nc"):
        (tmp_path / name).write_bytes(pickle.dumps(evil))
    torch.save(evil, tmp_path / "i.pth")
    for path in sorted(tmp_path.glob("?.*")):
        with pytest.raises(InputError) as caught:
            read_activity(path)
        assert "\n" not in str(caught.value)
        if path.suffix not in (".mat", ".nc"):
            assert "never opened" in str(caught.value), path.name
    assert not marker.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="torch holds the file")
def test_a_state_dict_alone_cannot_be_run_and_it_says_what_to_do(tmp_path):
    torch.save(torch.nn.GRU(3, 4).state_dict(), tmp_path / "gru.pt")
    with pytest.raises(InputError, match=r"found a state dict .* without the module .* package.module:function"):
        read_activity(tmp_path / "gru.pt")


@pytest.mark.parametrize(
    ("name", "arrays", "said"),
    [
        ("none.npz", {"weights": np.zeros((2, 2))}, r"expected an array called responses.*found weights \(2, 2\)"),
        ("two.npz", {"a": VALUES, "b": VALUES}, r"found a \(2, 3, 4\), b \(2, 3, 4\)"),
        ("labels.npz", {"responses": VALUES, "condition": ["left"]}, "found 1 labels for 2 along condition"),
    ],
)
def test_files_without_activity(tmp_path, name, arrays, said):
    np.savez(tmp_path / name, **arrays)
    with pytest.raises(InputError, match=said):
        read_activity(tmp_path / name)


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.nc", "a.mat"])
def test_damaged_and_missing_files(tmp_path, name):
    with pytest.raises(InputError, match="nothing there"):
        read_activity(tmp_path / name)
    write(tmp_path / {"a.npy": "plain.npy"}.get(name, name))
    whole = (tmp_path / {"a.npy": "plain.npy"}.get(name, name)).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError):
        read_activity(tmp_path / name)


def test_code_and_folders_say_what_to_give(tmp_path):
    (tmp_path / "train.py").write_text("gru = 1")
    with pytest.raises(InputError, match="give train:NAME"):
        read_activity(tmp_path / "train.py")
    with pytest.raises(InputError, match=r"a folder without a network's card\.json"):
        read_activity(tmp_path)


def test_unknown_kinds_say_which_are_known(tmp_path):
    (tmp_path / "a.csv").write_text("1,2")
    with pytest.raises(InputError, match=r"\.npy, \.npz, \.nc, \.mat"):
        read_activity(tmp_path / "a.csv")
