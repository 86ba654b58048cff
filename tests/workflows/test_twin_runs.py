"""The whole comparison on twins of published recordings, as a user would run it."""

from __future__ import annotations

import json

import pytest
from twins import MUSCLES, falcon_twin, maze_twin

import neurocompare.workflows.run
from neurocompare.models import Sampling
from neurocompare.recordings import Choices, catalogue
from neurocompare.tasks import load_task
from neurocompare.workflows.run import run

TINY = {
    "quick": True,
    "gammas": (0.0, 0.4),
    "units": 80,
    "members": 1,
    "draws": 20,
    "time_step": 0.1,
    "tau": 0.2,
    "jobs": 1,
}
"""Networks as few and chains as short as are allowed: for the path, not for the number."""


@pytest.fixture
def shortest_chains(monkeypatch):
    shortest = Sampling(ramp=2, adaptation=3, trajectories=8, segments=1, max_leapfrogs=15)
    monkeypatch.setitem(neurocompare.workflows.run.QUICK, "sampling", shortest)


def ranking_of(folder):
    return json.loads((folder / "ranking.json").read_text())


@pytest.mark.usefixtures("shortest_chains")
def test_a_twin_of_mc_maze_small(tmp_path, monkeypatch):
    """142 units and 3.7 trials a condition are too few to settle anything, and the verdicts say so.

    Run by name, it is read as the catalogue says, but for what was given.
    """
    twin = maze_twin(tmp_path / "twin.nwb")
    monkeypatch.setattr(catalogue, "cached", lambda entry: twin)
    monkeypatch.chdir(tmp_path)
    report = run("mc_maze_small", out=tmp_path / "run", smoothing=0.06, **TINY)
    verdicts = {name: result["verdict"] for name, result in ranking_of(report.parent)["metrics"].items()}
    assert set(verdicts.values()) <= {"unreliable", "tied"}, verdicts
    account = json.loads((report.parent / "run.json").read_text())
    assert sum(account["trials"]["per_condition"].values()) == 100
    assert len(account["trials"]["per_condition"]) == 27
    assert account["read"]["target"] == "hand_vel"
    assert account["read"]["notes"][0] == "Layout: maze."
    assert account["recording"]["name"] == "mc_maze_small"
    assert {name: account["settings"][name] for name in ("bin_width", "smoothing", "lead")} == {
        "bin_width": 0.02,
        "smoothing": 0.06,
        "lead": 0.12,
    }
    assert account["read"]["from_catalogue"] == ["bin_width", "lead"]
    assert ranking_of(report.parent)["settings"]["lag"] == 0.12


@pytest.mark.usefixtures("shortest_chains")
def test_a_twin_of_falcon_m1(tmp_path):
    """Sixteen muscles are the target, without anything being said on the command line; one window suffices."""
    twin = falcon_twin(tmp_path / "twin.nwb", n_trials=96)
    report = run(twin, out=tmp_path / "run", choices=Choices(area="M1"), **TINY)
    task = load_task(report.parent / "task.nc")
    assert task.targets["output"].values.tolist() == list(MUSCLES)
    assert task.targets.sizes["condition"] == 32
    account = json.loads((report.parent / "run.json").read_text())
    assert account["read"]["segments"] == ["move_onset_time -0.25 to +0.45 s"]
    assert account["units"]["kept"] == 64
    assert account["settings"]["choices"]["area"] == "M1"


@pytest.mark.slow
@pytest.mark.parametrize("twin", [maze_twin, falcon_twin])
def test_twins_of_full_size(tmp_path, twin):
    """All trials, and the networks of ``--quick``: some minutes each."""
    report = run(twin(tmp_path / "twin.nwb"), out=tmp_path / "run", quick=True, jobs=1)
    ranking = ranking_of(report.parent)
    verdicts = {name: result["verdict"] for name, result in ranking["metrics"].items()}
    print(twin.__name__, verdicts, ranking["summary"]["sentence"])
    if twin is maze_twin:
        assert set(verdicts.values()) <= {"unreliable", "tied"}, verdicts
