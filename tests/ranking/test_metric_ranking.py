from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from neurocompare.errors import InputError
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.metric_ranking import MetricRanking, rank_metric
from neurocompare.ranking.resample import RESAMPLES
from neurocompare.ranking.verdict import Bounds

GRID = [0.0, 0.1, 0.4, 1.6, 6.4]
METRIC = SimpleNamespace(name="toy", range=(0.0, 1.0))
HALVES = Sampling(units=60, units_drawn=30, trials=(20, 20), trials_drawn=(10, 10))


def ranked(table, **settings):
    return rank_metric(table, METRIC, "unit", **({"sampling": HALVES} | settings))


def share(found, gamma):
    return next(each.p for each in found.p_best if each.gamma == gamma)


def peaked(draws=40, networks=4, *, spread=0.0, at=0.4, seed=0):
    generator = np.random.default_rng(seed)
    mean = 0.6 - 0.1 * np.abs(np.array(GRID).searchsorted(at) - np.arange(5))
    return mean[:, None] + spread * generator.normal(size=(draws, 5, networks))


def test_a_clear_peak_is_resolved(make_table):
    found = ranked(make_table(peaked(spread=0.001), GRID))
    assert (found.best_gamma, found.verdict) == (0.4, "resolved")
    # The smooth curve's top may lie a little beside the grid point.
    assert 0.3 < found.gamma_interval[0] <= 0.4 <= found.gamma_interval[1] < 0.5
    assert [each.gamma for each in found.p_best] == GRID
    assert [each.p for each in found.p_best] == [0, 0, 1, 0, 0]
    assert found.nulls["conditions"].p == pytest.approx(1 / 41)
    for score, mean in zip(found.scores, [0.4, 0.5, 0.6, 0.5, 0.4], strict=True):
        assert score.low < score.mean < score.high
        assert score.mean == pytest.approx(mean, abs=4 * 0.001 / np.sqrt(160))


def test_p_best_is_how_often_normal_scores_of_this_spread_are_highest(make_table):
    models = np.tile([0.0, 0.0, 0.5, 0.0, 0.0], (40, 1))
    models[:, 3] = 0.5 - 0.1 + 0.2 * standardised(40)
    found = ranked(make_table(models[:, :, None], GRID, null=-1.0))
    # One gamma varies with s.d. 0.2 about a mean 0.1 below the best: Student's t with 39 degrees of freedom.
    expected = student.sf(0.1 / 0.2, 39)
    assert share(found, 1.6) == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / RESAMPLES))
    assert share(found, 0.4) == pytest.approx(1 - share(found, 1.6))


def standardised(count):
    values = np.random.default_rng(0).standard_normal(count)
    return (values - values.mean()) / values.std(ddof=1)


def test_a_peak_at_the_end_is_an_edge_and_a_plateau_a_tie(make_table):
    assert ranked(make_table(peaked(at=6.4), GRID)).verdict == "edge"
    assert ranked(make_table(peaked(at=0.0), GRID)).verdict == "edge"
    flat = 0.5 + 0.05 * np.random.default_rng(1).normal(size=(40, 5, 4))
    assert ranked(make_table(flat, GRID)).verdict == "tied"


def test_a_null_as_high_as_the_scores_ties_and_as_high_as_the_ceiling_is_unreliable(make_table):
    assert ranked(make_table(peaked(), GRID, null=0.7)).verdict == "tied"
    found = ranked(make_table(peaked(), GRID, ceiling=np.linspace(0.1, 0.9, 40), null=0.2))
    assert found.verdict == "unreliable"
    assert (found.ceiling.low, found.ceiling.high) == pytest.approx((0.12, 0.88))
    assert not found.calibrated  # there is no scale between what reaches into one another


def test_contrasts_are_paired(make_table):
    # All gammas rise and fall together from draw to draw: scores are uncertain, differences are not.
    shared = np.random.default_rng(0).normal(size=(40, 1, 1)) * 0.1
    found = ranked(make_table(peaked() + shared, GRID))
    assert found.scores[2].high - found.scores[2].low > 0.2
    assert [contrast.against for contrast in found.contrasts] == ["reservoir", "largest"]
    assert all(contrast.p < 0.001 for contrast in found.contrasts)
    for contrast in found.contrasts:
        assert (contrast.difference, contrast.low, contrast.high) == pytest.approx((0.2, 0.2, 0.2))
    at_end = ranked(make_table(peaked(at=6.4), GRID)).contrasts
    assert [contrast.against for contrast in at_end] == ["reservoir"]
    without = ranked(make_table(peaked()[:, 1:], GRID[1:])).contrasts
    assert [contrast.against for contrast in without] == ["smallest", "largest"]


def test_the_best_gamma_must_beat_kinematic_tuning(make_table):
    table = make_table(peaked(spread=0.001), GRID)
    for score, verdict, sign in ((0.3, "resolved", 1), (0.6, "tied", 0), (0.9, "tied", -1)):
        draws, chains = np.divmod(np.arange(80), 2)
        baseline = (
            table[table["kind"] == "model"].iloc[:80].assign(kind="kinematic", gamma=np.nan, network="", member=0)
        )
        noise = 0.002 * np.random.default_rng(0).normal(size=80)
        baseline = baseline.assign(resample=draws, chain=chains, score=score + noise, centring="unit")
        found = ranked(pd.concat([table, baseline]))
        assert (found.best_gamma, found.verdict) == (0.4, verdict)
        assert [each.gamma for each in found.p_best] == GRID
        contrast = found.contrasts[-1]
        assert contrast.against == "kinematic"
        assert contrast.difference == pytest.approx(0.6 - score, abs=0.002)
        assert (np.sign(contrast.difference) if contrast.p < 0.05 else 0) == sign


