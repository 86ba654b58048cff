import numpy as np
import pytest
from scipy.linalg import null_space
from scipy.optimize import minimize

from neurocompare.ranking.null import surrogate, tensor_eigenvalues
from neurocompare.responses import make_responses

SIZES = (3, 6, 5)


@pytest.fixture
def smooth():
    """Activity (condition, time, unit) of unequal covariances, its conditions' mean removed: one direction is empty."""
    generator = np.random.default_rng(0)
    time = np.exp(-0.5 * (np.subtract.outer(np.arange(6), np.arange(6)) / 1.5) ** 2)
    values = np.einsum("ts,csu,u->ctu", time, generator.standard_normal(SIZES), [3, 2, 1, 0.5, 0.1])
    values -= values.mean(axis=0)
    return make_responses(values, condition=list("abc"), time=np.arange(6.0))


def covariances(values):
    """Across conditions, times and units, each summed over the other two axes."""
    return [np.tensordot(values, values, axes=(others, others)) for others in ((1, 2), (0, 2), (0, 1))]


def test_sums_are_those_asked_for_however_unequal():
    generator = np.random.default_rng(0)
    for scale in (1.0, 1e-6, 1e4):
        marginals = [np.exp(generator.normal(0, 4, size)) for size in (4, 9, 7)]
        marginals = [scale * marginal / marginal.sum() for marginal in marginals]
        found = tensor_eigenvalues(*marginals)
        assert found.min() > 0
        for axis, marginal in enumerate(marginals):
            others = tuple({0, 1, 2} - {axis})
            assert np.allclose(found.sum(axis=others), marginal, rtol=1e-5)


def test_entropy_is_the_largest_there_is():
    """A second route: maximise the entropy itself over all that has these sums."""
    marginals = [np.array([3.0, 1.0]), np.array([2.5, 1.5]), np.array([1.0, 3.0])]
    axes = ((1, 2), (0, 2), (0, 1))
    rows = [np.eye(8).reshape(8, 2, 2, 2).sum(axis=tuple(1 + axis for axis in others)).T for others in axes]
    free = null_space(np.vstack(rows))
    start = np.einsum("i,j,k->ijk", *marginals).ravel() / 4**2  # has these sums
    found = tensor_eigenvalues(*marginals).ravel()
    best = minimize(lambda x: -np.log(np.maximum(start + free @ x, 1e-12)).sum(), np.zeros(free.shape[1]), tol=1e-12)
    assert np.allclose(found, start + free @ best.x, atol=1e-4)


def test_equal_sums_give_equal_eigenvalues():
    assert np.allclose(tensor_eigenvalues(np.full(2, 15.0), np.full(3, 10.0), np.full(5, 6.0)), 1.0)


def test_surrogates_keep_the_covariances_of_all_three_axes(smooth):
    generator, repeats = np.random.default_rng(1), 4000
    sums = [0, 0, 0]
    squares = [0, 0, 0]
    for _ in range(repeats):
        for axis, matrix in enumerate(covariances(surrogate(smooth, generator).values)):
            sums[axis] = sums[axis] + matrix
            squares[axis] = squares[axis] + matrix**2
    for total, square, wanted in zip(sums, squares, covariances(smooth.values), strict=True):
        mean = total / repeats
        error = np.sqrt(np.maximum(square / repeats - mean**2, 0) / repeats)
        assert np.all(np.abs(mean - wanted) < 4.5 * error + 1e-6 * np.abs(wanted).max())


def test_surrogates_have_no_mean_and_stay_where_the_recording_is(smooth):
    generator = np.random.default_rng(2)
    drawn = np.stack([surrogate(smooth, generator).values for _ in range(1000)])
    assert np.abs(drawn.mean(axis=0) / drawn.std(axis=0)).max() < 4.5 / np.sqrt(1000)
    # The mean over conditions was removed: there is nothing along it.
    assert np.abs(drawn.mean(axis=1)).max() < 1e-9 * np.abs(drawn).max()
    one, two = (surrogate(smooth, np.random.default_rng(5)) for _ in range(2))
    assert one.equals(two)
    assert one.coords.equals(smooth.coords)
