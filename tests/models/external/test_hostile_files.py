"""Files of models that lie about themselves or lead elsewhere: one line, little memory, nothing outside opened."""

import io
import os
import struct
import tracemalloc
import zipfile
import zlib

import h5py
import numpy as np
import pytest
import xarray as xr
from numpy.lib import format as npy
from ways_out import SECRET, WAYS, write_outside

from neurocompare.errors import InputError
from neurocompare.models.external.files import read_activity
from neurocompare.models.external.labels import labelled, matched
from neurocompare.tasks.oscillation import oscillation
from neurocompare.untrusted import budget as budgets
from neurocompare.untrusted import matlab_headers

VALUES = np.arange(24.0).reshape(2, 3, 4)
LITTLE = 100e6
"""In bytes: what reading a small file may take, whatever it says."""


def refused(path, said):
    """The line about a file, for this reason and no other; that it is fit to be shown, and took little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=said) as caught:
            read_activity(path)
        assert tracemalloc.get_traced_memory()[1] < LITTLE
    finally:
        tracemalloc.stop()
    assert str(caught.value).isprintable()
    return str(caught.value)


# ways out of HDF5

OUTSIDE = {
    "a.nc": "a link|found a group, general|is stored in another file|is put together from other datasets",
    "a.mat": "expected an array called responses.* found (nothing|general)",
}
"""Why a way out is not taken: MATLAB files may hold anything beside a model, of which nothing is seen."""


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("name", OUTSIDE)
def test_what_lies_outside_is_not_read(tmp_path, way, name):
    outside = write_outside(tmp_path)
    with h5py.File(tmp_path / name, "w") as file:
        way(file, "responses", outside)
    assert str(int(SECRET)) not in refused(tmp_path / name, OUTSIDE[name])


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_labels_that_lie_outside_are_not_read(tmp_path, way):
    """A sound model beside a way out: its labels would be printed where they do not fit."""
    coords = {"condition": np.arange(8.0), "time": [0.0, 0.1, 0.2]}
    array = xr.DataArray(np.zeros((8, 3, 4)), dims=("condition", "time", "unit"), coords=coords, name="x")
    array.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    with h5py.File(tmp_path / "a.nc", "r+") as file:
        del file["condition"]
        way(file, "condition", write_outside(tmp_path))
    refused(tmp_path / "a.nc", OUTSIDE["a.nc"])
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file["responses"] = array.values.T
        way(file, "condition", tmp_path / "outside.h5")
    assert "condition" not in read_activity(tmp_path / "a.mat").coords


def test_a_task_is_read_by_the_same_door(tmp_path):
    from neurocompare.tasks import load_task, save_task

    path = save_task(oscillation(), tmp_path / "task.nc")
    with h5py.File(path, "r+") as file:
        file["way"] = h5py.ExternalLink(str(write_outside(tmp_path)), "/number")
    with pytest.raises(InputError, match="found way, a link"):
        load_task(path)


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".mat", ".nc"])
def test_only_plain_files_are_opened(tmp_path, suffix):
    """A pipe would be waited for, a device would never end; a link counts as what it leads to."""
    os.mkfifo(tmp_path / f"pipe{suffix}")
    (tmp_path / f"zero{suffix}").symlink_to("/dev/zero")
    (tmp_path / f"round{suffix}").symlink_to(tmp_path / f"round{suffix}")
    refused(tmp_path / f"pipe{suffix}", "found a pipe")
    refused(tmp_path / f"zero{suffix}", "found a device")
    refused(tmp_path / f"round{suffix}", "nothing that can be read")
    refused(tmp_path / ("x" * 300 + suffix), "a name that is too long")


# numpy


def npy_header(shape, dtype="<f8"):
    file = io.BytesIO()
    npy.write_array_header_2_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue()


@pytest.mark.parametrize("shape", [(1000, 1000, 1000), (2**40, 1, 1), (2**62, 2**62, 4), (2, 3, 5), (2, 3, 3)])
def test_headers_of_arrays_that_lie(tmp_path, shape):
    content = npy_header(shape) + VALUES.tobytes()
    (tmp_path / "a.npy").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("responses.npy", content)
    for name in ("a.npy", "a.npz"):
        refused(tmp_path / name, "holds what it declares|at most 4 GB")


def test_arrays_of_nothing_are_counted_too(tmp_path):
    (tmp_path / "a.npy").write_bytes(npy_header((2**30, 2**10, 4), "<U0"))
    refused(tmp_path / "a.npy", "at most 4 GB")


def zeros(archive, name, size, header):
    with archive.open(name, "w", force_zip64=True) as member:
        member.write(header)
        block = bytes(2**24)
        for _ in range(size // len(block)):
            member.write(block)


def test_members_that_are_not_wanted_are_not_unpacked(tmp_path):
    """0.5 GB in a file of 0.5 MB, beside a sound model."""
    size = 2**29
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        zeros(archive, "weights.npy", size, npy_header((size // 8,)))
        archive.writestr("responses.npy", npy_header(VALUES.shape) + VALUES.tobytes())
    tracemalloc.start()
    found = read_activity(tmp_path / "a.npz")
    assert tracemalloc.get_traced_memory()[1] < LITTLE
    tracemalloc.stop()
    np.testing.assert_array_equal(found.values, VALUES)


def test_a_member_larger_than_the_budget_is_not_unpacked(tmp_path, monkeypatch):
    size = 2**28
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        zeros(archive, "responses.npy", size, npy_header((8, 2**10, size // 2**16)))
    monkeypatch.setattr(budgets.Budget.__init__, "__defaults__", (2**27,))
    refused(tmp_path / "a.npz", "to be read of a file, found more with responses.npy")


def test_a_member_that_says_it_is_small(tmp_path):
    """The size in the list of members is changed; what is unpacked is no more than that."""
    content = npy_header((8, 2**10, 2**9)) + bytes(2**25)
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("responses.npy", content)
    raw = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(raw.replace(struct.pack("<I", len(content)), struct.pack("<I", 10_000)))
    refused(tmp_path / "a.npz", "holds what it declares")


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_inflate_at_once(tmp_path, packing):
    """Of bzip2, zipfile inflates 4 kB at once, which are up to 4 GB; numpy packs by deflate alone."""
    with zipfile.ZipFile(tmp_path / "a.npz", "w", packing) as archive:
        zeros(archive, "weights.npy", 2**27, npy_header((2**24,)))
    refused(tmp_path / "a.npz", "weights.npy plain or deflated")


def test_headers_nested_without_end(tmp_path):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': " + b"(" * 9000 + b")" * 900 + b"}"
    (tmp_path / "a.npy").write_bytes(npy.magic(2, 0) + struct.pack("<I", len(header)) + header)
    refused(tmp_path / "a.npy", "expected numpy arrays in .*a.npy, found .*EOF")


# MATLAB


def matrix(kind, dims, name, body):
    """An element of a MATLAB file: flags, dims, name, and what follows them."""
    out = struct.pack("<IIII", 6, 8, kind, 0) + struct.pack("<IIii", 5, 8, *dims)
    out += struct.pack("<II", 1, len(name)) + name.encode().ljust(-(-len(name) // 8) * 8, b"\0") + body
    return struct.pack("<II", 14, len(out)) + out


def write_mat(path, *elements):
    head = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<HH", 0x0100, 0x4D49)
    packed = [struct.pack("<II", 15, len(each)) + each for each in map(zlib.compress, elements)]
    path.write_bytes(head + b"".join(packed))


def nested(depth, *, honest=True):
    """Cells inside cells; where not honest, the inner ones say that they are empty or small."""
    inner, sizes = matrix(6, (1, 1), "", struct.pack("<IId", 9, 8, 1.0)), []
    size = len(inner)
    for _ in range(depth):
        sizes.append(size)
        size += 8 + 40
    heads = [
        struct.pack("<II", 14, size + 40 if honest else 40) + struct.pack("<IIIIIIiiII", 6, 8, 1, 0, 5, 8, 1, 1, 1, 0)
        for size in reversed(sizes)
    ]
    return matrix(1, (1, 1), "condition", b"".join(heads) + inner)


@pytest.mark.parametrize("honest", [True, False])
@pytest.mark.parametrize("depth", [2, 50_000])
def test_cells_inside_cells_do_not_overflow_the_stack(tmp_path, depth, honest):
    """Five thousand of them, in 10 kB, crash the library that reads MATLAB files."""
    responses = matrix(6, (2, 3), "weights", struct.pack("<II", 9, 48) + bytes(48))
    write_mat(tmp_path / "a.mat", nested(depth, honest=honest), responses)
    refused(tmp_path / "a.mat", "expected an array called responses")


def test_cells_of_plain_arrays_are_read(tmp_path):
    texts = [matrix(4, (1, 4), "", struct.pack("<II", 16, 4) + text + bytes(4)) for text in (b"left", b"rght")]
    write_mat(tmp_path / "a.mat", matrix(1, (1, 2), "condition", b"".join(texts)))
    found = matlab_headers.variables(tmp_path / "a.mat", budgets.Budget())
    assert {name: (each.shape, each.is_cells) for name, each in found.items()} == {"condition": ((1, 2), True)}


def test_a_variable_that_inflates_beyond_the_budget(tmp_path, monkeypatch):
    inflated = matrix(6, (2**13, 2**13), "weights", struct.pack("<II", 9, 2**29)) + bytes(2**28)
    write_mat(tmp_path / "a.mat", inflated)
    del inflated
    monkeypatch.setattr(budgets.Budget.__init__, "__defaults__", (2**27,))
    refused(tmp_path / "a.mat", "at most 0.12 GB")


def test_a_matrix_that_declares_more_than_may_be_read(tmp_path):
    write_mat(tmp_path / "a.mat", matrix(6, (2**20, 2**20), "responses", struct.pack("<II", 9, 8) + bytes(8)))
    refused(tmp_path / "a.mat", "at most 4 GB")


def test_many_cells_that_are_one_long_text(tmp_path):
    """200,000 references to one text of 100,000 letters: 20 GB of labels."""
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file["responses"] = VALUES.T
        long = file.create_dataset("#refs#/a", data=np.full((1, 10**5), 65, dtype=np.uint16))
        file.create_dataset("condition", (200_000, 1), h5py.ref_dtype, data=[[long.ref]] * 200_000)
    refused(tmp_path / "a.mat", "longer than 1,000")
    with h5py.File(tmp_path / "a.mat", "r+") as file:
        del file["condition"], file["#refs#/a"]
        short = file.create_dataset("#refs#/a", data=np.full((1, 100), 65, dtype=np.uint16))
        file.create_dataset("condition", (200_000, 1), h5py.ref_dtype, data=[[short.ref]] * 200_000)
    with pytest.raises(InputError, match="found 200000 labels for 2"):
        read_activity(tmp_path / "a.mat")


def struct_of(dims, *fields, length=32):
    """What a struct's element holds: the names of its fields, and what is in them."""
    names = b"".join(name.encode().ljust(length, b"\0") for name, _ in fields)
    body = struct.pack("<HHi", 5, 4, length) + struct.pack("<II", 1, len(names)) + names
    body += bytes(-len(names) % 8) + b"".join(inner for _, inner in fields)
    return matrix(2, dims, "data", body)


