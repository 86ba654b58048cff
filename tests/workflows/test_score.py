"""Scoring a model: numbers known from elsewhere, what is left behind, and what is said where something is missing."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import t as student
from twins import maze_twin

import neurocompare
from neurocompare.account import Account, Comparison, Recorded, Used
from neurocompare.errors import InputError
from neurocompare.metrics import get_metric
from neurocompare.ranking import observation_of, observe
from neurocompare.ranking.resample import RESAMPLES
from neurocompare.recordings import Provenance, average, find, open_recording, trials_of
from neurocompare.records import in_json, save_record
from neurocompare.responses import load_responses
from neurocompare.settings import Choices, Family, Scoring, Workers
from neurocompare.streams import Purpose, stream
from neurocompare.workflows.as_recorded import as_recorded
from neurocompare.workflows.score import score
from neurocompare.workflows.session import open_beside

FAST = {"scoring": Scoring(("procrustes", "cka"), 20), "workers": Workers(jobs=1)}


def responses_of(zoo, gamma, chain=0):
    card = next(card for card in zoo.cards if card.gamma == gamma and card.chain == chain)
    return card, load_responses(zoo.folder / card.hash / "responses.nc")


@pytest.fixture(scope="module")
def scored(small, tmp_path_factory):
    """A network of the zoo, gamma 1.6, scored as though it came from outside, and the folder it left."""
    card, responses = responses_of(small.zoo, 1.6)
    out = tmp_path_factory.mktemp("out") / "score"
    seen = []
    result = score(
        responses,
        small.recording,
        run=small.zoo.folder,
        out=out,
        name="mine <b>",
        progress=lambda *a: seen.append(a),
        **FAST,
    )
    return result, out, card, seen


def test_a_network_of_the_zoo_gets_the_scores_it_has_there(scored):
    """Scored from outside it is seen through the same draws, units and spikes: equal to the last bit."""
    result, _, card, _ = scored
    rows = result.table[(result.table["kind"] == "model") & (result.table["against"] == "recording")]
    keys = ["metric", "centring", "resample"]
    outside = rows[rows["network"] == "model"].set_index(keys)["score"].sort_index()
    inside = rows[rows["network"] == card.hash].set_index(keys)["score"]
    assert len(outside) == 2 * 2 * 20
    pd.testing.assert_series_equal(outside, inside.sort_index())
    for centring, one in (
        *(("unit", one) for one in result.metrics.values()),
        *(("condition-mean", one) for one in result.centred.values()),
    ):
        assert one.mean == pytest.approx(outside[one.metric, centring].mean())
        assert one.low < one.mean < one.high


def test_differences_are_of_the_same_draws(scored):
    result, *_ = scored
    rows = result.table[(result.table["kind"] == "model") & (result.table["centring"] == "unit")]
    rows = rows[(rows["against"] == "recording") & (rows["metric"] == "cka")]
    by_name = rows.groupby(["network", "resample"])["score"].mean().unstack()
    one = result.metrics["cka"]
    base = next(base for base in one.baselines if base.name == "kinematic")
    differences = by_name.loc["model"] - by_name.loc["kinematic"]
    assert base.difference == pytest.approx(differences.mean())
    # 12 of 24 units are drawn: the factor that turns half-samples into the whole is 1. Both are one network: what is
    # left is Student's t of 19 degrees of freedom, its quantiles known from 4000 resamples.
    half, density = student.ppf(0.975, 19), student.pdf(student.ppf(0.975, 19), 19)
    error = np.sqrt(0.025 * 0.975 / RESAMPLES) / density / half
    bounds = np.array([base.difference_low, base.difference_high]) - base.difference
    assert bounds == pytest.approx(half * differences.std(ddof=1) * np.array([-1, 1]), rel=4 * error)
    assert base.mean == pytest.approx(by_name.loc["kinematic"].mean())
    assert [base.name for base in one.baselines] == ["kinematic", "reservoir"]
    assert [other.gamma for other in one.zoo] == [0.0, 1.6]


@pytest.mark.parametrize("gamma", [0.0, 1.6])
def test_a_network_of_the_zoo_is_nearest_to_its_own_gamma(small, gamma):
    result = score(responses_of(small.zoo, gamma)[1], small.recording, run=small.zoo.folder, **FAST)
    for one in result.metrics.values():
        assert max(one.nearest.shares, key=lambda each: each.p).gamma == gamma
        assert one.nearest.interval[0] <= gamma <= one.nearest.interval[1]
        assert one.nearest.ceiling.high <= 1


def test_what_is_left_behind(scored):
    result, out, _, seen = scored
    held = json.loads((out / "score.json").read_text())
    assert neurocompare.open_score(out) == result
    assert held["schema"] == 3
    assert "table" not in held
    assert held["planted_gamma"] == 0.8
    assert held["units"] == {"model": 40, "recording": 24}
    assert set(held["metrics"]["cka"]) >= {
        "mean",
        "low",
        "high",
        "ceiling",
        "nulls",
        "baselines",
        "zoo",
        "nearest",
        "scores_like",
    }
    assert len(pd.read_csv(out / "scores.csv")) == len(result.table)
    assert {"strip-0-procrustes.png", "strip-0-procrustes.svg"} <= {path.name for path in (out / "figures").iterdir()}
    page = (out / "report.html").read_text()
    assert "mine &lt;b&gt;" in page
    assert "mine <b>" not in page
    assert f"{held['metrics']['cka']['mean']:.3g}" in page
    assert [stage for stage, done, _ in seen if done == 0][:2] == ["recording", "model"]
    assert ("nearest", 20, 20) in seen


def test_the_text_holds_the_numbers(scored):
    result, *_ = scored
    text = str(result)
    for one in result.metrics.values():
        assert f"{one.mean:.3f} [{one.low:.3f}, {one.high:.3f}]" in text
        assert str(one.nearest) in text
    assert "kinematic" in text


def test_without_a_zoo_it_scores_and_says_how_to_make_one(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = score(lambda inputs: np.tanh(np.cumsum(inputs @ np.eye(3, 40), axis=1)), small.recording, **FAST)
    assert all(one.nearest is None and one.mean is not None for one in result.metrics.values())
    assert any("neurocompare run RECORDING --out neurocompare-run" in note for note in result.notes)
    assert "<lambda>" in result.sentence
    in_json(result)


def test_a_model_of_few_units_is_compared_with_few(small):
    result = score(
        responses_of(small.zoo, 1.6)[1].isel(unit=slice(0, 6)), small.recording, run=small.zoo.folder, **FAST
    )
    assert (result.units.model, result.units.recording) == (6, 12)
    assert any("12 recorded units" in note for note in result.notes)
    assert all(one.nearest.gamma is not None for one in result.metrics.values())


def test_an_untrained_gru_in_one_call(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    result = neurocompare.score(torch.nn.GRU(3, 30), small.recording, **FAST)
    assert result.model == "GRU"
    assert result.metrics["procrustes"].mean < result.metrics["procrustes"].ceiling.low


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (lambda: {"scoring": Scoring(resamples=5)}, "resamples to be a whole number at least 20"),
        (lambda: {"scoring": Scoring(("procustes",))}, "did you mean procrustes"),
        (lambda: {"workers": Workers(jobs=0)}, "jobs to be a whole number at least 1"),
        (lambda: {"run": "nowhere"}, r"run\.json in nowhere, found no run\.json; give the folder of a finished"),
    ],
)
def test_senseless_settings(small, settings, said):
    with pytest.raises(InputError, match=said):
        score(torch.nn.GRU(3, 30), small.recording, **{**FAST, **settings()})


def test_metrics_given_as_such_take_the_place_of_those_that_are_named(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = score(torch.nn.GRU(3, 30), small.recording, metrics=[get_metric("rsa")], **FAST)
    assert set(result.table["metric"]) == {"rsa"}


def test_a_folder_that_cannot_be_written_to_is_refused_before_anything_is_computed(small, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    seen = []
    with pytest.raises(InputError, match="cannot write"):
        score("m.npy", small.recording, out=tmp_path / "file" / "out", progress=lambda *a: seen.append(a))
    assert seen == []


def test_a_zoo_for_another_task_is_refused(small):
    other = replace(small.recording, behavior=tuple(replace(s, values=2 * s.values) for s in small.recording.behavior))
    other = replace(other, trials=other.trials.assign(go_cue_time=other.trials["go_cue_time"] - 0.06))
    with pytest.raises(InputError, match="found some for another"):
        score(torch.nn.GRU(3, 30), other, run=small.zoo.folder, **FAST)


def test_a_model_recorded_has_the_rates_it_is_seen_with(small):
    """Mean counts against the rates without spikes: chi square of the standardised misses, 4 standard errors."""
    trials = trials_of(small.recording)
    responses = responses_of(small.zoo, 1.6)[1]
    seen = as_recorded(responses, trials, rng=stream(Purpose.AS_RECORDED, 3))
    assert seen.counts.sizes == {**trials.counts.sizes, "unit": trials.counts.sizes["unit"]}
    flat = replace(observation_of(trials), smoothing=np.eye(trials.counts.sizes["time"]))
    rates = observe(
        responses, like=flat, units=trials.counts.sizes["unit"], seed=stream(Purpose.AS_RECORDED, 3), noise=False
    )
    unsmoothed = replace(seen, smoothing=0.0)
    expected = rates.values * 8 * trials.bin_width  # 8 trials a condition
    found = average(unsmoothed).values * 8 * trials.bin_width
    kept = expected > 0.5
    chi = ((found - expected)[kept] ** 2 / expected[kept]).sum()
    # The square of a Poisson count's standardised miss has mean 1 and variance 2 + 1 / mean.
    assert abs(chi - kept.sum()) < 4 * np.sqrt((2 + 1 / expected[kept]).sum())
    assert np.array_equal(as_recorded(responses, trials, rng=stream(Purpose.AS_RECORDED, 3)).counts, seen.counts)


def leave_run(folder, choices, *, sha256="abc"):
    """Leave the account of a finished run of a recording called r."""
    recorded = Recorded("r", Provenance("r.nwb", sha256))
    made = Comparison("r.nwb", choices, scoring=Scoring(resamples=33))
    folder.mkdir(exist_ok=True)
    save_record(Account(made, recorded, Used(24, (), (), {}, {}), "reach", 80), folder / "run.json")


def test_a_session_follows_its_run(small, tmp_path, monkeypatch):
    recording = replace(small.recording, provenance=replace(small.recording.provenance, sha256="abc"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "neurocompare-run"
    leave_run(folder, Choices(bin_width=0.05, lag=0.05))
    beside = open_beside(recording, Choices(time_step=0.025))
    assert (beside.session.trials.bin_width, beside.run.name) == (0.05, folder.name)
    assert beside.account.settings.scoring.draws == 33
    assert (beside.session.task.time_step, beside.network_task.time_step) == pytest.approx((0.025, 0.05))
    assert "t + 0.05 s" in beside.session.task.notes[-1]
    other = replace(recording, provenance=replace(recording.provenance, sha256="def", identifier="x"))
    beside = open_beside(other)
    assert (beside.run, beside.account, beside.session.trials.bin_width) == (None, None, 0.02)
    assert beside.notes == ("The run in neurocompare-run was not used: it is one of r.",)
    with pytest.raises(InputError, match=r"expected a run of synthetic read as here in .* found one of r"):
        open_beside(other, run=folder)
    beside = open_beside(recording, Choices(bin_width=0.02))
    assert (beside.run, beside.session.trials.bin_width) == (None, 0.02)
    assert beside.notes == ("The run in neurocompare-run was not used: it is one with another bin width.",)
    assert open_beside(recording, Choices(bin_width=0.05)).run is not None
    with pytest.raises(InputError, match="no choice of area for a recording that is opened already"):
        open_beside(recording, Choices(area="M1"))


def test_synthetic_is_one_recording_whatever_a_run_was_made_with(tmp_path):
    """Settings of the networks, and of an older version's planted one, have no say in what was recorded."""
    made = read_of_version_0_1(tmp_path, sha256=find("synthetic").sha256)
    beside = open_beside("synthetic", run=tmp_path)
    assert beside.run == tmp_path
    assert beside.account.settings.family == Family(g=1.8, n_units=50)
    assert beside.session.recording.provenance.sha256 == find("synthetic").sha256
    assert dict(beside.session.recording.planted)["gamma"] == 0.2
    assert beside.session.task.time_step == pytest.approx(0.1)
    # A run of another session of the same name, as older versions drew it, is not a run of this one.
    read_of_version_0_1(tmp_path, sha256="def")
    with pytest.raises(InputError, match=f"found one of {made}"):
        open_beside("synthetic", run=tmp_path)


