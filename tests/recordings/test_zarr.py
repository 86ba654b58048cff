"""NWB in Zarr: read as the same in HDF5 is, by whatever codec, and nothing outside its folder."""

import json
import os
import pickle
import zlib

import h5py
import numpy as np
import pytest
from layout_files import write_centre_out, write_churchland, write_falcon, write_rtt
from sessions import make_session
from zarr_files import REFERENCE, as_store, write_array

from neurocompare.errors import InputError
from neurocompare.recordings import average, open_recording, trials_of, write_maze_nwb


@pytest.fixture(scope="module")
def maze(tmp_path_factory):
    session = make_session(n_conditions=3, n_repeats=4, n_units=5)
    return write_maze_nwb(session, tmp_path_factory.mktemp("maze") / "session.nwb")


def others(folder):
    yield write_falcon(folder / "falcon.nwb", make_session(n_conditions=3, n_repeats=4, n_units=5))
    yield write_churchland(folder / "churchland.nwb")[1]
    yield write_centre_out(folder / "perich.nwb")[1]
    yield write_rtt(folder / "rtt.nwb", stamped=True)[1]


def check_same(found, right):
    """Two recordings alike in all that a comparison takes from them."""
    np.testing.assert_array_equal(found.spike_times, right.spike_times)
    np.testing.assert_array_equal(found.spike_ends, right.spike_ends)
    assert found.events == right.events
    assert found.segments == right.segments
    assert found.units["area"].tolist() == right.units["area"].tolist()
    assert found.trials["condition"].tolist() == right.trials["condition"].tolist()
    assert [(each.name, each.unit) for each in found.behavior] == [(each.name, each.unit) for each in right.behavior]
    for one, other in zip(found.behavior, right.behavior, strict=True):
        np.testing.assert_array_equal(one.times, other.times)
        np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(
        average(trials_of(found, min_rate=0.0)).values, average(trials_of(right, min_rate=0.0)).values
    )


CODECS = [None, {"id": "zlib"}, *({"id": name} for name in ("blosc", "lz4", "zstd", "gzip", "bz2", "lzma"))]


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: "plain" if codec is None else codec["id"])
def test_the_same_session_whatever_the_codec(maze, tmp_path, codec):
    if codec and codec["id"] != "zlib":
        pytest.importorskip("numcodecs")
    store = as_store(maze, tmp_path / "session.nwb.zarr", codec=codec)
    check_same(open_recording(store), open_recording(maze))


def test_every_layout(tmp_path):
    for path in others(tmp_path):
        store = as_store(path, path.with_suffix(".zarr"), codec={"id": "zlib"}, chunk=1000)
        check_same(open_recording(store), open_recording(path))


def test_it_says_what_it_is_and_what_was_left_out(maze, tmp_path):
    store = as_store(maze, tmp_path / "session.nwb.zarr")
    recording = open_recording(store)
    assert recording.provenance.path == str(store)
    assert len(recording.provenance.sha256) == 64
    assert recording.provenance.sha256 == open_recording(store).provenance.sha256
    (said,) = [note for note in recording.notes if "not read" in note]
    assert said == (
        "general/extracellular_ephys/electrodes/group is not read: it holds pickled objects, which are never opened."
    )


class Trap:
    """Runs when it is unpickled."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (str(self.place),)


def test_what_is_pickled_is_never_opened(maze, tmp_path):
    store = as_store(maze, tmp_path / "s.zarr")
    group = store / "general/extracellular_ephys/electrodes/group"
    (group / "0").write_bytes(pickle.dumps(Trap(tmp_path / "opened")))
    split = store / "intervals/trials/split"
    said = json.loads((split / ".zarray").read_text())
    (split / ".zarray").write_text(json.dumps(said | {"filters": [REFERENCE]}))
    for chunk in split.glob("[0-9]*"):
        chunk.write_bytes(pickle.dumps(Trap(tmp_path / "opened")))
    notes = open_recording(store).notes
    assert not (tmp_path / "opened").exists()
    assert any("intervals/trials/split is not read" in note for note in notes)


@pytest.mark.parametrize("what", ["a chunk", "an array", "a group", "another store", "a description"])
def test_nothing_outside_the_folder_is_read(maze, tmp_path, what):
    """The other session's spikes are a second later, and its file has been there all along."""
    other = as_store(maze, tmp_path / "other.zarr")
    store = as_store(maze, tmp_path / "s.zarr")
    right = open_recording(store)
    spikes = store / "processing/behavior/hand_pos/data"
    inside = spikes / "0.0" if what == "a chunk" else spikes if what == "an array" else spikes.parent
    if what == "another store":
        import shutil

        shutil.rmtree(store / "processing/behavior/hand_pos")
        attributes = {
            "zarr_link": [{"name": "hand_pos", "path": "/processing/behavior/hand_pos", "source": str(other)}]
        }
        (store / "processing/behavior/.zattrs").write_text(json.dumps(attributes))
    else:
        inside = spikes / ".zarray" if what == "a description" else inside
        inside.rename(tmp_path / "aside")
        inside.symlink_to(other / inside.relative_to(store))
    assert right.series("hand_pos") is not None
    found = open_recording(store)
    assert found.series("hand_pos") is None
    assert any("hand_pos" in note and "is not read: it" in note for note in found.notes)