RESPONSES = matrix(6, (2, 3), "", struct.pack("<II", 9, 48) + bytes(48))


def test_structs_of_plain_arrays_are_found_and_nothing_else(tmp_path):
    texts = matrix(1, (1, 1), "", matrix(4, (1, 1), "", struct.pack("<II", 16, 1) + b"a" + bytes(7)))
    write_mat(tmp_path / "a.mat", struct_of((1, 1), ("weights", RESPONSES), ("condition", texts)))
    found = matlab_headers.variables(tmp_path / "a.mat", budgets.Budget())["data"]
    assert {name: (one.shape, one.is_cells) for name, one in found.fields.items()} == {
        "weights": ((2, 3), False), "condition": ((1, 1), True),
    }  # fmt: skip


@pytest.mark.parametrize(
    "element",
    [
        struct_of((2**15, 2**15)),  # a thousand million elements without fields
        struct_of((2**15, 2**15), ("responses", RESPONSES)),
        struct_of((1, 1), ("responses", RESPONSES), length=0),
        struct_of((1, 1), ("responses", RESPONSES), length=-1),
        struct_of((1, 1), ("responses", RESPONSES), ("responses", RESPONSES)),
        struct_of((1, 1), ("responses", RESPONSES), ("cut off", b"")),
        struct_of((1, 1), ("responses", RESPONSES), ("cells", nested(50_000))),
        struct_of((1, 1), ("responses", RESPONSES), ("an object", matrix(3, (1, 1), "", bytes(64)))),
        matrix(1, (2**15, 2**15), "condition", bytes(64)),
    ],
    ids=["no fields", "many", "no length", "less", "twice", "cut off", "cells in cells", "object", "many cells"],
)
def test_structs_that_are_given_to_no_reader(tmp_path, element):
    write_mat(tmp_path / "a.mat", element)
    refused(tmp_path / "a.mat", "expected an array called responses")


