import numpy as np
import pandas as pd
import pytest

from neurocompare.metrics import Flow, Procrustes
from neurocompare.ranking.candidate import Candidate
from neurocompare.ranking.draws import make_draws, sampling_of
from neurocompare.ranking.metric_ranking import rank_metric
from neurocompare.ranking.null import max_corrected, permute_conditions, shift_time
from neurocompare.ranking.score import score_draw
from neurocompare.responses import make_responses


def rows_of_scores(generator, shape):
    """Scores of eight gammas that are correlated, as neighbours on the grid are."""
    return generator.normal(size=(*shape, 8)) + 0.7 * generator.normal(size=(*shape, 1))


def test_p_is_uniform_when_the_observed_scores_are_null_too():
    generator = np.random.default_rng(0)
    repeats, draws = 2000, 39
    corrected, picked = [], []
    for _ in range(repeats):
        null, observed = rows_of_scores(generator, (draws,)), rows_of_scores(generator, ())
        corrected.append(max_corrected(null, observed.max()).p)
        best = observed.argmax()
        picked.append(max_corrected(null[:, [best]], observed.max()).p)
    for level in (0.05, 0.25, 0.5, 0.75):
        error = np.sqrt(level * (1 - level) / repeats)
        assert abs(np.mean(np.array(corrected) <= level + 1e-9) - level) < 4 * error
    # Without the maximum, having picked the best of eight passes for a discovery.
    assert np.mean(np.array(picked) <= 0.05 + 1e-9) > 0.15


def test_p_counts_by_hand():
    null = np.array([[0.1, 0.5], [0.4, 0.0], [0.2, 0.3], [0.0, 0.1]])
    found = max_corrected(null, 0.4)
    assert found.p == pytest.approx((1 + 2) / 5)
    assert found.mean == pytest.approx((0.5 + 0.4 + 0.3 + 0.1) / 4)
    assert max_corrected(null, 0.6).p == pytest.approx(1 / 5)
    assert max_corrected(null, -1.0).p == 1


def test_nulls_keep_each_units_values_and_labels():
    values = np.random.default_rng(0).normal(size=(4, 7, 3))
    responses = make_responses(values, condition=list("abcd"), time=np.arange(7.0))
    permuted, shifted = permute_conditions(responses, np.array([2, 0, 3, 1])), shift_time(responses, 3)
    assert np.array_equal(permuted.sel(condition="a"), values[2])
    assert np.array_equal(shifted.values[:, 3:], values[:, :4])
    assert np.array_equal(shifted.values[:, :3], values[:, 4:])
    for null in (permuted, shifted):
        assert null.coords.equals(responses.coords)
        assert np.allclose(np.sort(null.values, axis=None), np.sort(values, axis=None))


def test_a_null_that_moves_nothing_says_nothing():
    generator = np.random.default_rng(0)
    intact = 0.6 + 0.1 * generator.standard_normal((40, 5))
    for moved, says in ((0.0, False), (0.005, False), (0.02, True), (0.5, True)):
        assert max_corrected(intact - moved, 0.6, intact=intact).says is says
    assert max_corrected(intact, 0.6).says


def test_flow_does_not_see_conditions_permuted_and_procrustes_does(make_trials):
    times, phase = np.arange(0.01, 0.6, 0.02), 6.3 * np.arange(6) / 6
    values = np.cos(8 * times[:, None] * np.linspace(0.5, 1.5, 20) + phase[:, None, None] + np.arange(20))
    candidate = Candidate("", 0.4, 0, 0, make_responses(values, condition=[f"c{i}" for i in range(6)], time=times))
    trials = make_trials(np.maximum(20 + 15 * values, 0), smoothing=0.04)
    draws = make_draws(trials, [candidate], draws=8)
    table = pd.concat([score_draw(draw, trials, [candidate], [Flow(), Procrustes()]) for draw in draws])
    for metric, says in ((Flow(), False), (Procrustes(), True)):
        found = rank_metric(table, metric, "unit", sampling=sampling_of(trials))
        assert found.nulls["conditions"].says is says
        assert found.nulls["surrogates"].says
