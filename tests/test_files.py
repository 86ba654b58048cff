"""Files that are whole or absent, also when a disk fills or a process is killed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from neurocompare.errors import InputError
from neurocompare.files import ABANDONED, PARTIAL, atomic, partial_prefix, sweep


def write(path, *, raising):
    with atomic(path) as temporary:
        temporary.write_text("new")
        try:
            raise OSError(errno.ENOSPC, "cannot synchronously write data")
        finally:
            if raising is not None:
                raise raising


@pytest.mark.parametrize("raising", [None, RuntimeError("can't decrement id ref count")])
def test_a_full_disk_is_one_line_and_leaves_the_old_file(tmp_path, raising):
    """HDF5 raises a second error of its own as it closes the file it could not write."""
    path = tmp_path / "note.txt"
    path.write_text("old")
    with pytest.raises(InputError, match=r"note\.txt: No space left on device; nothing was left half-written"):
        write(path, raising=raising)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["note.txt"]


def test_other_errors_pass(tmp_path):
    with pytest.raises(FileNotFoundError), atomic(tmp_path / "note.txt"):
        raise FileNotFoundError
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_swept_and_nothing_else(tmp_path):
    script = (
        "import os, sys, tempfile\n"
        "from neurocompare.files import partial_prefix\n"
        "tempfile.mkdtemp(prefix=partial_prefix('network'), suffix='.partial', dir=sys.argv[1])\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()
    (left / "weights").write_text("half")
    mine = tmp_path / f"{partial_prefix('network')}x{PARTIAL}"
    elsewhere = tmp_path / f".network.another-computer.1.x{PARTIAL}"
    old = tmp_path / f".network.another-computer.2.x{PARTIAL}"
    whole = tmp_path / "zoo.csv"
    for path in (mine, elsewhere, old, whole):
        path.touch()
    long_ago = old.stat().st_mtime - 2 * ABANDONED
    os.utime(old, (long_ago, long_ago))
    assert set(sweep(tmp_path)) == {left.name, old.name}
    assert set(tmp_path.iterdir()) == {mine, elsewhere, whole}


def test_who_writes_a_file_again_removes_what_a_killed_process_left_of_it(tmp_path):
    script = (
        "import os, sys\n"
        "from neurocompare.files import atomic\n"
        "with atomic(sys.argv[1]):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    for name in ("plan[1].csv", "plan.csv"):
        subprocess.run([sys.executable, "-c", script, str(tmp_path / name)], check=False)
    assert len(list(tmp_path.iterdir())) == 2
    with atomic(tmp_path / "plan[1].csv") as temporary:
        temporary.write_text("whole")
    kept, left = sorted(tmp_path.iterdir(), key=lambda path: path.name.startswith("."))
    assert kept.name == "plan[1].csv"
    assert left.name.startswith(".plan.csv.")


def test_what_a_process_with_a_number_that_none_can_have_left_is_removed(tmp_path):
    left = tmp_path / partial_prefix("a").replace(f".{os.getpid()}.", f".{10**30}.")
    left = left.with_name(f"{left.name}x{PARTIAL}")
    left.touch()
    assert sweep(tmp_path) == (left.name,)


FULL = """
import pathlib, resource, sys
import numpy as np
from neurocompare.errors import InputError
from neurocompare.recordings import open_recording, write_maze_nwb
from neurocompare.responses import make_responses, save_responses
from neurocompare.tasks import oscillation, save_task

path = pathlib.Path(sys.argv[1]) / "written"
values = np.random.default_rng(0).normal(size=(8, 100, 50))
responses = make_responses(values, condition=list("abcdefgh"), time=np.arange(100) * 0.01)
recording = open_recording("synthetic") if sys.argv[2] == "recording" else None
write = {
    "responses": lambda: save_responses(responses, path),
    "task": lambda: save_task(oscillation(), path),
    "recording": lambda: write_maze_nwb(recording, path),
}[sys.argv[2]]
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    write()
except InputError as error:
    print(error)
"""


@pytest.mark.parametrize("what", ["responses", "task", "recording"])
def test_a_full_disk_is_a_line_and_the_process_ends_as_any_other(tmp_path, what):
    """What HDF5 could not finish it would try to finish when the process ends, and crash."""
    done = subprocess.run([sys.executable, "-c", FULL, tmp_path, what], capture_output=True, text=True, check=False)
    assert (done.returncode, "File too large" in done.stdout) == (0, True), done.stderr
    assert not list(tmp_path.iterdir())
