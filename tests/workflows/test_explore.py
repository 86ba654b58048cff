"""Explorations from a recording to the page, small ones: resumed, extended, and on the side of what was planted."""

from __future__ import annotations

import pandas as pd
import pytest

from neurocompare.account import read_account
from neurocompare.errors import InputError
from neurocompare.ranking import Exploration
from neurocompare.records import load_record
from neurocompare.settings import Choices, Exploring, Family, Networks, Scoring, Workers
from neurocompare.workflows.explore import STAGES, explorable, explore
from neurocompare.workflows.session import asked

RANGES = {"gamma": (0.2, 1.6), "g": (1.2, 1.6), "tau": (0.2, 0.3), "beta": (100, 200), "input_scale": (0.8, 1.2)}
ONLY_READOUTS = Networks(chains=2, method="reservoir")
"""What an exploration leaves does not depend on how networks learn, and reservoirs take no time; refused of a user."""


def explored(small, out, points=16, *, networks=ONLY_READOUTS, progress=False):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("neurocompare.workflows.explore.check_explorable", lambda settings: None)
        return explore(
            small.recording,
            out=out,
            exploring=Exploring(points=points, reservoirs=0.25, lag=(0.05, 0.15), **RANGES),
            family=Family(n_units=40),
            networks=networks,
            scoring=Scoring(metrics=("cka",), resamples=20),
            quick=True,
            workers=Workers(1),
            progress=progress,
        )


@pytest.fixture(scope="module")
def made(small, tmp_path_factory):
    """The exploration of a recording of gamma 0.8, its folder, and the stages it went through."""
    out, stages = tmp_path_factory.mktemp("explored"), []
    found = explored(small, out, progress=lambda stage, done, total: stages.append(stage))
    return found, out / "exploration", tuple(dict.fromkeys(stages))


def test_everything_is_left_in_a_folder_of_its_own(made):
    found, folder, stages = made
    assert stages == STAGES
    assert load_record(Exploration, folder / "exploration.json") == found
    table = pd.read_csv(folder / "design.csv")
    assert table["gamma"].tolist() == [point.gamma for point in found.points]
    assert (table["gamma"] == 0).sum() == 4
    assert all(len(names.split()) == 2 for names in table["networks"])
    scores = pd.read_csv(folder / "scores.csv")
    assert sorted(scores.loc[scores["kind"] == "model", "value"].unique()) == list(range(16))
    assert read_account(folder).settings.exploring == Exploring(
        reservoirs=0.25, points=16, lag=(0.05, 0.15), steps=1, **RANGES
    )
    assert (folder / "report.html").exists()


def test_a_second_call_makes_nothing_again_and_a_larger_design_keeps_what_there_is(made, small):
    found, folder, _ = made
    weights = {path: path.stat().st_mtime_ns for path in folder.glob("zoo/*/weights.safetensors")}
    batches = {path: path.stat().st_mtime_ns for path in folder.glob("scores/*/*.csv")}
    assert explored(small, folder.parent) == found
    assert {path: path.stat().st_mtime_ns for path in folder.glob("scores/*/*.csv")} == batches
    larger = explored(small, folder.parent, points=18)
    assert larger.points[:16] == found.points
    assert {path: path.stat().st_mtime_ns for path in weights} == weights
    assert len(list(folder.glob("zoo/*/weights.safetensors"))) == len(weights) + 4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"family": Family(tau=0.2)}, "expected no value of tau for an exploration"),
        ({"networks": Networks(gammas=(0, 1))}, "expected no value of gamma for an exploration"),
        ({"networks": Networks(method="reservoir")}, "found reservoir: gamma changes nothing there"),
        ({"networks": Networks(steps=3)}, "expected --steps with a method that trains"),
        ({"choices": Choices(lag=0.1)}, "expected no value of lag for an exploration"),
        ({"family": Family(n_units=8)}, "expected networks of at least 12 units"),
    ],
)
def test_what_an_exploration_varies_is_refused_before_anything_is_written(small, tmp_path, settings, message):
    with pytest.raises(InputError, match=message):
        explore(small.recording, out=tmp_path / "out", progress=False, **settings)
    assert not (tmp_path / "out").exists()


def test_a_point_has_two_networks_of_two_chains_unless_others_are_asked_for():
    """As many as its frequencies were measured with: a run's four chains would double what it costs."""
    for asked_for, made in (
        (None, Networks(chains=2, members=2)),
        (Networks(chains=3), Networks(chains=3)),
        (Networks(members=3), Networks(members=3)),
    ):
        settings = explorable(asked("synthetic", None, None, 0), None, None, asked_for, quick=False)
        assert settings.networks == made


@pytest.mark.slow
def test_gamma_is_found_on_the_side_where_it_was_planted(small, tmp_path):
    """The recording is of gamma 0.8 (g 1.5, tau 0.1 s): reservoirs are less like it."""
    found = explored(small, tmp_path, networks=Networks(chains=2))
    profile = found.metrics["cka"].ranking
    by_gamma = {score.gamma: score.mean for score in profile.judged}
    assert profile.best_gamma > 0.2
    assert by_gamma[profile.best_gamma] > by_gamma[0.0]
    assert found.planted_gamma == 0.8