def damaged_chunk(store):
    (store / "units/spike_times/0").write_bytes(b"\0" * 5)


def bomb(store):
    (store / "units/spike_times/0").write_bytes(zlib.compress(bytes(10**8)))


def endless(store):
    said = json.loads((store / "units/spike_times/.zarray").read_text())
    (store / "units/spike_times/.zarray").write_text(json.dumps(said | {"shape": [10**13], "chunks": [10**12]}))


def other_codec(store):
    said = json.loads((store / "units/spike_times/.zarray").read_text())
    (store / "units/spike_times/.zarray").write_text(json.dumps(said | {"compressor": {"id": "pickle"}}))


def deep(store):
    (store / "units/spike_times/.zarray").write_text("[" * 100_000)


def many_chunks(store):
    said = json.loads((store / "units/spike_times/.zarray").read_text())
    (store / "units/spike_times/.zarray").write_text(json.dumps(said | {"shape": [10**8], "chunks": [1]}))


def declares_much(store):
    said = json.loads((store / "units/spike_times/.zarray").read_text())
    (store / "units/spike_times/.zarray").write_text(json.dumps(said | {"compressor": {"id": "blosc"}}))
    header = bytes([2, 1, 1, 8]) + np.array([2**31, 2**20, 100], "<u4").tobytes()
    (store / "units/spike_times/0").write_bytes(header + bytes(100))


@pytest.mark.parametrize("change", [damaged_chunk, bomb, endless, other_codec, deep, many_chunks, declares_much])
def test_a_store_that_lies_is_one_line(maze, tmp_path, change):
    store = as_store(maze, tmp_path / "s.zarr", codec={"id": "zlib"}, chunk=10**6)
    change(store)
    with pytest.raises(InputError) as caught:
        open_recording(store)
    assert "\n" not in str(caught.value)
    assert str(store) in str(caught.value)


def test_voltages_are_not_copied(maze, tmp_path):
    store = as_store(maze, tmp_path / "s.zarr")
    voltage = store / "acquisition/voltage"
    voltage.mkdir()
    (voltage / ".zgroup").write_text('{"zarr_format": 2}')
    (voltage / ".zattrs").write_text('{"neurodata_type": "ElectricalSeries"}')
    write_array(voltage / "data", np.zeros((3, 2)), shape=[10**12, 2], chunks=[10**11, 2])
    check_same(open_recording(store), open_recording(maze))


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_what_the_zarr_library_writes(maze, tmp_path, zarr_format):
    zarr = pytest.importorskip("zarr", minversion="3")
    store = as_store(maze, tmp_path / "made.zarr")
    with h5py.File(maze) as file:
        root = zarr.open_group(str(tmp_path / "s.zarr"), mode="w", zarr_format=zarr_format)
        rewrite(file, root, json.loads((store / ".zattrs").read_text()))
    check_same(open_recording(tmp_path / "s.zarr"), open_recording(store))


def rewrite(group, into, attributes):
    """Write groups, numbers and texts with the library's own defaults; what links lead to is written again."""
    into.attrs.update(attributes)
    for name in list(group):  # h5py's own iterators hold its lock, which the library's threads may wait for
        item = group[name]
        own = {key: value.tolist() if hasattr(value, "tolist") else value for key, value in item.attrs.items()
               if not isinstance(value, h5py.Reference)}  # fmt: skip
        if isinstance(item, h5py.Group):
            rewrite(item, into.create_group(name), own)
        elif h5py.check_ref_dtype(item.dtype) is None:
            texts = h5py.check_string_dtype(item.dtype)
            values = np.atleast_1d(item.asstr()[()] if texts else item[()])
            array = into.create_array(name, data=values.astype(str) if texts else values)
            array.attrs.update(own | ({} if item.shape else {"zarr_dtype": "scalar"}))


def test_a_store_that_holds_nothing_of_a_session_is_one_line(tmp_path):
    (tmp_path / "s.zarr").mkdir()
    (tmp_path / "s.zarr/zarr.json").write_text('{"zarr_format": 3, "node_type": "group"}')
    with pytest.raises(InputError, match="expected units with spike times, found none"):
        open_recording(tmp_path / "s.zarr")
