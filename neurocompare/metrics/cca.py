"""CCA: how well patterns of one population predict patterns of another, whatever their size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from neurocompare.errors import InputError
from neurocompare.metrics.held_out import HeldOutComponents, align, held_out_components
from neurocompare.metrics.matched import check_matched
from neurocompare.metrics.matrices import centred_pair
from neurocompare.responses import Responses


@dataclass(frozen=True)
class CCA:
    r"""Mean canonical correlation on conditions the canonical directions have not seen.

    The canonical correlations of centred X and Y (samples by units) are the singular values of :math:`X_w^T Y_w`,
    where w scales every principal component to unit norm; in sample their mean is `raw` [1]_. On smooth activity that
    mean is manufactured: unrelated populations reach 0.8. So `score` leaves each condition c out in turn; means,
    principal components, their scales and the canonical directions come from the other conditions. With
    :math:`u_{ci}, v_{ci}` the canonical variates i of the left-out conditions, over time,

    .. math:: s = \frac{1}{k} \sum_{i=1}^{k}
              \frac{\sum_c u_{ci} \cdot v_{ci}}{\sqrt{\sum_c |u_{ci}|^2 \sum_c |v_{ci}|^2}}

    Both populations are first reduced to k = `dimensions` principal components, a fixed number for the reasons given
    in `Procrustes`. CCA counts the smallest of them as much as the largest. That makes it the noisier metric at the
    sizes of a recording, and the one that can disagree with those that large dimensions dominate.

    Parameters
    ----------
    dimensions : int
        Principal components kept; all units where there are fewer, and then `score` is blind to invertible linear
        maps of either population, as `raw` always is.

    References
    ----------
    .. [1] Raghu, Gilmer, Yosinski & Sohl-Dickstein (2017). SVCCA: singular vector canonical correlation analysis
       for deep learning dynamics and interpretability. NeurIPS 30.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.random.default_rng(0).normal(size=(4, 10, 6))
    >>> x = make_responses(values, condition=range(4), time=np.arange(10.0))
    >>> round(CCA().score(x, x.copy(data=values * [1, 2, 3, 4, 5, 6])), 6)
    1.0
    """

    dimensions: int = 10

    name: ClassVar[str] = "cca"
    direction: ClassVar[str] = "higher is more similar"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    invariances: ClassVar[frozenset[str]] = frozenset({"translation", "rotation", "scale", "permutation"})
    needs: ClassVar[str] = (
        "3 conditions; twice as many samples beside the left-out condition as dimensions, "
        "and as many dimensions with variance; equal unit counts"
    )
    citation: ClassVar[str] = "Raghu, Gilmer, Yosinski & Sohl-Dickstein (2017), NeurIPS 30"

    def score(self, x: Responses, y: Responses) -> float:
        """Score two populations with the same conditions, times and number of units.

        Returns
        -------
        float
            1 for the same population; about 0 for unrelated ones.

        Raises
        ------
        InputError
            If conditions, times, unit counts or centring differ, or there is too little of them; see `needs`.
        """
        return self.compare(self.prepare(x), self.prepare(y))

    def prepare(self, responses: Responses) -> HeldOutComponents:
        """Do once what depends on one population only."""
        return held_out_components(responses, dimensions=self.dimensions, whiten=True)

    def compare(self, x: HeldOutComponents, y: HeldOutComponents) -> float:
        """Score two prepared populations; `score` does both steps."""
        check_matched(x.axes, y.axes)
        u, v = align(x.scores, y.scores)
        together = (u * v).sum(axis=(0, 1))
        return float(np.mean(together / np.sqrt((u * u).sum(axis=(0, 1)) * (v * v).sum(axis=(0, 1)))))

    def raw(self, x: ArrayLike, y: ArrayLike) -> float:
        """Mean canonical correlation of two matrices (samples x units), in sample and in all dimensions.

        Widths may differ: 25 units among the 400 of a larger population score 1.

        Raises
        ------
        InputError
            If the samples do not outnumber the dimensions of each, for the mean is then 1 whatever the data.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(50, 4))
        >>> round(CCA().raw(x, x[:, :2] @ [[1.0, 2.0], [0.0, 3.0]]), 6)
        1.0
        """
        bases = [_orthonormal(matrix) for matrix in centred_pair(x, y)]
        widest = max(basis.shape[1] for basis in bases)
        samples = len(bases[0])
        if samples - 1 <= widest:
            message = (
                f"expected more than {widest + 1} samples for {widest} dimensions, found {samples}; "
                "give more samples or fewer dimensions"
            )
            raise InputError(message)
        return float(np.linalg.svd(bases[0].T @ bases[1], compute_uv=False).mean())


def _orthonormal(matrix: np.ndarray) -> np.ndarray:
    """Orthonormal basis of what the columns span; columns that repeat others add nothing."""
    basis, sizes, _ = np.linalg.svd(matrix, full_matrices=False)
    return basis[:, sizes > 1e-10 * sizes[0]]
