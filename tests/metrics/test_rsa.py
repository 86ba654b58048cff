import numpy as np
import pytest
import xarray as xr
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from neurocompare.errors import InputError
from neurocompare.metrics import RSA, centre


def test_distances_are_mean_squares_between_whole_time_courses(related):
    x, _ = related(0, share=0.5)
    expected = pdist(x.values.reshape(8, -1), "sqeuclidean") / (20 * 30)
    assert RSA().distances(x) == pytest.approx(expected, abs=1e-12)


def test_the_three_comparisons_by_their_definitions(related):
    x, y = related(1, share=0.7)
    first, second = RSA().distances(x), RSA().distances(y)
    assert RSA().score(x, y) == pytest.approx(np.corrcoef(first, second)[0, 1], abs=1e-12)
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert RSA("cosine").score(x, y) == pytest.approx(cosine, abs=1e-12)
    assert RSA("spearman").score(x, y) == pytest.approx(spearmanr(first, second)[0], abs=1e-12)


def test_cross_validation_takes_the_noise_out_of_the_distances(related):
    """Conditions that do not differ: noise of variance 1 puts plain distances at 2, cross-validated ones at 0."""
    x, _ = related(2, share=0.5)
    rng = np.random.default_rng(0)
    found = np.array(
        [RSA().distances(tuple(x.copy(data=rng.normal(size=x.shape)) for _ in range(2))) for _ in range(30)]
    )
    error = found.mean(axis=1).std(ddof=1) / np.sqrt(len(found))
    assert abs(found.mean()) < 3 * error
    assert RSA().distances(x.copy(data=rng.normal(size=x.shape))).mean() == pytest.approx(2, abs=0.1)


def test_halves_are_compared_by_their_cross_validated_distances(related):
    rng = np.random.default_rng(1)
    x, y = related(3, share=0.8)
    noisy = [tuple(side + 2 * rng.normal(size=side.shape) for _ in range(2)) for side in (x, y)]
    first, second = (RSA().distances(halves) for halves in noisy)
    assert RSA().score(*noisy) == pytest.approx(np.corrcoef(first, second)[0, 1], abs=1e-12)


def test_a_constant_in_all_distances_changes_the_cosine_only(related):
    """A unit for each condition, active there alone, adds one constant to all distances, as equal noise does."""
    x, y = related(4, share=0.5)
    alone = np.broadcast_to(20 * np.eye(8)[:, None], (8, 20, 8))
    noisy = xr.concat([x, x.isel(unit=slice(8)).assign_coords(unit=range(30, 38)).copy(data=alone)], "unit")
    padded = xr.concat([y, y.isel(unit=slice(8)).assign_coords(unit=range(30, 38)).copy(data=0 * alone)], "unit")
    assert RSA().score(noisy, padded) == pytest.approx(RSA().score(x, y), abs=1e-9)
    assert abs(RSA("cosine").score(noisy, padded) - RSA("cosine").score(x, y)) > 0.01


@pytest.mark.parametrize("comparison", ["correlation", "spearman"])
def test_unrelated_smooth_populations_score_nothing(comparison, unrelated):
    pairs = [unrelated(seed, units=100, width=5.0) for seed in range(60)]
    scores = np.array([RSA(comparison).score(*pair) for pair in pairs])
    assert abs(scores.mean()) < 3 * scores.std(ddof=1) / np.sqrt(len(scores))
    assert min(RSA("cosine").score(*pair) for pair in pairs[:5]) > 0.9


def test_what_all_conditions_share_is_not_seen(related):
    x, y = related(5, share=0.5)
    assert RSA().score(centre(x, "condition-mean"), centre(y, "condition-mean")) == pytest.approx(RSA().score(x, y))


def test_what_cannot_be_compared_is_refused(related):
    x, y = related(6, share=0.5)
    with pytest.raises(InputError, match="at least 4 conditions, found 3"):
        RSA().score(x.isel(condition=slice(3)), y.isel(condition=slice(3)))
    equal = x.copy(data=np.zeros(x.shape))
    for condition in range(8):
        equal[condition, :, condition] = 1.0
    with pytest.raises(InputError, match="distances between conditions that differ, found all the same"):
        RSA().score(equal, y)
    with pytest.raises(InputError, match="same units in both halves"):
        RSA().score((x, x.assign_coords(unit=np.arange(30) + 5)), y)
    with pytest.raises(InputError, match="two halves of the trials, found 3"):
        RSA().score((x, x, x), y)
    with pytest.raises(InputError, match="a comparison among correlation, cosine, spearman, found 'kendall'"):
        RSA("kendall")