@pytest.mark.parametrize("depth", [2, 5, 50_000])
def test_structs_inside_structs_do_not_overflow_the_stack(tmp_path, depth):
    inner = RESPONSES
    for _ in range(min(depth, 60)):
        inner = struct_of((1, 1), ("x", inner))
    if depth > 60:  # the size of what is inside need not be true
        head = struct_of((1, 1), ("x", b""))
        inner = head * depth + inner
    write_mat(tmp_path / "a.mat", inner)
    refused(tmp_path / "a.mat", "expected an array called responses")


def test_a_struct_that_holds_itself_ends(tmp_path):
    with h5py.File(tmp_path / "a.mat", "w") as file:
        group = file.create_group("data")
        group["again"] = group
        group["responses"] = VALUES.T
    np.testing.assert_array_equal(read_activity(tmp_path / "a.mat").values, VALUES)


def test_cells_that_are_one_array_are_counted_each(tmp_path, monkeypatch):
    """A thousand references to one array of 1 MB would be stacked to 1 GB."""
    with h5py.File(tmp_path / "a.mat", "w") as file:
        one = file.create_dataset("#refs#/a", data=np.zeros((2**7, 2**10)))
        file.create_dataset("responses", (1000, 1), h5py.ref_dtype, data=[[one.ref]] * 1000)
    monkeypatch.setattr(budgets.Budget.__init__, "__defaults__", (2**27,))
    refused(tmp_path / "a.mat", "at most 0.12 GB")


