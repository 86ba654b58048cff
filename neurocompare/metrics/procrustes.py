"""Procrustes: how much of two populations coincides once one is rotated onto the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from neurocompare.metrics.held_out import HeldOutComponents, align, held_out_components
from neurocompare.metrics.matched import check_matched
from neurocompare.metrics.matrices import centred_pair
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

    Parameters
    ----------
    dimensions : int
        Principal components kept; all units where there are fewer.

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

    dimensions: int = 10

    name: ClassVar[str] = "procrustes"
    direction: ClassVar[str] = "higher is more similar"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    invariances: ClassVar[frozenset[str]] = frozenset({"translation", "rotation", "scale", "permutation"})
    needs: ClassVar[str] = (
        "3 conditions; twice as many samples beside the left-out condition as dimensions; equal unit counts"
    )
    citation: ClassVar[str] = "Williams, Kunz, Kornblith & Linderman (2021), NeurIPS 34"

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

    def prepare(self, responses: Responses) -> HeldOutComponents:
        """Do once what depends on one population only."""
        return held_out_components(responses, dimensions=self.dimensions)

    def compare(self, x: HeldOutComponents, y: HeldOutComponents) -> float:
        """Score two prepared populations; `score` does both steps."""
        check_matched(x.axes, y.axes)
        u, v = align(x.scores, y.scores)
        return float(np.vdot(u, v) / np.sqrt(np.vdot(u, u) * np.vdot(v, v)))

    def raw(self, x: ArrayLike, y: ArrayLike) -> float:
        """Cosine between two matrices (samples x units), in sample and in all dimensions; widths may differ.

        Examples
        --------
        >>> round(Procrustes().raw([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]], [[5.0, 5.0], [5.0, 8.0], [-1.0, 5.0]]), 6)
        1.0
        """
        x, y = centred_pair(x, y)
        return float(_nuclear(x, y) / (np.linalg.norm(x) * np.linalg.norm(y)))

    def angle(self, x: ArrayLike, y: ArrayLike) -> float:
        """Angular shape distance of two matrices in rad, 0 to pi/2: arc cosine of `raw`, a proper metric."""
        return float(np.arccos(np.clip(self.raw(x, y), -1.0, 1.0)))

    def distance(self, x: ArrayLike, y: ArrayLike) -> float:
        """Euclidean distance of two centred matrices after the best rotation, in units of activity."""
        x, y = centred_pair(x, y)
        squared = np.vdot(x, x) + np.vdot(y, y) - 2 * _nuclear(x, y)
        return float(np.sqrt(max(squared, 0.0)))


def _nuclear(x: np.ndarray, y: np.ndarray) -> float:
    return np.linalg.svd(x.T @ y, compute_uv=False).sum()
