"""Nuisance settings against arithmetic by hand on score tables that are made up."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from neurocompare.errors import InputError
from neurocompare.ranking.confounded import confounded
from neurocompare.ranking.context import Context
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.nuisance import MetricNuisance, Nuisance, RankedSetting, nuisance_of
from neurocompare.ranking.ranking import rank
from neurocompare.records import in_json, load_record, save_record

GRID = [0.0, 0.1, 0.4, 1.6, 6.4]
METRIC = SimpleNamespace(name="toy", range=(0.0, 1.0))
HALVES = Sampling(units=60, units_drawn=30, trials=(20, 20), trials_drawn=(10, 10))


def ranked(table, name, **values):
    ranking = rank(table, metrics=[METRIC], sampling=HALVES, context=Context(["synthetic"], {"g": 1.5}, fit={0.0: 0.5}))
    return RankedSetting(name, values, ranking, table)


def peaked(at, *, height=0.6, shared=0.0, spread=0.001, seed=0):
    """Scores (draw, gamma, network) that fall by 0.1 a grid step on both sides of `at`."""
    generator = np.random.default_rng(seed)
    mean = height - 0.1 * np.abs(np.arange(5) - GRID.index(at))
    common = shared * np.random.default_rng(99).standard_normal((40, 1, 1))
    return mean[:, None] + common + spread * generator.standard_normal((40, 5, 4))


@pytest.fixture
def three(make_table):
    """The reference peaks at 0.4, one setting a grid step above and higher, one where the reference does."""
    scores = {"as asked": peaked(0.4, seed=1), "g = 1.8": peaked(1.6, height=0.7, seed=2)}
    scores["tau = 0.2"] = peaked(0.4, height=0.5, seed=3)
    values = {"as asked": (1.5, 0.1), "g = 1.8": (1.8, 0.1), "tau = 0.2": (1.5, 0.2)}
    settings = [
        ranked(make_table(each, GRID), name, g=values[name][0], tau=values[name][1]) for name, each in scores.items()
    ]
    return settings, np.stack([each.mean(axis=(0, 2)) for each in scores.values()])


def test_profile_and_marginal_are_the_highest_and_the_mean_over_settings(three):
    settings, means = three
    (found,) = nuisance_of(settings, metrics=[METRIC]).metrics.values()
    by_hand = [max(means[k][i] for k in range(3)) for i in range(5)]
    np.testing.assert_allclose([score.mean for score in found.profile.scores], by_hand, rtol=1e-12)
    by_hand = [sum(means[k][i] for k in range(3)) / 3 for i in range(5)]
    np.testing.assert_allclose([score.mean for score in found.marginal.scores], by_hand, rtol=1e-12)
    # Heights by construction: 0.6, 0.7 and 0.5 at the peaks, less 0.1 a step.
    assert found.profile.best_gamma == 1.6
    assert found.profile.scores[2].mean == pytest.approx(0.6, abs=0.002)
    assert found.marginal.best_gamma == 0.4
    assert found.marginal.scores[2].mean == pytest.approx((0.6 + 0.6 + 0.5) / 3, abs=0.002)


def test_the_shift_is_told_in_steps_of_the_grid_from_the_first_setting(three):
    (found,) = nuisance_of(three[0], metrics=[METRIC]).metrics.values()
    one, up, same = (each.shift for each in found.settings)
    assert (one.steps, one.low, one.high) == (0, 0, 0)
    # Five gammas: the curve goes through the scores and rounds a kink between grid points, alike for equal shapes.
    assert up.steps == pytest.approx(1, abs=0.3)
    assert 0.5 < up.low <= up.steps <= up.high < 1.5
    assert same.steps == pytest.approx(0, abs=0.1)
    assert [each.best_gamma for each in found.settings] == [0.4, 1.6, 0.4]
    for answer, setting in zip(found.settings, three[0], strict=True):
        assert answer.verdict == setting.ranking.metrics["toy"].verdict
        assert answer.gamma_interval == setting.ranking.metrics["toy"].gamma_interval


def test_what_draws_share_does_not_blur_the_shift(make_table):
    """All settings rise and fall together from draw to draw: scores are uncertain, the shift is not."""
    settings = [
        ranked(make_table(peaked(at, shared=0.1, spread=1e-4, seed=seed), GRID), name, g=g)
        for seed, (at, name, g) in enumerate([(0.4, "as asked", 1.5), (1.6, "g = 1.8", 1.8)])
    ]
    (found,) = nuisance_of(settings, metrics=[METRIC]).metrics.values()
    assert found.profile.scores[2].high - found.profile.scores[2].low > 0.05
    assert found.settings[1].shift.high - found.settings[1].shift.low < 0.3


def test_uncertainty_between_settings_is_in_the_profiles_interval(make_table):
    """Two settings that peak at two gammas, as high as each other to within their networks' scatter."""
    settings = [
        ranked(make_table(peaked(at, spread=0.15, seed=seed), GRID), f"g = {g}", g=g)
        for seed, (at, g) in enumerate([(0.1, 1.5), (1.6, 1.8)])
    ]
    (found,) = nuisance_of(settings, metrics=[METRIC]).metrics.values()
    low, high = found.profile.gamma_interval
    assert low < 0.3
    assert high > 0.5


