"""Held out: principal components fitted without one condition, and the alignment of two sets of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics.centring import leave_one_out_means
from neurocompare.metrics.matched import Axes, axes_of
from neurocompare.responses import Responses

LEAST_CONDITIONS = 3
"""To leave one out and still have a mean over conditions to remove from the others."""


@dataclass(frozen=True, eq=False)
class HeldOutComponents:
    """A population in the principal components of each fold of leave-one-condition-out.

    Attributes
    ----------
    axes : Axes
    scores : array, shape (fold, condition, time, component)
        Fold f is centred and its components are fitted on the conditions other than f; `scores` holds all
        conditions, f among them. In units of activity, or without unit where whitened.
    """

    axes: Axes
    scores: np.ndarray


def held_out_components(responses: Responses, *, dimensions: int, whiten: bool = False) -> HeldOutComponents:
    """Reduce a population to its leading principal components, once for each left-out condition.

    Parameters
    ----------
    responses : Responses
    dimensions : int
        Number of components; all units are kept where there are fewer.
    whiten : bool
        Scale each component to unit sum of squares over the training samples.

    Returns
    -------
    HeldOutComponents

    Raises
    ------
    InputError
        If there are fewer than 3 conditions, 1 dimension, or twice as many training samples as dimensions, or if
        dimensions without variance would have to be whitened.
    """
    if dimensions < 1:
        message = f"expected at least 1 dimension, found {dimensions}"
        raise InputError(message)
    axes = axes_of(responses, conditions=LEAST_CONDITIONS)
    # Centring first costs nothing and keeps the downdates below from subtracting large equal numbers.
    values = responses.values - responses.values.mean(axis=(0, 1))
    conditions, times, units = values.shape
    kept = min(dimensions, units)
    samples = (conditions - 1) * times
    if samples < 2 * kept:
        message = (
            f"expected at least {2 * kept} samples (conditions x times) beside each left-out condition "
            f"for {kept} dimensions, found {samples}; give more conditions or times, or fewer dimensions"
        )
        raise InputError(message)

    means = leave_one_out_means(values)
    variances, vectors = np.linalg.eigh(_training_covariances(values, means))
    vectors = vectors[:, :, -kept:]
    if whiten:
        spanned = int((variances > 1e-12 * variances[:, -1:]).sum(axis=1).min())
        if spanned < kept:
            message = (
                f"expected activity that spans {kept} dimensions with any condition left out, found {spanned}; "
                "give more conditions, times or distinct units, or fewer dimensions"
            )
            raise InputError(message)
        vectors = vectors / np.sqrt(variances[:, None, -kept:])
    scores = values.reshape(1, conditions * times, units) @ vectors
    scores = scores.reshape(conditions, conditions, times, kept) - (means @ vectors)[:, None]
    return HeldOutComponents(axes=axes, scores=scores)


def align(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Rotate two populations onto each other in every fold, and return the condition left out.

    With :math:`U S V^T` the singular value decomposition of :math:`X_{-f}^T Y_{-f}`, the left-out condition is
    returned as :math:`X_f U` and :math:`Y_f V`: the rotations that bring the other conditions closest, paired.

    Parameters
    ----------
    x, y : array, shape (fold, condition, time, component)
        As `HeldOutComponents.scores`.

    Returns
    -------
    u, v : array, shape (fold, time, component)
        In order of decreasing agreement over the training conditions.
    """
    folds, _, _, components = x.shape
    fold = np.arange(folds)
    x_out, y_out = x[fold, fold], y[fold, fold]
    together = _transposed(x.reshape(folds, -1, components)) @ y.reshape(folds, -1, components)
    left, _, right = np.linalg.svd(together - _transposed(x_out) @ y_out)
    return x_out @ left, y_out @ _transposed(right)


def _training_covariances(values: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Sum squares and products of each fold's training samples about their mean, shape (fold, unit, unit).

    What one condition adds is taken off the total: one product a condition, not one a fold and condition.
    """
    own = _transposed(values) @ values
    return own.sum(axis=0) - own - (len(values) - 1) * (_transposed(means) @ means)


def _transposed(matrices: np.ndarray) -> np.ndarray:
    return matrices.transpose(0, 2, 1)
