import numpy as np
import pytest
from scipy.linalg import subspace_angles

from neurocompare.errors import InputError
from neurocompare.metrics import CCA


def test_the_fixed_pair(fixed_pair):
    assert CCA().raw(*fixed_pair) == pytest.approx(0.8901049738157807, abs=1e-9)


def test_canonical_correlations_are_the_cosines_between_subspaces():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 5))
    y = np.hstack([x[:, :2] + 0.5 * rng.normal(size=(60, 2)), rng.normal(size=(60, 2))])
    angles = subspace_angles(x - x.mean(axis=0), y - y.mean(axis=0))
    assert CCA().raw(x, y) == pytest.approx(np.cos(angles).mean(), abs=1e-9)


def test_it_agrees_with_an_iterative_implementation():
    from sklearn.cross_decomposition import CCA as IterativeCCA

    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 4))
    y = x @ rng.normal(size=(4, 3)) + rng.normal(size=(80, 3))
    u, v = IterativeCCA(n_components=3, max_iter=5000, tol=1e-12).fit_transform(x, y)
    expected = np.mean([np.corrcoef(u[:, i], v[:, i])[0, 1] for i in range(3)])
    assert CCA().raw(x, y) == pytest.approx(expected, abs=1e-4)


def test_raw_is_blind_to_invertible_maps_and_repeated_units(fixed_pair):
    x, y = (matrix[:, :8] for matrix in fixed_pair)
    mixed = x @ np.random.default_rng(2).normal(size=(8, 8)) + 5
    assert CCA().raw(mixed, y) == pytest.approx(CCA().raw(x, y), abs=1e-9)
    assert CCA().raw(np.hstack([x, x]), y) == pytest.approx(CCA().raw(x, y), abs=1e-9)


def test_units_contained_in_a_larger_population_score_one():
    population = np.random.default_rng(3).normal(size=(1000, 400))
    assert CCA().raw(population[:, :25], population) == pytest.approx(1, abs=1e-9)


def test_a_mean_of_one_by_construction_is_refused(fixed_pair):
    x, y = fixed_pair
    with pytest.raises(InputError, match="expected more than 26 samples for 25 dimensions, found 26"):
        CCA().raw(x[:26], y[:26, :3])
    assert CCA().raw(x[:27], y[:27, :3]) < 1


def test_correlations_are_given_one_by_one(fixed_pair, related):
    x, y = (matrix[:, :8] for matrix in fixed_pair)
    angles = subspace_angles(x - x.mean(axis=0), y - y.mean(axis=0))
    assert CCA().correlations(x, y) == pytest.approx(np.sort(np.cos(angles))[::-1], abs=1e-9)
    populations = related(0, share=0.7)
    by_component = CCA().by_component(*populations)
    assert by_component.shape == (10,)
    assert by_component.mean() == pytest.approx(CCA().score(*populations), abs=1e-12)


def svd_reduced(matrix: np.ndarray, share: float) -> np.ndarray:
    centred = matrix - matrix.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    kept = int(np.searchsorted(np.cumsum(sizes**2) / np.sum(sizes**2), share)) + 1
    return left[:, :kept] * sizes[:kept]


def test_svcca_keeps_what_holds_the_share_of_each_population(fixed_pair, related):
    x, y = fixed_pair
    y = y * np.linspace(0.05, 3, 25)
    reduced = [svd_reduced(matrix, 0.9) for matrix in (x, y)]
    assert reduced[0].shape[1] != reduced[1].shape[1]
    assert CCA(share=0.9).raw(x, y) == pytest.approx(CCA().raw(*reduced), abs=1e-9)
    populations = related(1, share=0.7)
    in_sample = CCA(share=0.9, dimensions=None, held_out=False)
    expected = in_sample.raw(*(side.values.reshape(-1, 30) for side in populations))
    assert in_sample.score(*populations) == pytest.approx(expected, abs=1e-9)


def test_pwcca_weighs_variates_by_the_units_they_carry(fixed_pair, related):
    """The published definition, each step on its own."""
    x, y = (matrix[:, :9] - matrix[:, :9].mean(axis=0) for matrix in fixed_pair)
    basis_x, basis_y = (np.linalg.qr(matrix)[0] for matrix in (x, y))
    left, correlations, _ = np.linalg.svd(basis_x.T @ basis_y)
    weights = [sum(abs((basis_x @ left)[:, i] @ x[:, j]) for j in range(9)) for i in range(9)]
    expected = np.dot(weights, correlations) / np.sum(weights)
    assert CCA(weighting="projection").raw(x, y) == pytest.approx(expected, abs=1e-9)
    populations = related(2, share=0.7)
    in_sample = CCA(dimensions=None, weighting="projection", held_out=False)
    raw = in_sample.raw(*(side.values.reshape(-1, 30) for side in populations))
    assert in_sample.score(*populations) == pytest.approx(raw, abs=1e-9)


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(InputError, match=r"a share of variance above 0 and at most 1, found 1.5"):
        CCA(share=1.5)
    with pytest.raises(InputError, match="a weighting among equal, projection, found 'best'"):
        CCA(weighting="best")
    with pytest.raises(InputError, match="at least 1 dimension, found 0"):
        CCA(dimensions=0)
