"""Components: populations in their principal components, fitted without one condition, and aligned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics.centring import leave_one_out_means
from neurocompare.metrics.matched import Axes, axes_of, check_matched
from neurocompare.responses import Responses

LEAST_CONDITIONS = 3
"""To leave one out and still have a mean over conditions to remove from the others."""


@dataclass(frozen=True, eq=False)
class Components:
    """A population in the principal components of each fold of leave-one-condition-out, or of one fold with them all.

    Attributes
    ----------
    axes : Axes
    held_out : bool
        Whether fold f is centred and its components are fitted on the conditions other than f.
    means : array, shape (fold, time or 1, unit)
    vectors : array, shape (fold, unit, component)
        What maps a centred sample to its scores.
    sizes : array, shape (fold, component)
        Singular values of the training samples, before any scaling.
    scores : array, shape (fold, condition, time, component)
        Of all conditions, those left out among them.
    """

    axes: Axes
    held_out: bool
    means: np.ndarray
    vectors: np.ndarray
    sizes: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True, eq=False)
class Aligned:
    """Two populations rotated onto each other in every fold, and what is to be judged of them.

    Attributes
    ----------
    x, y : array, shape (fold, sample, component)
        The condition left out, or all samples where none was; in order of decreasing agreement in training.
    left, right : array, shape (fold, component, component)
        The rotations, so that ``x = scores @ left`` and ``y = scores @ right``.
    """

    x: np.ndarray
    y: np.ndarray
    left: np.ndarray
    right: np.ndarray


def components_of(
    responses: Responses,
    *,
    dimensions: int | None = None,
    share: float | None = None,
    alpha: float = 1.0,
    held_out: bool = True,
) -> Components:
    r"""Reduce a population to its leading principal components, once for each left-out condition.

    With singular values :math:`s_i` of the training samples and their root mean square :math:`\bar s` over
    components and folds, scores are multiplied by :math:`\alpha + (1 - \alpha) \bar s / s_i`.

    Parameters
    ----------
    responses : Responses
    dimensions : int, optional
        Number of components; all units are kept where there are fewer, or where it is None.
    share : float, optional
        Keep as many components as hold this share of the training variance in every fold, at most `dimensions`.
    alpha : float
        1: scores in units of activity; 0: whitened, each component of the same size over the training samples.
    held_out : bool
        Leave each condition out in turn; otherwise there is a single fold that holds all of them.

    Returns
    -------
    Components

    Raises
    ------
    InputError
        If there are too few conditions, dimensions or training samples (twice as many as dimensions), or if
        dimensions without variance would have to be whitened.
    """
    axes = axes_of(responses, conditions=LEAST_CONDITIONS if held_out else 2)
    conditions, times, units = responses.shape
    values, means, variances, vectors = _decomposed(responses.values.tobytes(), responses.shape, held_out)
    most = units if dimensions is None else min(dimensions, units)
    kept = most if share is None else min(most, _holding(share, variances))
    _check_samples((conditions - held_out) * times, kept, held_out)
    sizes, vectors = np.sqrt(variances[:, :kept]), vectors[:, :, :kept]
    if alpha < 1:
        _check_spanned(variances, kept, held_out)
        vectors = vectors * (alpha + (1 - alpha) * np.sqrt((sizes**2).mean()) / sizes)[:, None]
    folds = len(means)
    scores = values.reshape(1, conditions * times, units) @ vectors
    scores = scores.reshape(folds, conditions, times, kept) - (means @ vectors)[:, None]
    return Components(axes, held_out, means + responses.values.mean(axis=(0, 1)), vectors, sizes, scores)


def align(x: Components, y: Components) -> Aligned:
    r"""Rotate two populations onto each other in every fold.

    With :math:`U S V^T` the singular value decomposition of :math:`X_{-f}^T Y_{-f}`, the left-out condition is
    returned as :math:`X_f U` and :math:`Y_f V`: the rotations that bring the other conditions closest, paired.

    Raises
    ------
    InputError
        If the populations do not match; see `check_matched`.
    """
    check_matched(x.axes, y.axes)
    folds = len(x.scores)
    x_all, y_all = (side.scores.reshape(folds, -1, side.scores.shape[-1]) for side in (x, y))
    together = _transposed(x_all) @ y_all
    x_out, y_out = x_all, y_all
    if x.held_out:
        fold = np.arange(folds)
        x_out, y_out = x.scores[fold, fold], y.scores[fold, fold]
        together = together - _transposed(x_out) @ y_out
    left, _, right = np.linalg.svd(together, full_matrices=False)
    right = _transposed(right)
    return Aligned(x_out @ left, y_out @ right, left, right)


def check_dimensions(dimensions: int | None, share: float | None = None) -> None:
    """Refuse a number or a share of components that makes no sense.

    Raises
    ------
    InputError
    """
    if dimensions is not None and dimensions < 1:
        raise InputError(f"expected at least 1 dimension, found {dimensions}")
    if share is not None and not 0 < share <= 1:
        raise InputError(f"expected a share of variance above 0 and at most 1, found {share}")


@lru_cache(maxsize=4)
def _decomposed(
    activity: bytes, shape: tuple[int, int, int], held_out: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return values (centred), means (fold, time or 1, unit), variances (fold, component) and vectors, all components.

    Remembered by content: metrics that differ in what they make of the components, as Procrustes and CCA do, are given
    the same population one after the other, and this is what takes their time.
    """
    values = np.frombuffer(activity).reshape(shape)
    # Centring first costs nothing and keeps the downdates below from subtracting large equal numbers.
    values = values - values.mean(axis=(0, 1))
    if held_out:
        means = leave_one_out_means(values)
        if np.ptp(means, axis=1).max() == 0:
            means = means[:, :1]
        covariances = _training_covariances(values, means)
    else:
        means = np.zeros((1, 1, shape[2]))
        samples = values.reshape(-1, shape[2])
        covariances = (samples.T @ samples)[None]
    variances, vectors = np.linalg.eigh(covariances)
    decomposition = values, means, np.maximum(variances[:, ::-1], 0.0), vectors[:, :, ::-1]
    for array in decomposition:
        array.flags.writeable = False
    return decomposition


