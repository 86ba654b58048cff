"""NWB files that mean harm: what they say is shown as text, what they declare costs little, and each is a line."""

import os
import subprocess
import sys
import zlib

import h5py
import numpy as np
import pytest
from sessions import make_session
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.errors import InputError
from neurocompare.recordings import (
    describe,
    look_through_file,
    nwb,
    open_recording,
    stored_series,
    tables,
    write_maze_nwb,
)
from neurocompare.settings import Choices
from neurocompare.untrusted import hdf5

ESCAPES = "\x1b]0;title\x07\x1b[2Jfake\r\nunits: 900\u202e\u2066\x9b31m\ud800"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    session = make_session(n_conditions=2, n_repeats=4, n_units=8)
    return write_maze_nwb(session, tmp_path_factory.mktemp("written") / "session.nwb")


@pytest.fixture
def changed(written, tmp_path):
    """A function that writes a file with a change."""

    def change(how):
        path = tmp_path / "session.nwb"
        path.write_bytes(written.read_bytes())
        with h5py.File(path, "r+") as file:
            how(file)
        return path

    return change


def add_column(file, name, values):
    file["intervals/trials"][name] = values
    file["intervals/trials"].attrs["colnames"] = [*file["intervals/trials"].attrs["colnames"], name]


def test_no_text_of_a_file_reaches_the_terminal_as_it_is(changed):
    said = ESCAPES.encode("utf-8", "surrogatepass")

    def with_escapes(file):
        for place in ("session_description", "identifier", "general/subject/subject_id", "general/session_id"):
            if place in file:
                del file[place]
            file[place] = said
        name = ESCAPES.replace("\ud800", "")
        add_column(file, f"odd{name}", np.arange(8.0))
        add_column(file, "said", [name] * 8)
        file["units"]["odd"] = [name] * 8
        file["units"].attrs["colnames"] = [*file["units"].attrs["colnames"], "odd"]
        file.move("processing/behavior/hand_pos", f"processing/behavior/hand{name}")
        file["processing/behavior/hand_vel"]["data"].attrs["unit"] = name
        file["processing/behavior/way"] = h5py.ExternalLink("x.h5", "/")
        file[f"processing/behavior/way{name}"] = h5py.ExternalLink("x.h5", "/")

    path = changed(with_escapes)
    recording = open_recording(path)
    for line in [*describe(recording).split("\n"), *recording.notes]:
        assert line.isprintable(), line
    assert all(str(name).isprintable() for name in [*recording.trials, *recording.units])
    assert all(text.isprintable() for text in [*recording.trials["said"], *recording.units["odd"]])
    result = CliRunner().invoke(app, ["inspect", str(path), "--condition", "nothing of the kind"])
    assert result.exit_code == 2
    assert result.stderr.rstrip("\n").isprintable()


