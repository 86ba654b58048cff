"""Procrustes: how much of two populations coincides once one is rotated onto the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from neurocompare.errors import InputError
from neurocompare.metrics.components import Alignment, Components, align, check_dimensions, components_of
from neurocompare.metrics.matrices import centred_pair, check_outnumber, singular
from neurocompare.responses import Responses


@dataclass(frozen=True)
class Procrustes:
    r"""Cosine of the angular Procrustes shape distance, on conditions the alignment has not seen.

    In sample, for centred populations X and Y (samples by units) [1]_,

    .. math:: \cos\theta = \max_{Q^T Q = 1} \frac{\langle X Q, Y \rangle}{|X| |Y|} = \frac{|X^T Y|_*}{|X| |Y|}

    with the nuclear norm above and Frobenius norms below (`raw`, `angle`, `distance`). Fitted and judged on the same
    samples it is far above zero for unrelated populations. So `score` leaves each condition c out in turn: means,
    principal components and the rotations :math:`Q_c` come from the other conditions alone, and

    .. math:: s = \frac{\sum_c \langle X_c Q_c, Y_c \rangle}{\sqrt{\sum_c |X_c|^2 \sum_c |Y_c|^2}}

    Both populations are first reduced to their leading `dimensions` principal components. Dimensions that hold mostly
    noise cannot be aligned and only add to the norms: on networks across gamma recorded with Poisson noise (60 units,
    8 conditions, 10 to 40 trials), 8 to 12 components told gammas apart best, and all 60 worst. The number is fixed,
    not a share of the variance, so that noise cannot change what is compared and every score has the same dimension.

    `alpha` below 1 whitens in part, as in [1]_, on a fixed scale. With singular values :math:`s_i` of X and their root
    mean square :math:`\bar s`, component i gets the size :math:`\alpha s_i / \bar s + (1 - \alpha)`: alpha counts
    whitening against activity of mean square 1 in every kept dimension, whatever the unit of activity and the number
    of samples. At 0 it is CCA with all of both spaces in the norm.

    Parameters
    ----------
    dimensions : int, optional
        Principal components kept; all units where there are fewer, or where it is None.
    alpha : float
        1: rotations only; 0: all invertible maps of what is kept.
    held_out : bool
        Whether to leave conditions out. In-sample scores are optimistic; they are there to reproduce others' numbers.

    Raises
    ------
    InputError
        If `alpha` is not between 0 and 1, or `dimensions` below 1.

    References
    ----------
    .. [1] Williams, Kunz, Kornblith & Linderman (2021). Generalized shape metrics on neural representations.
       NeurIPS 34.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.random.default_rng(0).normal(size=(4, 10, 6))
    >>> x = make_responses(values, condition=range(4), time=np.arange(10.0))
    >>> rotated = x.copy(data=values @ np.linalg.qr(values[0].T @ values[1])[0])
    >>> round(Procrustes().score(x, rotated), 6)
    1.0
    """

    dimensions: int | None = 10
    alpha: float = 1.0
    held_out: bool = True

    direction: ClassVar[str] = "higher is more similar"
    invariances: ClassVar[frozenset[str]] = frozenset({"translation", "rotation", "scale", "permutation"})
    symmetric: ClassVar[bool] = True
    citation: ClassVar[str] = "Williams, Kunz, Kornblith & Linderman (2021), NeurIPS 34"

    def __post_init__(self) -> None:
        check_dimensions(self.dimensions)
        if not 0 <= self.alpha <= 1:
            raise InputError(f"expected alpha between 0 and 1, found {self.alpha}")

    @property
    def name(self) -> str:
        """``procrustes``, with alpha where it is not 1, and ``in-sample`` where nothing is left out."""
        alpha = f"-alpha-{self.alpha:g}" if self.alpha < 1 else ""
        return f"procrustes{alpha}{'' if self.held_out else '-in-sample'}"

    @property
    def range(self) -> tuple[float, float]:
        """From -1 on conditions left out, from 0 in sample."""
        return (-1.0 if self.held_out else 0.0, 1.0)

    @property
    def needs(self) -> str:
        """The least it can work with."""
        least = "3 conditions; twice as many samples beside the left-out condition as dimensions"
        spanned = ", and as many dimensions with variance" if self.alpha < 1 else ""
        return f"{least if self.held_out else 'twice as many samples as dimensions'}{spanned}; equal unit counts"

    def score(self, x: Responses, y: Responses) -> float:
        """Score two populations with the same conditions, times and number of units.

        Returns
        -------
        float
            1 for populations that are rotations, shifts or rescalings of each other; about 0 for unrelated ones.

        Raises
        ------
        InputError
            If conditions, times, unit counts or centring differ, or there is too little of them; see `needs`.
        """
        return self.compare(self.prepare(x), self.prepare(y))

    def prepare(self, responses: Responses) -> Components:
        """Do once what depends on one population only."""
        return components_of(responses, dimensions=self.dimensions, alpha=self.alpha, held_out=self.held_out)

    def compare(self, x: Components, y: Components) -> float:
        """Score two prepared populations; `score` does both steps."""
        aligned = align(x, y)
        return _cosine(aligned.x, aligned.y)

    def fit(self, x: Responses, y: Responses) -> Alignment:
        """Align two populations on all they have; the alignment's `score` judges it on other responses."""
        in_sample = replace(self, held_out=False)
        x_all, y_all = in_sample.prepare(x), in_sample.prepare(y)
        aligned = align(x_all, y_all)
        maps = x_all.vectors[0] @ aligned.left[0], y_all.vectors[0] @ aligned.right[0]
        return Alignment(x_all.means[0, 0], y_all.means[0, 0], *maps, judge=_cosine)

    def raw(self, x: ArrayLike, y: ArrayLike) -> float:
        """Cosine between two matrices (samples x units), in sample and in all dimensions; widths may differ.

        Examples
        --------
        >>> round(Procrustes().raw([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]], [[5.0, 5.0], [5.0, 8.0], [-1.0, 5.0]]), 6)
        1.0
        """
        x, y = centred_pair(x, y)
        if self.alpha < 1:
            x, y = (self._partly_whitened(side) for side in (x, y))
        return float(_nuclear(x, y) / (np.linalg.norm(x) * np.linalg.norm(y)))

    def angle(self, x: ArrayLike, y: ArrayLike) -> float:
        """Angular shape distance of two matrices in rad, 0 to pi/2: arc cosine of `raw`, a proper metric."""
        return float(np.arccos(np.clip(self.raw(x, y), -1.0, 1.0)))

    def distance(self, x: ArrayLike, y: ArrayLike) -> float:
        """Euclidean distance of two centred matrices after the best rotation, in units of activity; alpha is 1."""
        x, y = centred_pair(x, y)
        squared = np.vdot(x, x) + np.vdot(y, y) - 2 * _nuclear(x, y)
        return float(np.sqrt(max(squared, 0.0)))

    def _partly_whitened(self, matrix: np.ndarray) -> np.ndarray:
        basis, sizes = singular(matrix)
        check_outnumber(len(matrix), len(sizes))
        return basis * (self.alpha * sizes / np.sqrt((sizes**2).mean()) + 1 - self.alpha)


def _cosine(u: np.ndarray, v: np.ndarray) -> float:
    return float(np.vdot(u, v) / np.sqrt(np.vdot(u, u) * np.vdot(v, v)))


def _nuclear(x: np.ndarray, y: np.ndarray) -> float:
    return np.linalg.svd(x.T @ y, compute_uv=False).sum()
