import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from neurocompare.errors import InputError
from neurocompare.metrics import CKA, Procrustes, adapt

HIGHER, LOWER = "higher is more similar", "lower is more similar"


def gap(x, y):
    return np.linalg.norm(x - y)


@dataclass
class Rotation:
    """Made elsewhere: fit and score of matrices, a distance, with what it has learned in itself."""

    center: bool = True

    def fit(self, x, y):
        self.turn_ = orthogonal_procrustes(x, y)[0]
        return self

    def transform(self, x, y):
        return x @ self.turn_, y

    def score(self, x, y):
        u, v = self.transform(x, y)
        return float(np.arccos(np.vdot(u, v) / np.linalg.norm(u) / np.linalg.norm(v)))


def test_a_function_of_two_matrices_is_a_metric(related):
    x, y = related(0, share=0.5)
    metric = adapt(CKA("biased").raw, direction=HIGHER, name="mine", range=(0, 1))
    assert metric.score(x, y) == pytest.approx(CKA("biased").score(x, y), abs=1e-12)
    assert (metric.name, metric.direction, metric.range) == ("mine", HIGHER, (0, 1))
    assert metric.compare(metric.prepare(x), metric.prepare(y)) == metric.score(x, y)
    assert metric.fit(x, y).score(x, y) == pytest.approx(metric.score(x, y), abs=1e-12)


def test_a_distance_is_turned_around(related):
    x, y = related(1, share=0.5)
    metric = adapt(gap, direction=LOWER, range=(0, np.inf))
    assert metric.score(x, y) < metric.score(x, x) == 0
    assert metric.direction == HIGHER
    assert metric.range == (-np.inf, 0)


def test_an_object_is_fitted_without_the_condition_it_is_judged_on(related):
    x, y = related(2, share=0.8)
    metric = adapt(Rotation(), direction=LOWER)
    angles = []
    for c in range(8):
        others = [d for d in range(8) if d != c]
        means = [side.values[others].mean(axis=(0, 1)) for side in (x, y)]
        train = [(side.values[others] - mean).reshape(-1, 30) for side, mean in zip((x, y), means, strict=True)]
        left = [side.values[c] - mean for side, mean in zip((x, y), means, strict=True)]
        angles.append(Rotation().fit(*train).score(*left))
    assert metric.held_out
    assert metric.score(x, y) == pytest.approx(-np.mean(angles), abs=1e-9)


def test_in_sample_it_gives_what_it_gives_by_itself(related):
    x, y = related(3, share=0.8)
    metric = adapt(Rotation(), direction=LOWER, held_out=False)
    samples = [side.values.reshape(-1, 30) for side in (x, y)]
    assert metric.score(x, y) == pytest.approx(-Procrustes().angle(*samples), abs=1e-7)


def test_what_was_fitted_stays_as_it_was(related):
    x, y = related(4, share=0.8)
    metric = adapt(Rotation(), direction=LOWER)
    fitted = metric.fit(x, y)
    before = fitted.score(x, y)
    metric.score(*related(5, share=0.0))
    assert fitted.score(x, y) == before
    with pytest.raises(InputError, match="the 30 units fitted to, found 20"):
        fitted.score(x.isel(unit=slice(20)), y.isel(unit=slice(20)))


def test_its_text_is_the_same_in_every_process_and_changes_with_what_it_does():
    assert "0x" not in repr(adapt(gap, direction=LOWER))
    assert repr(adapt(gap, direction=LOWER)) == repr(pickle.loads(pickle.dumps(adapt(gap, direction=LOWER))))
    assert repr(adapt(Rotation(), direction=LOWER)) != repr(adapt(Rotation(center=False), direction=LOWER))
    first, second = (lambda x, y: x[0, 0] - y[0, 0]), (lambda x, y: x[0, 0] + y[0, 0])
    assert repr(adapt(first, direction=LOWER)) != repr(adapt(second, direction=LOWER))


def test_what_cannot_be_used_is_refused_in_one_line(related):
    x, y = related(6, share=0.5)
    with pytest.raises(InputError, match=r"the direction of gap, 'higher is more similar' or .*, found None"):
        adapt(gap)
    with pytest.raises(InputError, match=r"a function f\(X, Y\) or an object with fit and score, found float"):
        adapt(1.0, direction=HIGHER)
    with pytest.raises(InputError, match="an object with fit and score to hold conditions out, found the function gap"):
        adapt(gap, direction=LOWER, held_out=True)
    for broken, message in (
        (lambda a, b: np.nan, "a finite number, found nan"),
        (lambda a, b: "much", "to give one number, found str"),
        (lambda a, b: a @ b, r"failed on matrices of shape \(160, 30\): ValueError"),
    ):
        with pytest.raises(InputError, match=message):
            adapt(broken, direction=HIGHER).score(x, y)
