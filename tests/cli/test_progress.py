"""Progress: lines in a log, bars on a terminal, time left from what this run has done."""

import io

import pytest
from rich.console import Console

from neurocompare.cli import progress as module
from neurocompare.cli.progress import progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_log_gets_a_line_a_quarter_with_the_time_left(clock):
    written = io.StringIO()
    with progress(Console(file=written, force_terminal=False, width=20)) as hook:
        for done in range(9):
            hook("networks", done, 8)
            clock[0] += 10.0
    assert written.getvalue().splitlines() == [
        "Drawing networks ...",
        "Drawing networks: 25 % (20 s, about 60 s left)",
        "Drawing networks: 50 % (40 s, about 40 s left)",
        "Drawing networks: 75 % (60 s, about 20 s left)",
        "Drawing networks: 100 % (80 s)",
    ]


def test_what_an_earlier_run_finished_does_not_count_towards_the_speed(clock):
    """5 of 8 were there; two more took 10 s each, so the last one is 10 s away."""
    written = io.StringIO()
    with progress(Console(file=written, force_terminal=False)) as hook:
        for done in (5, 6, 7):
            hook("networks", done, 8)
            clock[0] += 10.0
    assert "75 % (10 s, about 20 s left)" in written.getvalue()


def test_a_stage_already_finished_or_empty_is_said_once():
    written = io.StringIO()
    with progress(Console(file=written, force_terminal=False)) as hook:
        hook("scores", 3, 3)
        hook("scores", 3, 3)
        hook("[bold]", 0, 0)
    assert written.getvalue().splitlines() == [
        "Scoring draws ...",
        "Scoring draws: 100 % (0 s)",
        "[bold] ...",
        "[bold]: 100 % (0 s)",
    ]


def test_a_terminal_gets_one_bar_a_stage():
    written = io.StringIO()
    with progress(Console(file=written, force_terminal=True, width=120)) as hook:
        hook("task", 0, 1)
        hook("task", 1, 1)
        hook("networks", 1, 4)
    last = written.getvalue().split("\x1b[2K")[-1]
    assert "Making the task" in written.getvalue()
    assert "Drawing networks" in last
    assert "25%" in last
    assert "left" in last
