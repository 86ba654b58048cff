"""A run that repeats its ranking: at equal fit, and at nuisance settings."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurocompare.models import Sampling
from neurocompare.models.find_beta import Matching
from neurocompare.settings import Checks, Choices, Family, Networks, Scoring, Workers
from neurocompare.workflows import one_family, synthetic_file
from neurocompare.workflows.planted import planted_responses
from neurocompare.workflows.run import run

UNITS = 40
SHORT = Sampling(ramp=2, adaptation=4, trajectories=8, segments=1, max_leapfrogs=10)
SETTINGS = {
    "quick": True,
    "gammas": (0.0, 0.4, 1.6),
    "choices": Choices(time_step=0.1),
    "family": Family(n_units=UNITS),
    "networks": Networks(members=1),
    "scoring": Scoring(("procrustes", "cka"), 20),
    "workers": Workers(jobs=1),
}
REPEATED = Checks(match="fit", nuisance=("g", "lag"))


@pytest.fixture(scope="module", autouse=True)
def brief():
    """Chains and a search for beta that are too short to trust: quick."""
    patch = pytest.MonkeyPatch()
    search = Matching(iterations=2, trajectories=8, adaptation=2, check=8, corrections=0)
    patch.setattr(one_family, "Sampling", lambda **_: SHORT)
    patch.setattr(one_family, "Matching", lambda **_: search)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Recorded from a network of gamma 0.4 whose g is one step above what the run takes it to be."""
    family = Family(g=1.8, n_units=UNITS)
    longer = replace(SHORT, trajectories=20, max_leapfrogs=60)
    return synthetic_file(
        lambda task: planted_responses(task, family, 0.4, seed=0, sampling=longer),
        planted=(("gamma", 0.4),),
        folder=tmp_path_factory.mktemp("session"),
        n_units=24,
        trials=20,
    )


@pytest.fixture(scope="module")
def finished(session, tmp_path_factory):
    """Folder of the run, and what its progress was called with."""
    folder, seen = tmp_path_factory.mktemp("run") / "run", []
    run(session, out=folder, progress=lambda *call: seen.append(call), checks=REPEATED, **SETTINGS)
    return folder, seen


def read(folder, name):
    return json.loads((folder / name).read_text())


def scores_of(folder):
    return pd.read_csv(folder / "scores.csv", dtype={"network": "str"})


ARMS = ("g=1.2", "g=1.8", "lag=0.05", "lag=0.15")


def test_the_planted_gamma_is_above_the_reservoir_though_g_is_wrong(finished):
    """Two networks a gamma leave intervals as wide as the grid: that it lies in them says nothing yet."""
    nuisance = read(finished[0], "nuisance.json")
    assert [setting["name"] for setting in nuisance["settings"]] == ["as asked", *(n.replace("=", " = ") for n in ARMS)]
    for metric in nuisance["metrics"].values():
        for kind in ("profile", "marginal"):
            low, high = metric[kind]["gamma_interval"]
            assert low <= 0.4 <= high
            mean = {score["gamma"]: score["mean"] for score in metric[kind]["scores"]}
            assert mean[0.4] > mean[0.0] + 0.02
        assert all(low <= 0.4 <= high for low, high in (each["gamma_interval"] for each in metric["settings"]))


def test_profile_and_marginal_are_those_of_the_scores_on_disk(finished):
    folder, _ = finished
    tables = [scores_of(folder), *(scores_of(folder / "nuisance" / arm) for arm in ARMS)]
    nuisance = read(folder, "nuisance.json")
    for metric in ("procrustes", "cka"):
        means = []
        for table in tables:
            kept = (table["kind"] == "model") & (table["metric"] == metric) & (table["centring"] == "unit")
            means.append(table[kept].groupby("gamma")["score"].mean().to_numpy())
        found = nuisance["metrics"][metric]
        for kind, by_hand in (("profile", np.max(means, axis=0)), ("marginal", np.mean(means, axis=0))):
            assert [score["mean"] for score in found[kind]["scores"]] == pytest.approx(by_hand.tolist(), rel=1e-9)


