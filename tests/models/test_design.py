"""Joint designs: marginals by the quantiles of their priors, stability, and networks of points that are no grid."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from neurocompare.errors import InputError
from neurocompare.models import Point, ZooPlan, design_of, make_points
from neurocompare.models.design import factors_of, step_for
from neurocompare.models.samplers import Draw
from neurocompare.models.sampling import Sampling
from neurocompare.settings import Exploring, Family, Workers
from neurocompare.settings.exploring import RANGES
from neurocompare.tasks import ideal_reach, oscillation


def design(points: int, seed: int = 0, **ranges: tuple[float, float]):
    return design_of(Exploring(points=points, **ranges), Family(n_units=12), 0.1, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("name", "quartiles"),
    [
        # By hand: low + (high - low) q, or low (high / low)^q.
        ("g", (1.1, 1.4, 1.7)),
        ("tau", (0.05 * 6**0.25, 0.05 * 6**0.5, 0.05 * 6**0.75)),
        ("beta", (200.0, 400.0, 800.0)),
        ("input_scale", (0.875, 1.25, 1.625)),
        ("lag", (0.0375, 0.075, 0.1125)),
    ],
)
def test_marginals_have_the_quartiles_of_their_priors(name, quartiles):
    values = [point.value(name) for point in design(1024)]
    # A scrambled Sobol sequence of 1024 has every quarter of a coordinate exactly 256 times, but for rounding.
    assert [sum(value < quartile for value in values) for quartile in quartiles] == pytest.approx(
        [256, 512, 768], abs=2
    )


def test_gamma_is_zero_as_often_as_asked_and_log_uniform_elsewhere():
    gammas = np.array([point.gamma for point in design(1024)])
    assert (gammas == 0).sum() == pytest.approx(102.4, abs=2)
    learned = gammas[gammas > 0]
    assert learned.min() >= 0.03
    assert learned.max() <= 3
    # Far closer to the prior than random draws would be: those would be off by 0.03 or so.
    assert kstest(np.log(learned), "uniform", args=(np.log(0.03), np.log(100))).statistic < 0.005


def test_pairs_of_settings_fill_their_plane():
    places = np.array(
        [[each.place(point.value(each.name)) for each in factors_of(Exploring())[1:]] for point in design(256)]
    )
    for one in range(places.shape[1]):
        for other in range(one):
            cells, *_ = np.histogram2d(places[:, one], places[:, other], bins=4, range=[[0, 1], [0, 1]])
            # 16 are expected in each of 16 cells; random draws leave a cell with fewer than 8 in half of all designs.
            assert cells.min() >= 8


def test_a_longer_design_begins_with_a_shorter_one_and_seeds_differ():
    assert design(100)[:40] == design(40)
    assert design(40, seed=1) != design(40)


def test_places_undo_quantiles():
    for factor in factors_of(Exploring()):
        shares = np.linspace(0, 1, 7)
        assert factor.place(factor.at(shares)) == pytest.approx(shares, abs=1e-12)
    assert [factor.name for factor in factors_of(Exploring())] == list(RANGES)


@pytest.mark.parametrize("tau", [0.05, 0.0666, 0.0999, 0.1, 0.15, 0.2, 0.3])
def test_a_time_constant_has_as_many_steps_as_asked_and_no_more_than_needed(tau):
    step = step_for(tau, time_step=0.05, steps=4)
    assert tau / step >= 4 * (1 - 1e-8)
    parts = round(0.05 / step)
    assert step * parts == pytest.approx(0.05)
    assert parts == 1 or tau / (0.05 / (parts - 1)) < 4


def test_ranges_ascend_and_logarithmic_ones_begin_above_zero():
    with pytest.raises(InputError, match="expected g to range from a smaller value to a larger one, found 2 to 1"):
        Exploring(g=(2, 1))
    with pytest.raises(InputError, match="expected gamma to range from a value above 0, found 0"):
        Exploring(gamma=(0, 1))


def test_what_is_not_to_be_varied_keeps_its_value_and_the_rest_fills_its_ranges():
    only = Exploring(points=64, only=("input-scale", "lag"))
    found = design_of(only, Family(g=1.3, tau=0.07), 0.1, np.random.default_rng(0))
    assert {(point.family.g, point.family.tau, point.family.beta) for point in found} == {(1.3, 0.07, 400.0)}
    for name, middle in (("lag", 0.075), ("input_scale", 1.25)):
        assert sum(point.value(name) < middle for point in found) == 32
    held = design_of(Exploring(points=16, only=("g",)), Family(), 0.12, np.random.default_rng(0))
    assert {point.lag for point in held} == {0.12}


def test_gamma_alone_may_be_varied():
    found = design_of(Exploring(points=32, only=("gamma",)), Family(g=1.3), 0.1, np.random.default_rng(0))
    assert {(point.family, point.lag) for point in found} == {(Family(g=1.3), 0.1)}
    assert len({point.gamma for point in found}) > 28


@pytest.mark.parametrize("only", [("gama",), ("units",), ("g", "g")])
def test_only_settings_with_a_range_are_varied_each_once(only):
    with pytest.raises(InputError, match="expected to vary only some of gamma, g, tau, beta, input_scale, lag, each"):
        Exploring(only=only)


def points() -> list[Point]:
    return [
        Point(oscillation(time_step=step), Family(g=g, n_units=12), gamma)
        for step, g, gamma in ((0.015, 0.9, 0.3), (0.03, 1.2, 0.0), (0.015, 1.5, 0.8))
    ]


SHORT = Sampling(ramp=1, trajectories=8, adaptation=2, segments=1, max_leapfrogs=20)
PLAN = ZooPlan(sampler=Draw(SHORT), members=2, chains=2)


def test_points_of_several_tasks_and_families_each_have_their_networks(tmp_path):
    zoos = make_points(points(), tmp_path, PLAN, workers=Workers(1), progress=False)
    assert [(zoo.family, zoo.gammas) for zoo in zoos] == [(each.family, (each.gamma,)) for each in points()]
    assert [len(zoo.cards) for zoo in zoos] == [4, 4, 4]
    assert zoos[0].cards[0].task == zoos[2].cards[0].task != zoos[1].cards[0].task


def test_what_is_there_already_is_not_made_again(tmp_path):
    make_points(points()[:2], tmp_path, PLAN, workers=Workers(1), progress=False)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/weights.safetensors")}
    make_points(points(), tmp_path, PLAN, workers=Workers(1), progress=False)
    after = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/weights.safetensors")}
    assert len(before) == 8
    assert len(after) == 12
    assert {path: after[path] for path in before} == before


def test_the_cheapest_points_are_made_first(tmp_path):
    tasks = [ideal_reach(directions=directions) for directions in (8, 2, 4)]
    zoos = make_points(
        [Point(task, Family(n_units=12), 0.0) for task in tasks], tmp_path, workers=Workers(1), progress=False
    )
    times = [[(tmp_path / card.hash / "card.json").stat().st_mtime_ns for card in zoo.cards] for zoo in zoos]
    assert max(times[1]) <= min(times[2])
    assert max(times[2]) <= min(times[0])
