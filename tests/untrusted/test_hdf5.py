"""Nothing outside an HDF5 file is reached through it, and nothing larger than a budget is read of it."""

import subprocess
import sys
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from ways_out import SECRET, WAYS, write_outside

from neurocompare.errors import InputError
from neurocompare.untrusted import hdf5, hdf5_values
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.hdf5 import LeftOut, open_hdf5


@pytest.fixture
def path(tmp_path):
    return tmp_path / "given.h5"


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("place", ["x", "group/x"])
def test_what_lies_outside_is_left_out_and_said(path, way, place):
    outside = write_outside(path.parent)
    with h5py.File(path, "w") as file:
        way(file, place, outside)
        file["inside"] = [1.0]
    with h5py.File(path) as file:  # the way is a way: the library alone walks it
        assert file[place][0] == SECRET
    with open_hdf5(path) as root:
        assert root.get(place) is None
        assert place not in root
        assert root["inside"][()].tolist() == [1.0]
        assert len(root.left_out) == 1
        assert place in root.left_out[0]
        with pytest.raises(LeftOut, match="is not read"):
            root[place]


def test_nothing_outside_is_opened(tmp_path):
    """A pipe stands where the other file would be: a process that opened it would never end."""
    program = """
import sys
from pathlib import Path
import h5py
from ways_out import WAYS, write_pipe
from neurocompare.untrusted.hdf5 import open_hdf5
folder = Path(sys.argv[1])
outside = write_pipe(folder)
for number, way in enumerate(WAYS):
    path = folder / f"{number}.h5"
    with h5py.File(path, "w") as file:
        way(file, "x", outside)
    with open_hdf5(path) as root:
        assert root.get("x") is None, way
print("done")
"""
    here = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {here!r})\n{program}", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "done\n", done.stderr


def test_links_inside_are_followed_and_cycles_end(path):
    with h5py.File(path, "w") as file:
        file["a/b/x"] = [1.0, 2.0]
        file["to_x"] = h5py.SoftLink("/a/b/x")
        file["a/to_b"] = h5py.SoftLink("b")
        file["through"] = h5py.SoftLink("a/./to_b/x")
        file["round"] = h5py.SoftLink("/round")
        file["one"] = h5py.SoftLink("/two")
        file["two"] = h5py.SoftLink("/one/x")
        file["nowhere"] = h5py.SoftLink("/nothing/there")
        file["a/b/up"] = file["a"]
    with open_hdf5(path) as root:
        for name in ("to_x", "through", "a/to_b/x", "a/b/up/b/up/b/x"):
            assert root[name][()].tolist() == [1.0, 2.0]
        assert root["to_x"].address == root["a/b/x"].address
        assert root.get("round") is None
        assert root.get("one") is None
        assert root.get("nowhere") is None
        assert not any("nowhere" in said for said in root.left_out)  # a link to nothing in this file hides nothing
        with pytest.raises(KeyError):
            root["nowhere"]


def test_a_broken_link_to_another_file_is_no_more_than_left_out(path):
    with h5py.File(path, "w") as file:
        file["raw"] = h5py.ExternalLink("not there.h5", "/x")
        file["x"] = 3
    with open_hdf5(path) as root:
        assert root["x"][()] == 3
        assert root.get("raw") is None
        assert root.left_out == ("raw is a link to another file and is not read",)


def test_text_of_any_kind_is_read_as_str(path):
    with h5py.File(path, "w") as file:
        file["any"] = ["left", "right", "höher"]
        file["fixed"] = np.array([b"ab", b"caf\xe9"])
        file["one"] = "alone"
        file["matrix"] = np.array([["a", "b"], ["c", "d"]], dtype=object)
    with open_hdf5(path) as root:
        assert root["any"][()].tolist() == ["left", "right", "höher"]
        assert root["any"][:2].tolist() == ["left", "right"]
        assert root["any"][2] == "höher"
        assert root["fixed"][()].tolist() == ["ab", "café"]
        assert root["one"][()] == "alone"
        assert root["matrix"][()].tolist() == [["a", "b"], ["c", "d"]]


