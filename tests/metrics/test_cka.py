from itertools import permutations

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.metrics import CKA, centre


def song(gram_x: np.ndarray, gram_y: np.ndarray) -> float:
    """Unbiased criterion as Song et al. write it, on Gram matrices with their diagonals zeroed."""
    n = len(gram_x)
    k, m = (gram - np.diag(np.diag(gram)) for gram in (gram_x, gram_y))
    ones = np.ones(n)
    return (
        np.trace(k @ m)
        + (ones @ k @ ones) * (ones @ m @ ones) / ((n - 1) * (n - 2))
        - 2 / (n - 2) * (ones @ k @ m @ ones)
    ) / (n * (n - 3))


def test_the_fixed_pair(fixed_pair):
    assert CKA("biased").raw(*fixed_pair) == pytest.approx(0.489342739104415, abs=1e-9)
    assert CKA().raw(*fixed_pair) == pytest.approx(0.0235986985805567, abs=1e-9)


def test_the_closed_form_equals_the_definition_on_gram_matrices(fixed_pair):
    x, y = fixed_pair[0] + 3, fixed_pair[1][:, :11]
    gram_x, gram_y = x @ x.T, y @ y.T
    expected = song(gram_x, gram_y) / np.sqrt(song(gram_x, gram_x) * song(gram_y, gram_y))
    assert CKA().raw(x, y) == pytest.approx(expected, abs=1e-9)


def test_biased_cka_is_the_cosine_of_centred_squared_distances(fixed_pair):
    """Double-centring squared Euclidean distances gives minus twice the centred Gram matrix."""
    centring = np.eye(30) - 1 / 30
    distances = [((m[:, None] - m) ** 2).sum(axis=-1) for m in fixed_pair]
    k, m = (centring @ distance @ centring for distance in distances)
    cosine = np.sum(k * m) / (np.linalg.norm(k) * np.linalg.norm(m))
    assert CKA("biased").raw(*fixed_pair) == pytest.approx(cosine, abs=1e-9)


def test_the_score_is_the_raw_value_over_all_samples(related):
    x, y = related(0, share=0.5)
    for metric in (CKA(), CKA("biased")):
        expected = metric.raw(x.values.reshape(-1, 30), y.values.reshape(-1, 30))
        assert metric.score(x, y) == pytest.approx(expected, abs=1e-12)


def test_unrelated_noise_scores_zero_only_when_unbiased():
    """100 units, 200 samples: biased about 0.335."""
    pairs = np.random.default_rng(1).normal(size=(40, 2, 200, 100))
    unbiased = np.array([CKA().raw(x, y) for x, y in pairs])
    assert abs(unbiased.mean()) < 3 * unbiased.std(ddof=1) / np.sqrt(len(unbiased))
    assert np.mean([CKA("biased").raw(x, y) for x, y in pairs]) == pytest.approx(0.335, abs=0.005)


def test_smoothness_alone_is_seen_as_likeness(unrelated):
    """What the docstring warns of: the unbiased estimate is unbiased for independent samples only."""
    assert np.mean([CKA().score(*unrelated(seed)) for seed in range(5)]) > 0.3
    assert abs(np.mean([CKA().score(*unrelated(seed, width=1e-3)) for seed in range(5)])) < 0.05


def test_bad_settings_and_too_few_samples_are_refused(related):
    with pytest.raises(InputError, match="an estimator among unbiased, biased, lange, conditions, found 'song'"):
        CKA("song")
    x, y = (population.isel(condition=slice(3), time=[0]) for population in related(1, share=0.5))
    with pytest.raises(InputError, match=r"at least 4 samples .* found 3"):
        CKA().score(x, y)


def test_lange_zeroes_the_diagonals_of_centred_kernels(fixed_pair):
    centring = np.eye(30) - 1 / 30
    k, m = (centring @ matrix @ matrix.T @ centring for matrix in fixed_pair)
    k, m = (gram - np.diag(np.diag(gram)) for gram in (k, m))
    expected = np.sum(k * m) / (np.linalg.norm(k) * np.linalg.norm(m))
    assert CKA("lange").raw(*fixed_pair) == pytest.approx(expected, abs=1e-9)


def u_statistic(x: np.ndarray, y: np.ndarray) -> float:
    """Unbiased criterion over conditions, its blocks of Gram matrices multiplied one distinct tuple at a time."""

    def block(values, c, d):
        return values[c] @ values[d].T

    conditions = range(len(x))
    pairs = [np.sum(block(x, *p) * block(y, *p)) for p in permutations(conditions, 2)]
    quadruples = [np.sum(block(x, c, d) * block(y, e, f)) for c, d, e, f in permutations(conditions, 4)]
    triples = [np.sum(block(x, c, d) * block(y, c, e)) for c, d, e in permutations(conditions, 3)]
    return np.mean(pairs) + np.mean(quadruples) - 2 * np.mean(triples)


def test_over_conditions_it_is_the_u_statistic_of_distinct_conditions(related):
    x, y = (side.isel(condition=slice(5), time=slice(4), unit=slice(6)) for side in related(2, share=0.6))
    expected = u_statistic(x.values, y.values) / np.sqrt(
        u_statistic(x.values, x.values) * u_statistic(y.values, y.values)
    )
    assert CKA("conditions").score(x, y) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("centring", ["unit", "condition-mean"])
def test_over_conditions_smooth_unrelated_populations_score_nothing(centring, unrelated):
    pairs = [unrelated(seed, units=100, width=5.0) for seed in range(60)]
    scores = np.array([CKA("conditions").score(*(centre(side, centring) for side in pair)) for pair in pairs])
    assert abs(scores.mean()) < 3 * scores.std(ddof=1) / np.sqrt(len(scores))


def test_over_conditions_it_needs_four_that_differ(related, fixed_pair):
    x, y = related(3, share=0.5)
    with pytest.raises(InputError, match="at least 4 conditions, found 3"):
        CKA("conditions").score(x.isel(condition=slice(3)), y.isel(condition=slice(3)))
    with pytest.raises(InputError, match="expected responses with conditions for cka-conditions, found matrices"):
        CKA("conditions").raw(*fixed_pair)
    alike = x.copy(data=np.broadcast_to(x.values[:1], x.shape))
    with pytest.raises(InputError, match="activity that differs between conditions, found the same in all"):
        CKA("conditions").score(alike, y)


def test_activity_without_a_dependence_on_itself_is_refused(related):
    """Every condition in a dimension of its own: no two resemble each other."""
    x, y = related(4, share=0.5)
    apart = x.copy(data=np.zeros(x.shape))
    for condition in range(8):
        apart[condition, :, condition] = 1.0
    y = centre(y, "condition-mean")
    with pytest.raises(InputError, match="resemble each other beyond chance for cka-conditions"):
        CKA("conditions").score(apart, y)