def test_every_setting_meets_the_same_halves_of_the_recording(finished):
    folder, _ = finished
    columns = ["metric", "centring", "resample", "score"]
    ceilings = [
        table.loc[table["kind"] == "ceiling", columns].reset_index(drop=True)
        for table in (scores_of(place) for place in (folder, folder / "matched", folder / "nuisance" / "lag=0.05"))
    ]
    for other in ceilings[1:]:
        pd.testing.assert_frame_equal(ceilings[0], other)


def test_a_lag_is_a_task_and_a_g_a_family(finished):
    folder, _ = finished
    wide = pd.read_csv(folder / "nuisance" / "g=1.8" / "zoo" / "zoo.csv")
    assert set(wide["g"]) == {1.8}
    base = pd.read_csv(folder / "zoo" / "zoo.csv")
    early = pd.read_csv(folder / "nuisance" / "lag=0.05" / "zoo" / "zoo.csv")
    assert set(early["g"]) == set(base["g"]) == {1.5}
    assert set(wide["task"]) == set(base["task"]) != set(early["task"])
    assert read(folder / "nuisance" / "lag=0.05", "ranking.json")["settings"]["lag"] == 0.05


def test_the_matched_ranking_stands_beside_with_its_betas_and_fit(finished):
    folder, _ = finished
    matched, ranking = read(folder / "matched", "ranking.json"), read(folder, "ranking.json")
    assert [entry["gamma"] for entry in matched["settings"]["betas"]] == [0.0, 0.4, 1.6]
    assert len({entry["beta"] for entry in matched["settings"]["betas"]}) > 1
    assert "beta" not in matched["settings"]
    assert matched["summary"]["sentence"].endswith("lag = 100 ms, beta chosen for equal loss.")
    assert len(matched["fit"]) == len(ranking["fit"]) == 3
    assert ranking["settings"]["beta"] == 400


def test_the_sentence_states_all_and_ends_with_what_it_was_profiled_over(finished):
    ranking = read(finished[0], "ranking.json")
    sentence = ranking["summary"]["sentence"]
    assert ", at g = 1.5, tau = 100 ms, beta = 400, lag = 100 ms; " in sentence
    assert "with beta chosen for equal loss" in sentence
    assert sentence.endswith("when profiled over g from 1.2 to 1.8 and lag from 50 to 150 ms.")
    assert set(ranking["confounds"]) == {"matched", "nuisance"}


def test_the_report_shows_them(finished):
    page = (finished[0] / "report.html").read_text()
    for words in ("What else could explain it?", "Equal fit", "Nuisance settings", "profile"):
        assert words in page, words
    assert page.count('aria-label="procrustes score against gamma at every nuisance setting"') == 1


def test_the_cost_is_told_before_anything_is_done(finished):
    _, seen = finished
    assert seen[0][0].startswith("To make: 6 zoos of 6 networks (1 as asked, 1 of equal fit")
    stages = list(dict.fromkeys(stage for stage, *_ in seen[1:]))
    assert stages == [
        "recording", "task", "networks", "scores", "matched networks", "matched scores", "nuisance networks",
        "nuisance scores", "report",
    ]  # fmt: skip
    shares = [done / total for stage, done, total in seen if stage == "nuisance networks"]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_rerun_makes_nothing_again_and_a_plain_one_forgets_the_repetitions(finished, session):
    folder, _ = finished
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("**/*") if path.suffix in (".safetensors", ".csv")}
    kept = {path: stamp for path, stamp in kept.items() if path.name not in ("zoo.csv", "scores.csv")}
    assert len(kept) > 36
    before = {name: (folder / name).read_bytes() for name in ("ranking.json", "nuisance.json")}
    run(session, out=folder, checks=REPEATED, **SETTINGS)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert {name: (folder / name).read_bytes() for name in before} == before
    run(session, out=folder, **SETTINGS)
    ranking = read(folder, "ranking.json")
    assert ranking["confounds"] == {}
    assert ranking["summary"]["sentence"].endswith("at g = 1.5, tau = 100 ms, beta = 400, lag = 100 ms.")
    assert "What else could explain it?" not in (folder / "report.html").read_text()
