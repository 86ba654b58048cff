from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import t as student

from neurocompare.errors import InputError
from neurocompare.ranking.axis import GAMMA, Axis, Context
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.metric_ranking import rank_metric
from neurocompare.ranking.pool import Scored, pooled, rank_pooled
from neurocompare.ranking.resample import RESAMPLES
from neurocompare.ranking.resampled_scores import resampled_scores
from neurocompare.ranking.score_arrays import arrays_of, used_rows

GRID = [0.0, 0.1, 0.4, 1.6, 6.4]
TOY = SimpleNamespace(name="toy", range=None)
HALVES = Sampling(60, 30, (20, 20), (10, 10))


@pytest.fixture
def scored(make_table):
    """A recording of given mean scores (gamma,), each draw off by noise of a given s.d., each chain by another."""

    def make(name, mean, *, draw=0.0, chain=0.0, seed=0, gammas=GRID, draws=40, chains=2, **settings):
        generator = np.random.default_rng(seed)
        values = np.asarray(mean)[None, :, None] + draw * generator.normal(size=(draws, len(gammas), 1))
        values = values + chain * generator.normal(size=(1, len(gammas), chains))
        return Scored(name, make_table(values, gammas, **settings), HALVES)

    return make


def pool(*recordings, axis=GAMMA, **settings):
    return rank_pooled(recordings, [TOY], context=Context((), axis=axis), **settings)


PEAK = np.array([0.3, 0.4, 0.6, 0.4, 0.2])


def resampled(recordings):
    rows = [used_rows(each.scores, "toy", "unit").rows for each in recordings]
    return [resampled_scores(arrays_of(each), HALVES, seed=k) for k, each in enumerate(rows)]


def widths(scores):
    return np.array([score.high - score.low for score in scores])


def test_two_identical_recordings_keep_the_best_value_and_narrow_the_interval_by_the_root_of_two(scored):
    one, same = scored("a", PEAK, draw=0.1), scored("b", PEAK, draw=0.1)
    alone = rank_metric(one.scores, TOY, "unit", sampling=HALVES)
    (together,) = pool(one, same).metrics.values()
    assert together.best_gamma == alone.best_gamma == 0.4
    assert [score.mean for score in together.scores] == pytest.approx([score.mean for score in alone.scores])
    # 95 % points of 4000 resamples: about 3 % each.
    assert widths(together.scores) / widths(alone.scores) == pytest.approx(np.full(5, 1 / np.sqrt(2)), rel=0.06)


def test_what_networks_share_between_recordings_is_not_narrowed(scored):
    one, same = (scored(name, PEAK, chain=0.1, seed=1) for name in "ab")
    alone = rank_metric(one.scores, TOY, "unit", sampling=HALVES)
    (together,) = pool(one, same).metrics.values()
    # Both widths are known from 4000 resamples of their own, of a t of five degrees of freedom.
    point = student.ppf(0.975, 5)
    error = np.sqrt(0.025 * 0.975 / RESAMPLES) / student.pdf(point, 5) / point
    assert widths(together.scores) / widths(alone.scores) == pytest.approx(np.ones(5), rel=4 * error)
    # Networks of their own, as they are for recordings of different tasks: chance averages out, by chain pairs.
    ratios = []
    for seed in range(40):
        parts = [scored(name, PEAK, chain=0.1, seed=10 * seed + place, draws=4) for place, name in enumerate("ab")]
        found = pooled(resampled(parts), seed=9).plain
        ratios.append((found.networked.std(axis=0) ** 2).mean() / 0.1**2)
    # The mean of two recordings with two chains each has a fourth of a chain's variance. The spread that is used is
    # never below the mean over the five values: for chi-square of one degree of freedom E max(v, mean v) = 1.428 v.
    # Student's t of five degrees of freedom has variance 5/3.
    assert np.mean(ratios) == pytest.approx(
        1.428 * 5 / 3 / 4, rel=4 * np.std(ratios) / np.mean(ratios) / np.sqrt(40) + 0.03
    )


def test_more_or_fewer_chains_are_independent_networks(scored):
    parts = [scored("a", PEAK, chain=0.1, chains=2, seed=1), scored("b", PEAK, chain=0.1, chains=4, seed=2)]
    alone = resampled(parts)
    found = pooled(alone, seed=9).plain
    expected = sum(each.plain.networked.var(axis=0) for each in alone) / 4
    assert found.networked.var(axis=0) == pytest.approx(expected, rel=0.2)


def test_recordings_that_differ_give_the_interval_of_student(scored):
    generator = np.random.default_rng(3)
    for count in (3, 5):
        means = PEAK + 0.05 * generator.normal(size=(count, 5))
        (found,) = pool(*(scored(f"r{k}", row) for k, row in enumerate(means))).metrics.values()
        half = student.ppf(0.975, count - 1) * means.std(axis=0, ddof=1) / np.sqrt(count)
        assert [score.mean for score in found.scores] == pytest.approx(means.mean(axis=0))
        # The 95 % points of t are known from 4000 resamples to p (1 - p) / 4000, over its density there.
        density = student.pdf(student.ppf(0.975, count - 1), count - 1)
        error = np.sqrt(0.025 * 0.975 / RESAMPLES) / density / student.ppf(0.975, count - 1)
        assert widths(found.scores) == pytest.approx(2 * half, rel=4 * error)