def test_a_draw_that_failed_at_one_setting_is_left_out_at_all(three):
    settings, _ = three
    table = settings[1].scores.copy()
    bad = (table["resample"] == 3) & (table["gamma"] == 0.4) & (table["kind"] == "model")
    table.loc[bad, "score"] = np.nan
    broken = [settings[0], ranked(table, "g = 1.8", g=1.8, tau=0.1), settings[2]]
    (found,) = nuisance_of(broken, metrics=[METRIC]).metrics.values()
    kept = settings[0].scores
    kept = kept[(kept["kind"] == "model") & (kept["centring"] == "unit") & (kept["resample"] != 3)]
    assert found.settings[0].scores[2].mean == pytest.approx(kept.loc[kept["gamma"] == 0.4, "score"].mean(), rel=1e-12)


def test_nothing_but_failures_is_a_result(three):
    settings, _ = three
    broken = ranked(settings[1].scores.assign(score=np.nan, note="too few conditions"), "g = 1.8", g=1.8, tau=0.1)
    nuisance = nuisance_of([settings[0], broken], metrics=[METRIC])
    (found,) = nuisance.metrics.values()
    assert (found.settings, found.profile, found.marginal) == ((), None, None)
    assert (
        "nothing could be computed when profiled over g"
        in confounded(settings[0].ranking, nuisance=nuisance).summary.sentence
    )
    assert found == MetricNuisance()


def test_settings_that_do_not_belong_together(three, make_table):
    settings, _ = three
    other = ranked(make_table(peaked(0.4)[:, :4], GRID[:4]), "g = 1.8", g=1.8, tau=0.1)
    with pytest.raises(InputError, match=r"expected the draws, gammas and networks of as asked .* at g = 1.8"):
        nuisance_of([settings[0], other], metrics=[METRIC])
    with pytest.raises(InputError, match="at least two settings"):
        nuisance_of(settings[:1], metrics=[METRIC])


def test_the_sentence_ends_with_what_it_was_profiled_over(three):
    settings, _ = three
    nuisance = nuisance_of(settings, metrics=[METRIC])
    plain = settings[0].ranking
    assert plain.summary.sentence.endswith("at g = 1.5.")
    found = confounded(plain, nuisance=nuisance)
    assert found.summary.sentence.startswith(plain.summary.sentence[:-1] + "; the highest score is at gamma = 1.6 (95 ")
    assert found.summary.sentence.endswith("when profiled over g from 1.5 to 1.8 and tau from 100 to 200 ms.")
    assert found.summary.best_gamma == plain.summary.best_gamma
    assert found.confounds == {"nuisance": "nuisance.json"}
    assert confounded(plain) == plain


@pytest.mark.parametrize(("at", "words"), [(1.6, "; gamma = 1.6 (95 % interval "), (None, "; with beta chosen for ")])
def test_the_sentence_says_what_is_left_at_equal_fit(three, make_table, at, words):
    flat = 0.5 + 0.05 * np.random.default_rng(1).standard_normal((40, 5, 4))
    matched = ranked(make_table(flat if at is None else peaked(at), GRID), "").ranking
    found = confounded(three[0][0].ranking, matched=matched)
    assert words in found.summary.sentence
    assert ("no gamma is named" in found.summary.sentence) == (at is None)
    assert found.confounds == {"matched": "matched/ranking.json"}


def test_the_file_holds_the_numbers(three, tmp_path):
    settings, means = three
    found = nuisance_of(settings, metrics=[METRIC])
    save_record(found, tmp_path / "nuisance.json")
    assert load_record(Nuisance, tmp_path / "nuisance.json") == found
    held = json.loads(in_json(found))
    assert held["schema"] == 1
    assert held["over"] == [
        {"setting": "g", "low": 1.5, "high": 1.8},
        {"setting": "tau", "low": 0.1, "high": 0.2},
    ]
    assert [setting["name"] for setting in held["settings"]] == ["as asked", "g = 1.8", "tau = 0.2"]
    assert held["settings"][1]["values"] == {"g": 1.8, "tau": 0.1}
    assert held["settings"][0]["fit"] == [{"gamma": 0.0, "loss": 0.5}]
    toy = held["metrics"]["toy"]
    assert [score["mean"] for score in toy["settings"][2]["scores"]] == pytest.approx(means[2].tolist())
    assert toy["settings"][1]["shift"]["steps"] > 0.5
    assert set(held["centred"]) == {"toy"}


def test_settings_are_told_apart_by_adjusted_scores_whatever_the_baseline_has(make_table):
    """Networks of the best gamma that are the most alike: less half of that, another is the best, at every setting."""
    settings = []
    for seed, name in enumerate(["as asked", "g = 1.8"]):
        table = make_table(peaked(0.4, seed=seed), GRID, within=[0.2, 0.2, 0.8, 0.2, 0.2])
        pairs = table[table["kind"] == "within"]
        of_baseline = pairs[pairs["gamma"] == 0.4].assign(gamma=np.nan, score=0.3)
        baseline = of_baseline.assign(kind="kinematic", partner=-1)
        both = [baseline.assign(chain=0), baseline.assign(chain=1)]
        settings.append(ranked(pd.concat([table, of_baseline, *both]), name, g=1.5 + 0.3 * seed))
    (found,) = nuisance_of(settings, metrics=[METRIC]).metrics.values()
    assert [score.mean for score in found.profile.adjusted] == pytest.approx([0.3, 0.4, 0.2, 0.4, 0.3], abs=0.002)
    assert max(found.profile.scores, key=lambda score: score.mean).gamma == 0.4
    for each in (found.profile, found.marginal, *found.settings):
        assert each.best_gamma in (0.1, 1.6)
        assert each.judged == each.adjusted
