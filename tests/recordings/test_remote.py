"""Streaming: the same recording as from disk, of a fraction of the bytes; what is not needed is never asked for."""

import contextlib
import http.server
import tempfile
import threading

import h5py
import numpy as np
import pytest
from nwb_files import write_series
from sessions import make_session

from neurocompare.errors import InputError
from neurocompare.recordings import (
    Choices,
    door,
    open_recording,
    remote,
    stream_recording,
    trials_of,
    write_maze_nwb,
)
from neurocompare.recordings.nwb import read_recording

LARGE = 12_000_000
"""In bytes: of each thing that is not to be read."""


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A session with voltages, waveforms and gaze, each larger than all that is needed."""
    path = write_maze_nwb(make_session(), tmp_path_factory.mktemp("large") / "large.nwb")
    noise = np.random.default_rng(0).bytes(LARGE)
    with h5py.File(path, "r+") as file:
        voltages = np.frombuffer(noise, np.int16).reshape(-1, 100)
        for place in ("processing/ecephys/LFP/raw", "acquisition/broadband"):
            write_series(file, place, data=voltages, rate=1000.0, kind="ElectricalSeries")
        file["units/waveforms"] = np.frombuffer(noise, np.int16).reshape(-1, 48)
        file["units/waveforms_index"] = np.arange(8)
        file["units"].attrs["colnames"] = np.append(file["units"].attrs["colnames"], "waveforms")
        gaze = np.frombuffer(noise, np.int16).reshape(-1, 2).astype(float)
        write_series(file, "processing/behavior/eye_pos", data=gaze, rate=1000.0)
    return path


class Server(http.server.ThreadingHTTPServer):
    """Serves one file in parts, and remembers which."""

    daemon_threads = True

    def __init__(self, content):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.ranges, self.paths = content, [], []
        self.address = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_):  # the client asks for the length and goes away
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    """Gives ranges of the file at /session.nwb, a redirect at /moved, and nothing else."""

    def do_GET(self):
        self.server.paths.append(self.path)
        content, asked = self.server.content, self.headers.get("Range")
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/session.nwb?signature=secret")
            self.end_headers()
            return
        if not self.path.startswith("/session.nwb"):
            self.send_error(403 if "forbidden" in self.path else 404)
            return
        first, last = 0, len(content) - 1
        if asked:
            low, high = asked.removeprefix("bytes=").split("-")
            first, last = int(low), min(int(high), last)
            self.server.ranges.append((first, last + 1))
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        if asked:
            self.wfile.write(content[first : last + 1])

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(content):
    with Server(content) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_streaming_reads_what_is_needed(large):
    local = open_recording(large)
    with serving(large.read_bytes()) as server:
        streamed = stream_recording(f"{server.address}/session.nwb")
    np.testing.assert_array_equal(streamed.spike_times, local.spike_times)
    np.testing.assert_array_equal(streamed.series("hand_vel").values, local.series("hand_vel").values)
    np.testing.assert_array_equal(trials_of(streamed).counts, trials_of(local).counts)
    served = sum(last - first for first, last in server.ranges)
    with h5py.File(large) as file:
        behavior = file["processing/behavior"]
        needed = [file["units/spike_times"], behavior["hand_pos/data"], behavior["hand_pos/timestamps"]]
        needed = sum(data.id.get_storage_size() for data in [*needed, behavior["hand_vel/data"]])
    assert large.stat().st_size > 4 * LARGE > 10 * needed
    # Blocks are fetched whole, and a little ahead: some more than is needed, far less than any thing that is not.
    assert needed < served < needed + LARGE / 3
    assert streamed.provenance.path == f"{server.address}/session.nwb"
    assert streamed.provenance.sha256 == ""
    assert streamed.name == "session"
    assert "eye_pos" in streamed.unread


class Counted:
    """A file that adds up how many bytes of it are read."""

    def __init__(self, path):
        self.file, self.bytes = path.open("rb"), 0

    def read(self, size=-1):
        content = self.file.read(size)
        self.bytes += len(content)
        return content

    def readinto(self, buffer):
        size = self.file.readinto(buffer)
        self.bytes += size
        return size

    def seek(self, *where):
        return self.file.seek(*where)

    def tell(self):
        return self.file.tell()


def test_voltages_waveforms_and_gaze_are_not_read_from_disk_either(large):
    counted = Counted(large)
    recording = read_recording(counted, Choices())
    counted.file.close()
    used = recording.spike_times.nbytes + 5 * 8 * len(recording.series("hand_vel").times)
    assert counted.bytes < used + 300_000
    assert used + 300_000 < LARGE / 2


def test_a_redirect_to_a_signed_address(large):
    with serving(large.read_bytes()) as server:
        recording = stream_recording(f"{server.address}/moved?token=secret")
    assert len(recording.trials) == 20
    assert "secret" not in str(recording.provenance)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/absent.nwb?key=secret", "found Error getting file length: 404"),
        ("/forbidden.nwb?key=secret", "403"),
    ],
)
def test_a_server_that_does_not_give_the_file(place, said):
    with serving(b"") as server, pytest.raises(InputError) as caught:
        stream_recording(server.address + place)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_damaged_file_is_refused(large):
    content = bytearray(large.read_bytes())
    content[3_000:] = bytes(len(content) - 3_000)
    with serving(bytes(content)) as server, pytest.raises(InputError) as caught:
        stream_recording(f"{server.address}/session.nwb?key=secret")
    assert str(caught.value).startswith(f"{server.address}/session.nwb: expected ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "it crashes the HDF5 library"),
        ("import time; time.sleep(60)", "was not within 0.5 s; try again when"),
        ("import sys; sys.exit(str(sys.argv))", "'-', '0', "),  # what anybody on this computer can see
    ],
)
def test_a_file_passes_the_door_before_it_is_read(large, program, said, monkeypatch, tmp_path):
    look = tmp_path / "look.py"
    look.write_text(program)
    monkeypatch.setattr(door, "LOOK", look)
    monkeypatch.setattr(remote, "LOOK_LIMIT", 0.5 if "sleep" in program else 60.0)
    with serving(large.read_bytes()) as server, pytest.raises(InputError) as caught:
        stream_recording(f"{server.address}/session.nwb?key=secret")
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert not server.ranges


def test_a_link_out_of_a_remote_file_is_refused(tmp_path):
    path = write_maze_nwb(make_session(n_conditions=2, n_repeats=2, n_units=3), tmp_path / "session.nwb")
    with h5py.File(path, "r+") as file:
        del file["units"]
        file["units"] = h5py.ExternalLink("/etc/passwd", "/units")
    with serving(path.read_bytes()) as server, pytest.raises(InputError, match="a link to another file"):
        stream_recording(f"{server.address}/session.nwb")


def test_nothing_is_fetched_twice_and_nothing_stays(tmp_path, monkeypatch):
    path = write_maze_nwb(make_session(), tmp_path / "session.nwb")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with serving(path.read_bytes()) as server:
        stream_recording(f"{server.address}/session.nwb")
    starts = [first for first, _ in server.ranges]
    assert len(set(starts)) == len(starts) > 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("session.nwb", "a recording's name or an address"),
        ("mc_maze_smal", "did you mean mc_maze_small"),
        ("synthetic", "run it by name, without --stream"),
        ("ftp://archive.org/a.nwb", "begins with http:// or https://"),
    ],
)
def test_what_cannot_be_streamed(source, said):
    with pytest.raises(InputError, match=said):
        stream_recording(source)
