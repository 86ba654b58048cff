"""Participation ratios against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from neurocompare.dynamics import dimensions, kernel_participation_ratio, n_components, participation_ratio
from neurocompare.errors import InputError

VARIANCES = np.array([4.0, 2.0, 1.0, 1.0, 0.5, 0.5] + [0.1] * 10)
TRUE = VARIANCES.sum() ** 2 / (VARIANCES**2).sum()


def test_equal_orthogonal_directions_count_fully():
    frame = np.linalg.qr(np.random.default_rng(0).standard_normal((50, 7)))[0]
    values = frame @ np.linalg.qr(np.random.default_rng(1).standard_normal((30, 7)))[0].T
    assert participation_ratio(values) == pytest.approx(7)
    assert participation_ratio(values.reshape(5, 10, 30)) == pytest.approx(7)
    assert kernel_participation_ratio(values @ values.T) == pytest.approx(7)


def test_centring_removes_what_it_says():
    line = np.outer(np.linspace(-1, 1, 20), np.random.default_rng(0).standard_normal(12))
    with_mean = line + 100 * np.random.default_rng(1).standard_normal(12)
    assert participation_ratio(with_mean, centred="samples") == pytest.approx(1)
    common = line + 100 * np.random.default_rng(2).standard_normal((20, 1))
    assert participation_ratio(common, centred="units") == pytest.approx(1)
    assert participation_ratio(np.zeros((3, 4))) != participation_ratio(np.zeros((3, 4)))  # NaN


@pytest.mark.parametrize("centred", [None, "samples"])
@pytest.mark.parametrize("infinite", ["units", "samples"])
def test_few_draws_extrapolate_to_infinitely_many(centred, infinite):
    """Numerator and denominator are unbiased; their ratio of means is the truth within its error."""
    rng = np.random.default_rng(0)
    found, plain = [], []
    for _ in range(400):
        draws = rng.standard_normal((60, len(VARIANCES))) * np.sqrt(VARIANCES)
        if infinite == "samples":
            draws = draws + (3.0 if centred else 0.0)
        values = draws if infinite == "samples" else draws.T
        found.append(participation_ratio(values, centred=centred, infinite=infinite))
        plain.append(participation_ratio(values, centred=centred))
    truth = TRUE
    if infinite == "units" and centred:
        covariance = np.diag(VARIANCES)
        hat = np.eye(len(VARIANCES)) - 1 / len(VARIANCES)
        truth = kernel_participation_ratio(hat @ covariance @ hat)
    error = np.std(found) / len(found) ** 0.5
    # A ratio of unbiased estimates is off by about its squared relative error.
    assert abs(np.mean(found) - truth) < 4 * error + 0.01 * truth
    assert np.mean(plain) < truth - 0.05 * truth


def test_components_for_a_share_of_the_variance():
    values = np.diag(np.sqrt([6.0, 3.0, 1.0]))
    values = np.concatenate([values, -values])
    assert [n_components(values, share) for share in (0.5, 0.6, 0.61, 0.9, 0.95)] == [1, 1, 2, 2, 3]
    found = dimensions(values)
    assert (found.components_90, found.components_99) == (2, 3)
    assert found.uncentred == pytest.approx(100 / 46)
    with pytest.raises(InputError, match="between 0 and 1"):
        n_components(values, 1.5)


def test_too_few_draws_are_refused():
    with pytest.raises(InputError, match="at least 4 samples"):
        participation_ratio(np.ones((3, 5)), centred="samples", infinite="samples")
