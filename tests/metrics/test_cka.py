import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.metrics import CKA


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
