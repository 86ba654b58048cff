"""Our Procrustes and CCA against netrep's shape distances, on the same matrices."""

import numpy as np
import pytest

from neurocompare.metrics import CCA, Procrustes

netrep = pytest.importorskip(
    "netrep.metrics", reason="netrep is not installed (it has no release on the package index)"
)


def pair(seed: int, widths: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(80, widths[0]))
    return x, x[:, :3] @ rng.normal(size=(3, widths[1])) + rng.normal(size=(80, widths[1]))


@pytest.mark.parametrize("widths", [(12, 12), (12, 7)])
def test_the_procrustes_distances(widths):
    x, y = pair(0, widths)
    angular = netrep.LinearMetric(alpha=1.0, center_columns=True, zero_pad=True, score_method="angular")
    assert Procrustes().angle(x, y) == pytest.approx(angular.fit_score(x, y), abs=1e-7)
    euclidean = netrep.LinearMetric(alpha=1.0, center_columns=True, zero_pad=True, score_method="euclidean")
    assert Procrustes().distance(x, y) == pytest.approx(euclidean.fit_score(x, y), abs=1e-7)


@pytest.mark.parametrize("widths", [(12, 12), (12, 7)])
def test_the_cca_distance_is_the_mean_correlation_up_to_the_widths(widths):
    """netrep divides the sum of correlations by the geometric mean of the widths, we by the smaller width."""
    x, y = pair(1, widths)
    distance = netrep.LinearMetric(alpha=0.0, center_columns=True, zero_pad=True, score_method="angular")
    expected = np.cos(distance.fit_score(x, y)) * np.sqrt(widths[0] * widths[1]) / min(widths)
    assert CCA().raw(x, y) == pytest.approx(expected, abs=1e-7)
