"""What `neurocompare datasets NAME` shows of a recording is what a run by that name does."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from layout_files import (
    write_area2,
    write_centre_out,
    write_churchland,
    write_even_chen,
    write_falcon,
    write_random_targets,
    write_rtt,
)
from sessions import make_session
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.errors import InputError
from neurocompare.files import sha256_of
from neurocompare.recordings import catalogue, find, known_recordings, nwb, open_named, trials_of, write_maze_nwb
from neurocompare.recordings.reading import Reading
from neurocompare.settings import Choices
from neurocompare.workflows.session import open_session

MAZE = (lambda path: write_maze_nwb(make_session(), path), "split in ['train', 'val']")
WRITTEN = {
    "mc_maze": MAZE,
    "mc_maze_large": MAZE,
    "mc_maze_medium": MAZE,
    "mc_maze_small": MAZE,
    "mc_rtt": (lambda path: write_rtt(path, stamped=True)[1], "split in ['train', 'val']"),
    "perich-C-CO-20131022": (
        lambda path: write_centre_out(path)[1],
        "result == 'R' and target_id == target_id and 0.5 < stop_time - start_time < 6",
    ),
    "perich-M-RT-20131013": (lambda path: write_random_targets(path)[1], None),
    "falcon_m1-20120924": (write_falcon, "result == 'R'"),
    "falcon_m1b-20121206": (write_falcon, "result == 'R'"),
    "churchland_2012-Jenkins-20090912": (
        lambda path: write_churchland(path, overlap=False)[1],
        "discard_trial == 0 and task_success == 1 and correct_reach == 1 and novel_maze == 0",
    ),
    "even_chen-Reggie-20170115": (lambda path: write_even_chen(path)[1], "is_successful == 1"),
    "area2_bump": (
        lambda path: write_area2(path)[1],
        "split in ['train', 'val'] and result == 'R' and ctr_hold_bump == 0",
    ),
}
"""A file of each experiment, and which trials of it count, said once more; None where reaches are not its trials."""


@pytest.fixture
def named(tmp_path, monkeypatch):
    """Write the file of a name and pretend it was fetched."""

    def fetched(name):
        path = WRITTEN[name][0](tmp_path / "file.nwb")
        monkeypatch.setattr(catalogue, "cached", lambda entry: path)
        monkeypatch.setattr(nwb, "find", lambda name: replace(find(name), sha256=sha256_of(path)))
        monkeypatch.chdir(tmp_path)
        return name

    return fetched


def shown(name, task):
    """The lines of `neurocompare datasets NAME`, by their titles; of one task where there are several."""
    lines = [line.split(maxsplit=1) for line in CliRunner().invoke(app, ["datasets", name]).stdout.splitlines()[1:]]
    said = {}
    for title, text in lines:
        of, colon, rest = text.partition(": ")
        if title in ("windows", "condition", "valid") and colon:
            said |= {title: rest} if of == task else {}
        else:
            said[title] = text
    return SimpleNamespace(**said)


def test_every_experiment_is_written():
    written = {name.partition("-")[0] for name in WRITTEN}
    assert {entry.experiment for entry in known_recordings()} - written == {"synthetic", "mc_maze_small_test"}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_run_by_name_does_what_is_shown(name, named):
    recording = open_named(named(name))
    said = shown(name, "random targets" if "-RT-" in name else "centre-out")
    assert recording.name == name
    assert said.reading == str(recording.reading)
    windows = " and ".join(map(str, recording.segments))
    assert said.windows.split(", or, where the delay is too short, ")[0] == windows
    trials = recording.trials
    if "sectors" in said.condition:
        assert set(trials["condition"].dropna()) <= {f"{45 * octant:03d}" for octant in range(8)}
    else:
        columns = said.condition.split(", or ")[0].split(" with ")
        together = trials.groupby([*columns, "condition"]).ngroups
        assert together == trials.groupby(columns).ngroups == trials["condition"].nunique() > 1
    rule = WRITTEN[name][1]
    if rule is not None:
        assert (trials["excluded"] == "").tolist() == trials.eval(rule, engine="python").tolist()
        assert not trials.eval(rule, engine="python").all() or name.startswith(("mc_", "falcon"))
        columns = [column for column in trials if column in rule and column not in ("start_time", "stop_time")]
        assert all(column in said.valid for column in columns)
    counted = trials_of(recording)
    assert (counted.bin_width, counted.smoothing) == (recording.reading.bin_width, recording.reading.smoothing)


def test_a_name_brings_its_reading_and_a_path_the_defaults(named, tmp_path):
    name = named("mc_maze_small")
    by_name, by_path = open_named(name), open_named(tmp_path / "file.nwb")
    assert by_name.reading.values == {"bin_width": 0.02, "smoothing": 0.05, "lag": 0.12}
    assert by_name.reading.catalogued == ("bin_width", "smoothing", "lag")
    assert by_path.reading == Reading()
    chosen = by_name.read_with(Choices(smoothing=0.03)).reading
    assert (chosen.smoothing, chosen.lag, chosen.catalogued) == (0.03, 0.12, ("bin_width", "lag"))


def test_sensory_cortex_follows_the_hand(named):
    """Area 2 by name, with its negative lag, becomes trials and a task."""
    session = open_session(named("area2_bump"))
    assert session.choices.lag == -0.02
    assert any("at t - 0.02 s" in note for note in session.task.notes)


@pytest.mark.parametrize("wrong", [{"lag": 1.5}, {"lag": float("nan")}, {"smoothing": -0.01}, {"bin_width": 0.0}])
def test_what_no_recording_is_read_with(wrong):
    (name,) = wrong
    with pytest.raises(InputError, match=f"expected {name} between .* s, found"):
        Reading().chosen(**wrong)