def test_many_rows_that_share_a_long_text_end_early(path, monkeypatch):
    """Copies of one heap reference: the file stays small, what it says would not."""
    text = "x" * 100_000
    rows = 50_000
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (rows,), h5py.string_dtype(), chunks=(rows,), compression="gzip")
        file["x"][0] = text
        # Every row becomes the raw reference of the first.
        mask, stored = file["x"].id.read_direct_chunk((0,))
        raw = zlib.decompress(stored)
        file["x"].id.write_direct_chunk((0,), zlib.compress(raw[:16] * rows), mask)
    assert path.stat().st_size < 1e6
    read = []
    original = hdf5_values._as_text
    monkeypatch.setattr(hdf5_values, "_as_text", lambda part: read.append(len(part)) or original(part))
    with open_hdf5(path) as root, pytest.raises(InputError, match="expected at most 256 MB of text"):
        root["x"][()]
    assert sum(read) * len(text) < 2**28 + 256 * len(text)


def test_a_budget_is_for_all_that_is_read(path):
    with h5py.File(path, "w") as file:
        file["x"] = np.zeros(1000)
        file["small"] = np.zeros(1000, dtype=np.int8)  # becomes as large when it is computed with
    with open_hdf5(path, Budget(20_000)) as root:
        root["x"][()]
        root["small"][()]
        with pytest.raises(InputError, match="to be read of a file"):
            root["x"][()]


def test_headers_that_lie(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("declared", (10**12,), "f8", chunks=(1000,))
        file.create_dataset("large", (3 * 10**9,), "i1", chunks=(2**28,), compression="gzip")
        file.create_dataset("chunk", (10,), "f8", maxshape=(None,), chunks=(2**28,))
        file["chunk"].id.write_direct_chunk((0,), bytes(80), 1)
        file.create_dataset("scaled", (10,), "i4", chunks=(10,), scaleoffset=4)
    with open_hdf5(path) as root:
        for name in ("declared", "large"):
            with pytest.raises(InputError, match="hold what it declares"):
                root[name][()]
        with pytest.raises(InputError, match="filters that are not read"):
            root["scaled"][()]
    with open_hdf5(path, Budget(2**30)) as root, pytest.raises(InputError, match="at most 1 GB"):
        root["chunk"][()]


def test_a_chunk_that_inflates_to_more_than_a_chunk(path):
    """The library inflates until the stream ends, whatever the chunk's size: 2 MB would become 2 GB."""
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (1000,), "f8", chunks=(1000,), compression="gzip")
        bomb = zlib.compressobj(9)
        parts = [bomb.compress(bytes(2**24)) for _ in range(128)]
        file["x"].id.write_direct_chunk((0,), b"".join([*parts, bomb.flush()]))
    assert path.stat().st_size < 3e6
    with open_hdf5(path) as root, pytest.raises(InputError, match="the file is damaged"):
        root["x"][()]
    with open_hdf5(path, looked_through=True) as root, pytest.raises(InputError, match="the file is damaged"):
        root["x"].check()


def test_large_chunks_that_are_sound_are_read(path):
    values = np.random.default_rng(0).standard_normal(400_000)
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, chunks=values.shape, compression="gzip", shuffle=True, fletcher32=True)
    with open_hdf5(path) as root:
        np.testing.assert_array_equal(root["x"][()], values)


def test_attributes_are_bounded(path):
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["small"] = [1, 2]
        file.attrs["text"] = "said"
        file.attrs["none"] = h5py.Empty("f8")
        file.attrs.create("large", np.zeros(3 * 10**6))
    with open_hdf5(path) as root:
        assert root.attrs["text"] == "said"
        assert root.attrs["small"].tolist() == [1, 2]
        assert root.attrs.get("missing") is None
        assert set(root.attrs) == {"small", "text", "none", "large"}
        with pytest.raises(InputError, match="an attribute of at most 16 MB"):
            root.attrs["large"]


def test_attributes_that_share_a_long_text_are_not_read(path):
    with h5py.File(path, "w") as file:
        file["bulk"] = np.zeros(500_000)
        file.attrs["names"] = ["a"] * 4000
    with open_hdf5(path) as root, pytest.raises(InputError, match="can be larger"):
        root.attrs["names"]
    with open_hdf5(path, looked_through=True) as root:
        assert len(root.attrs["names"]) == 4000


