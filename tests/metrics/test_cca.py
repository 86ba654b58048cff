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
