"""Progress: lines in a log, bars on a terminal, time left from what this run has done."""

import io

import pytest
from rich.console import Console

from neurocompare import progress as module
from neurocompare.progress import display, shows_progress
from neurocompare.stages import Stages


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_log_gets_a_line_a_quarter_with_the_time_left(clock):
    written = io.StringIO()
    with display(Console(file=written, force_terminal=False, width=20)) as hook:
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
    with display(Console(file=written, force_terminal=False)) as hook:
        for done in (5, 6, 7):
            hook("networks", done, 8)
            clock[0] += 10.0
    assert "75 % (10 s, about 20 s left)" in written.getvalue()


def test_a_stage_already_finished_or_empty_is_said_once():
    written = io.StringIO()
    with display(Console(file=written, force_terminal=False)) as hook:
        hook("scores", 3, 3)
        hook("scores", 3, 3)
        hook("[bold]", 0, 0)
    assert written.getvalue().splitlines() == [
        "Scoring resamples ...",
        "Scoring resamples: 100 % (0 s)",
        "[bold] ...",
        "[bold]: 100 % (0 s)",
    ]


def test_a_terminal_gets_one_bar_a_stage():
    written = io.StringIO()
    with display(Console(file=written, force_terminal=True, width=120)) as hook:
        hook("task", 0, 1)
        hook("task", 1, 1)
        hook("networks", 1, 4)
    last = written.getvalue().split("\x1b[2K")[-1]
    assert "Making the task" in written.getvalue()
    assert "Drawing networks" in last
    assert "25%" in last
    assert "left" in last


@shows_progress()
def verb(*, progress=None):
    if progress:
        progress("task", 1, 1)
    inner()
    return progress


@shows_progress("networks")
def inner(*, progress=None):
    if progress:
        progress(1, 1)


def test_a_verb_shows_itself_once_whatever_it_calls(capsys):
    assert callable(verb())
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == ["Making the task ...", "Making the task: 100 % (0 s)"]
    inner()
    assert capsys.readouterr().err.splitlines()[0] == "Drawing networks ..."


def test_progress_can_be_turned_off_and_taken_over(capsys):
    assert verb(progress=False) is None
    seen = []
    verb(progress=lambda *told: seen.append(told))
    inner(progress=lambda *told: seen.append(told))
    assert seen == [("task", 1, 1), (1, 1)]
    assert capsys.readouterr() == ("", "")


def test_stages_are_logged_under_the_packages_name(caplog):
    caplog.set_level("INFO", logger="neurocompare")
    with Stages().stage("networks"):
        pass
    assert [record.name for record in caplog.records] == ["neurocompare"] * 2
    assert caplog.messages[0] == "networks begins"
    assert caplog.messages[1].startswith("networks took ")


def test_a_notebook_gets_one_output_whose_bars_move():
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient")
    code = (
        "from neurocompare.progress import display\n"
        "with display() as hook:\n"
        "    for done in range(5):\n"
        "        hook('networks', done, 4)\n"
        "    hook('<b>', 1, 1)\n"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert output.output_type == "display_data"
    page = output.data["text/html"]
    assert page.count("<progress") == 2
    assert "Drawing networks" in page
    assert "100 % (0 s)" in page
    assert "&lt;b&gt;" in page
