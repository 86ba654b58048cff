"""MATLAB's cells, structs and arrays of structs, of any size, in files of both kinds."""

import struct
from functools import partial

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from neurocompare.errors import InputError
from neurocompare.untrusted.matlab_files import stored_arrays

VALUES = np.arange(6.0).reshape(2, 3)


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


# What is looked at is what is read: the library finds variables, and the version, in its own way.


def element(kind, content):
    return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


def matrix(kind, dims, name, body, *, flags=b""):
    """A variable of version 5; `flags` come after those that belong there."""
    flags = element(6, struct.pack("<II", kind, 0) + flags)
    return element(14, flags + element(5, struct.pack("<2i", *dims)) + element(1, name) + body)


def plain(name):
    return matrix(6, VALUES.shape, name, element(9, VALUES.tobytes("F")))


def deep(name):
    """Cells in cells, which are not given to the library: 5,000 of them overflow its stack."""
    return matrix(1, (1, 1), name, matrix(1, (1, 1), b"", plain(b"")))


def write_version_5(path, *variables, first=b"MATLAB 5.0", order=b"IM"):
    path.write_bytes(first.ljust(124) + struct.pack("<H", 0x0100) + order + b"".join(variables))


@pytest.mark.parametrize(
    "variables",
    [(deep(b"x"), plain(b"x")), (plain(b"x"), deep(b"x")), (plain(b"\x01x"), deep(b"x"))],
    ids=["deep first", "plain first", "a hidden letter"],
)
def test_of_variables_of_one_name_the_one_that_was_looked_at_is_read(tmp_path, variables):
    write_version_5(tmp_path / "a.mat", *variables)
    with stored_arrays(tmp_path / "a.mat") as arrays:
        np.testing.assert_array_equal(arrays["x"].read(), VALUES)


def test_names_under_which_the_library_keeps_something_of_its_own(tmp_path):
    write_version_5(tmp_path / "a.mat", *map(plain, [b"", b"__header__", b"x"]))
    with stored_arrays(tmp_path / "a.mat") as arrays:
        assert list(arrays) == ["x"]


def read_all(path):
    with stored_arrays(path) as arrays:
        return [array.read() for array in arrays.values()]


def refused(path, said):
    with pytest.raises(InputError, match=said):
        read_all(path)


def test_flags_of_another_length_than_the_library_takes_for_granted(tmp_path):
    write_version_5(tmp_path / "a.mat", matrix(6, (2, 3), b"x", element(9, bytes(48)), flags=bytes(8)))
    refused(tmp_path / "a.mat", "flags of 16 bytes")


def test_a_header_that_is_of_no_version(tmp_path):
    write_version_5(tmp_path / "a.mat", deep(b"x"), order=b"XX")
    refused(tmp_path / "a.mat", "another header")


def version_4(name, rows, columns, values=b"", *, kind=0):
    return struct.pack("<5i", kind, rows, columns, 0, len(name)) + name + values


@pytest.mark.parametrize("rows", [-3, 2**30])
@pytest.mark.parametrize("later", [False, True], ids=["version 4", "version 5 as well"])
def test_version_4_with_a_size_that_is_none(tmp_path, rows, later):
    """A negative one leads the library back to where it was, for ever."""
    lies = version_4(b"xyz\0", rows, 1)
    (tmp_path / "a.mat").write_bytes(lies + bytes(200))
    if later:
        write_version_5(tmp_path / "a.mat", plain(b"x"), first=lies)
    refused(tmp_path / "a.mat", r"a variable of (shape \(-3|1,073,741,824)")


def test_version_4_is_read(tmp_path):
    path = tmp_path / "a.mat"
    savemat(path, {"x": VALUES, "z": VALUES + 1j, "text": "left"}, format="4")
    with open(path, "ab") as file:
        file.write(version_4(b"x\0", 1, 1, bytes(8)))  # once more, and not read
    with stored_arrays(path) as arrays:
        assert {name: array.shape for name, array in arrays.items()} == {"x": (2, 3), "z": (2, 3), "text": (1, 4)}
        np.testing.assert_array_equal(arrays["x"].read(), VALUES)
        np.testing.assert_array_equal(arrays["z"].read(), VALUES + 1j)
        assert arrays["text"].read().tolist() == ["left"]
