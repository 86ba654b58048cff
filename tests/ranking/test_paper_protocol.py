"""The paper's protocol against metrics called by hand on averages."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.metrics import CKA, METRICS, RSA, Procrustes, centre, get_metric
from neurocompare.ranking import observation_of, observe, soft_normalise
from neurocompare.ranking.candidate import Candidate
from neurocompare.ranking.paper_protocol import InSampleRanking, in_sample, paper_protocol
from neurocompare.recordings import average
from neurocompare.records import in_json
from neurocompare.responses import make_responses
from neurocompare.streams import Purpose, stream

CONDITIONS, BINS, UNITS = 4, 12, 10


@pytest.fixture
def trials(make_trials):
    return make_trials(np.random.default_rng(0).uniform(5, 40, size=(CONDITIONS, BINS, UNITS)))


def candidates(units=UNITS, gammas=(0.0, 0.4)):
    made = []
    for gamma in gammas:
        for chain in (0, 1):
            values = np.random.default_rng([int(10 * gamma), chain]).standard_normal((CONDITIONS, BINS, units))
            time = 0.01 + 0.02 * np.arange(BINS)
            responses = make_responses(values, condition=[f"c{i}" for i in range(CONDITIONS)], time=time)
            made.append(Candidate(f"{gamma}-{chain}", gamma, chain, 0, responses))
    return made


def test_scores_are_those_of_in_sample_metrics_on_averages(trials):
    """As many network units as recorded ones: all are seen, and what order they come in is nothing to these metrics."""
    networks = candidates()
    metrics = (Procrustes(dimensions=None), CKA(), RSA())
    found = paper_protocol(trials, networks, metrics)
    data = centre(soft_normalise(average(trials)))
    for each, direct in zip(
        found.values(), (Procrustes(dimensions=None, held_out=False), CKA("biased"), RSA()), strict=True
    ):
        for row in each.scores:
            scores = []
            for network in networks:
                if network.gamma != row.gamma:
                    continue
                seed = stream(Purpose.IN_SAMPLE_UNITS, 0, network.chain, network.member)
                seen = observe(network.responses, like=observation_of(trials), units=UNITS, seed=seed, noise=False)
                scores.append(direct.score(data, centre(soft_normalise(seen))))
            assert row.mean == pytest.approx(np.mean(scores), rel=1e-12)
            assert (row.lowest, row.highest) == pytest.approx((min(scores), max(scores)), rel=1e-12)
        assert each.best_gamma == max(each.scores, key=lambda row: row.mean).gamma
    assert [each.computed_as for each in found.values()] == ["procrustes-in-sample", "cka-biased", "rsa"]


def test_a_procrustes_score_by_its_definition(trials):
    """The nuclear norm of X'Y over the Frobenius norms of X and Y, of averages without anything left out."""
    networks = candidates(gammas=(0.4,))
    (found,) = paper_protocol(trials, networks, [Procrustes(dimensions=None)]).values()
    rates = average(trials).values
    x = rates / (np.ptp(rates, axis=(0, 1)) + 5)
    x = (x - x.mean(axis=(0, 1))).reshape(-1, UNITS)
    seed = stream(Purpose.IN_SAMPLE_UNITS, 0, 0, 0)
    seen = observe(networks[0].responses, like=observation_of(trials), units=UNITS, seed=seed, noise=False)
    y = seen.values / (np.ptp(seen.values, axis=(0, 1)) + 5)
    y = (y - y.mean(axis=(0, 1))).reshape(-1, UNITS)
    cosine = np.linalg.svd(x.T @ y, compute_uv=False).sum() / np.linalg.norm(x) / np.linalg.norm(y)
    scores = (found.scores[0].lowest, found.scores[0].highest)
    assert min(abs(score - cosine) for score in scores) < 1e-12


def test_it_is_optimistic(trials):
    """Networks that have nothing to do with the recording score far above zero in sample, and not held out."""
    (found,) = paper_protocol(trials, candidates(), [Procrustes()]).values()
    data = centre(soft_normalise(average(trials)))
    held_out = [
        Procrustes().score(data, centre(network.responses.assign_coords(time=data["time"]))) for network in candidates()
    ]
    assert found.scores[0].lowest > 0.3
    assert max(held_out) < 0.2


def refuse(_):
    message = "expected at least 5 conditions, found 4"
    raise InputError(message)


def test_a_smaller_network_is_compared_with_fewer_units_and_failures_are_told(trials):
    refusing = SimpleNamespace(name="refusing", prepare=refuse)
    found = paper_protocol(trials, candidates(units=6), (CKA(), refusing))
    assert found["cka"].best_gamma in (0.0, 0.4)
    assert (found["refusing"].scores, found["refusing"].best_gamma) == ((), None)
    assert found["refusing"].why == "expected at least 5 conditions, found 4"
    held = json.loads(in_json(InSampleRanking(found, note="muscles", target="emg")))
    assert (held["schema"], held["target"]) == (1, "emg")
    assert held["label"].startswith("optimistic")
    assert held["metrics"]["cka"]["scores"][1]["gamma"] == 0.4


def test_every_metric_of_a_run_has_its_in_sample_form():
    assert in_sample(get_metric("procrustes-alpha-0.5")).name == "procrustes-alpha-0.5-in-sample"
    assert not any(getattr(in_sample(metric), "held_out", False) for metric in METRICS)