@pytest.mark.parametrize("inner", ["group", "cells"])
def test_cells_hold_texts_and_arrays_alone(tmp_path, inner):
    with h5py.File(tmp_path / "a.mat", "w") as file:
        if inner == "group":
            held = file.create_group("#refs#/a")
        else:
            held = file.create_dataset("#refs#/a", (1, 1), h5py.ref_dtype)
            held[0, 0] = held.ref
        file.create_dataset("responses", (2, 1), h5py.ref_dtype, data=[[held.ref]] * 2)
    refused(tmp_path / "a.mat", "found one of another kind")


# netCDF


def classic(name, size, *, variables=1):
    """A netCDF file of version 3: variables along one dimension, all of the same few bytes."""
    word = name.encode().ljust(-(-len(name) // 4) * 4, b"\0")
    head = b"CDF\x01" + struct.pack(">i", 0) + struct.pack(">iii", 10, 1, len(name)) + word + struct.pack(">i", size)
    head += struct.pack(">ii", 0, 0) + struct.pack(">ii", 11, variables)
    for number in range(variables):
        own = f"{number:04d}".encode() if variables > 1 else word
        length = 4 if variables > 1 else len(name)
        declared = min(8 * size, 2**31 - 4)
        head += struct.pack(">i", length) + own + struct.pack(">ii", 1, 0)
        head += struct.pack(">ii", 0, 0) + struct.pack(">iii", 6, declared, 128)
    return head + bytes(128)


@pytest.mark.parametrize(
    "content", [classic("time", 2**30), classic("time", -5), b"CDF\x01", b"CDF\x01" + b"\xff" * 90]
)
def test_version_3_of_netcdf_that_lies(tmp_path, content):
    (tmp_path / "a.nc").write_bytes(content)
    refused(tmp_path / "a.nc", "expected netCDF in|expected one variable")


def test_too_many_variables_of_version_3(tmp_path):
    (tmp_path / "a.nc").write_bytes(classic("time", 2, variables=1200))
    refused(tmp_path / "a.nc", "at most 1,000 variables")


def test_sizes_in_netcdf_are_checked_before_they_are_read(tmp_path):
    with h5py.File(tmp_path / "a.nc", "w") as file:
        file.create_dataset("responses", (10**4, 10**4, 10**4), "f8", chunks=(10, 10, 10))
    refused(tmp_path / "a.nc", "hold what it declares")


def test_attributes_in_netcdf_are_checked_before_they_are_read(tmp_path):
    with h5py.File(tmp_path / "a.nc", "w") as file:
        file["x"] = np.zeros(10**6)
        file["x"].attrs["names"] = ["a"] * 4000
    refused(tmp_path / "a.nc", "an attribute of at most 16 MB")


# labels


def test_two_hundred_thousand_labels_take_no_quadratic_time():
    """Each compared with each would be forty thousand million comparisons: this test would not end."""
    task = oscillation()
    labels = [f"c{number}" for number in range(200_000)]
    activity = labelled(np.zeros((200_000, 2, 1), np.float32), condition=labels, time=[0.0, 0.1])
    with pytest.raises(InputError, match="found none for"):
        matched(activity, task, time=np.array([0.0, 0.1]), bin_width=0.1)


def test_labels_are_fit_to_be_shown():
    task = oscillation()
    activity = labelled(np.zeros((2, 2, 1)), condition=["a\x1b[2Jb\u202e", "c\nd"], time=[0.0, 0.1])
    with pytest.raises(InputError, match=r"it has a\[2Jb, c d") as caught:
        matched(activity, task, time=np.array([0.0, 0.1]), bin_width=0.1)
    assert str(caught.value).isprintable()
