"""neurocompare.workflows.theory: what is left in the folder, from tasks, recordings and beside runs."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from neurocompare.account import Account, Comparison, Recorded, Used
from neurocompare.errors import InputError
from neurocompare.metrics import METRICS
from neurocompare.ranking.theory_result import TheoryResult
from neurocompare.recordings import Provenance
from neurocompare.recordings.write_nwb import write_maze_nwb
from neurocompare.records import load_record, save_record
from neurocompare.responses import make_responses
from neurocompare.settings import Choices, Family, Networks, Solving, Workers
from neurocompare.tasks import ideal_reach
from neurocompare.theory import kept_populations
from neurocompare.workflows import theory as maker
from neurocompare.workflows.synthetic import synthetic_recording
from neurocompare.workflows.theory import theory, theory_of_run

SOLVING = Solving(gammas=(0.0, 0.2), population=128, trajectories=8, resamples=20, drawn_units=60)
SMALL = {"solving": SOLVING, "workers": Workers(jobs=1)}
COARSE = Choices(time_step=0.1)
OF_TASK = SMALL | {"family": Family(tau=0.05, beta=100.0), "progress": False}


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """An NWB file of a reach in three directions, of units that do no more than be tuned."""
    task = ideal_reach(directions=3)
    rng = np.random.default_rng(0)
    time = task.inputs["time"].values
    angles = task.inputs["target_angle"].values
    phase = rng.uniform(0, 2 * np.pi, 40)
    phi = np.tanh(np.cos(angles[:, None, None] - phase) * np.sin(7 * time[:, None] + 2 * phase))
    responses = make_responses(phi, condition=task.inputs["condition"].values, time=time)
    recording = synthetic_recording(responses, task=task, n_units=24, trials=6, planted=(("gamma", 0.2),))
    path = tmp_path_factory.mktemp("session") / "session.nwb"
    write_maze_nwb(recording, path)
    return path


@pytest.fixture(scope="module")
def of_recording(session, tmp_path_factory):
    said = []
    out = tmp_path_factory.mktemp("theory")
    found = theory(session, out=out, **SMALL, choices=COARSE, progress=lambda *each: said.append(each))
    return found, said


@pytest.fixture(scope="module")
def of_task(tmp_path_factory):
    """The theory of a task in a folder that it made, and how many populations were sampled for it."""
    sampled, real = [], kept_populations.sample
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_populations, "sample", lambda order: sampled.append(order) or real(order))
        found = theory("oscillation", out=tmp_path_factory.mktemp("theory") / "new", **OF_TASK)
    return found, len(sampled)


def test_a_task_gives_solutions_and_no_scores(of_task):
    found, _ = of_task
    assert sorted(path.name for path in found.folder.iterdir()) == [
        "theory.csv", "theory.json", "theory.nc", "theory.svg",
    ]  # fmt: skip
    content = json.loads((found.folder / "theory.json").read_text())
    assert content["ranking"] is None
    assert content["kernels"] == []
    assert [row["gamma"] for row in content["solutions"] if row["leading"]] == [0.0, 0.2]
    # Section 7 of the reference: tanh, g 1.5, gamma 0 by quadrature.
    assert content["solutions"][0]["participation_ratio"] == pytest.approx(2.4045, rel=0.01)
    assert content["solutions"][0]["kernel_error"] == 0


def test_files_hold_what_was_found(of_recording):
    found, _ = of_recording
    with xr.open_dataset(found.folder / "theory.nc", engine="h5netcdf") as opened:
        stored = opened.load()
    assert stored["kernel"].dims == ("solution", "condition", "time", "other_condition", "other_time")
    for place, field in enumerate(found.fields):
        assert np.array_equal(stored["kernel"][place], field.kernel)
        assert np.array_equal(stored["mean_output"][place], field.output)
    assert stored["gamma"].values.tolist() == [field.gamma for field in found.fields]
    table = pd.read_csv(found.folder / "theory.csv")
    content = json.loads((found.folder / "theory.json").read_text())
    for column in ("free_energy", "kl"):
        assert np.allclose(table[column], [row[column] for row in content["solutions"]])
    for metric in ("procrustes", "kernel-cka"):
        assert np.allclose(table[metric], [row["scores"][metric] for row in content["solutions"]])
    read = load_record(TheoryResult, found.folder / "theory.json")
    assert read.ranking == found.scores.ranking
    assert read.kernels == found.scores.kernel_rankings
    assert (found.folder / "theory.svg").read_text().startswith("<?xml")


def test_a_theory_whose_ranking_is_of_schema_2_is_read(of_recording, tmp_path):
    document = json.loads((of_recording[0].folder / "theory.json").read_text())
    document["ranking"]["confounds"] = {}
    (tmp_path / "theory.json").write_text(json.dumps(document | {"schema": 3}))
    read = load_record(TheoryResult, tmp_path / "theory.json")
    assert read == load_record(TheoryResult, of_recording[0].folder / "theory.json")


def test_a_recording_is_ranked_by_drawn_units_and_by_kernels(of_recording):
    found, said = of_recording
    content = json.loads((found.folder / "theory.json").read_text())
    ranking = content["ranking"]
    assert ranking["planted_gamma"] == 0.2
    assert list(ranking["metrics"]) == [metric.name for metric in METRICS]
    assert {row["metric"] for row in content["kernels"]} == {"kernel-cka", "kernel-procrustes", "kernel-cca"}
    mean = {row["gamma"]: row["scores"]["procrustes"] for row in content["solutions"]}
    for score in ranking["metrics"]["procrustes"]["scores"]:
        assert score["mean"] == pytest.approx(mean[score["gamma"]])
    assert {stage for stage, _, _ in said} == {"task", "theory", "scores"}
    assert said[-1][1:] == (20, 20)


def test_a_thinned_task_takes_its_recording_with_it(session, tmp_path):
    thin = SMALL | {"solving": replace(SOLVING, gammas=(0.0,), max_samples=24)}
    found = theory(session, out=tmp_path, **thin, choices=COARSE)
    assert found.task.inputs.sizes["condition"] == 2
    assert found.scores.ranking.metrics["cka"].scores  # cka needs no third condition


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (lambda: {"solving": Solving(resamples=5)}, "resamples to be a whole number at least 20"),
        (lambda: {"solving": Solving(population=3)}, "population to be a whole number at least 64"),
        (lambda: {"gammas": [-1]}, "gammas to be a sequence of values, each a number at least 0"),
        (lambda: {"family": Family(tau=0.01)}, "time step of at most tau"),
        (lambda: {"family": Family(nonlinearity="step")}, "expected nonlinearity to be one of"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_written(tmp_path, settings, said):
    with pytest.raises(InputError, match=said):
        theory("oscillation", out=tmp_path / "out", **{"gammas": [0.0], **settings()})
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_solved(tmp_path, monkeypatch):
    monkeypatch.setattr(maker, "mean_field", lambda *_, **__: pytest.fail("solved in vain"))
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="not a folder you can write to"):
        theory("oscillation", out=tmp_path / "file", gammas=[0.0])


def leave_run(folder, settings):
    """Leave the account of a finished comparison."""
    recorded = Recorded("mine", Provenance("mine.nwb", "ab12"))
    save_record(Account(settings, recorded, Used(24, (), (), {}, {}), "reach", 80), folder / "run.json")


def test_beside_a_run_the_settings_are_the_runs_own(tmp_path, monkeypatch):
    made = Comparison(
        "mine.nwb",
        Choices(area="M1", time_step=0.1, lag=0.0, bin_width=0.01, smoothing=0.03, min_rate=0.5),
        Family(g=1.2, tau=0.2, beta=50.0, n_units=30),
        Networks(gammas=(0.0, 1.0)),
        seed=3,
    )
    leave_run(tmp_path, made)
    calls = []
    monkeypatch.setattr(maker, "theory", lambda source, **settings: calls.append((source, settings)))
    monkeypatch.setattr(maker, "write_report", lambda folder: calls.append(folder))
    theory_of_run(tmp_path, gammas=[0.0], solving=Solving(population=128), workers=Workers(jobs=1), progress=False)
    source, settings = calls[0]
    assert source == made.recording
    assert settings == {
        "out": tmp_path, "gammas": [0.0], "seed": 3, "choices": made.choices, "family": made.family,
        "solving": Solving(population=128), "workers": Workers(jobs=1), "progress": None,
    }  # fmt: skip
    assert calls[1] == tmp_path


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"found no run\.json; give the folder of a finished"):
        theory_of_run(tmp_path)
    (tmp_path / "run.json").write_text('{"settings": {"recording": "x", "sampling": {}}}')
    with pytest.raises(InputError, match=r"expected a readable run\.json"):
        theory_of_run(tmp_path)
    leave_run(tmp_path, Comparison("mine.nwb", models="my-zoo"))
    with pytest.raises(InputError, match="expected a run that made its networks"):
        theory_of_run(tmp_path)


def test_an_interrupted_theory_goes_on_and_leaves_nothing_behind(of_task, tmp_path, monkeypatch):
    """What was sampled before the interrupt is not sampled again; the result is that of a call left alone."""
    alone, populations = of_task
    real, sampled = kept_populations.sample, []

    def interrupted(order):
        if len(sampled) == 3:
            raise KeyboardInterrupt
        sampled.append(order)
        return real(order)

    monkeypatch.setattr(kept_populations, "sample", interrupted)
    with pytest.raises(KeyboardInterrupt):
        theory("oscillation", out=tmp_path / "ended", **OF_TASK)
    assert not (tmp_path / "ended" / "theory.json").exists()
    again = []
    monkeypatch.setattr(kept_populations, "sample", lambda order: again.append(order) or real(order))
    theory("oscillation", out=tmp_path / "ended", **OF_TASK)
    assert len(again) == populations - 3
    assert sorted(path.name for path in (tmp_path / "ended").iterdir()) == [
        "theory.csv", "theory.json", "theory.nc", "theory.svg",
    ]  # fmt: skip
    ended, whole = (folder / "theory.csv" for folder in (tmp_path / "ended", alone.folder))
    assert ended.read_bytes() == whole.read_bytes()
