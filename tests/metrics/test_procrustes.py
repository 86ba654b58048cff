import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.spatial import procrustes as scipy_procrustes

from neurocompare.errors import InputError
from neurocompare.metrics import Procrustes


def test_the_fixed_pair(fixed_pair):
    assert Procrustes().raw(*fixed_pair) == pytest.approx(0.722778717599336, abs=1e-9)
    assert Procrustes().angle(*fixed_pair) == pytest.approx(0.762981579934097, abs=1e-9)


def test_the_cosine_is_the_normalised_bures_similarity(fixed_pair):
    gram_x, gram_y = ((m - m.mean(axis=0)) @ (m - m.mean(axis=0)).T for m in fixed_pair)
    root = sqrtm(gram_x).real
    bures = np.sqrt(np.clip(np.linalg.eigvals(root @ gram_y @ root).real, 0, None)).sum()
    bures /= np.sqrt(np.trace(gram_x) * np.trace(gram_y))
    assert Procrustes().raw(*fixed_pair) == pytest.approx(bures, abs=1e-6)


def test_the_distances_of_others_follow_from_the_cosine(fixed_pair):
    x, y = (matrix - matrix.mean(axis=0) for matrix in fixed_pair)
    cosine = Procrustes().raw(x, y)
    x_norm, y_norm = np.linalg.norm(x), np.linalg.norm(y)
    assert Procrustes().distance(x, y) ** 2 == pytest.approx(
        x_norm**2 + y_norm**2 - 2 * x_norm * y_norm * cosine, abs=1e-9
    )
    assert Procrustes().distance(x / x_norm, y / y_norm) ** 2 == pytest.approx(2 - 2 * cosine, abs=1e-9)
    assert scipy_procrustes(x, y)[2] == pytest.approx(1 - cosine**2, abs=1e-9)


def test_the_angle_is_a_metric():
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 40, 6))
    angle = Procrustes().angle
    assert angle(a, 2 + 3 * a) == pytest.approx(0, abs=1e-6)
    assert angle(a, c) <= angle(a, b) + angle(b, c)


def test_a_narrower_population_is_compared_as_if_padded_with_silent_units(fixed_pair):
    x, y = fixed_pair[0], fixed_pair[1][:, :10]
    padded = np.hstack([y, np.zeros((30, 15))])
    assert Procrustes().raw(x, y) == pytest.approx(Procrustes().raw(x, padded), abs=1e-12)


def test_in_sample_even_noise_is_alike():
    """100 units, 200 samples of unrelated Gaussians: about 0.57, the trap that held-out scores avoid."""
    x, y = np.random.default_rng(1).normal(size=(2, 200, 100))
    assert Procrustes().raw(x, y) == pytest.approx(0.57, abs=0.02)


def test_matrices_that_cannot_be_compared_are_refused(fixed_pair):
    x, y = fixed_pair
    with pytest.raises(InputError, match=r"equally many samples, found \(30, 25\) and \(29, 25\)"):
        Procrustes().raw(x, y[1:])
    with pytest.raises(InputError, match="expected finite values, found 25 that are not"):
        Procrustes().raw(x, y * np.where(np.arange(30) == 3, np.nan, 1)[:, None])
    with pytest.raises(InputError, match="columns that vary over samples, found none"):
        Procrustes().raw(x, np.ones_like(y))
