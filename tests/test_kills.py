"""A command that is ended from outside at any moment: nothing of it goes on, and the same command continues it.

python -m pytest -n0 -s -m slow -o faulthandler_timeout=0 tests/test_kills.py
"""

from __future__ import annotations

import contextlib
import math
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from neurocompare.cli.main import app

GONE = 5.0
"""Seconds within which every process of a command has ended."""

ZOO = ["zoo", "oscillation", "--units", "20", "--gammas", "0,0.5", "--seeds", "0,1", "--trajectories", "8",
       "--jobs", "2"]  # fmt: skip
RUN = ["run", "--quick", "--gammas", "0,0.4", "--units", "80", "--trajectories", "8", "--metrics", "procrustes",
       "--resamples", "60", "--jobs", "2"]  # fmt: skip
NUMBERS = (signal.SIGKILL, signal.SIGTERM)


def started(command: list[str], out: Path) -> subprocess.Popen:
    """In a folder of its own, so that what belongs to it is known by that."""
    out.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "neurocompare", *command, "--out", str(out)],
        env=os.environ | {"NEUROCOMPARE_DATA": str(out.parent / "data"), "NEUROCOMPARE_TEST": str(out)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def family_of(pid: int) -> set[int]:
    """All processes that a process started, and those that they started."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    found, before = {pid}, set()
    while found != before:
        before = set(found)
        found |= {int(child) for child, parent, state in rows if int(parent) in before and not state.startswith("Z")}
    return found - {pid}


def alive(pids: set[int]) -> set[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    states = dict(line.split()[:2] for line in listed.splitlines())
    return {pid for pid in pids if not states.get(str(pid), "Z").startswith("Z")}


def files_in(folder: Path) -> list[Path]:
    """All files, of a folder in which others come and go."""
    return [Path(place) / name for place, _, names in os.walk(folder) for name in names]


def ended_at(process: subprocess.Popen, number: int, files: int, out: Path, wait: float = 0.0) -> tuple[int, str]:
    """End a command some time after there are so many files in its folder; check that all of it ends."""
    known: set[int] = set()
    due = math.inf
    while process.poll() is None and time.monotonic() < due:
        known |= family_of(process.pid)
        time.sleep(0.2)
        if due == math.inf and len(files_in(out)) >= files:
            due = time.monotonic() + wait
    known |= family_of(process.pid)
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
    _, err = process.communicate(timeout=120)
    deadline = time.monotonic() + GONE
    while left := alive(known):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
    return process.returncode, err


def finished(command: list[str], out: Path) -> None:
    """In this process, which knows all modules already."""
    data = {"NEUROCOMPARE_DATA": str(out.parent / "data")}
    done = CliRunner().invoke(app, [*command, "--out", str(out)], env=data)
    assert done.exit_code == 0, done.stderr


def result(out: Path) -> dict[str, bytes]:
    """What was found, as far as it is equal to the last bit: tables and text."""
    names = ("zoo.csv", "card.json", "scores.csv", "ranking.json", "weights.safetensors")
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.name in names and not any(part.startswith(".") for part in path.parts)
    }


def end_and_continue(command: list[str], out: Path, whole: Path, *, ends: int, seed: int) -> None:
    """End a command many times, further and further on, by SIGKILL and SIGTERM in turn; then let it come to its end."""
    rng = random.Random(seed)
    files = len(files_in(whole))
    for turn, moment in enumerate(sorted(rng.randrange(files) for _ in range(ends))):
        number = NUMBERS[turn % 2]
        code, err = ended_at(started(command, out), number, moment, out, wait=rng.uniform(0, 3))
        lines = err.splitlines() or [""]
        # It may have come to its end before.
        assert code in (0, -signal.SIGKILL if number == signal.SIGKILL else 143, -number), err
        assert "Traceback" not in err
        if code == 143:
            assert lines.pop() == "neurocompare: interrupted; run the same command again to continue"
        print(f"{signal.Signals(number).name}, exit code {code}, after: {(lines or [''])[-1]}", flush=True)
    finished(command, out)
    assert result(out) == result(whole) != {}
    assert not [path for path in files_in(out) if path.name.startswith(".")]


def test_a_zoo_that_is_ended_is_continued(tmp_path):
    finished(ZOO, tmp_path / "whole")
    end_and_continue(ZOO, tmp_path / "out", tmp_path / "whole", ends=2, seed=1)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run that nobody ended."""
    folder = tmp_path_factory.mktemp("run") / "whole"
    finished(RUN, folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("number", range(10))
def test_ten_runs_that_are_ended_ten_times_are_continued(tmp_path, run, number):
    end_and_continue(RUN, tmp_path / "out", run, ends=10, seed=10 + number)


def test_sigterm_before_a_command_has_begun_is_no_traceback(tmp_path):
    process = started(ZOO, tmp_path / "out")
    code, err = ended_at(process, signal.SIGTERM, 0, tmp_path / "out")
    assert code in (143, -signal.SIGTERM)
    assert "Traceback" not in err
