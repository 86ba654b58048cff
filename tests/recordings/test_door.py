"""The door: whatever becomes of the process that looks a file through, this one says so in a line."""

import os
import signal
import subprocess
import sys
import time

import h5py
import pytest
from sessions import make_session

from neurocompare.errors import InputError
from neurocompare.recordings import door, open_recording, write_maze_nwb


@pytest.fixture
def path(tmp_path):
    return write_maze_nwb(make_session(n_conditions=2, n_repeats=2, n_units=3), tmp_path / "session.nwb")


def refused(path, monkeypatch, tmp_path, program):
    """What is said when the child runs another program."""
    looking = tmp_path / "look.py"
    looking.write_text(program)
    monkeypatch.setattr(door, "LOOK", looking)
    with pytest.raises(InputError) as caught:
        open_recording(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_crash(path, monkeypatch, tmp_path):
    said = refused(path, monkeypatch, tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert "it crashes the HDF5 library" in said


def test_a_loop_without_end_is_damage_by_the_processor_s_time(path, monkeypatch, tmp_path):
    monkeypatch.setattr(door, "TIME_LIMIT", 1)
    limit = "import resource, sys; resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]), 9))"
    said = refused(path, monkeypatch, tmp_path, f"{limit}\nwhile True: pass")
    assert "cannot be read within 1 s of processor time; it is damaged" in said


def test_a_good_file_on_a_machine_that_has_no_time_for_it_is_read(path, monkeypatch, tmp_path):
    """It waits longer than its limit of processor time, and computes less."""
    looking = tmp_path / "look.py"
    looking.write_text(
        f"import sys, time\ntime.sleep(2.5)\nsys.path.insert(0, {str(door.LOOK.parents[2])!r})\n"
        "from neurocompare.recordings.look_through_file import main\nsys.exit(main(sys.argv[1], int(sys.argv[2])))"
    )
    monkeypatch.setattr(door, "LOOK", looking)
    monkeypatch.setattr(door, "TIME_LIMIT", 2)
    assert len(open_recording(path).units) == 3


def test_a_hang(path, monkeypatch, tmp_path):
    monkeypatch.setattr(door, "PATIENCE", 0.3)
    program = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    (tmp_path / "pid").touch()
    assert "was not within 0.3 s; try again when" in refused(path, monkeypatch, tmp_path, program)
    pid = (tmp_path / "pid").read_text()
    if pid:  # it had begun: it has been ended, too
        for _ in range(100):
            if not os.path.exists(f"/proc/{pid}"):
                break
            time.sleep(0.05)
        assert not os.path.exists(f"/proc/{pid}")


def test_words_of_several_lines(path, monkeypatch, tmp_path):
    said = refused(path, monkeypatch, tmp_path, "import sys; sys.exit('one\\ntwo')")
    assert "(one two)" in said


def test_a_known_file_needs_no_looking_through(path, monkeypatch, tmp_path):
    """A file whose digest the catalogue has is what its makers wrote."""
    from dataclasses import replace

    from neurocompare.files import sha256_of
    from neurocompare.recordings import find, nwb

    looking = tmp_path / "look.py"
    looking.write_text("import sys; sys.exit('never')")
    monkeypatch.setattr(door, "LOOK", looking)
    entry = replace(find("mc_maze_small"), sha256=sha256_of(path))
    monkeypatch.setattr(nwb, "known_recordings", lambda: (entry,))
    recording = open_recording(path)
    assert recording.name == "mc_maze_small"
    assert recording.provenance.version == "0.220113.0408"


@pytest.mark.parametrize("place", ["units", "intervals/trials"])
def test_what_is_needed_and_lies_in_another_file_is_refused(path, tmp_path, place):
    with h5py.File(path, "r+") as file:
        del file[place]
        file[place] = h5py.ExternalLink(str(tmp_path / "other.nwb"), f"/{place}")
    with pytest.raises(InputError, match="a link to another file"):
        open_recording(path)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends at its limit of time")
@pytest.mark.parametrize("later", [0.0, 2.0])
def test_a_child_that_waits_ends_with_a_parent_that_is_killed(tmp_path, later):
    """It waits inside the HDF5 library, where no thread of it could run."""
    os.mkfifo(tmp_path / "pipe.nwb")
    program = "import sys; from neurocompare.recordings.door import Door; Door(sys.argv[1], patience=300).check()"
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "pipe.nwb")])

    def children():
        asked = ["ps", "-A", "-ww", "-o", "pid=,args="]
        lines = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
        return [line for line in lines if "look_through_file" in line and str(tmp_path) in line]

    deadline = time.monotonic() + 60
    while not children():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(later)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while children():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_child_ends_in_time_by_itself(tmp_path):
    os.mkfifo(tmp_path / "pipe.nwb")
    ended = subprocess.run(
        [sys.executable, door.LOOK, tmp_path / "pipe.nwb", "0", "1", str(os.getpid())], check=False, timeout=60
    )
    assert ended.returncode == -signal.SIGALRM
