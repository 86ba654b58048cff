"""MATLAB's cells, structs and arrays of structs, of any size, in files of both kinds."""

from functools import partial

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from neurocompare.untrusted.matlab_files import stored_arrays


def structs():
    """Three structs of numbers, a text, and what no reader is given."""
    dtype = [(name, object) for name in ("spikes", "result", "bin_size", "inside")]
    found = np.zeros((1, 3), dtype=dtype)
    for place in range(3):
        found[0, place] = (np.arange(6).reshape(3, 2) + place, "RFI"[place], 0.01, {"a": 1})
    return found


@pytest.mark.parametrize("compressed", [False, True])
def test_a_field_of_an_array_of_structs_is_cells(tmp_path, compressed):
    path = tmp_path / "a.mat"
    savemat(path, {"trials": structs(), "x": np.arange(4.0)}, do_compression=compressed)
    with stored_arrays(path) as arrays:
        fields = arrays["trials"].fields
        assert list(fields) == ["spikes", "result", "bin_size"]
        assert [each.tolist() for each in fields["spikes"].read()] == [
            (np.arange(6).reshape(3, 2) + place).tolist() for place in range(3)
        ]
        assert [str(each[0]) for each in fields["result"].read()] == ["R", "F", "I"]
        assert arrays["x"].read().ravel().tolist() == [0, 1, 2, 3]


def test_the_same_in_a_file_of_version_7_3(tmp_path):
    path = tmp_path / "a.mat"
    with h5py.File(path, "w") as file:
        trials = file.create_group("trials")
        rows = []
        for place in range(3):
            file[f"#refs#/{place}"] = (np.arange(6).reshape(3, 2) + place).T
            rows.append([file[f"#refs#/{place}"].ref])
        trials.create_dataset("spikes", data=np.array(rows, dtype=h5py.ref_dtype), dtype=h5py.ref_dtype)
    with stored_arrays(path) as arrays:
        assert arrays["trials"].fields["spikes"].read()[2].tolist() == [[2, 3], [4, 5], [6, 7]]


@pytest.mark.parametrize("compressed", [False, True])
def test_cells_and_structs_larger_than_what_is_held_at_once(tmp_path, compressed):
    """Beyond 64 MB, with what is last in them still found."""
    path = tmp_path / "large.mat"
    cells = np.empty(3, dtype=object)
    cells[:] = [np.zeros((3000, 2000)), np.zeros((2000, 2000)), "last"]
    save = partial(savemat, path, do_compression=compressed)
    save({"cells": cells, "struct": {"zeros": np.zeros((3000, 3000)), "last": np.array([[7.0]])}})
    with stored_arrays(path) as arrays:
        assert arrays["cells"].cells
        assert arrays["struct"].fields["last"].read().item() == 7
        found = arrays["cells"].read()
        assert found[0].shape == (3000, 2000)
        assert str(found[2][0]) == "last"
