"""Ridge: one population predicted from another on conditions left out, with a penalty chosen on the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from neurocompare.metrics.centring import lacks_condition_mean
from neurocompare.metrics.matched import Axes

PENALTIES = tuple(10.0**power for power in range(-4, 4))
"""In units of the mean variance over dimensions, so that they mean the same for any unit of activity."""


@dataclass(frozen=True, eq=False)
class Training:
    """A population as predictor with some conditions left out.

    Attributes
    ----------
    left_out : tuple of int
        Conditions.
    mean : array, shape (time or 1, unit)
        Of the others: over all times, or at each time where the mean over conditions has been removed.
    variances, vectors : array, shape (dimension,) and (unit, dimension)
        Eigenvalues and eigenvectors of the others' sum of squares and products about their mean.
    scores : array, shape (left out, time, dimension)
        The conditions left out, about that mean, along the eigenvectors.
    """

    left_out: tuple[int, ...]
    mean: np.ndarray
    variances: np.ndarray
    vectors: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True, eq=False)
class Predictor:
    """A population prepared to predict and to be predicted.

    Attributes
    ----------
    axes : Axes
    means : array, shape (unit,)
        Taken off `values`.
    values : array, shape (condition, time, unit)
    single, double : tuple of Training
        With each condition left out, in order; with each two.
    """

    axes: Axes
    means: np.ndarray
    values: np.ndarray
    single: tuple[Training, ...]
    double: tuple[Training, ...]


@dataclass(frozen=True, eq=False)
class Regression:
    """Weights (source unit, target unit) and the means they are about, each (unit,)."""

    source_mean: np.ndarray
    target_mean: np.ndarray
    weights: np.ndarray

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Predict the target about its mean from values (..., source unit)."""
        return (values - self.source_mean) @ self.weights


def predictor_of(values: np.ndarray, axes: Axes) -> Predictor:
    """Decompose a population for every training set there will be: C with one and C (C - 1) / 2 with two left out."""
    means = values.mean(axis=(0, 1))
    values = values - means
    own = values.transpose(0, 2, 1) @ values
    by_time = lacks_condition_mean(values)
    conditions = range(len(values))
    single, double = (
        tuple(_training(values, own, left_out, by_time) for left_out in combinations(conditions, count))
        for count in (1, 2)
    )
    return Predictor(axes, means, values, single, double)


def predict_left_out(x: Predictor, y: Predictor, penalties: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Predict each condition of `y` from `x` with weights and penalty that come from the other conditions.

    Returns
    -------
    predicted, target : array, shape (condition, time, unit)
        About the mean of the other conditions.
    """
    products = x.values.transpose(0, 2, 1) @ y.values
    total = products.sum(axis=0)
    errors = np.zeros((len(x.values), len(penalties)))
    for from_x, from_y in zip(x.double, y.double, strict=True):
        rotated = _cross(products, total, from_x, from_y)
        squared_errors = [_squared_errors(from_x, rotated, i, _target(y, from_y, i), penalties) for i in range(2)]
        # With c and d left out, what is missed of d speaks on the penalty for c, and what is missed of c on that for d.
        for c, error in zip(from_x.left_out, reversed(squared_errors), strict=True):
            errors[c] += error
    predicted, target = np.empty_like(y.values), np.empty_like(y.values)
    for c, (from_x, from_y) in enumerate(zip(x.single, y.single, strict=True)):
        penalty = penalties[int(errors[c].argmin())]
        rotated = _cross(products, total, from_x, from_y)
        predicted[c] = (from_x.scores[0] * _shrinkage(from_x, penalty)) @ rotated
        target[c] = _target(y, from_y, 0)
    return predicted, target


def regress(x: Predictor, y: Predictor, penalties: Sequence[float]) -> Regression:
    """Fit weights to all conditions, with the penalty that predicts best when each is left out in turn."""
    products = x.values.transpose(0, 2, 1) @ y.values
    total = products.sum(axis=0)
    error = np.zeros(len(penalties))
    for from_x, from_y in zip(x.single, y.single, strict=True):
        error += _squared_errors(from_x, _cross(products, total, from_x, from_y), 0, _target(y, from_y, 0), penalties)
    samples = x.values.reshape(-1, x.values.shape[-1])
    variances, vectors = np.linalg.eigh(samples.T @ samples)
    penalty = penalties[int(error.argmin())] * variances.mean()
    weights = (vectors / (variances + penalty)) @ (vectors.T @ total)
    return Regression(x.means, y.means, weights)


def _training(values: np.ndarray, own: np.ndarray, left_out: tuple[int, ...], by_time: bool) -> Training:
    out = list(left_out)
    count = len(values) - len(out)
    mean = (values.sum(axis=0) - values[out].sum(axis=0)) / count
    if not by_time:
        mean = mean.mean(axis=0, keepdims=True)
    spread = np.broadcast_to(mean, values.shape[1:])
    variances, vectors = np.linalg.eigh(own.sum(axis=0) - own[out].sum(axis=0) - count * (spread.T @ spread))
    return Training(left_out, mean, np.maximum(variances, 0.0), vectors, (values[out] - mean) @ vectors)


def _cross(products: np.ndarray, total: np.ndarray, x: Training, y: Training) -> np.ndarray:
    """Sum of products of the two populations' training samples, along x's eigenvectors: (dimension, unit of y)."""
    out, count = list(x.left_out), len(products) - len(x.left_out)
    samples = x.scores.shape[1] // len(x.mean)
    together = total - products[out].sum(axis=0) - count * samples * (x.mean.T @ y.mean)
    return x.vectors.T @ together


def _target(y: Predictor, training: Training, index: int) -> np.ndarray:
    return y.values[training.left_out[index]] - training.mean


def _shrinkage(training: Training, penalty: float | np.ndarray) -> np.ndarray:
    return 1 / (training.variances + penalty * training.variances.mean())


def _squared_errors(
    training: Training, rotated: np.ndarray, index: int, target: np.ndarray, penalties: Sequence[float]
) -> np.ndarray:
    r"""Squared error of predicting one left-out condition, for every penalty, shape (penalty,).

    With scores Z, products B and shrinkage d, :math:`|Y - Z D B|^2 = |Y|^2 - 2 d \cdot v + d^T M d`,
    :math:`v_p = (Z^T Y B^T)_{pp}` and :math:`M = Z^T Z \circ B B^T`: the penalties share all matrix products.
    """
    scores = training.scores[index]
    linear = (scores * (target @ rotated.T)).sum(axis=0)
    quadratic = (scores.T @ scores) * (rotated @ rotated.T)
    shrinkage = _shrinkage(training, np.array(penalties)[:, None])
    return np.vdot(target, target) - 2 * shrinkage @ linear + ((shrinkage @ quadratic) * shrinkage).sum(axis=1)