def test_scores_beyond_the_ceiling_are_flagged_and_kept(make_table):
    found = ranked(make_table(peaked(), GRID, ceiling=np.linspace(0.45, 0.55, 40)))
    assert found.above_ceiling == (0.4,)
    assert found.best_gamma == 0.4
    assert {one.gamma: one.mean for one in found.calibrated}[0.4] == pytest.approx(0.6 / 0.5)


def test_all_pairs_of_gammas_are_compared(make_table):
    found = ranked(make_table(peaked(spread=0.001), GRID))
    pairs = {(each.gamma, each.against): each.difference for each in found.differences}
    assert len(pairs) == 10
    mean = {score.gamma: score.mean for score in found.scores}
    assert all(difference == pytest.approx(mean[one] - mean[other]) for (one, other), difference in pairs.items())


def test_networks_widen_the_interval_as_far_as_chains_differ(make_table):
    # Draws agree exactly; two chains differ by 0.2, so their mean is known to 0.1 with 5 degrees of freedom.
    models = peaked(40, 2) + np.array([-0.1, 0.1])
    found = ranked(make_table(models, GRID))
    half = 0.1 * student.ppf(0.975, 5)
    for score in found.scores:
        assert (score.low - score.mean, score.high - score.mean) == pytest.approx((-half, half), rel=0.1)
    # Chains of two gammas are no pairs: however alike they look here, the order of gammas is not certain.
    assert share(found, 0.4) < 0.9


def test_deviations_are_scaled_to_the_whole_recording(make_table):
    table = make_table(peaked(spread=0.05, networks=1), GRID)
    whole, third = (ranked(table, sampling=Sampling(60, m, (9, 9), (4, 4))) for m in (30, 20))
    for one, two in zip(whole.scores, third.scores, strict=True):
        assert two.mean == one.mean
        assert (two.high - two.mean) / (one.high - one.mean) == pytest.approx(np.sqrt(20 / 40))


def test_intervals_cover_the_truth(make_table):
    # Each unit has a score of its own around 0.5, and a draw's score is the mean over its half of the units.
    generator, covered = np.random.default_rng(3), 0
    for _ in range(200):
        units = 0.5 + 0.2 * generator.normal(size=60)
        order = generator.permuted(np.tile(units, (80, 1)), axis=1)
        models = order[:, :30].mean(axis=1)[:, None, None] - np.array([0.0, 0.1])[:, None]
        score = ranked(make_table(models, [0.1, 0.4], null=0.0)).scores[0]
        covered += score.low <= 0.5 <= score.high
    # Quantiles of 80 draws and 60 units make it a little less than 95 %: a t interval would be 2 % wider.
    assert 0.95 - 4 * np.sqrt(0.95 * 0.05 / 200) < covered / 200 < 1


def test_draws_that_failed_are_dropped_and_counted(make_table):
    table = make_table(peaked(spread=0.01), GRID)
    table.loc[(table["resample"] == 3) & (table["gamma"] == 1.6), "score"] = np.nan
    table.loc[(table["resample"] == 7) & (table["kind"] == "ceiling"), "score"] = np.inf
    found = ranked(table)
    assert (found.draws, found.dropped_draws, found.verdict) == (38, 2, "resolved")
    kept = ranked(table[~table["resample"].isin([3, 7])])
    assert (kept.scores, kept.nulls, kept.ceiling) == (found.scores, found.nulls, found.ceiling)


def test_a_metric_that_mostly_or_always_fails_is_unreliable_with_its_reason(make_table):
    table = make_table(peaked(spread=0.01), GRID)
    for failing, drawn in ((range(21), 19), (range(40), 0)):
        bad = table["resample"].isin(failing)
        broken = table.assign(
            score=table["score"].where(~bad), note=np.where(bad, "expected at least 3 conditions, found 2", "")
        )
        found = ranked(broken)
        assert (found.verdict, found.draws) == ("unreliable", drawn)
        assert f"in {len(failing)} of 40 draws: expected at least 3 conditions" in found.why
    assert (found.scores, found.best_gamma, found.gamma_interval, found.ceiling) == ((), None, None, None)


def test_order_of_rows_does_not_matter_but_gaps_and_repeats_do(make_table):
    table = make_table(peaked(spread=0.05), GRID)
    assert ranked(table.sample(frac=1, random_state=0)) == ranked(table)
    model = table.index[(table["kind"] == "model") & (table["centring"] == "unit")]
    null = table.index[(table["kind"] == "null:conditions") & (table["centring"] == "unit")]
    for gap in (model[:1], model[5:9], null[:1]):
        with pytest.raises(InputError, match="score every draw with the same networks"):
            ranked(table.drop(gap))
    with pytest.raises(InputError, match="one model score"):
        ranked(table.loc[[*table.index, model[0]]])
    with pytest.raises(InputError, match="one model score"):
        ranked(table.loc[[*table.index.drop(model[1]), model[0]]])
    with pytest.raises(InputError, match="expected scores of other"):
        rank_metric(table, SimpleNamespace(name="other"), "unit", sampling=HALVES)


@pytest.mark.parametrize(
    ("verdict", "bounds"),
    [("at most", Bounds()), ("at most", Bounds(high=0.1)), ("at least", Bounds(high=0.1, above=0.4))],
)
def test_a_verdict_that_bounds_nothing_is_refused(verdict, bounds):
    with pytest.raises(InputError, match=f"bounds of the verdict '{verdict}'"):
        MetricRanking("cka", None, 80, 0, verdict, "", bounds=bounds)