def test_two_recordings_that_differ_are_conditional_on_themselves_and_say_so(scored):
    far = [scored("a", PEAK + 0.2), scored("b", PEAK - 0.2)]
    found = pool(*far)
    assert widths(found.metrics["toy"].scores) == pytest.approx(np.zeros(5))
    assert found.summary.sentence.endswith("; this is about these recordings only, not about others like them.")
    assert "others like them" not in pool(*far, scored("c", PEAK)).summary.sentence


def test_within_and_between_add_up(scored):
    means = PEAK + np.array([[-0.05], [0.0], [0.05], [0.1], [-0.1], [0.0]])
    recordings = [scored(f"r{k}", row, draw=0.1, seed=k) for k, row in enumerate(means)]
    alone = resampled(recordings)
    found = pooled(alone, seed=100).plain
    measured = np.array([each.plain.mean for each in alone])
    within = np.mean([each.plain.recorded.var(axis=0) for each in alone], axis=0) / 6
    between = measured.var(axis=0, ddof=1) / 6 * (5 / 3)  # t of five degrees of freedom has variance 5/3
    assert found.recorded.var(axis=0) == pytest.approx(within + between, rel=0.25)


def test_each_recording_says_what_it_says_alone_and_the_sentence_counts(scored):
    # The third prefers another value, by little: together they still name that of the others.
    low = np.array([0.3, 0.62, 0.6, 0.4, 0.2])
    recordings = [scored("a", PEAK, draw=0.002), scored("b", PEAK, draw=0.002, seed=1), scored("c", low, draw=0.002)]
    found = rank_pooled(recordings, [TOY], context=Context((), {"g": 1.5}))
    assert [each.recording for each in found.pooled.by_recording] == ["a", "b", "c"]
    assert [each.metrics["toy"].best_gamma for each in found.pooled.by_recording] == [0.4, 0.4, 0.1]
    for recording, alone in zip(recordings, found.pooled.by_recording, strict=True):
        assert alone.metrics["toy"] == rank_metric(recording.scores, TOY, "unit", sampling=HALVES)
    sentence = found.summary.sentence
    assert "the recordings a, b and c, at g = 1.5; in 2 of 3" in sentence
    assert sentence.endswith("; in 2 of 3 recordings toy by itself names a gamma whose interval holds 0.4.")


def test_only_values_that_all_have_are_pooled_and_their_names_are_the_axis(scored):
    fewer = [0.1, 0.4, 1.6, 6.4]
    axis = Axis("size", "size", "log")
    found = pool(scored("a", PEAK), scored("b", PEAK[1:], gammas=fewer), scored("c", PEAK), axis=axis)
    assert found.gammas == tuple(fewer)
    assert [score.gamma for score in found.metrics["toy"].scores] == fewer
    assert "size = 0.4" in found.summary.sentence
    with pytest.raises(InputError, match=r"two common values of size at least, found 1: a has .*; b has 0.4, 3"):
        pool(scored("a", PEAK), scored("b", PEAK[:2], gammas=[0.4, 3.0]), axis=axis)


def test_ceilings_and_nulls_are_means_over_recordings(scored):
    recordings = [
        scored("a", PEAK, draw=0.01, ceiling=0.8, null=0.1),
        scored("b", PEAK, ceiling=0.9, null=0.3, draws=30),
    ]
    (found,) = pool(*recordings).metrics.values()
    assert (found.ceiling.low, found.ceiling.high) == pytest.approx((0.85, 0.85))
    assert found.nulls["conditions"].mean == pytest.approx(0.2)
    assert found.nulls["conditions"].p == pytest.approx(1 / 31)  # of as many draws as all have
    assert found.draws == 70


def test_degenerate_draws_are_counted_and_a_recording_without_draws_spoils_the_metric(scored):
    one, other = scored("a", PEAK, draw=0.01), scored("b", PEAK, draw=0.01, seed=1)
    one.scores.loc[one.scores["resample"] == 3, "score"] = np.nan
    (found,) = pool(one, other).metrics.values()
    assert (found.draws, found.dropped_draws, found.verdict) == (79, 1, "resolved")
    other.scores.loc[:, ["score", "note"]] = np.nan, "too few units"
    (found,) = pool(one, other).metrics.values()
    assert (found.verdict, found.best_gamma) == ("unreliable", None)
    assert "in b it could not be computed in 40 of 40 draws: too few units" in found.why


def test_recordings_of_one_name_are_refused(scored):
    for recordings in ([scored("a", PEAK)], [scored("a", PEAK), scored("a", PEAK)]):
        with pytest.raises(InputError, match="at least two recordings of different names to pool, found a"):
            pool(*recordings)


def test_adjusted_scores_are_pooled_where_all_have_them(scored):
    own = [np.array([0.1, 0.2, 0.6, 0.4, 0.2]), np.array([0.3, 0.2, 0.4, 0.4, 0.2])]
    both = [scored(name, PEAK, draw=0.01, within=row) for name, row in zip("ab", own, strict=True)]
    (found,) = pool(*both).metrics.values()
    expected = np.mean([score.mean for score in found.scores]) - np.mean(own) / 2
    assert np.mean([score.mean for score in found.adjusted]) == pytest.approx(expected)
    assert found.best_gamma == 0.4
    (found,) = pool(both[0], scored("c", PEAK, draw=0.01)).metrics.values()
    assert found.adjusted == ()
