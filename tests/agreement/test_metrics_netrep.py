"""Our Procrustes and CCA against netrep's shape distances, on the same matrices."""

import numpy as np
import pytest

from neurocompare.metrics import CCA, CKA, Procrustes, adapt
from neurocompare.responses import make_responses

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


@pytest.mark.parametrize("alpha", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("widths", [(12, 12), (12, 7)])
def test_partial_whitening_on_our_scale(widths, alpha):
    x, y = pair(2, widths)
    scaled = [(m - m.mean(axis=0)) * np.sqrt(m.shape[1]) / np.linalg.norm(m - m.mean(axis=0)) for m in (x, y)]
    theirs = netrep.LinearMetric(alpha=alpha, center_columns=True, zero_pad=True, score_method="angular")
    assert Procrustes(alpha=alpha).angle(x, y) == pytest.approx(theirs.fit_score(*scaled), abs=1e-7)


def responses(seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(2, 6, 20, 9))
    values[1] += values[0] @ np.linalg.qr(rng.normal(size=(9, 9)))[0]
    return tuple(make_responses(one, condition=range(6), time=0.02 * np.arange(20)) for one in values)


def test_its_objects_are_accepted_in_the_place_of_ours():
    x, y = responses(3)
    samples = [one.values.reshape(-1, 9) for one in (x, y)]
    in_sample = adapt(netrep.LinearMetric(alpha=1.0), held_out=False)
    assert in_sample.score(x, y) == pytest.approx(-Procrustes().angle(*samples), abs=1e-7)
    cka = adapt(netrep.LinearCKA())
    assert not cka.held_out
    assert np.cos(-cka.score(x, y)) == pytest.approx(CKA("biased").score(x, y), abs=1e-9)
    for metric in (netrep.LinearMetric(alpha=1.0), netrep.LinearMetric(alpha=0.0), netrep.PermutationMetric()):
        left_out = adapt(metric)
        assert left_out.held_out
        assert left_out.score(x, y) < adapt(metric, held_out=False).score(x, y) < 0
        assert left_out.name == type(metric).__name__