def test_text_that_many_trials_share_is_counted_each_time(changed):
    """200,000 rows of one text of 100,000 letters: 20 GB of a file of less than a megabyte."""
    rows = 200_000

    def share(file):
        trials = file["intervals/trials"]
        trials.create_dataset("note", (rows,), h5py.string_dtype(), chunks=(rows,), compression="gzip")
        trials["note"][0] = "x" * 100_000
        mask, stored = trials["note"].id.read_direct_chunk((0,))
        trials["note"].id.write_direct_chunk((0,), zlib.compress(zlib.decompress(stored)[:16] * rows), mask)
        trials.attrs["colnames"] = [*trials.attrs["colnames"], "note"]

    path = changed(share)
    assert path.stat().st_size < 2e6
    with pytest.raises(InputError, match="at most 256 MB of text in intervals/trials/note"):
        open_recording(path)
    # The whole of it in a process of its own: what it took at most.
    program = (
        "import resource, sys; from neurocompare.recordings import open_recording\n"
        "try: open_recording(sys.argv[1])\n"
        "except ValueError: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) * (1 if sys.platform == "darwin" else 1024) < 1.5e9


def test_a_hundred_thousand_linked_columns_are_refused_at_once(changed):
    def link(file):
        trials = file["intervals/trials"]
        for number in range(21_000):
            trials[f"c{number}"] = h5py.SoftLink("/intervals/trials/start_time")

    with pytest.raises(InputError, match="at most 20,000 names"):
        open_recording(changed(link))


@pytest.mark.parametrize("listed", [True, False])
def test_of_many_columns_the_first_are_read_and_that_is_said(changed, monkeypatch, listed):
    monkeypatch.setattr(tables, "MOST_COLUMNS", 20)

    def fill(file):
        trials = file["intervals/trials"]
        for number in range(60):
            trials[f"a{number}"] = h5py.SoftLink("/intervals/trials/start_time")
        if listed:
            trials.attrs["colnames"] = [*(f"a{number}" for number in range(60)), *trials.attrs["colnames"]]
        else:
            del trials.attrs["colnames"]

    recording = open_recording(changed(fill))
    assert {"start_time", "stop_time"} <= set(recording.trials)
    assert any("the first 20 are read" in note for note in recording.notes)


def test_of_many_series_the_first_are_looked_at_and_that_is_said(changed, monkeypatch):
    monkeypatch.setattr(stored_series, "MOST_SERIES", 5)

    def fill(file):
        for number in range(10):
            file.copy("processing/behavior/hand_vel", f"processing/behavior/s{number}")

    recording = open_recording(changed(fill))
    assert any("the first 5 are looked at" in note for note in recording.notes)


@pytest.mark.parametrize("ids", [np.full(8, np.nan), np.arange(8) + 0.5, np.arange(8) * 1e300])
@pytest.mark.parametrize("table", ["units", "intervals/trials"])
def test_ids_that_are_no_whole_numbers_are_refused(changed, ids, table):
    def replace(file):
        del file[table]["id"]
        file[table]["id"] = ids

    with pytest.raises(InputError, match="expected whole numbers as ids"):
        open_recording(changed(replace))


def test_whole_numbers_stored_as_floats_are_ids(changed):
    def replace(file):
        del file["units/id"]
        file["units/id"] = np.arange(8.0)

    assert open_recording(changed(replace)).units.index.dtype.kind == "i"


@pytest.mark.parametrize(
    "notes",
    ["[" * 500_000, '{"planted": ' * 3000, "9" * 50_000, '{"planted": {"a": {}}}'],
    ids=["lists", "mappings", "digits", "a mapping for a number"],
)
def test_notes_that_are_no_settings_are_a_remark(changed, notes):
    def replace(file):
        del file["general/notes"]
        file["general/notes"] = notes

    assert open_recording(changed(replace)).planted == ()


def test_groups_that_hold_themselves_end(changed):
    def loop(file):
        file["general/all"] = file["/"]
        file["processing/behavior/again"] = file["processing/behavior"]
        file["units/around"] = h5py.SoftLink("/units/around")

    assert len(open_recording(changed(loop)).units) == 8


def test_what_is_no_plain_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.nwb")
    (tmp_path / "zero.nwb").symlink_to("/dev/zero")
    for path, said in (
        (tmp_path / "pipe.nwb", "found a pipe"),
        (tmp_path / "zero.nwb", "found a device"),
        (tmp_path / ("x" * 300), "a name that is too long"),
        (tmp_path / "a\0b", "a name that no file can have"),
    ):
        with pytest.raises(InputError, match=said):
            open_recording(path)


def test_a_name_of_three_hundred_letters_on_the_command_line(tmp_path):
    for command in (["inspect"], ["score", "x" * 300 + ".npy", "--data"]):
        result = CliRunner().invoke(app, [*command, str(tmp_path / ("x" * 300 + ".nwb"))])
        assert result.exit_code == 2, result.output


# What the reader opens, the process that looks a file through has opened before: it has little memory, and may crash.


def a_column_elsewhere(file):
    table = file["intervals/trials"]
    file["elsewhere"] = table["start_time"][()]
    file["elsewhere"].attrs["unit"] = "s"
    table.attrs["colnames"] = [*table.attrs["colnames"], "/elsewhere"]


def a_type_with_a_long_beginning(file):
    file["processing/behavior/hand_vel"].attrs["neurodata_type"] = "x" * 2000 + "Electrical"


def a_group_with_a_long_path_too(file):
    file["processing"].create_group("a/b/c/d/e/f/g/h")["x"] = file["processing/behavior"]


def nothing(file):
    pass


@pytest.mark.parametrize(
    "change", [nothing, a_column_elsewhere, a_type_with_a_long_beginning, a_group_with_a_long_path_too]
)
def test_nothing_is_read_that_was_not_looked_through(changed, monkeypatch, change):
    path, attribute, values, chunks = changed(change), hdf5.read_attribute, hdf5.read_dataset, hdf5.check_chunks
    read: set[tuple[int, str]] = set()
    inflated: set[int] = set()

    def noted(identifier, name, *rest):
        read.add((h5py.h5o.get_info(identifier).addr, name))
        return attribute(identifier, name, *rest)

    def noted_values(dataset, *rest):
        read.add((h5py.h5o.get_info(dataset.id).addr, "values"))
        return values(dataset, *rest)

    def noted_chunks(dataset, *rest):
        inflated.add(h5py.h5o.get_info(dataset.id).addr)
        return chunks(dataset, *rest)

    monkeypatch.setattr(hdf5, "read_attribute", noted)
    monkeypatch.setattr(hdf5, "read_dataset", noted_values)
    monkeypatch.setattr(hdf5, "check_chunks", noted_chunks)
    with hdf5.open_hdf5(path, looked_through=True) as file:
        look_through_file.look_through(file)
    looked_through, looked_at = set(read), set(inflated)
    read.clear()
    open_recording(path)
    assert read
    assert read <= looked_through
    assert {address for address, what in read if what == "values"} <= looked_at


@pytest.mark.parametrize("name", ["identifier", "units/quality", "processing/behavior/hand_vel/data"])
def test_a_chunk_that_inflates_beyond_itself_is_found_before_this_process_reads_it(changed, monkeypatch, name):
    def bomb(file):
        if name in file:
            del file[name]
        file.create_dataset(name, (1000, 2), "f8", chunks=(1000, 2), compression="gzip").attrs["unit"] = "mm/s"
        pressed = zlib.compressobj(1)
        parts = [pressed.compress(bytes(2**24)) for _ in range(20)]
        file[name].id.write_direct_chunk((0, 0), b"".join([*parts, pressed.flush()]))

    path = changed(bomb)
    monkeypatch.setattr(nwb, "read_recording", lambda *_: pytest.fail("the door let it through"))
    with pytest.raises(InputError, match="one that is none; the file is damaged"):
        open_recording(path)


@pytest.mark.parametrize("place", ["elsewhere/trials", "intervals/a/b/c/d/e/f/g/h/trials"])
def test_a_table_where_nothing_is_looked_through_is_not_read(changed, place):
    path = changed(lambda file: file.copy("intervals/trials", place))
    with pytest.raises(InputError, match="expected a table of trials with start and stop times called"):
        open_recording(path, Choices(trials=place))
