"""neurocompare recover and plan: a small zoo from end to end, beside a ranking and alone, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.experiments import synthetic_file
from neurocompare.experiments.planted import planted_responses
from neurocompare.models import Draw, Family, Sampling, ZooPlan, make_zoo
from neurocompare.recordings import open_recording
from neurocompare.tasks import ideal_reach, reach_task, save_task

SHORT = Sampling(ramp=2, adaptation=2, trajectories=8, segments=1, max_leapfrogs=20)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A tiny zoo with its task, and a session recorded from one of its networks."""
    folder, family = tmp_path_factory.mktemp("recover"), Family(n_units=40)
    session = synthetic_file(
        lambda task: planted_responses(task, family, 0.0, seed=0), task=ideal_reach(directions=4),
        planted=(("gamma", 0.0),), folder=folder, n_units=24, trials=6,
    )  # fmt: skip
    task = reach_task(open_recording(session))
    save_task(task, folder / "zoo" / "task.nc")
    make_zoo(task, family, folder / "zoo", ZooPlan((0.0, 0.4), sampler=Draw(SHORT), members=1), jobs=1)
    return folder, session


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path_factory.getbasetemp() / "recover-cache"))


def invoke(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_a_ranking_is_given_its_recovery_by_one_command(made, tmp_path):
    folder, session = made
    out = tmp_path / "ranked"
    ranked = invoke(
        "rank", folder / "zoo", "--data", session, "--out", out, "--draws", 20, "--jobs", 1, "--metrics", "cka"
    )
    assert ranked.exit_code == 0, ranked.output
    before = (out / "ranking.json").read_bytes()
    found = invoke("recover", out, "--quick", "--jobs", 1)
    assert found.exit_code == 0, found.output
    assert {"recovery.json", "recovery.csv", "recovery.png", "recovery.svg"} <= {path.name for path in out.iterdir()}
    recovery = json.loads((out / "recovery.json").read_text())
    assert recovery["gammas"] == [0.0, 0.4]
    assert list(recovery["metrics"]) == list(recovery["centred"]) == ["cka"]
    assert recovery["data"] == {"conditions": 4, "units": 24, "trials": [6, 6]}
    rows = pd.read_csv(out / "recovery.csv")
    assert sorted(rows["gamma"].unique()) == [0.0, 0.4]
    assert len(rows) == 4
    zoo = set(pd.read_csv(out / "zoo.csv", dtype={"hash": str})["hash"])
    assert not zoo & set(rows["network"])  # chains of their own
    assert np.sum(recovery["metrics"]["cka"]["sizes"][0]["confusion"]) == 2
    assert "Would the true" in (out / "report.html").read_text()
    assert recovery["sentences"][0] in found.stdout
    assert (out / "ranking.json").read_bytes() == before
    kept = {path: path.stat().st_mtime_ns for path in (out / "recovery").iterdir()}
    assert len(kept) == 2
    assert invoke("recover", out, "--quick", "--jobs", 1).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (out / "recovery").iterdir()} == kept


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["--runs", "0"], "expected runs of at least 1"),
        (["--draws", "3"], "expected draws of at least 20"),
        (["--sizes", "0,1"], "expected sizes of at least 0.05"),
        (["--sizes", "many"], "expected sizes as numbers"),
        (["--gammas", "-1"], "expected gamma to be a number >= 0"),
        (["--metrics", "procustes"], "did you mean procrustes"),
        (["--chains", "1"], "expected chains of at least 2"),
        (["--recording", "nowhere.nwb"], "nowhere.nwb"),
    ],
)
def test_what_cannot_be_recovered_is_one_line_and_leaves_nothing(made, tmp_path, change, words):
    folder, session = made
    out = tmp_path / "out"
    found = invoke("recover", "--zoo", folder / "zoo", "--recording", session, "--out", out, "--jobs", "1", *change)
    assert found.exit_code == 2
    assert words in found.stderr
    assert found.stderr.count("neurocompare: ") == 1
    assert not out.exists()


def test_a_run_settles_its_own_recording_and_must_be_one(made, tmp_path):
    folder, _ = made
    found = invoke("recover", tmp_path, "--zoo", folder / "zoo")
    assert found.exit_code == 2
    assert "settled, found --zoo" in found.stderr
    found = invoke("recover", tmp_path)
    assert found.exit_code == 2
    assert "expected a finished run in" in found.stderr


def test_a_plan_says_what_it_takes_and_what_it_shows(made):
    _, session = made
    arguments = ["plan", session, "--units", "20,40", "--gammas", "0,0.1,0.4", "--jobs", "1"]
    found = invoke(*arguments, "--no-theory", "--json")
    assert found.exit_code == 0, found.output
    plan = json.loads(found.stdout)
    assert (plan["units"], plan["conditions"], plan["trials"], plan["samples"]) == (24, 4, [6, 6], 80)
    small, large = plan["zoos"]
    assert (small["networks"], small["workers"], small["units"]) == (12, 1, 20)
    for zoo in (small, large):
        assert zoo["least_hours"] < zoo["hours"] < zoo["most_hours"]
        assert "fewer units than samples" in zoo["note"]
    # The steps are those of the small network at both sizes; only the time of a gradient differs.
    assert small["gradients"] == large["gradients"] > 1000
    assert plan["told_apart"] is None
    shown = invoke(*arguments, "--no-theory")
    assert "24 units, 4 conditions, 6 trials each; the task has 80 samples." in shown.stdout


def test_a_plan_that_makes_no_sense_is_one_line(made):
    _, session = made
    for change, words in ((["--units", "3"], "expected units of at least 10"), (["--gammas", "0.4"], "two")):
        found = invoke("plan", session, "--no-theory", *change)
        assert found.exit_code == 2
        assert words in found.stderr
