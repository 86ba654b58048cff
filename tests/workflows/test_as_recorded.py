"""As recorded: networks are seen with the variability of the recording, so that its own scores what its halves do."""

import importlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurocompare.metrics import get_metric
from neurocompare.parallel import one_thread
from neurocompare.ranking import Candidate, make_draws, observation_of, score_draw
from neurocompare.ranking.trial_gains import POISSON, TrialGains
from neurocompare.responses import make_responses
from neurocompare.settings import Choices
from neurocompare.workflows.as_recorded import as_recorded
from neurocompare.workflows.session import open_session

RECORDINGS, DRAWS = 8, 3


@pytest.fixture(scope="module")
def trials():
    return open_session("synthetic", Choices(bin_width=0.05)).trials


def circuit(trials, seed):
    """Smooth units, each of a few modes that all share."""
    rng, labels = np.random.default_rng(seed), trials.conditions.index
    time = np.arange(trials.counts["time"].values[0] - 0.1, trials.counts["time"].values[-1] + 0.1, 0.05)
    angle = 2 * np.pi * np.arange(len(labels)) / len(labels)
    modes = [np.cos(k * angle[:, None] + 5 * time + 2 * k) for k in range(4)]
    values = np.tensordot(np.moveaxis(modes, 0, -1), rng.standard_normal((4, 300)), 1)
    return make_responses(np.tanh(values), condition=labels, time=time)


def beyond_the_ceiling(trials, gains):
    """How much higher a circuit scores against recordings of itself than their halves do against each other."""
    metrics = [get_metric(name) for name in ("procrustes", "single_unit")]
    like, apart = replace(observation_of(trials), gains=gains), []
    for seed in range(RECORDINGS):
        own = Candidate("itself", 0.0, 0, 0, circuit(trials, seed))
        recorded = as_recorded(own.responses, trials, like=like, rng=np.random.default_rng(seed))
        with one_thread():
            draws = make_draws(recorded, [own], draws=DRAWS, seed=seed)
            scores = pd.concat([score_draw(draw, recorded, [own], metrics) for draw in draws])
        mean = scores[scores["centring"] == "unit"].groupby(["metric", "kind"])["score"].mean()
        apart.append([mean[metric.name, "model"] - mean[metric.name, "ceiling"] for metric in metrics])
    return np.mean(apart, axis=0), np.std(apart, axis=0, ddof=1) / np.sqrt(RECORDINGS)


def test_the_circuit_itself_scores_what_halves_of_its_recording_do(trials):
    off, error = beyond_the_ceiling(trials, POISSON)
    assert (np.abs(off) < 4 * error).all(), (off, error)


def test_a_circuit_whose_trials_vary_more_is_seen_to(trials, monkeypatch):
    gains = TrialGains(0.4, 0.1)
    off, _ = beyond_the_ceiling(trials, gains)
    # As if its spikes were Poisson: population averages too clean, single units too unlike the recording's.
    score = importlib.import_module("neurocompare.ranking.score")
    monkeypatch.setattr(score, "observation_of", lambda *args: replace(observation_of(*args), gains=POISSON))
    clean, error = beyond_the_ceiling(trials, gains)
    assert (np.abs(clean) > 4 * error).all(), (clean, error)
    assert (np.abs(off) < np.abs(clean) / 2).all(), (off, clean)
