import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes, sqrtm
from scipy.spatial import procrustes as scipy_procrustes

from neurocompare.errors import InputError
from neurocompare.metrics import CCA, Procrustes


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


def test_alpha_goes_from_rotations_to_all_invertible_maps(fixed_pair):
    x, y = fixed_pair[0][:, :9], fixed_pair[1][:, :6]
    assert Procrustes(alpha=1.0 - 1e-12).raw(x, y) == pytest.approx(Procrustes().raw(x, y), abs=1e-9)
    expected = CCA().correlations(x, y).sum() / np.sqrt(9 * 6)
    assert Procrustes(alpha=0.0).raw(x, y) == pytest.approx(expected, abs=1e-9)
    between = [Procrustes(alpha=alpha).raw(x, y) for alpha in (0.0, 0.3, 0.6, 1.0)]
    assert len(set(np.round(between, 6))) == 4


@pytest.mark.parametrize("alpha", [0.0, 0.4, 1.0])
def test_in_sample_scores_are_the_raw_values_of_all_samples(alpha, related):
    x, y = related(0, share=0.6)
    metric = Procrustes(dimensions=None, alpha=alpha, held_out=False)
    expected = metric.raw(*(side.values.reshape(-1, 30) for side in (x, y)))
    assert metric.score(x, y) == pytest.approx(expected, abs=1e-9)


def test_what_was_fitted_is_judged_on_other_conditions(related):
    x, y = related(1, share=0.8)
    train, test = ([side.isel(condition=part) for side in (x, y)] for part in (slice(6), slice(6, 8)))
    means = [side.values.mean(axis=(0, 1)) for side in train]
    rows, left = (
        [(side.values - mean).reshape(-1, 30) for side, mean in zip(part, means, strict=True)] for part in (train, test)
    )
    turn, _ = orthogonal_procrustes(*rows)
    expected = np.vdot(left[0] @ turn, left[1]) / np.linalg.norm(left[0]) / np.linalg.norm(left[1])
    fitted = Procrustes(dimensions=None).fit(*train)
    assert fitted.score(*test) == pytest.approx(expected, abs=1e-9)
    assert [mapped.shape for mapped in fitted.transform(*test)] == [(2, 20, 30)] * 2
    with pytest.raises(InputError, match="the 30 units fitted to, found 20"):
        fitted.score(*(side.isel(unit=slice(20)) for side in test))


def test_settings_that_make_no_sense_are_refused(fixed_pair):
    with pytest.raises(InputError, match=r"alpha between 0 and 1, found 1.5"):
        Procrustes(alpha=1.5)
    x, y = fixed_pair
    with pytest.raises(InputError, match="expected more than 26 samples for 25 dimensions, found 26"):
        Procrustes(alpha=0.5).raw(x[:26], y[:26])
