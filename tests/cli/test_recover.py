"""neurocompare recover and run --dry-run: a small zoo from end to end, beside a ranking, and what is refused."""

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from neurocompare.cli.main import app
from neurocompare.models import Draw, Family, Sampling, ZooPlan, make_zoo
from neurocompare.recordings import open_recording
from neurocompare.settings import Choices, Networks, Workers
from neurocompare.tasks import ideal_reach, reach_task, save_task
from neurocompare.workflows import synthetic_file
from neurocompare.workflows.distinguishable import Placed
from neurocompare.workflows.plan import plan
from neurocompare.workflows.planted import planted_responses

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
    make_zoo(task, family, folder / "zoo", ZooPlan((0.0, 0.4), sampler=Draw(SHORT), chains=2), workers=Workers(1))
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
        "rank", folder / "zoo", "--data", session, "--out", out, "--resamples", 20, "--jobs", 1, "--metrics", "cka"
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
        (["--runs", "0"], "expected runs to be a whole number at least 1"),
        (["--resamples", "3"], "expected resamples to be a whole number at least 20"),
        (["--sizes", "0,1"], "expected sizes to be a sequence of values, each a number at least 0.05"),
        (["--sizes", "many"], "expected sizes as numbers"),
        (["--gammas", "-1"], "expected planted (--gammas) to be a sequence of values, each a number at least 0"),
        (["--metrics", "procustes"], "did you mean procrustes"),
        (["--chains", "1"], "expected chains to be a whole number at least 2"),
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
    assert "found no run.json; give the folder of a finished `neurocompare run`" in found.stderr


def test_a_plan_says_what_it_takes(made):
    _, session = made
    networks = Networks(gammas=(0.0, 0.1, 0.4))
    found = plan(session, sizes=(20, 40), theory=False, networks=networks, workers=Workers(jobs=1))
    assert (found.units, found.conditions, found.trials, found.samples) == (24, 4, (6, 6), 80)
    small, large = found.zoos
    assert (small.networks, small.workers, small.units) == (12, 1, 20)
    for zoo in (small, large):
        assert zoo.least_hours < zoo.hours < zoo.most_hours
        assert "fewer units than samples" in zoo.note
    # The steps are those of the small network at both sizes; only the time of a gradient differs.
    assert small.gradients == large.gradients > 1000
    assert found.told_apart is None


def test_a_dry_run_prints_the_plan_and_makes_nothing(made, tmp_path, monkeypatch):
    _, session = made
    monkeypatch.chdir(tmp_path)
    placed = Placed("kernel-cka", 0.4, 0.1, 1.6, (0.0,))
    tiny = Networks(gammas=(0.0, 0.1))
    asked, found = {}, plan(session, sizes=(20,), theory=False, networks=tiny, workers=Workers(jobs=1))

    def planned(recording, **settings):
        asked.update(settings, recording=recording)
        return replace(found, told_apart=(placed,))

    monkeypatch.setattr("neurocompare.workflows.plan.plan", planned)
    arguments = ["run", session, "--dry-run", "--units", 20, "--gammas", "0,0.4", "--jobs", 1, "--area", "M1"]
    shown = invoke(*arguments)
    assert shown.exit_code == 0, shown.output
    assert "24 units, 4 conditions, 6 trials each; the task has 80 samples." in shown.stdout
    assert "0.1 to 1.6" in shown.stdout
    printed = json.loads(invoke(*arguments, "--json").stdout)
    assert (printed["schema"], printed["units"], printed["trials"]) == (1, 24, [6, 6])
    assert printed["told_apart"] == [asdict(placed) | {"told_apart": [0.0]}]
    assert asked == {
        "recording": str(session), "seed": 0, "choices": Choices(area="M1"), "family": Family(n_units=20),
        "networks": Networks(gammas=(0.0, 0.4)), "workers": Workers(jobs=1), "quick": False,
    }  # fmt: skip
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["--units", "0"], "expected n_units (--units)"),
        (["--gammas", "0.4"], "two"),
        (["--method", "gradient-descent"], "expected --dry-run with --method draw, found gradient-descent"),
    ],
)
def test_a_plan_that_makes_no_sense_is_one_line(made, change, words):
    _, session = made
    found = invoke("run", session, "--dry-run", *change)
    assert found.exit_code == 2
    assert words in found.stderr
    assert found.stderr.count("neurocompare: ") == 1