TEXT = h5py.string_dtype()


@pytest.mark.parametrize(
    "dtype",
    [np.dtype([("name", TEXT)]), np.dtype([("at", "f8"), ("tags", [("name", TEXT, (8,))])]), h5py.vlen_dtype(TEXT)],
    ids=["records", "arrays in records", "lists"],
)
def test_long_texts_that_are_shared_inside_something_else(path, dtype):
    """In a list of lists of texts, 1,500 references to one text of 2 MB are 3 GB."""
    with h5py.File(path, "w", libver="latest") as file:
        file["bulk"] = np.zeros(500_000)
        many = h5py.h5s.create_simple((1 if dtype.names is None else 600,))
        h5py.h5a.create(file.id, b"names", h5py.h5t.py_create(dtype, logical=True), many)
    with open_hdf5(path) as root, pytest.raises(InputError, match="can be larger"):
        root.attrs["names"]


def test_a_hundred_thousand_links_are_opened_and_no_more(path, monkeypatch):
    monkeypatch.setattr(hdf5, "MOST_OBJECTS", 50)
    with h5py.File(path, "w") as file:
        file["x"] = 1
        for number in range(60):
            file[f"link{number}"] = h5py.SoftLink("/x")
    with open_hdf5(path) as root, pytest.raises(InputError, match="at most 50 objects"):
        [root.get(name) for name in root]


def test_references_are_resolved_in_the_file(path):
    with h5py.File(path, "w") as file:
        file["texts/a"] = np.array([72, 105], dtype=np.uint16)
        references = np.array([file["texts/a"].ref] * 3 + [h5py.Reference()], dtype=h5py.ref_dtype)
        file.create_dataset("cells", data=references, dtype=h5py.ref_dtype)
    with open_hdf5(path) as root:
        cells = root["cells"]
        assert cells.is_reference
        addresses = cells.addresses()
        assert (addresses[:3] == root["texts/a"].address).all()
        assert addresses[3] == 0
        assert root.resolved(cells[()][0])[()].tolist() == [72, 105]
        assert root.resolved(cells[()][3]) is None


def test_a_group_where_an_array_belongs_is_a_line(path):
    with h5py.File(path, "w") as file:
        file.create_group("units/id")
    with open_hdf5(path) as root, pytest.raises(InputError, match="an array at units/id, found a group"):
        root["units/id"][()]


def lzf(path, *values):
    """A dataset of zeros, packed with LZF as h5py would, but for what the filter is told."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((1000,))
    plist.set_filter(h5py.h5z.FILTER_LZF, h5py.h5z.FLAG_OPTIONAL, values)
    with h5py.File(path, "w") as file:
        space = h5py.h5s.create_simple((1000,))
        made = h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_DOUBLE, space, plist)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.zeros(1000))


def test_what_h5py_packs_with_lzf_is_read(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.arange(1000.0), chunks=(100,), compression="lzf", shuffle=True)
    with open_hdf5(path) as root:
        assert root["x"][999] == 999


def test_lzf_without_a_size_is_not_unpacked(path):
    """It would make room for nothing, again and again."""
    lzf(path, 4, 261, 8000)
    content = path.read_bytes()
    told = np.array([4, 261, 8000], "<u4").tobytes()
    assert content.count(told) == 1
    path.write_bytes(content.replace(told, np.array([4, 261, 0], "<u4").tobytes()))
    with open_hdf5(path) as root, pytest.raises(InputError, match="filters that are not read"):
        root["x"][()]


@pytest.mark.parametrize("options", [{"scaleoffset": 3}, {"compression": "szip"}])
def test_filters_that_say_themselves_how_much_memory_they_take_are_not_read(path, options):
    try:
        with h5py.File(path, "w") as file:
            file.create_dataset("x", data=np.arange(1000), chunks=(100,), **options)
    except ValueError:
        pytest.skip("this h5py has no such filter")
    with open_hdf5(path) as root, pytest.raises(InputError, match="filters that are not read"):
        root["x"][()]
