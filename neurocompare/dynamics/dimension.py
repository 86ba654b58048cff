r"""How many dimensions activity fills: participation ratios, and principal components for a share of the variance.

.. math:: \mathrm{PR} = (\mathrm{tr}\, C)^2 / \mathrm{tr}\, C^2,

with C the kernel phi phi^T / N over samples (condition x time). It is 1 for a line and d where d directions share the
variance equally. Three things vary: what is centred; whether units, or samples, are taken as all there are or as draws
from infinitely many; and, for components, the share of variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from neurocompare.errors import InputError
from neurocompare.responses import Responses

Axis = Literal["samples", "units"]


@dataclass(frozen=True)
class Dimensions:
    """The dimensionality of one population's activity.

    Attributes
    ----------
    uncentred, centred_samples, centred_units : float
        Participation ratios as they stand: of phi, of phi less each unit's mean over samples (as principal components
        have it), and of phi less each sample's mean over units.
    infinite_units : float
        Of phi, uncentred, extrapolated to infinitely many units like these: what the theory of N -> infinity predicts.
    infinite_units_centred : float
        The same of phi less each unit's mean over samples.
    components_90, components_99 : int
        Principal components (units centred over samples) for 90 % and 99 % of the variance.

    Examples
    --------
    >>> plane = np.array([[1.0, 0, 0, 0], [-1, 0, 0, 0], [0, 1, 0, 0], [0, -1, 0, 0]])  # 4 samples of 4 units
    >>> found = dimensions(plane)
    >>> round(found.uncentred, 6), found.components_99
    (2.0, 2)
    """

    uncentred: float
    centred_samples: float
    centred_units: float
    infinite_units: float
    infinite_units_centred: float
    components_90: int
    components_99: int


def dimensions(activity: Responses | np.ndarray) -> Dimensions:
    """Measure the dimensionality of activity in all its variants.

    Parameters
    ----------
    activity : Responses, or array, shape (..., unit)

    Returns
    -------
    Dimensions

    Examples
    --------
    >>> found = dimensions(np.random.default_rng(0).normal(size=(500, 20)))
    >>> found.components_90 < found.components_99 <= 20
    True
    """
    values = samples_by_units(activity)
    return Dimensions(
        participation_ratio(values),
        participation_ratio(values, centred="samples"),
        participation_ratio(values, centred="units"),
        participation_ratio(values, infinite="units"),
        participation_ratio(values, centred="samples", infinite="units"),
        n_components(values, 0.9),
        n_components(values, 0.99),
    )


def samples_by_units(activity: Responses | np.ndarray) -> np.ndarray:
    """Return activity as an array (sample, unit), float64."""
    values = np.asarray(activity, dtype=np.float64)
    return values.reshape(-1, values.shape[-1])


def participation_ratio(
    activity: Responses | np.ndarray, *, centred: Axis | None = None, infinite: Axis | None = None
) -> float:
    """Return the participation ratio of activity.

    Parameters
    ----------
    activity : Responses, or array, shape (..., unit)
        All axes but the last are samples.
    centred : {"samples", "units"}, optional
        Remove each unit's mean over samples, or each sample's mean over units; nothing where None, as in the theory.
    infinite : {"samples", "units"}, optional
        Take samples, or units, as independent draws and return the ratio of infinitely many: numerator and denominator
        are replaced by their unbiased estimates, sums over different draws only. As it stands, a ratio from few draws
        is too low. Where neither, samples and units are all there are.

    Returns
    -------
    float
        NaN where nothing varies.

    Raises
    ------
    InputError
        If there are too few draws: two, or four where their own mean is removed.

    Examples
    --------
    >>> round(participation_ratio(np.eye(5)), 6), round(participation_ratio(np.outer(np.arange(3), np.ones(4))), 6)
    (5.0, 1.0)
    >>> few = np.random.default_rng(0).standard_normal((50, 100))  # 50 directions, 100 units
    >>> round(participation_ratio(few)), round(participation_ratio(few, infinite="units"))
    (33, 50)
    """
    values = samples_by_units(activity)
    # Rows are draws, where anything is drawn.
    rows = values if infinite == "samples" else values.T
    of_rows = infinite is not None and centred == infinite
    if centred is not None and not of_rows:
        axis = {"samples": 0, "units": 1}[centred]
        values = values - values.mean(axis=axis, keepdims=True)
        rows = values if infinite == "samples" else values.T
    if infinite is None:
        gram = rows @ rows.T if len(rows) <= rows.shape[1] else rows.T @ rows
        return _ratio(np.trace(gram) ** 2, (gram**2).sum())
    least = 4 if of_rows else 2
    if len(rows) < least:
        raise InputError(f"expected at least {least} {infinite} to extrapolate from, found {len(rows)}")
    gram = rows @ rows.T
    return _ratio(*(_centred_sums(gram) if of_rows else _plain_sums(gram)))


def kernel_participation_ratio(kernel: np.ndarray) -> float:
    """Return the participation ratio of a kernel over samples, uncentred.

    Parameters
    ----------
    kernel : array, shape (sample, sample)

    Returns
    -------
    float

    Examples
    --------
    >>> kernel_participation_ratio(np.diag([1.0, 1.0, 0.0]))
    2.0
    """
    return _ratio(float(np.trace(kernel)) ** 2, float((np.asarray(kernel) ** 2).sum()))


def n_components(activity: Responses | np.ndarray, share: float) -> int:
    """Return how many principal components carry a share of the variance, units centred over samples.

    Parameters
    ----------
    activity : Responses, or array, shape (..., unit)
    share : float
        Of the variance, from 0 to 1.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If `share` is not between 0 and 1.

    Examples
    --------
    >>> n_components(np.diag([1.0, 1.0, 1.0, 1.0]), 0.6)
    2
    """
    if not 0 < share < 1:
        raise InputError(f"expected a share of the variance between 0 and 1, found {share}")
    values = samples_by_units(activity)
    variances = np.linalg.svd(values - values.mean(axis=0), compute_uv=False) ** 2
    if not variances.sum() > 0:
        return 0
    return int(np.searchsorted(np.cumsum(variances) / variances.sum(), share - 1e-12)) + 1


def _ratio(squared_trace: float, trace_of_square: float) -> float:
    return float(squared_trace / trace_of_square) if trace_of_square > 0 else float("nan")


def _plain_sums(gram: np.ndarray) -> tuple[float, float]:
    """Unbiased (tr C)^2 and tr C^2 from the Gram matrix of independent draws: means over pairs of different ones."""
    n, diagonal = len(gram), np.diagonal(gram)
    pairs = n * (n - 1)
    return (diagonal.sum() ** 2 - (diagonal**2).sum()) / pairs, ((gram**2).sum() - (diagonal**2).sum()) / pairs


def _centred_sums(gram: np.ndarray) -> tuple[float, float]:
    """Unbiased (tr S)^2 and tr S^2 of the covariance S of draws: means over quadruples of different ones.

    With d_ij the squared distance of two draws, tr S = <d_12> / 2, and tr S^2 is the unbiased HSIC of the draws with
    themselves (Song et al. 2012, Journal of Machine Learning Research 13, 1393-1434).
    """
    n = len(gram)
    diagonal = np.diagonal(gram)
    distances = diagonal[:, None] + diagonal - 2 * gram
    total, squares = distances.sum(), (distances**2).sum()
    shared = (distances.sum(axis=1) ** 2).sum()
    quadruples = n * (n - 1) * (n - 2) * (n - 3)
    squared_trace = (total**2 - 4 * shared + 2 * squares) / quadruples / 4
    off = gram - np.diag(diagonal)
    rows = off.sum(axis=1)
    hsic = (off**2).sum() + rows.sum() ** 2 / ((n - 1) * (n - 2)) - 2 * (rows**2).sum() / (n - 2)
    return squared_trace, hsic / (n * (n - 3))