def read_of_version_0_1(folder, *, sha256: str) -> str:
    """Leave the account of a run as version 0.1 wrote it; returns the recording's name."""
    settings = {
        "recording": "synthetic", "g": 1.8, "tau": 0.1, "beta": 400.0, "units": 50, "seed": 3, "planted": 1.6,
        "time_step": 0.1, "sampling": {"trajectories": 8}, "gammas": [0.0, 0.4], "chains": 2, "members": 2, "draws": 20,
    }  # fmt: skip
    account = {"settings": settings, "recording": {"sha256": sha256, "name": "synthetic"}}
    (folder / "run.json").write_text(json.dumps(account))
    return "synthetic"


def test_a_session_reads_the_units_and_windows_that_its_run_chose(tmp_path, monkeypatch):
    path = tmp_path / "twin.nwb"
    maze_twin(path, n_conditions=8, n_trials=32, n_units=30, n_heldout=6, rates=20.0)
    plain = open_recording(path)
    chosen = Choices(event=("go_cue_time",), window=((0.0, 0.4),), area="PMd")
    leave_run(tmp_path, chosen, sha256=plain.provenance.sha256)
    read = open_beside(path, run=tmp_path).session.recording
    assert [segment.event for segment in read.segments] == ["go_cue_time"] != list(plain.segments)
    assert set(read.units["area"]) == {"PMd"} < set(plain.units["area"])
    assert open_beside(path, chosen, run=tmp_path).run is not None
    with pytest.raises(InputError, match="found one with another area"):
        open_beside(path, Choices(area="M1"), run=tmp_path)
    monkeypatch.chdir(tmp_path)
    alone = open_beside(path, Choices(area="M1"))
    assert alone.run is None
    assert set(alone.session.recording.units["area"]) == {"M1"}


def test_a_run_that_streamed_its_recording_is_one_of_the_file_that_is_here_by_now(tmp_path):
    path = tmp_path / "twin.nwb"
    maze_twin(path, n_conditions=8, n_trials=32, n_units=30, n_heldout=6, rates=20.0)
    leave_run(tmp_path, Choices(stream=True, lag=0.05), sha256=open_recording(path).provenance.sha256)
    beside = open_beside(path, run=tmp_path)
    assert (beside.run, beside.session.choices.lag) == (tmp_path, 0.05)