def _holding(share: float, variances: np.ndarray) -> int:
    held = np.cumsum(variances, axis=1) / variances.sum(axis=1, keepdims=True)
    return int((held < share - 1e-12).sum(axis=1).max()) + 1


def _check_samples(samples: int, kept: int, held_out: bool) -> None:
    if samples < 2 * kept:
        where = "beside each left-out condition " if held_out else ""
        raise InputError(
            f"expected at least {2 * kept} samples (conditions x times) {where}for {kept} dimensions, found {samples}; "
            "give more conditions or times, or fewer dimensions"
        )


def _check_spanned(variances: np.ndarray, kept: int, held_out: bool) -> None:
    spanned = int((variances > 1e-12 * variances[:, :1]).sum(axis=1).min())
    if spanned < kept:
        raise InputError(
            f"expected activity that spans {kept} dimensions{' with any condition left out' if held_out else ''}, "
            f"found {spanned}; give more conditions, times or distinct units, or fewer dimensions"
        )


def _training_covariances(values: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Sum squares and products of each fold's training samples about their mean, shape (fold, unit, unit).

    What one condition adds is taken off the total: one product a condition, not one a fold and condition.
    """
    own = _transposed(values) @ values
    means = np.broadcast_to(means, values.shape)
    return own.sum(axis=0) - own - (len(values) - 1) * (_transposed(means) @ means)


def _transposed(matrices: np.ndarray) -> np.ndarray:
    return matrices.transpose(0, 2, 1)


@dataclass(frozen=True, eq=False)
class Alignment:
    """What `fit` of a metric returns: two linear maps into a space where the populations are alike.

    Attributes
    ----------
    x_mean, y_mean : array, shape (unit,)
        Of the responses fitted to.
    x_map, y_map : array, shape (unit, component)
    judge : callable
        Takes two arrays (sample, component) and returns the score.
    """

    x_mean: np.ndarray
    y_mean: np.ndarray
    x_map: np.ndarray
    y_map: np.ndarray
    judge: Callable[[np.ndarray, np.ndarray], float]

    def transform(self, x: Responses, y: Responses) -> tuple[np.ndarray, np.ndarray]:
        """Map responses of the same units into the common space, each (condition, time, component)."""
        mapped = []
        for responses, mean, linear in ((x, self.x_mean, self.x_map), (y, self.y_mean, self.y_map)):
            if responses.sizes["unit"] != len(mean):
                message = f"expected the {len(mean)} units fitted to, found {responses.sizes['unit']}; select the same"
                raise InputError(message)
            mapped.append((responses.values - mean) @ linear)
        return mapped[0], mapped[1]

    def score(self, x: Responses, y: Responses) -> float:
        """Score responses of the same units, to other conditions say, under the maps as they were fitted.

        Raises
        ------
        InputError
            If the two do not match each other, or the units fitted to.
        """
        check_matched(axes_of(x), axes_of(y))
        u, v = (side.reshape(-1, side.shape[-1]) for side in self.transform(x, y))
        return self.judge(u, v)
