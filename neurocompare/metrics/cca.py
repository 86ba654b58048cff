"""CCA: how well patterns of one population predict patterns of another, whatever their size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from neurocompare.errors import check_among
from neurocompare.metrics.components import Aligned, Alignment, Components, align, check_dimensions, components_of
from neurocompare.metrics.matrices import centred_pair, check_outnumber, singular
from neurocompare.responses import Responses

Weighting = Literal["equal", "projection"]


@dataclass(frozen=True)
class CCA:
    r"""Mean canonical correlation on conditions the canonical directions have not seen.

    The canonical correlations of centred X and Y (samples by units) are the singular values of :math:`X_w^T Y_w`,
    where w scales every principal component to unit norm; in sample their mean is `raw`. On smooth activity that
    mean is manufactured: unrelated populations reach 0.8. So `score` leaves each condition c out in turn; means,
    principal components, their scales and the canonical directions come from the other conditions. With
    :math:`u_{ci}, v_{ci}` the canonical variates i of the left-out conditions, over time,

    .. math:: s = \sum_{i=1}^{k} w_i r_i, \qquad
              r_i = \frac{\sum_c u_{ci} \cdot v_{ci}}{\sqrt{\sum_c |u_{ci}|^2 \sum_c |v_{ci}|^2}}

    Both populations are first reduced to principal components. CCA counts the smallest of them as much as the
    largest. That makes it the noisier metric at the sizes of a recording, and the one that can disagree with those
    that large dimensions dominate. Which components, and which weights, make its variants:

    ========== =========================================================================================
    ``cca``    k = `dimensions`, a fixed number for the reasons given in `Procrustes`; :math:`w_i = 1/k`
    ``svcca``  as many as hold `share` of each population's training variance [1]_; k is the smaller number
    ``pwcca``  :math:`w_i \propto \sum_j |h_i \cdot x_j|`: how much of the units j of x the variate :math:`h_i`
               carries over the training samples [2]_. It depends on the order of the two populations
    ========== =========================================================================================

    With many components and only each unit's mean removed, unrelated smooth populations keep a score of up to 0.1
    (15 components and more of 8 conditions of 20 bins): the mean over time that is taken off a left-out condition is
    the training conditions', and goes with the slow patterns these are aligned by.

    Parameters
    ----------
    dimensions : int, optional
        Principal components kept; all units where there are fewer or it is None, and then `score` is blind to
        invertible linear maps of either population, as `raw` always is.
    share : float, optional
        Keep no more components than hold this share of the variance; 0.99 in [1]_.
    weighting : {"equal", "projection"}
    held_out : bool
        Whether to leave conditions out. In-sample scores are optimistic; they are there to reproduce others' numbers.

    Raises
    ------
    InputError
        If `weighting` is unknown, `dimensions` below 1, or `share` not above 0 and at most 1.

    References
    ----------
    .. [1] Raghu, Gilmer, Yosinski & Sohl-Dickstein (2017). SVCCA: singular vector canonical correlation analysis
       for deep learning dynamics and interpretability. NeurIPS 30.
    .. [2] Morcos, Raghu & Bengio (2018). Insights on representational similarity in neural networks with canonical
       correlation. NeurIPS 31.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.random.default_rng(0).normal(size=(4, 10, 6))
    >>> x = make_responses(values, condition=range(4), time=np.arange(10.0))
    >>> round(CCA().score(x, x.copy(data=values * [1, 2, 3, 4, 5, 6])), 6)
    1.0
    """

    dimensions: int | None = 10
    share: float | None = None
    weighting: Weighting = "equal"
    held_out: bool = True

    direction: ClassVar[str] = "higher is more similar"

    def __post_init__(self) -> None:
        check_dimensions(self.dimensions, self.share)
        check_among("a weighting", self.weighting, get_args(Weighting))

    @property
    def name(self) -> str:
        """``cca``, ``svcca`` or ``pwcca``, with ``in-sample`` where nothing is left out."""
        variant = "pwcca" if self.weighting == "projection" else "cca" if self.share is None else "svcca"
        return f"{variant}{'' if self.held_out else '-in-sample'}"

    @property
    def range(self) -> tuple[float, float]:
        """From -1 on conditions left out, from 0 in sample."""
        return (-1.0 if self.held_out else 0.0, 1.0)

    @property
    def invariances(self) -> frozenset[str]:
        """Rotations change what single units carry, and so the weights of ``pwcca``."""
        blind = {"translation", "scale", "permutation"}
        return frozenset(blind if self.weighting == "projection" else blind | {"rotation"})

    @property
    def symmetric(self) -> bool:
        """Whether the order of the two populations does not matter."""
        return self.weighting == "equal"

    @property
    def needs(self) -> str:
        """The least it can work with."""
        least = "3 conditions; twice as many samples beside the left-out condition as dimensions"
        return (
            f"{least if self.held_out else 'twice as many samples as dimensions'}, "
            "and as many dimensions with variance; equal unit counts"
        )

    @property
    def citation(self) -> str:
        """Whom to cite."""
        if self.weighting == "projection":
            return "Morcos, Raghu & Bengio (2018), NeurIPS 31"
        return "Hotelling (1936), Biometrika 28; Raghu, Gilmer, Yosinski & Sohl-Dickstein (2017), NeurIPS 30"

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

    def prepare(self, responses: Responses) -> Components:
        """Do once what depends on one population only."""
        return components_of(responses, dimensions=self.dimensions, share=self.share, alpha=0.0, held_out=self.held_out)

    def compare(self, x: Components, y: Components) -> float:
        """Score two prepared populations; `score` does both steps."""
        aligned = align(x, y)
        return float(self._weights(x, aligned) @ _correlations(aligned.x, aligned.y))

    def by_component(self, x: Responses, y: Responses) -> np.ndarray:
        """Correlation of each pair of variates, shape (component,), in order of their agreement in training."""
        aligned = align(self.prepare(x), self.prepare(y))
        return _correlations(aligned.x, aligned.y)

    def fit(self, x: Responses, y: Responses) -> Alignment:
        """Find canonical directions on all responses there are; the alignment's `score` judges them on others."""
        in_sample = replace(self, held_out=False)
        x_all, y_all = in_sample.prepare(x), in_sample.prepare(y)
        aligned = align(x_all, y_all)
        weights = self._weights(x_all, aligned)
        maps = x_all.vectors[0] @ aligned.left[0], y_all.vectors[0] @ aligned.right[0]

        def judge(u: np.ndarray, v: np.ndarray) -> float:
            return float(weights @ _correlations(u, v))

        return Alignment(x_all.means[0, 0], y_all.means[0, 0], *maps, judge=judge)

    def raw(self, x: ArrayLike, y: ArrayLike) -> float:
        """Score two matrices (samples x units), in sample and in all dimensions, or those that hold `share`.

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
        x, y = centred_pair(x, y)
        left, correlations, x_basis = self._canonical(x, y)
        if self.weighting == "equal":
            return float(correlations.mean())
        weights = np.abs((x_basis @ left).T @ x).sum(axis=1)
        return float(weights @ correlations / weights.sum())

    def correlations(self, x: ArrayLike, y: ArrayLike) -> np.ndarray:
        """Canonical correlations of two matrices (samples x units), descending, in sample; `raw` is their mean."""
        return self._canonical(*centred_pair(x, y))[1]

    def _canonical(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rotation of x's basis to its canonical variates, correlations, and x's basis."""
        bases = [self._basis(matrix) for matrix in (x, y)]
        check_outnumber(len(x), max(basis.shape[1] for basis in bases))
        left, correlations, _ = np.linalg.svd(bases[0].T @ bases[1], full_matrices=False)
        return left, np.minimum(correlations, 1.0), bases[0]

    def _basis(self, matrix: np.ndarray) -> np.ndarray:
        basis, sizes = singular(matrix)
        if self.share is None:
            return basis
        held = np.cumsum(sizes**2) / (sizes**2).sum()
        return basis[:, : int((held < self.share - 1e-12).sum()) + 1]

    def _weights(self, x: Components, aligned: Aligned) -> np.ndarray:
        kept = aligned.x.shape[-1]
        if self.weighting == "equal":
            return np.full(kept, 1.0 / kept)
        # Variates are whitened scores times `left`; a whitened component holds s_k V_jk of unit j, and `vectors` is
        # V / s up to one factor.
        loadings = x.vectors * (x.sizes**2)[:, None]
        carried = np.abs(loadings @ aligned.left).sum(axis=1)
        return (carried / carried.sum(axis=1, keepdims=True)).mean(axis=0)


def _correlations(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    samples = tuple(range(u.ndim - 1))
    return (u * v).sum(axis=samples) / np.sqrt((u * u).sum(axis=samples) * (v * v).sum(axis=samples))
