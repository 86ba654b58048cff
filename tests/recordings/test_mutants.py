"""Damaged files open or are refused in one line: no crash, no hang, no traceback, no memory beyond 4 GB."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SLOWEST = 10.0
"""In s of processor time."""

PATIENCE = 5
"""A busy machine may take so many times as long by the clock."""

TESTS = Path(__file__).parents[1]


def open_mutants(first, last):
    """What became of each mutant, opened one after another in a process of limited memory."""
    done = subprocess.run(
        [sys.executable, TESTS / "mutants.py", str(first), str(last)],
        capture_output=True,
        text=True,
        timeout=60 + PATIENCE * SLOWEST * (last - first),
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (lines[-1:], done.stderr[-500:])
    assert lines[-1]["peak"] < 4e9
    what = {line["seed"]: line["done"] for line in lines if "done" in line}
    return [line | {"done": what[line["seed"]]} for line in lines if "outcome" in line]


def check(mutants):
    for mutant in mutants:
        assert mutant["outcome"] in ("refused", "opened", "counted"), mutant
        assert mutant["seconds"] < SLOWEST, mutant
        assert "\n" not in mutant["said"], mutant
        assert bool(mutant["said"]) == (mutant["outcome"] != "counted"), mutant


def test_two_dozen_mutants():
    mutants = open_mutants(0, 26)
    check(mutants)
    # Sound parts of a file are used, and some damage is found: the test is not passed by refusing, or taking, all.
    assert {"refused", "counted"} <= {mutant["outcome"] for mutant in mutants}


@pytest.mark.slow
def test_five_hundred_mutants():
    mutants = open_mutants(0, 500)
    assert len(mutants) == 500
    check(mutants)
