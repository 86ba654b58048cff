"""neurocompare run --explore: what reaches the workflow, what is printed, and what does not go together with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from explorations import exploration_of
from typer.testing import CliRunner

from neurocompare.account import Account, Comparison, Recorded, Used
from neurocompare.cli.main import app
from neurocompare.recordings import Provenance
from neurocompare.records import save_record
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Choices, Exploring, Family, Networks
from neurocompare.workflows import explore as workflow
from neurocompare.workflows import explore_plan
from neurocompare.workflows.explore_plan import ExplorationPlan, TimeStepPlan


@pytest.fixture(scope="module")
def found():
    return exploration_of(lambda place, point: 0.8 - (place - 0.5) ** 2, Exploring(points=16))


@pytest.fixture
def calls(monkeypatch, found):
    """Keyword arguments of each call of an exploration that only leaves its record."""
    seen = []

    def explore(recording, **settings):
        seen.append({"recording": recording, **settings})
        left = RunFolder(Path(settings["out"])).explored
        left.path.mkdir(parents=True)
        save_record(found, left.exploration)
        return found

    monkeypatch.setattr(workflow, "explore", explore)
    return seen


def invoke(*arguments):
    return CliRunner().invoke(app, ["run", *arguments])


def test_a_design_reaches_the_workflow_and_its_answer_is_printed(calls, found, tmp_path):
    out = tmp_path / "run"
    typed = ["--explore", "--explore-points", "128", "--explore-tau", "0.1,0.3", "--units", "200", "--out", str(out)]
    result = invoke("monkey.nwb", *typed, "--explore-steps", "2")
    assert result.exit_code == 0, result.stderr
    (settings,) = calls
    assert settings["recording"] == "monkey.nwb"
    assert settings["exploring"] == Exploring(points=128, tau=(0.1, 0.3), steps=2)
    assert settings["family"] == Family(n_units=200)
    assert result.stdout.startswith(f"{found.headline}.\n\n{found.conditions[0]}\n")
    assert f"Report: {out / 'exploration' / 'report.html'}" in result.stdout


def test_what_is_not_varied_is_given_as_for_a_run(calls, tmp_path):
    typed = ["--explore", "--explore-only", "tau,lag", "--g", "1.2", "--out", str(tmp_path / "run")]
    assert invoke(*typed).exit_code == 0
    assert calls[0]["exploring"].varied == ("gamma", "tau", "lag")
    assert calls[0]["family"] == Family(g=1.2)


def test_a_dry_run_says_what_a_design_takes_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = ExplorationPlan(
        "monkey", 80, 8, (10, 12), points=40, reservoirs=4, networks=160, network_units=400,
        parts=(
            TimeStepPlan(0.05, (0.2, 0.3), 10, 160, 1e5, 0.1), TimeStepPlan(0.0125, (0.05, 0.06), 30, 640, 1e6, 0.9)
        ),
        hours=1.2, least_hours=0.4, most_hours=9.0, memory=2e9, disk=5e8, workers=2,
        sentences=("A short tau is dear.",),
    )  # fmt: skip
    asked = {}

    def planned(recording, **settings):
        asked.update(settings, recording=recording)
        return plan

    monkeypatch.setattr(explore_plan, "plan_exploration", planned)
    typed = ["monkey.nwb", "--explore", "--dry-run", "--quick", "--explore-points", "40", "--metrics", "cka"]
    shown = invoke(*typed)
    assert shown.exit_code == 0, shown.stderr
    assert "monkey: 80 units, 8 conditions, 10 to 12 trials each.\n40 points, 4 of them reservoirs" in shown.stdout
    assert "12.5" in shown.stdout
    assert "Networks take about 72 min (24 min to 9 h) with 2 workers." in shown.stdout
    assert "A short tau is dear." in shown.stdout
    assert (asked["recording"], asked["quick"], asked["exploring"].points) == ("monkey.nwb", True, 40)
    assert json.loads(invoke(*typed, "--json").stdout)["parts"][1]["samples"] == 640
    assert list(tmp_path.iterdir()) == []


def test_json_is_what_was_left(calls, tmp_path):
    printed = json.loads(invoke("--explore", "--json", "--out", str(tmp_path / "run")).stdout)
    assert printed["schema"] == 1
    assert len(printed["points"]) == 16


def test_an_earlier_exploration_is_repeated_from_its_account(calls, tmp_path):
    read = Choices(lag=0.1)  # as the recording was read, whatever was asked for
    asked = Comparison("mine.nwb", read, family=Family(), networks=Networks(), exploring=Exploring(points=20))
    account = Account(asked, Recorded("mine", Provenance()), Used(1, (), (), {}, {}), "reach", 10)
    save_record(account, tmp_path / "run.json")
    assert invoke("--from", str(tmp_path / "run.json"), "--out", str(tmp_path / "again")).exit_code == 0
    assert calls[0]["recording"] == "mine.nwb"
    assert calls[0]["exploring"] == Exploring(points=20)
    assert calls[0]["choices"] == Choices()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["--explore", "--g", "1.2"], "expected no value of g for an exploration, which varies it; give its range"),
        (["--explore", "--gammas", "0,1"], "expected no value of gamma for an exploration"),
        (["--explore", "--lag", "0.05"], "expected no value of lag for an exploration"),
        (["--explore", "--explore-only", "g,lag", "--g", "1.2"], "expected no value of g for an exploration"),
        (["--explore", "--explore-only", "units"], "expected to vary only some of gamma, g, tau, beta, input_scale"),
        (["--explore", "--input-scale", "2"], "give its range, --explore-input-scale"),
        (["--explore", "--method", "reservoir"], "found reservoir: gamma changes nothing there; drop --method"),
        (["--explore", "--steps", "9"], "expected --steps with a method that trains, found it with --method draw"),
        (
            ["--explore", "--method", "langevin", "--trajectories", "9"],
            "expected --trajectories with --method draw, found it with --method langevin",
        ),
        (["--explore", "--dry-run", "--method", "langevin"], "expected --dry-run with --method draw, found langevin"),
        (["--explore", "--from", "run.json"], "expected nothing beside --from"),
        (["--explore-points", "32"], "expected --explore-points with --explore, found it alone"),
    ],
)  # fmt: skip
def test_what_does_not_apply_is_refused_in_one_line(calls, typed, message):
    result = invoke(*typed)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not calls
