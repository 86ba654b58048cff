"""A command that is ended from outside at any moment: nothing of it goes on, and the same command continues it."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

GONE = 5.0
"""Seconds within which every process of a command has ended."""

ZOO = ["zoo", "oscillation", "--units", "20", "--gammas", "0,0.5", "--seeds", "0,1", "--trajectories", "8",
       "--jobs", "2"]  # fmt: skip
RUN = ["run", "--quick", "--gammas", "0,0.4,1.6", "--draws", "20", "--jobs", "2"]
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


def ended_at(process: subprocess.Popen, number: int, files: int, out: Path) -> tuple[int, str]:
    """End a command when there are so many files in its folder, wherever it is then; check that all of it ends."""
    known: set[int] = set()
    while process.poll() is None and sum(path.is_file() for path in out.rglob("*")) < files:
        known |= family_of(process.pid)
        time.sleep(0.02)
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
    process = started(command, out)
    _, err = process.communicate()
    assert process.returncode == 0, err


def result(out: Path) -> dict[str, bytes]:
    """What was found, as far as it is equal to the last bit: tables and text."""
    names = ("zoo.csv", "card.json", "scores.csv", "ranking.json", "weights.safetensors")
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.name in names and not any(part.startswith(".") for part in path.parts)
    }


def end_and_continue(command: list[str], tmp_path: Path, *, times: int, seed: int) -> None:
    finished(command, tmp_path / "whole")
    whole = result(tmp_path / "whole")
    assert whole
    files = sum(path.is_file() for path in (tmp_path / "whole").rglob("*"))
    rng = random.Random(seed)
    for turn in range(times):
        out = tmp_path / f"out-{turn}"
        number = NUMBERS[turn % 2]
        code, err = ended_at(started(command, out), number, rng.randrange(files), out)
        # It may have come to its end before.
        assert code in (0, -signal.SIGKILL if number == signal.SIGKILL else 143, -number)
        assert "Traceback" not in err
        if code == 143:
            assert err.splitlines()[-1] == "neurocompare: interrupted; run the same command again to continue"
        finished(command, out)
        assert result(out) == whole
        assert not list(out.rglob(".*"))


def test_a_zoo_that_is_ended_is_continued(tmp_path):
    end_and_continue(ZOO, tmp_path, times=2, seed=1)


@pytest.mark.slow
def test_fifty_zoos_that_are_ended_are_continued(tmp_path):
    end_and_continue(ZOO, tmp_path, times=50, seed=2)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_fifty_runs_that_are_ended_are_continued(tmp_path, part):
    end_and_continue(RUN, tmp_path, times=10, seed=10 + part)


def test_sigterm_before_a_command_has_begun_is_no_traceback(tmp_path):
    process = started(ZOO, tmp_path / "out")
    code, err = ended_at(process, signal.SIGTERM, 0, tmp_path / "out")
    assert code in (143, -signal.SIGTERM)
    assert "Traceback" not in err
