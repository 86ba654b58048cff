"""Scores as many papers report them: metrics in sample, networks without noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from neurocompare.metrics import METRICS, get_metric
from neurocompare.parallel import Workers
from neurocompare.ranking import Drawing, make_draws, observation_of, observe, score_draw
from neurocompare.ranking.batches import score_batches
from neurocompare.ranking.candidate import Candidate
from neurocompare.recordings import average
from neurocompare.responses import make_responses
from neurocompare.streams import Purpose, stream

CONDITIONS, BINS, UNITS = 4, 12, 10


@pytest.fixture
def trials(make_trials):
    return make_trials(np.random.default_rng(0).uniform(5, 40, size=(CONDITIONS, BINS, UNITS)))


@pytest.fixture
def networks():
    """Two, that have nothing to do with the recording."""
    labels, time = [f"c{i}" for i in range(CONDITIONS)], 0.01 + 0.02 * np.arange(BINS)
    values = np.random.default_rng(1).standard_normal((2, CONDITIONS, BINS, UNITS))
    return [
        Candidate(str(chain), 0.4, chain, 0, make_responses(own, condition=labels, time=time))
        for chain, own in enumerate(values)
    ]


def scores_of(trials, networks, metric, *, noise):
    (draw,) = make_draws(trials, networks, draws=1, noise=noise)
    table = score_draw(draw, trials, networks, [get_metric(metric)])
    return draw, table[(table["kind"] == "model") & (table["centring"] == "unit")]["score"].to_numpy()


def test_a_score_is_the_cosine_of_procrustes_by_its_definition(trials, networks):
    """The nuclear norm of X'Y over the Frobenius norms of X and Y, of a half and networks seen without noise."""
    draw, found = scores_of(trials, networks, "procrustes-in-sample", noise=False)
    rates = average(trials, draw.trials.astype(float)).values[:, :, draw.units]
    leading = [flat(rates)]
    for network in networks:
        seed = stream(Purpose.OBSERVED, 0, 0, network.chain, network.member)
        like = observation_of(trials, draw.trials)
        seen = observe(network.responses, like=like, units=len(draw.units), seed=seed, noise=False)
        leading.append(flat(seen.values))
    x, *others = leading
    expected = [np.linalg.svd(x.T @ y, compute_uv=False).sum() / np.linalg.norm(x) / np.linalg.norm(y) for y in others]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def flat(rates):
    normalised = rates / (np.ptp(rates, axis=(0, 1)) + 5)
    return (normalised - normalised.mean(axis=(0, 1))).reshape(-1, rates.shape[2])


def test_noise_is_left_out_and_only_then(trials, networks):
    """Networks seen twice differ by their noise alone."""
    _, first = scores_of(trials, networks, "cka", noise=False)
    _, again = scores_of(trials, networks, "cka", noise=False)
    _, noisy = scores_of(trials, networks, "cka", noise=True)
    np.testing.assert_array_equal(first, again)
    assert (first != noisy).all()


def test_in_sample_is_optimistic(trials, networks):
    """Networks that have nothing to do with the recording score what chance gives in sample, and near 0 held out.

    The mean singular value of a large square Gaussian matrix is 8 / (3 pi) of the root of its size.
    """
    units, samples = UNITS // 2, CONDITIONS * BINS - 1
    chance = 8 / (3 * np.pi) * np.sqrt(units / samples)
    in_sample = scores_of(trials, networks, "procrustes-in-sample", noise=False)[1]
    assert in_sample.mean() == pytest.approx(chance, rel=0.15)
    assert scores_of(trials, networks, "procrustes", noise=False)[1].max() < chance / 2


def test_scores_with_and_without_noise_are_kept_apart(trials, networks, tmp_path):
    tables = [
        score_batches(trials, networks, METRICS[2:3], tmp_path, drawing=Drawing(4, noise=noise), workers=Workers(1))
        for noise in (True, False, True)
    ]
    pd.testing.assert_frame_equal(tables[0], tables[2])
    assert (tables[0]["score"] != tables[1]["score"]).any()
