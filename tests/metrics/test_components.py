import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes, sqrtm

from neurocompare.errors import InputError
from neurocompare.metrics import CCA, Procrustes, centre


def folds(values: np.ndarray, centring: str, dimensions: int):
    """Each fold by the book: centre on the training conditions, then their principal components."""
    for left_out in range(len(values)):
        others = np.delete(values, left_out, axis=0)
        mean = others.mean(axis=0 if centring == "condition-mean" else (0, 1))
        training = (others - mean).reshape(-1, values.shape[2])
        components = np.linalg.svd(training, full_matrices=False)[2][:dimensions].T
        yield training @ components, (values[left_out] - mean) @ components


def procrustes_by_the_book(x, y, centring, dimensions):
    numerator = x_norm = y_norm = 0.0
    for (x_train, x_out), (y_train, y_out) in zip(
        folds(x, centring, dimensions), folds(y, centring, dimensions), strict=True
    ):
        rotation, _ = orthogonal_procrustes(x_train, y_train)
        numerator += np.sum((x_out @ rotation) * y_out)
        x_norm += np.sum(x_out**2)
        y_norm += np.sum(y_out**2)
    return numerator / np.sqrt(x_norm * y_norm)


def cca_by_the_book(x, y, centring, dimensions):
    """Canonical directions from the whitened cross-covariance, one matrix inverse root at a time."""
    variates = []
    for (x_train, x_out), (y_train, y_out) in zip(
        folds(x, centring, dimensions), folds(y, centring, dimensions), strict=True
    ):
        x_white, y_white = (np.linalg.inv(sqrtm(train.T @ train).real) for train in (x_train, y_train))
        left, _, right = np.linalg.svd(x_white @ x_train.T @ y_train @ y_white)
        variates.append((x_out @ x_white @ left, y_out @ y_white @ right.T))
    u, v = (np.concatenate(side) for side in zip(*variates, strict=True))
    return np.mean((u * v).sum(axis=0) / np.sqrt((u * u).sum(axis=0) * (v * v).sum(axis=0)))


@pytest.mark.parametrize("dimensions", [4, 10, 40])
@pytest.mark.parametrize("centring", ["unit", "condition-mean"])
@pytest.mark.parametrize(("metric", "by_the_book"), [(Procrustes, procrustes_by_the_book), (CCA, cca_by_the_book)])
def test_the_fast_folds_equal_the_folds_written_out(metric, by_the_book, centring, dimensions, related):
    x, y = (population + 50.0 for population in related(1, share=0.6))
    score = metric(dimensions=dimensions).score(centre(x, centring), centre(y, centring))
    assert score == pytest.approx(by_the_book(x.values, y.values, centring, dimensions), abs=1e-8)


@pytest.mark.parametrize("metric", [Procrustes(), CCA()], ids=lambda metric: metric.name)
def test_without_reduction_any_invertible_map_is_invisible_to_cca_and_visible_to_procrustes(metric, related):
    x, y = (population.isel(unit=slice(8)) for population in related(2, share=0.7))
    mixed = x.copy(data=x.values @ np.random.default_rng(0).normal(size=(8, 8)))
    difference = abs(metric.score(mixed, y) - metric.score(x, y))
    assert difference < 1e-9 if metric.name == "cca" else difference > 1e-3


@pytest.mark.parametrize("centring", ["unit", "condition-mean"])
@pytest.mark.parametrize("metric", [Procrustes(), CCA()], ids=lambda metric: metric.name)
def test_unrelated_smooth_populations_score_nothing(metric, centring, unrelated):
    """The trap: in sample the same populations look alike."""
    pairs = [unrelated(seed, units=100, width=5.0) for seed in range(60)]
    scores = np.array([metric.score(*(centre(population, centring) for population in pair)) for pair in pairs])
    assert abs(scores.mean()) < 3 * scores.std(ddof=1) / np.sqrt(len(scores))
    reduced = []
    for population in pairs[0]:
        samples = population.values.reshape(-1, 100)
        samples = samples - samples.mean(axis=0)
        reduced.append(samples @ np.linalg.svd(samples, full_matrices=False)[2][:10].T)
    assert metric.raw(*reduced) > 0.6


def test_a_mean_removed_over_all_conditions_would_betray_the_left_out_one(unrelated):
    """With 3 conditions, folds centred on everything but the condition mean see the left-out condition's negative."""
    pairs = [tuple(centre(p, "condition-mean") for p in unrelated(seed, conditions=3)) for seed in range(40)]
    scores = np.array([Procrustes(dimensions=5).score(*pair) for pair in pairs])
    leaking = np.array([procrustes_by_the_book(x.values, y.values, "unit", 5) for x, y in pairs])
    error = scores.std(ddof=1) / np.sqrt(len(scores))
    assert abs(scores.mean()) < 3 * error
    assert leaking.mean() > 6 * error


def test_too_little_to_fit_is_refused_with_the_number_needed(related):
    x, y = related(3, share=0.5)
    few = [population.isel(condition=slice(2)) for population in (x, y)]
    short = [population.isel(condition=slice(3), time=slice(9)) for population in (x, y)]
    for metric in (Procrustes(), CCA()):
        with pytest.raises(InputError, match="at least 3 conditions, found 2"):
            metric.score(*few)
        with pytest.raises(InputError, match=r"at least 20 samples .* for 10 dimensions, found 18"):
            metric.score(*short)
    with pytest.raises(InputError, match="at least 1 dimension, found 0"):
        Procrustes(dimensions=0).score(x, y)


def test_only_whitening_needs_variance_in_every_dimension(related):
    x, y = related(4, share=0.5, noise=0.0)
    planar = x.copy(data=x.values @ np.eye(30)[:, :2] @ np.eye(30)[:2])
    assert np.isfinite(Procrustes().score(planar, y))
    with pytest.raises(InputError, match="spans 10 dimensions with any condition left out, found 2"):
        CCA().score(planar, y)
