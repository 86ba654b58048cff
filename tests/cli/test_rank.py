"""neurocompare rank: what reaches the ranking, and a ranking of a small zoo from end to end."""

import inspect
import json
import sys
import types
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.experiments import synthetic_file
from neurocompare.experiments.planted import planted_responses
from neurocompare.models import Family, Sampling, make_zoo
from neurocompare.recordings import open_recording
from neurocompare.tasks import ideal_reach, reach_task, save_task

RANKING = {
    "summary": {"sentence": "The recording is most like networks at gamma 0.4"},
    "metrics": {"rsa": {"best_gamma": 0.4, "gamma_interval": [0.2, 0.81234], "verdict": "resolved"}},
}


@pytest.fixture
def calls(monkeypatch, tmp_path):
    seen = []

    def rank_zoo(zoo, recording, **settings):
        seen.append({"zoo": zoo, "recording": recording, **settings})
        (tmp_path / "ranking.json").write_text(json.dumps(RANKING))
        return tmp_path / "report.html"

    fake = types.ModuleType("neurocompare.zoo_ranking")
    fake.rank_zoo = rank_zoo
    monkeypatch.setitem(sys.modules, "neurocompare.zoo_ranking", fake)
    return seen


def test_options_reach_the_ranking_and_the_answer_is_shown(calls):
    arguments = ["rank", "zoo", "--data", "m.nwb", "--metrics", "procrustes, rsa", "--where", "g=1.5", "--where"]
    result = CliRunner().invoke(app, [*arguments, "noise=0", "--draws", "40", "--seed", "3", "--jobs", "1"])
    assert result.exit_code == 0, result.output
    (settings,) = calls
    assert (settings["zoo"], settings["recording"]) == (Path("zoo"), "m.nwb")
    assert settings["metrics"] == ["procrustes", "rsa"]
    assert settings["where"] == {"g": 1.5, "private_noise": 0.0}
    assert (settings["draws"], settings["seed"], settings["jobs"]) == (40, 3, 1)
    assert result.stdout.splitlines()[0] == RANKING["summary"]["sentence"]
    assert "0.2 to 0.812" in result.stdout


def test_defaults_are_those_of_the_function():
    from neurocompare.cli.rank import rank
    from neurocompare.zoo_ranking import rank_zoo

    there = {name: given.default for name, given in inspect.signature(rank_zoo).parameters.items()}
    here = {name: given.default for name, given in inspect.signature(rank).parameters.items()}
    assert set(here) - {"debug", "data"} == set(there) - {"progress", "recording"}
    for name in set(here) - {"debug", "data", "zoo"}:
        assert here[name] == (Path(there[name]) if name == "out" else there[name]), name


def test_one_value_a_setting(calls):
    result = CliRunner().invoke(app, ["rank", "zoo", "--data", "m.nwb", "--where", "g=1.5,1.8"])
    assert result.exit_code == 2
    assert "one value for each --where" in result.stderr
    assert calls == []


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A tiny zoo with its task, and a session recorded from one of its networks."""
    folder = tmp_path_factory.mktemp("rank")
    family, sampling = Family(n_units=40), Sampling(ramp=2, adaptation=2, trajectories=8, segments=1, max_leapfrogs=20)
    session = synthetic_file(
        lambda task: planted_responses(task, family, 0.0, seed=0), planted=(("gamma", 0.0),), folder=folder, n_units=24,
        trials=6,
    )  # fmt: skip
    task = reach_task(open_recording(session))
    save_task(task, folder / "zoo" / "task.nc")
    make_zoo(task, family, folder / "zoo", gammas=(0.0, 0.4), sampling=sampling, members=1, jobs=1)
    return folder, session


def test_a_zoo_is_ranked_from_end_to_end_and_again_without_scoring(made, tmp_path):
    folder, session = made
    out = tmp_path / "ranked"
    arguments = ["rank", str(folder / "zoo"), "--data", str(session), "--out", str(out), "--draws", "20", "--jobs", "1"]
    arguments += ["--metrics", "procrustes,flow-rotation"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    expected = {"scores.csv", "ranking.json", "report.html", "run.json", "recording.nc", "task.nc", "zoo.csv"}
    assert expected <= {path.name for path in out.iterdir()}
    assert {"curve-1-flow-rotation.png", "curve-1-flow-rotation.svg"} <= {
        path.name for path in (out / "figures").iterdir()
    }
    ranking = json.loads((out / "ranking.json").read_text())
    assert list(ranking["metrics"]) == ["procrustes", "flow-rotation"]
    assert ranking["planted_gamma"] == 0.0
    assert ranking["settings"]["g"] == 1.5
    scores = pd.read_csv(out / "scores.csv")
    assert {"model", "kinematic", "ceiling", "null:surrogates"} <= set(scores["kind"])
    kept = {path: path.stat().st_mtime_ns for path in (out / "scores").glob("*/*")}
    before = (out / "ranking.json").read_bytes()
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (out / "scores").glob("*/*")} == kept
    assert (out / "ranking.json").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["--metrics", "procustes"], "did you mean procrustes"),
        (["--draws", "3"], "expected draws"),
        (["--where", "g=9"], "networks with g 9"),
        (["--data", "nowhere.nwb"], "nowhere.nwb"),
    ],
)
def test_what_cannot_be_ranked_is_one_line_and_leaves_nothing(made, tmp_path, change, words):
    folder, session = made
    out = tmp_path / "ranked"
    result = CliRunner().invoke(
        app, ["rank", str(folder / "zoo"), "--data", str(session), "--out", str(out), "--jobs", "1", *change]
    )
    assert result.exit_code == 2
    assert words in result.stderr
    assert not out.exists()


def test_a_zoo_without_its_task_is_refused(made, tmp_path):
    folder, session = made
    bare = tmp_path / "bare"
    bare.mkdir()
    for path in (folder / "zoo").iterdir():
        if path.is_dir():
            (bare / path.name).symlink_to(path)
    result = CliRunner().invoke(app, ["rank", str(bare), "--data", str(session), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "expected the task of these networks as task.nc" in result.stderr


def test_a_zoo_of_another_task_is_refused_before_anything_is_written(made, tmp_path):
    _, session = made
    task, out = ideal_reach(), tmp_path / "out"
    save_task(task, tmp_path / "zoo" / "task.nc")
    sampling = Sampling(ramp=2, adaptation=2, trajectories=8, segments=1, max_leapfrogs=20)
    family = Family(n_units=40)
    make_zoo(task, family, tmp_path / "zoo", gammas=(0.0, 0.4), sampling=sampling, members=1, jobs=1)
    result = CliRunner().invoke(app, ["rank", str(tmp_path / "zoo"), "--data", str(session), "--out", str(out)])
    assert result.exit_code == 2
    assert "expected a network with the recording's conditions" in result.stderr
    assert not out.exists()
