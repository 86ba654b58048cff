"""Which settings made a recording: against closed forms, and calibrated on recordings that nothing was learned from."""

from __future__ import annotations

import numpy as np
import pytest
from explorations import tried_of
from scipy.stats import binom, kstest

from neurocompare.errors import InputError
from neurocompare.ranking.design_places import places_of
from neurocompare.ranking.inferred import KERNEL, StatisticLaw, fit_law, inference_of, interval, posterior, priors_of
from neurocompare.ranking.learned_statistics import FOLDS, Planted, learn
from neurocompare.ranking.summary_statistics import Summary
from neurocompare.settings import Exploring

EXPLORING = Exploring(points=128, reservoirs=0.1)
POINTS = tried_of(EXPLORING)
PLACES = places_of(POINTS, EXPLORING)
NAMES = ("a", "b", "c", "d")
PAIRS = 12
WEIGHTS = np.random.default_rng(5).standard_normal((PLACES.shape[1], PAIRS))


def seen(places: np.ndarray, rng: np.random.Generator, noise: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Kernels and unit statistics of recordings: linear in the settings, with noise."""
    kernels = places @ WEIGHTS + noise * rng.standard_normal((len(places), PAIRS))
    units = places[:, [0, 0, 1, 2]] + 0.3 * rng.standard_normal((len(places), 4))
    return kernels, units


def planted(rng: np.random.Generator, each: int = 4) -> Planted:
    point = np.repeat(np.arange(len(POINTS)), each)
    return Planted(*seen(PLACES[point], rng), point)


def test_one_linear_statistic_of_gaussian_noise_is_the_posterior_mean():
    # x = theta + noise of variance v, theta of variance u: E[theta | x] is x u / (u + v) about the mean; the ridge is
    # added to the variance of x, which is 1 after scaling.
    rng = np.random.default_rng(0)
    theta = rng.standard_normal((1000, 1))
    x = theta + 0.5 * rng.standard_normal((1000, 1))
    found = learn(Planted(np.zeros((1000, 1)), x, np.arange(1000)), theta).from_all
    statistic, distance = found.apply(Planted(np.zeros((1, 1)), np.array([[1.5]]), np.zeros(1, int)))
    shrunk = 1.5 * 1 / 1.25 / 1.1
    # Errors of a slope of 1,000 are 0.5 / sqrt(1000) and of the mean as much.
    assert statistic[0, 0] == pytest.approx(shrunk, abs=5 * 1.5 * 0.5 / np.sqrt(1000))
    assert distance[0] == pytest.approx(1.5**2 / 1.25 / 1.1, rel=0.1)


def test_points_are_predicted_by_others_alone():
    # A statistic that is each point's own, equal in all its recordings, and has nothing to do with its settings: with a
    # recording of the same point at hand it would tell everything.
    rng = np.random.default_rng(1)
    point = np.repeat(np.arange(len(POINTS)), 4)
    own = rng.standard_normal((len(POINTS), 40))[point]
    found = learn(Planted(own, own[:, :4], point), PLACES)
    wanted = PLACES[point]
    assert (1 - ((found.statistics - wanted) ** 2).mean(axis=0) / wanted.var(axis=0)).max() < 0.05


def test_every_fold_is_spread_over_the_design():
    fold = np.arange(len(POINTS)) * FOLDS // len(POINTS)
    for each in range(FOLDS):
        assert (np.ptp(PLACES[fold == each], axis=0) > 0.7).all()


def test_a_posterior_is_bayes_rule_by_hand():
    prior = priors_of(EXPLORING)["gamma"]
    law = StatisticLaw((0.1, 0.8, 0.0), (np.log(0.2), 0.0))
    by_hand = np.array(
        [
            w * np.exp(-0.5 * ((0.5 - 0.1 - 0.8 * x) / 0.2) ** 2)
            for w, x in zip(prior.weights, prior.places, strict=True)
        ]
    )
    found = posterior(prior, law, np.array([0.5]))
    assert found[0] == pytest.approx(by_hand / by_hand.sum(), rel=1e-9)
    low, high = interval(prior, found)[0]
    inside = (prior.values >= low) & (prior.values <= high)
    assert found[0, inside].sum() >= 0.95
    # No run of one cell fewer has as much, by looking at all of them.
    fewer = inside.sum() - 1
    runs = [found[0, start : start + fewer].sum() for start in range(len(prior.values) - fewer + 1)]
    assert max(runs) < 0.95


def test_an_interval_reaches_the_end_of_a_range_where_the_density_does():
    prior = priors_of(EXPLORING)["g"]
    falling = np.exp(-np.arange(len(prior.values)) / 30)
    assert interval(prior, (falling / falling.sum())[None])[0, 0] == 0.8
    assert interval(prior, (falling / falling.sum())[None, ::-1])[0, 1] == pytest.approx(2.0)


def test_a_spread_that_grows_along_the_axis_is_found():
    rng = np.random.default_rng(2)
    places = rng.uniform(size=20_000)
    spread = 0.05 * np.exp(1.2 * places)
    found = fit_law(0.3 + 0.2 * places + 0.4 * places**2 + spread * rng.standard_normal(20_000), places)
    # Errors of log s: 1 / sqrt(2 n), some four times that at the ends.
    at = np.array([0.0, 0.5, 1.0])
    assert np.polynomial.polynomial.polyval(at, found.log_spread) == pytest.approx(np.log(0.05) + 1.2 * at, abs=0.08)
    assert np.polynomial.polynomial.polyval(at, found.mean) == pytest.approx(0.3 + 0.2 * at + 0.4 * at**2, abs=0.01)


@pytest.fixture(scope="module")
def fresh():
    """What is inferred of 200 recordings whose settings are drawn from the prior anew, and those settings."""
    rng = np.random.default_rng(3)
    from_design = planted(rng)
    exploring = Exploring(points=256, reservoirs=0.1)
    others = tried_of(exploring, seed=9)[:200]
    places = places_of(others, exploring)
    kernels, units = seen(places, rng)
    inference = inference_of(from_design, POINTS, EXPLORING)
    found = [inference.of(Summary(kernel, unit, NAMES)) for kernel, unit in zip(kernels, units, strict=True)]
    return found, others


def test_intervals_hold_fresh_truths_as_often_as_they_say(fresh):
    found, others = fresh
    for k, name in enumerate(("gamma", "g", "tau")):
        held = sum(
            each.settings[k].interval[0] * 0.98 <= getattr(point, name) <= each.settings[k].interval[1] * 1.02
            for each, point in zip(found, others, strict=True)
        )
        # 95 % of 200, and 3.3 standard errors: by chance beyond in one of a thousand.
        assert binom.cdf(held, 200, 0.95) > 0.0005
        assert binom.sf(held - 1, 200, 0.95) > 0.0005
        assert found[0].settings[k].coverage == pytest.approx(0.95, abs=0.03)


def test_what_says_nothing_of_a_setting_gains_nothing(fresh):
    (first, *_), _ = fresh
    gains = {each.name: each.gain for each in first.settings}
    assert gains["gamma"] > 1
    rng = np.random.default_rng(4)
    blind = Planted(rng.standard_normal((512, PAIRS)), rng.standard_normal((512, 4)), np.repeat(np.arange(128), 4))
    found = inference_of(blind, POINTS, EXPLORING).of(Summary(np.zeros(PAIRS), np.zeros(4), NAMES))
    assert all(abs(each.gain) < 0.05 for each in found.settings)
    low, high = found.gamma.interval
    assert low < 0.05
    assert high > 2


def test_recordings_of_the_family_are_as_odd_as_any_and_others_are_odd(fresh):
    found, _ = fresh
    # Of planted ones, four recordings of a point are not independent, but fresh ones are.
    assert kstest([each.odd for each in found], "uniform").pvalue > 0.001
    rng = np.random.default_rng(6)
    from_design = planted(rng)
    kernels, units = seen(PLACES[:1], rng)
    outside = inference_of(from_design, POINTS, EXPLORING).of(Summary(kernels[0] + 3, units[0] + [0, 0, 0, 4], NAMES))
    assert outside.odd < 0.01
    assert {"d", KERNEL} <= {each.name for each in outside.unlike}
    assert all(abs(each.deviation) > 2 for each in outside.unlike)


def test_a_kernel_unlike_all_others_is_odd_though_its_components_are_not():
    rng = np.random.default_rng(8)
    point = np.repeat(np.arange(len(POINTS)), 4)
    basis = np.linalg.qr(rng.standard_normal((200, PLACES.shape[1] + 1)))[0].T
    kernels, units = PLACES[point] @ basis[:-1], seen(PLACES[point], rng)[1]
    kernels = kernels + 0.01 * rng.standard_normal(kernels.shape)
    inference = inference_of(Planted(kernels, units, point), POINTS, EXPLORING)
    as_others, with_more = (inference.of(Summary(kernels[40] + size * basis[-1], units[40], NAMES)) for size in (0, 2))
    assert as_others.odd > 0.05
    assert with_more.odd < 0.01
    assert with_more.unlike[0].name == KERNEL


def test_calibration_is_of_laws_that_knew_nothing_of_the_part():
    # By hand: the law of the first part is fitted to the others.
    rng = np.random.default_rng(9)
    inference = inference_of(planted(rng), POINTS, EXPLORING)
    fold, (name, prior) = inference.learned.fold, inference.priors[0]
    assert name == "gamma"
    law = fit_law(inference.learned.statistics[fold > 0, 0], PLACES[np.repeat(np.arange(len(POINTS)), 4)][fold > 0, 0])
    by_hand = posterior(prior, law, inference.learned.statistics[fold == 0, 0])
    assert inference.left_out(0)[fold == 0] == pytest.approx(by_hand, rel=1e-6)


def test_a_level_is_raised_until_truths_are_held():
    # Heavy tails that a Normal law does not have: at 95 % by the posterior fewer are held.
    rng = np.random.default_rng(11)
    point = np.repeat(np.arange(len(POINTS)), 4)
    units = PLACES[point][:, [0, 0, 1, 2]] + 0.15 * rng.standard_t(2, (len(point), 1))
    inference = inference_of(Planted(rng.standard_normal((len(point), PAIRS)), units, point), POINTS, EXPLORING)
    prior, chances, truths = inference.priors[0][1], inference.left_out(0), inference.truths[:, 0]
    low, high = interval(prior, chances, inference.calibration[0][0]).T
    assert inference.calibration[0][1] == ((truths >= low) & (truths <= high)).mean() >= 0.95


def test_too_few_points_are_refused():
    few = planted(np.random.default_rng(10))[np.repeat(np.arange(len(POINTS)), 4) < 7]
    with pytest.raises(InputError, match="of at least 8 points, found 7 that show anything"):
        inference_of(few, POINTS, EXPLORING)


def test_chances_of_gamma_are_those_of_its_interval(fresh):
    (first, *_), _ = fresh
    gammas, chances = np.array(first.gammas), np.array(first.chances)
    low, high = first.gamma.interval
    assert chances.sum() == pytest.approx(1)
    assert sum(first.before) == pytest.approx(1)
    assert 0.95 <= chances[(gammas >= low) & (gammas <= high)].sum() < 0.95 + 2 * chances.max()
