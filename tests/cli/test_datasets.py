"""neurocompare datasets: what is known of each recording, what is uncertain, what is here."""

import sys

import pytest
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.recordings.cache import place
from neurocompare.recordings.catalogue import experiments, find


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path))


def datasets(*arguments):
    result = CliRunner().invoke(app, ["datasets", *arguments])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def pretend_fetched(entry, size):
    path = place(entry)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(size)
    return path


def test_all_of_them_with_size_licence_and_whether_here():
    entry = find("mc_maze_small")
    lines = datasets().splitlines()
    for experiment in experiments():
        (at,) = [at for at, line in enumerate(lines) if line.split() and line.split()[0] == experiment.name]
        assert experiment.entries[0].licence in lines[at]
        assert experiment.entries[0].title in lines[at + 1]
    (small,) = [line for line in lines if line.startswith("mc_maze_small ")]
    assert small.split() == ["mc_maze_small", "29.2", "MB", "CC-BY-4.0", "not", "here"]
    assert any(line.startswith("perich ") and "MB (?)" in line and "2 sessions and more" in line for line in lines)
    assert any("area 2" in line and line.endswith("(not motor cortex)") for line in lines)
    pretend_fetched(entry, entry.bytes)
    pretend_fetched(find("falcon_m1-20120924"), 5)
    lines = datasets().splitlines()
    (small,) = [line for line in lines if line.startswith("mc_maze_small ")]
    assert small.split()[-1] == "here"
    assert any(line.startswith("falcon_m1 ") and "1 of them here" in line for line in lines)


def test_one_of_them_with_everything():
    entry = find("mc_maze_small")
    text = datasets("mc_maze_small")
    for part in (entry.citation, entry.doi, entry.path, entry.sha256, "29,207,528", "M1, PMd", *entry.notes):
        assert part in text
    assert "142 units, 100 trials, 27 conditions, hand_pos" in text
    assert "bin width 20 ms (catalogue), smoothing 50 ms (catalogue), lag 120 ms (catalogue)" in text
    assert "no: neurocompare fetch mc_maze_small" in text
    assert "(?)" not in text
    path = pretend_fetched(entry, entry.bytes)
    assert datasets("mc_maze_small").splitlines()[-1].split() == ["here", str(path)]
    path.write_bytes(b"")
    assert "it was changed: delete it" in datasets("mc_maze_small")


def test_what_is_uncertain_is_marked_and_what_is_unknown_is_said():
    text = datasets("falcon_m1-20120924")
    assert "73,077,382 (?)" in text
    assert f"{find('falcon_m1-20120924').sha256} (?)" in text
    assert "version 0.251218.1714 (?)" in datasets("churchland_2012")
    assert "M1, PMd (?)" in datasets("even_chen")
    text = datasets("perich-M-CO-20140203")
    assert "unknown until fetched" in text
    assert "unknown: verified against what the archive says" in text
    assert "(?)" not in text


def test_an_experiment_lists_its_sessions():
    text = datasets("falcon_m1")
    for entry in (entry for entry in experiments() if entry.name == "falcon_m1"):
        assert all(one.name in text for one in entry.entries)
    assert "and more, named like perich-M-CO-20140203: neurocompare fetch perich --list" in datasets("perich")


def test_an_unknown_one_is_one_line():
    result = CliRunner().invoke(app, ["datasets", "mc_mase"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean mc_maze" in result.stderr


def test_nothing_is_asked_of_the_network(monkeypatch):
    import socket

    monkeypatch.setattr(socket.socket, "connect", None)
    before = set(sys.modules)
    datasets()
    datasets("perich")
    assert "dandi" not in set(sys.modules) - before
