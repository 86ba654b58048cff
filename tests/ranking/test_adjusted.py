"""Adjusted scores: highest at the truth where plain ones are not, and one verdict from one set of resamples."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.metric_ranking import judge, rank_metric
from neurocompare.ranking.resampled_scores import resampled_scores
from neurocompare.ranking.score import partners
from neurocompare.ranking.score_arrays import ScoreArrays, Within, arrays_of

GRID = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
METRIC = SimpleNamespace(name="toy", range=None)
HALVES = Sampling(60, 30, (20, 20), (10, 10))
ALIKE = np.array([0.3, 0.42, 0.55, 0.68, 0.81, 0.94])
"""How much networks of each gamma have in common: the larger gamma, the more."""
TURNED = 0.3 * np.arange(6)
"""And which way that points, an angle."""


def law(generator, truth, *, chains=6, draws=40, spread=0.05, noise=0.01):
    """Scores of networks a u(angle) + sqrt(1 - a^2) n, n orthogonal for any two, by their inner product.

    Of networks of two gammas it is a a' cos(angle between), of two of one gamma a a'. a differs between networks by
    `spread`. Units and trials move all scores of a draw: by noise in common, and by some that neighbours share.
    """
    a = ALIKE[:, None] + spread * generator.standard_normal((6, chains))
    models = ALIKE[truth] * np.cos(TURNED - TURNED[truth])[:, None] * a
    pairs = np.array([(one[0], other[0]) for one, other in partners([(k, 0) for k in range(chains)])])
    within = a[:, pairs[:, 0]] * a[:, pairs[:, 1]]
    alike = np.linalg.cholesky(0.7 ** np.abs(np.subtract.outer(np.arange(6), np.arange(6))))
    moved = 2 * noise * generator.standard_normal((draws, 1)) + noise * generator.standard_normal((draws, 6)) @ alike.T
    return ScoreArrays(
        draws=tuple(range(draws)),
        gammas=GRID,
        networks=tuple((k, 0) for k in range(chains)),
        models=models + moved[:, :, None],
        kinematic=None,
        within=Within(within + 0.3 * moved[:, :, None], pairs),
        kinematic_within=None,
        nulls={"conditions": np.full((draws, 6), -1.0)},
        intact=models[:, 0] + moved,
        recording={"ceiling": np.full(draws, 2.0)},
    )


def ranked(arrays, seed=0):
    return judge(resampled_scores(arrays, HALVES, seed=seed), METRIC, draws=len(arrays.draws), dropped_draws=0)


@pytest.mark.parametrize("truth", [1, 2, 3])
def test_the_truth_is_named_and_its_interval_holds_it_as_often_as_it_says(truth):
    # cos(angle) a peaks above the truth; a_truth cos(angle) a - a^2 / 2 = (a_truth^2 - |a_truth u - a u'|^2) / 2 at it.
    plain = ALIKE[truth] * np.cos(TURNED - TURNED[truth]) * ALIKE
    assert plain.argmax() > truth
    generator, repeats = np.random.default_rng(truth), 60
    found = [ranked(law(generator, truth)) for _ in range(repeats)]
    assert all(np.argmax([score.mean for score in one.scores]) > truth for one in found)
    assert np.mean([one.best_gamma == GRID[truth] for one in found]) > 0.8
    held = sum(one.holds(GRID[truth]) for one in found)
    assert held >= 0.95 * repeats - 3 * np.sqrt(0.95 * 0.05 * repeats)
    widths = np.log2([one.gamma_interval[1] / one.gamma_interval[0] for one in found])
    assert np.median(widths) < 3  # of five steps: it says something


@pytest.mark.parametrize("spread", [0.01, 0.1])
def test_interval_shares_and_contrasts_are_one_verdict(spread):
    generator = np.random.default_rng(5)
    for repeat in range(20):
        found = ranked(law(generator, repeat % 6, spread=spread, chains=2 + repeat % 3, noise=0.03))
        shares = np.array([each.p for each in found.p_best])
        best = GRID.index(found.best_gamma)
        assert found.best_gamma == max(found.adjusted, key=lambda score: score.mean).gamma
        assert found.holds(found.best_gamma)
        assert shares[best] > 0
        first, last = np.flatnonzero(shares)[[0, -1]]
        # No end of the interval reaches a gamma that is never the best, nor does the peak of the mean curve.
        for gamma in (*GRID[:first], *GRID[last + 1 :]):
            assert not found.holds(gamma)
        assert found.holds(found.gamma_star) or shares[best] < 1
        by_adjusted = {score.gamma: score.mean for score in found.adjusted}
        for each in found.differences:
            assert each.difference == pytest.approx(by_adjusted[each.gamma] - by_adjusted[each.against])
        for contrast, end in zip(
            found.contrasts, [gamma for gamma in (GRID[0], GRID[-1]) if gamma != GRID[best]], strict=True
        ):
            assert contrast.difference == pytest.approx(by_adjusted[found.best_gamma] - by_adjusted[end])
        # Likenesses are what they were, and what nulls and ceiling are held against.
        plain = law_means(found.scores)
        assert found.nulls["conditions"].p == pytest.approx(1 / 41)
        assert plain.max() > by_adjusted[found.best_gamma]


def law_means(scores):
    return np.array([score.mean for score in scores])


@pytest.mark.parametrize("chains", [2, 3, 4, 8])
def test_both_terms_are_resampled_together(chains):
    """The spread that chains give, against that of new networks: never too small, and not that of the score alone."""
    generator, repeats, truth, gamma = np.random.default_rng(chains), 4000, 2, 3
    means, estimates = [], []
    for _ in range(repeats):
        adjusted = law(generator, truth, chains=chains, draws=2, spread=0.1, noise=0.0).adjusted
        means.append(adjusted.by_draw.mean(axis=0)[gamma])
        own = adjusted.by_chain[gamma]
        assert own.mean() == pytest.approx(means[-1])
        estimates.append(own.var(ddof=1) / chains)
    actual, estimated = np.var(means, ddof=1), np.mean(estimates)
    error = np.sqrt(2 / repeats) + np.std(estimates) / np.sqrt(repeats) / estimated
    assert estimated > actual * (1 - 4 * error)
    # A chain moves its score and its pairs alike. Of two chains that does not show: theirs is the spread of the score.
    alone = 0.1**2 * (ALIKE[truth] * np.cos(0.3)) ** 2 / chains
    assert estimated / alone == pytest.approx(1, abs=4 * error) if chains == 2 else estimated < 0.6 * alone


def test_units_and_trials_move_both_terms_of_a_draw():
    arrays = law(np.random.default_rng(0), 2, spread=0.0, noise=0.05)
    found = resampled_scores(arrays, HALVES)
    # By construction within moves by 0.3 of what the score does: the adjusted score by 0.85 of it, in every resample.
    np.testing.assert_allclose(found.adjusted.recorded, 0.85 * found.plain.recorded, atol=1e-12)


def test_one_network_a_gamma_is_judged_by_plain_scores():
    arrays = law(np.random.default_rng(0), 2)
    found = ranked(ScoreArrays(**{**vars(arrays), "within": None}))
    assert found.adjusted == ()
    assert found.judged == found.scores
    assert found.best_gamma == max(found.scores, key=lambda score: score.mean).gamma > GRID[2]


def test_the_baseline_has_a_term_of_its_own(make_table):
    """Two populations that are one and the same score 1 against each other: half of that is off."""
    models = np.full((40, 5, 2), 0.5) + 0.1 * (np.arange(5) == 2)[:, None]
    table = make_table(models, [0.0, 0.1, 0.4, 1.6, 6.4], within=[0.2] * 5, null=-1.0)
    kinematic = table[(table["kind"] == "model") & (table["gamma"] == 0.4)].assign(kind="kinematic", gamma=np.nan)
    pairs = table[(table["kind"] == "within") & (table["gamma"] == 0.4)].assign(gamma=np.nan, score=1.0)
    whole = pd.concat([table, kinematic.assign(score=0.7), pairs])
    found = rank_metric(whole, METRIC, "unit", sampling=HALVES)
    assert found.contrasts[-1].against == "kinematic"
    assert found.contrasts[-1].difference == pytest.approx((0.6 - 0.1) - (0.7 - 0.5))
    # Without it there is no adjusted score to hold the best gamma against: plain ones throughout.
    old = rank_metric(pd.concat([table, kinematic.assign(score=0.7)]), METRIC, "unit", sampling=HALVES)
    assert old.adjusted == ()
    assert old.contrasts[-1].difference == pytest.approx(0.6 - 0.7)


def test_a_table_that_does_not_name_partners_has_the_same_means(make_table):
    generator = np.random.default_rng(2)
    pairs = ((0, 1), (1, 2), (0, 2))
    models, within = generator.standard_normal((10, 3, 3)), generator.standard_normal((10, 3, 3))
    table = make_table(models, [0.1, 0.2, 0.4], within=within, pairs=pairs)
    rows = table[table["centring"] == "unit"]
    named, unnamed = arrays_of(rows).adjusted, arrays_of(rows.drop(columns="partner")).adjusted
    np.testing.assert_allclose(unnamed.by_draw, named.by_draw)
    np.testing.assert_allclose(named.by_draw, models.mean(axis=2) - within.mean(axis=2) / 2)
    # Of three chains, three times the score less twice that of the other two.
    score = models.mean(axis=(0, 2)) - within.mean(axis=(0, 2)) / 2
    without = models.mean(axis=0)[:, 1:].mean(axis=1) - within.mean(axis=0)[:, 1] / 2
    np.testing.assert_allclose(named.by_chain[:, 0], 3 * score - 2 * without)
    np.testing.assert_allclose(unnamed.by_chain, models.mean(axis=0) - within.mean(axis=(0, 2))[:, None] / 2)
    shuffled = arrays_of(rows.sample(frac=1, random_state=0)).adjusted
    np.testing.assert_array_equal(shuffled.by_chain, named.by_chain)
