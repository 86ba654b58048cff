"""Explorations: surfaces that are written down, from score tables to the sentence."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from explorations import SAMPLING, TOY, exploration_of, table_of, tried_of

from neurocompare.ranking.exploration import Exploration
from neurocompare.ranking.explored import explored, gamma_grid, gamma_places
from neurocompare.ranking.pool import Scored
from neurocompare.records import load_record, save_record
from neurocompare.settings import Exploring


def peak(top: float, depth: float = 1.0):
    """A score that is highest at one place of gamma's axis, and at tau = 0.1 s; the other settings do not matter."""

    def score(place, point):
        return 0.8 - depth * (place - top) ** 2 - 0.1 * np.log(point.tau / 0.1) ** 2

    return score


def plateau(place, point):
    """A score that is as high below the middle of gamma's axis as at the reservoir, and falls beyond."""
    return 0.8 - 2 * max(place - 0.4, 0) ** 2


@pytest.fixture(scope="module")
def low() -> Exploration:
    return exploration_of(plateau)


@pytest.fixture(scope="module")
def middle() -> Exploration:
    return exploration_of(peak(0.5))


def test_the_best_gamma_is_where_it_was_put(middle):
    exploring, found = Exploring(points=48), middle.metrics["toy"]
    grid = np.array(gamma_grid(exploring))
    planted = grid[np.abs(gamma_places(grid, exploring) - 0.5).argmin()]
    assert found.ranking.verdict == "resolved"
    assert found.ranking.holds(planted)
    assert middle.headline.startswith("By toy, gamma is between ")
    assert found.emulated.explained > 0.8
    assert found.emulated.lengths["g"] > 3 * found.emulated.lengths["gamma"]


def test_gamma_that_is_no_better_than_smaller_ones_is_at_most_something(low):
    found = low.metrics["toy"].ranking
    assert found.verdict == "at most"
    # From 0.4 of the axis on scores fall: the bound is beyond that, and short of its end.
    edge = 0.03 * np.expm1(0.4 * np.log1p(100))
    assert edge < found.bounds.above
    assert found.bounds.high < 3.0
    assert low.headline == (
        f"By toy, gamma is at most {found.bounds.high:g} (95 %), whatever g, tau, beta, input scale and lag are within "
        "these ranges"
    )
    assert len(low.headline.split()) <= 25


def test_the_likeness_of_a_gamma_is_that_of_networks_that_were_measured():
    """The surface climbs towards a corner beyond the highest score there is; no point of the design does."""
    bounded, exploring = SimpleNamespace(name="toy", range=(0.0, 1.0)), Exploring(points=24)
    points = tried_of(exploring)
    table = table_of(
        points, exploring, lambda place, point: 0.5 + 0.25 * place + 0.2 * point.g - 0.16, np.random.default_rng(0)
    )
    table["score"] = table["score"].clip(upper=1.0)
    found = explored([Scored("toy", table, SAMPLING)], points, exploring, metrics=[bounded]).metrics["toy"]
    of_models = table[(table["kind"] == "model") & (table["centring"] == "unit")]
    measured = of_models.groupby("gamma")["score"].mean().to_numpy()
    for score in found.ranking.scores:
        assert np.abs(measured - score.mean).min() < 1e-9
        assert 0.0 <= score.low <= score.mean <= score.high <= 1.0
    assert 0.0 <= found.adequacy.low <= found.adequacy.high <= 1.0
    best = found.ranking.best
    assert best.mean > np.quantile(measured, 0.8)


def test_gamma_that_does_not_matter_is_not_named():
    found = exploration_of(lambda place, point: 0.8)
    assert found.metrics["toy"].ranking.verdict == "tied"
    assert found.headline.startswith("No gamma is named for toy recording")


def test_no_gamma_is_named_by_chains_that_are_too_short(middle):
    few, many = (exploration_of(peak(0.5), unfinished=unfinished) for unfinished in (12, 13))
    assert few.headline == middle.headline  # a quarter of 48 points
    assert many.headline == (
        "No gamma is named for toy recording: the chains of 13 of 48 points are too short, or differ; ask for more "
        "--trajectories"
    )
    assert many.metrics["toy"].ranking.verdict == middle.metrics["toy"].ranking.verdict


