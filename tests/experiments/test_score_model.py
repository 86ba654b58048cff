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
from neurocompare.errors import InputError
from neurocompare.experiments.as_recorded import as_recorded
from neurocompare.experiments.score_model import score
from neurocompare.experiments.session import open_session
from neurocompare.metrics import get_metric
from neurocompare.ranking import observation_of, observe
from neurocompare.ranking.model_score import ModelScore
from neurocompare.ranking.resample import RESAMPLES
from neurocompare.recordings import Choices, average, open_recording, trials_of
from neurocompare.records import in_json, load_record
from neurocompare.responses import load_responses

FAST = {"draws": 20, "jobs": 1, "metrics": (get_metric("procrustes"), get_metric("cka"))}


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
    assert load_record(ModelScore, out / "score.json") == result
    assert held["schema"] == 2
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
        ({"draws": 5}, "expected at least 20 draws"),
        ({"jobs": 0}, "1 job"),
        ({"run": "nowhere"}, "expected a finished run in nowhere"),
    ],
)
def test_senseless_settings(small, settings, said):
    with pytest.raises(InputError, match=said):
        score(torch.nn.GRU(3, 30), small.recording, **{**FAST, **settings})


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
    seen = as_recorded(responses, trials, seed=3)
    assert seen.counts.sizes == {**trials.counts.sizes, "unit": trials.counts.sizes["unit"]}
    flat = replace(observation_of(trials), smoothing=np.eye(trials.counts.sizes["time"]))
    rates = observe(responses, like=flat, units=trials.counts.sizes["unit"], seed=[102, 3], noise=False)
    unsmoothed = replace(seen, smoothing=0.0)
    expected = rates.values * 8 * trials.bin_width  # 8 trials a condition
    found = average(unsmoothed).values * 8 * trials.bin_width
    kept = expected > 0.5
    chi = ((found - expected)[kept] ** 2 / expected[kept]).sum()
    # The square of a Poisson count's standardised miss has mean 1 and variance 2 + 1 / mean.
    assert abs(chi - kept.sum()) < 4 * np.sqrt((2 + 1 / expected[kept]).sum())
    assert np.array_equal(as_recorded(responses, trials, seed=3).counts, seen.counts)


def test_a_session_follows_its_run(small, tmp_path, monkeypatch):
    recording = replace(small.recording, provenance=replace(small.recording.provenance, sha256="abc"))
    account = {"settings": {"bin_width": 0.05, "lead": 0.05, "draws": 33}, "recording": {"sha256": "abc", "name": "r"}}
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "neurocompare-run"
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(account))
    session = open_session(recording, time_step=0.025)
    assert (session.trials.bin_width, session.settings["draws"], session.run.name) == (0.05, 33, folder.name)
    assert (session.task.time_step, session.network_task.time_step) == pytest.approx((0.025, 0.05))
    assert "t + 0.05 s" in session.task.notes[-1]
    other = replace(recording, provenance=replace(recording.provenance, sha256="def", identifier="x"))
    session = open_session(other)
    assert (session.run, session.trials.bin_width) == (None, 0.02)
    assert session.notes == ("The run in neurocompare-run was not used: it is one of r.",)
    with pytest.raises(InputError, match=r"expected a run of synthetic read as here in .* found one of r"):
        open_session(other, run=folder)
    session = open_session(recording, bin_width=0.02)
    assert (session.run, session.trials.bin_width) == (None, 0.02)
    assert session.notes == ("The run in neurocompare-run was not used: it is one with another bin width.",)
    assert open_session(recording, bin_width=0.05).run is not None
    with pytest.raises(InputError, match="for a recording that is yet to be opened"):
        open_session(recording, choices=Choices(area="M1"))


def test_a_session_reads_the_units_and_windows_that_its_run_chose(tmp_path, monkeypatch):
    path = tmp_path / "twin.nwb"
    maze_twin(path, n_conditions=8, n_trials=32, n_units=30, n_heldout=6, rates=20.0)
    plain = open_recording(path)
    chosen = {"event": ["go_cue_time"], "window": [[0.0, 0.4]], "area": "PMd", "condition": [], "layout": None}
    made = {"settings": {"choices": chosen}, "recording": {"sha256": plain.provenance.sha256, "name": "r"}}
    (tmp_path / "run.json").write_text(json.dumps(made))
    session = open_session(path, run=tmp_path)
    assert [segment.event for segment in session.recording.segments] == ["go_cue_time"] != list(plain.segments)
    assert set(session.recording.units["area"]) == {"PMd"} < set(plain.units["area"])
    assert open_session(path, run=tmp_path, choices=Choices.saved(chosen)).run is not None
    with pytest.raises(InputError, match="found one with another choice of what is read"):
        open_session(path, run=tmp_path, choices=Choices(area="M1"))
    monkeypatch.chdir(tmp_path)
    alone = open_session(path, choices=Choices(area="M1"))
    assert alone.run is None
    assert set(alone.recording.units["area"]) == {"M1"}
