"""The whole comparison on twins of published recordings, as a user would run it."""

from __future__ import annotations

import json

import pytest
from twins import MUSCLES, falcon_twin, maze_twin

from neurocompare.account import read_account
from neurocompare.models import Sampling
from neurocompare.recordings import catalogue, nwb
from neurocompare.settings import Choices, Family, Networks, Scoring, Workers
from neurocompare.tasks import load_task
from neurocompare.workflows import one_family
from neurocompare.workflows.run import run

TINY = {
    "quick": True,
    "gammas": (0.0, 0.4),
    "family": Family(n_units=80, tau=0.2),
    "networks": Networks(chains=2),
    "scoring": Scoring(resamples=20),
    "workers": Workers(jobs=1),
}
"""Networks as few and chains as short as are allowed: for the path, not for the number."""


@pytest.fixture
def shortest_chains(monkeypatch):
    shortest = Sampling(ramp=2, adaptation=3, trajectories=8, segments=1, max_leapfrogs=15)
    monkeypatch.setattr(one_family, "Sampling", lambda **_: shortest)


def ranking_of(folder):
    return json.loads((folder / "ranking.json").read_text())


@pytest.mark.usefixtures("shortest_chains")
def test_a_twin_of_mc_maze_small(tmp_path, monkeypatch):
    """142 units and 3.7 trials a condition are too few to settle anything, and the verdicts say so.

    Run by name, it is read as the catalogue says, but for what was given.
    """
    twin = maze_twin(tmp_path / "twin.nwb")
    monkeypatch.setattr(catalogue, "cached", lambda entry: twin)
    monkeypatch.setattr(nwb, "check_same", lambda *_: None)  # a twin has another digest
    monkeypatch.chdir(tmp_path)
    found = run("mc_maze_small", out=tmp_path / "run", choices=Choices(smoothing=0.06, time_step=0.1), **TINY)
    verdicts = {name: result["verdict"] for name, result in ranking_of(found.folder)["metrics"].items()}
    assert set(verdicts.values()) <= {"unreliable", "tied"}, verdicts
    account = read_account(found.folder)
    assert sum(account.used.trials.values()) == 100
    assert len(account.used.trials) == 27
    assert account.recording.target == "hand_vel"
    assert account.recording.notes[0] == "Layout: maze."
    assert account.recording.name == "mc_maze_small"
    read = account.settings.choices
    assert (read.bin_width, read.smoothing, read.lag) == (0.02, 0.06, 0.12)
    assert account.recording.from_catalogue == ("bin_width", "lag")
    assert ranking_of(found.folder)["settings"]["lag"] == 0.12


@pytest.mark.usefixtures("shortest_chains")
def test_a_twin_of_falcon_m1(tmp_path):
    """Sixteen muscles are the target, without anything being said on the command line; one window suffices."""
    twin = falcon_twin(tmp_path / "twin.nwb", n_trials=96)
    found = run(twin, out=tmp_path / "run", choices=Choices(area="M1", time_step=0.1), **TINY)
    task = load_task(found.folder / "task.nc")
    assert task.targets["output"].values.tolist() == list(MUSCLES)
    assert task.targets.sizes["condition"] == 32
    account = read_account(found.folder)
    assert account.recording.segments == ("move_onset_time -0.25 to +0.45 s",)
    assert account.used.units == 64
    assert account.settings.choices.area == "M1"


@pytest.mark.slow
@pytest.mark.parametrize("twin", [maze_twin, falcon_twin])
def test_twins_of_full_size(tmp_path, twin):
    """All trials, and the networks of ``--quick``: some minutes each."""
    found = run(twin(tmp_path / "twin.nwb"), out=tmp_path / "run", quick=True, workers=Workers(jobs=1))
    ranking = ranking_of(found.folder)
    verdicts = {name: result["verdict"] for name, result in ranking["metrics"].items()}
    print(twin.__name__, verdicts, ranking["summary"]["sentence"])
    if twin is maze_twin:
        assert set(verdicts.values()) <= {"unreliable", "tied"}, verdicts
