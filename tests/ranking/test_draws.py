import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.ranking.candidate import Candidate
from neurocompare.ranking.draws import make_draws, sampling_of
from neurocompare.responses import make_responses


def candidates(pairs, gammas=(0.0, 0.4)):
    responses = make_responses(np.zeros((2, 3, 4)), condition=["c0", "c1"], time=[0.0, 0.1, 0.2])
    return [Candidate("", gamma, *pair, responses) for gamma in gammas for pair in pairs]


NETWORKS = candidates([(0, 0), (0, 1), (1, 0), (1, 1)])


@pytest.fixture
def trials(make_trials):
    return make_trials(np.full((3, 10, 9), 20.0), repeats=[4, 5, 7])


def test_halves_are_disjoint_equal_and_balanced(trials):
    labels = trials.counts["condition"].values
    for draw in make_draws(trials, NETWORKS, draws=20):
        assert len(draw.units) == len(draw.other_units) == 4
        assert len(set(draw.units) | set(draw.other_units)) == 8
        assert not (draw.trials & draw.other_trials).any()
        for label, half in (("c0", 2), ("c1", 2), ("c2", 3)):
            assert draw.trials[labels == label].sum() == draw.other_trials[labels == label].sum() == half


def test_sampling_says_the_sizes(trials):
    sampling = sampling_of(trials)
    assert (sampling.units, sampling.units_drawn) == (9, 4)
    assert (sampling.trials, sampling.trials_drawn) == ((4, 7), (2, 3))


def test_units_and_trials_are_drawn_evenly(trials):
    draws = make_draws(trials, NETWORKS, draws=600)
    units = np.bincount(np.concatenate([draw.units for draw in draws]), minlength=9) / 600
    assert np.all(np.abs(units - 4 / 9) < 4 * np.sqrt(4 / 9 * 5 / 9 / 600))
    share = np.mean([draw.trials for draw in draws], axis=0)
    expected = np.repeat([2 / 4, 2 / 5, 3 / 7], [4, 5, 7])
    assert np.all(np.abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / 600))
    assert {draw.null_network for draw in draws} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_nulls_always_disturb(trials):
    draws = make_draws(trials, NETWORKS, draws=200)
    assert all(sorted(draw.permutation) == [0, 1, 2] for draw in draws)
    assert not any(np.array_equal(draw.permutation, [0, 1, 2]) for draw in draws)
    assert {draw.shift for draw in draws} == {3, 4, 5, 6, 7}


def same(one, two):
    return all(np.array_equal(getattr(one, name), getattr(two, name)) for name in vars(one))


def test_a_draw_depends_on_seed_and_index_alone(trials):
    few = make_draws(trials, NETWORKS, draws=3, seed=5)
    np.random.seed(0)  # noqa: NPY002
    many = make_draws(trials, NETWORKS, draws=7, seed=5)
    assert all(same(one, two) for one, two in zip(few, many, strict=False))
    assert not np.array_equal(few[0].units, few[1].units)
    assert not all(
        np.array_equal(one.units, two.units)
        for one, two in zip(few, make_draws(trials, NETWORKS, draws=3), strict=True)
    )


def test_what_cannot_be_halved_is_refused(make_trials):
    rates = np.full((3, 10, 9), 20.0)
    for trials, words in (
        (make_trials(rates, repeats=[4, 1, 7]), "at least 2 trials in each condition, found 1 in c1"),
        (make_trials(rates[:, :, :3]), "at least 4 selected units, found 3"),
        (make_trials(rates[:1]), "at least 2 conditions, found 1"),
        (make_trials(rates[:, :1]), "at least 2 time bins, found 1"),
    ):
        with pytest.raises(InputError, match=words):
            make_draws(trials, NETWORKS)
    with pytest.raises(InputError, match="at least 1 draw, found 0"):
        make_draws(make_trials(rates), NETWORKS, draws=0)


def test_gammas_must_have_the_same_networks(trials):
    uneven = candidates([(0, 0), (1, 0)]) + candidates([(2, 0)], gammas=(0.4,))
    with pytest.raises(InputError, match=r"found \[\(0, 0\), \(1, 0\), \(2, 0\)\] at gamma 0.4"):
        make_draws(trials, uneven)
    with pytest.raises(InputError, match="each once"):
        make_draws(trials, candidates([(0, 0), (0, 0)]))
    with pytest.raises(InputError, match="found none"):
        make_draws(trials, [])