def test_settings_are_said_where_the_score_is_highest_and_edges_are_told():
    found = exploration_of(lambda place, point: 0.8 - (place - 0.5) ** 2 + 0.2 * point.g)
    factors = {factor.name: factor for factor in found.metrics["toy"].factors}
    assert factors["g"].edge == "high"
    assert factors["g"].best == pytest.approx(2.0, abs=0.03)
    assert factors["g"].moves == pytest.approx(0.2 * 0.9, rel=0.2)  # between quarters: 0.9 of the range of 1.2 apart
    assert any("the high end of g" in sentence for sentence in found.conditions)


def test_the_answer_at_another_tau_is_told_where_it_depends_on_it():
    def score(place, point):
        return 0.8 - (place - 0.3 - 0.4 * np.log(point.tau / 0.05) / np.log(6)) ** 2

    tau = next(factor for factor in exploration_of(score).metrics["toy"].factors if factor.name == "tau")
    assert tau.quarters[0].best_gamma < tau.quarters[-1].best_gamma
    assert tau.quarters[0].low == pytest.approx(0.05)
    assert tau.quarters[-1].high == pytest.approx(0.3)


def test_what_is_not_varied_is_not_profiled_over_and_said_to_be_held():
    found = exploration_of(lambda place, point: 0.8 - (place - 0.5) ** 2, Exploring(points=24, only=("tau",)))
    assert [factor.name for factor in found.metrics["toy"].factors] == ["tau"]
    assert found.headline.endswith("(95 %), whatever tau is within this range")
    assert any(
        sentence.endswith("over tau from 50 to 300 ms, at g = 1.5, beta = 400, input scale = 1 and lag = 100 ms.")
        for sentence in found.conditions
    )


def test_gamma_alone_is_the_surface_itself():
    found = exploration_of(lambda place, point: 0.8 - (place - 0.5) ** 2, Exploring(points=24, only=("gamma",)))
    toy = found.metrics["toy"]
    assert toy.factors == ()
    assert found.headline.endswith("(95 %)")
    at = gamma_places([score.gamma for score in toy.ranking.judged], Exploring(points=24))
    # Points 0.01 apart by their networks, and one more by the recording's own departure, which slopes along the axis.
    means = np.array([score.mean for score in toy.ranking.judged])
    assert np.abs(means - means.max() - (at - 0.5) ** 2 * -1).max() < 0.05
    assert any(
        sentence.endswith("from 0.03 to 3, at g = 1.5, tau = 100 ms, beta = 400, input scale = 1 and lag = 100 ms.")
        for sentence in found.conditions
    )


def test_what_does_not_reach_the_ceiling_is_said(middle):
    found = middle.metrics["toy"].adequacy
    assert not found.reaches
    assert found.score == pytest.approx(0.8, abs=0.05)
    assert found.kinematic == pytest.approx(0.3, abs=0.05)
    assert any(
        sentence.startswith("None of these networks reaches the ceiling (0.9 to 0.9)") for sentence in middle.conditions
    )
    reached = exploration_of(lambda place, point: 1.0 - (place - 0.5) ** 2, kinematic=1.2)
    assert reached.metrics["toy"].adequacy.reaches
    assert any(sentence.endswith("higher than every network.") for sentence in reached.conditions)


def test_units_that_follow_the_movement_as_well_leave_a_tie():
    assert exploration_of(peak(0.5), kinematic=0.8).metrics["toy"].ranking.verdict == "tied"


def test_a_file_gives_back_what_was_found(middle, tmp_path):
    save_record(middle, tmp_path / "exploration.json")
    assert load_record(Exploration, tmp_path / "exploration.json") == middle
    assert repr(middle).startswith("Exploration of toy recording: answer By toy, gamma is")
    assert len(repr(middle)) < 250


def test_points_whose_chains_are_too_short_are_counted():
    exploring = Exploring(points=16)
    points = tuple(replace(point, converged=place > 2) for place, point in enumerate(tried_of(exploring)))
    table = table_of(points, exploring, peak(0.5), np.random.default_rng(0))
    found = explored([Scored("toy", table, SAMPLING)], points, exploring, metrics=[TOY])
    assert any("chains of 3 of 16 points are too short" in sentence for sentence in found.conditions)
