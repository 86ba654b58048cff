"""RSA: whether two populations find the same pairs of conditions far apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import pdist

from neurocompare.errors import InputError, check_among
from neurocompare.metrics.matched import Axes, axes_of, check_matched
from neurocompare.metrics.matrices import centred_pair
from neurocompare.responses import Responses

Comparison = Literal["correlation", "cosine", "spearman"]

LEAST_CONDITIONS = 4
"""Of three distances, all that there are between three conditions, a correlation says next to nothing."""


@dataclass(frozen=True, eq=False)
class Distances:
    """How far apart the conditions of a population are.

    Attributes
    ----------
    axes : Axes
    pattern : array, shape (pair,)
        Distances between conditions, as compared: centred or ranked where the comparison asks for it; of norm 1.
    """

    axes: Axes
    pattern: np.ndarray


@dataclass(frozen=True)
class RSA:
    r"""Likeness of two populations' distances between conditions.

    The squared distance of conditions c and d is taken between their whole time courses. From two halves of the trials,
    :math:`x` and :math:`x'`, it is cross-validated [2]_,

    .. math:: d_{cd} = \frac{1}{T N} \sum_{t,u} (x_{ctu} - x_{dtu}) (x'_{ctu} - x'_{dtu})

    and zero on average for conditions that do not differ, for the noise of the halves is independent; it can be
    negative. From a single average, :math:`x' = x`, noise adds to every distance about twice its variance. The
    distances of the two populations are compared by their correlation, which is blind to such a constant, by the cosine
    (zero stays zero: for cross-validated distances) or by Spearman's rank correlation.

    Distances between conditions, not between all samples: neighbouring times are close in any smooth population, so
    distances between samples would agree whatever the two do. For unrelated populations the correlations are zero on
    average, the cosine is not. With few conditions there are few distances (28 for 8) and scores scatter widely. What a
    population does in all conditions alike is not seen.

    Parameters
    ----------
    comparison : {"correlation", "cosine", "spearman"}

    Raises
    ------
    InputError
        If `comparison` is unknown.

    References
    ----------
    .. [1] Kriegeskorte, Mur & Bandettini (2008). Representational similarity analysis - connecting the branches of
       systems neuroscience. Frontiers in Systems Neuroscience 2.
    .. [2] Walther, Nili, Ejaz, Alink, Kriegeskorte & Diedrichsen (2016). Reliability of dissimilarity measures for
       multi-voxel pattern analysis. NeuroImage 137.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.random.default_rng(0).normal(size=(5, 10, 6))
    >>> x = make_responses(values, condition=range(5), time=np.arange(10.0))
    >>> round(RSA().score(x, x.copy(data=4 - 2 * values)), 6)
    1.0
    """

    comparison: Comparison = "correlation"

    direction: ClassVar[str] = "higher is more similar"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    invariances: ClassVar[frozenset[str]] = frozenset({"translation", "rotation", "scale", "permutation"})
    symmetric: ClassVar[bool] = True
    needs: ClassVar[str] = "4 conditions; equal unit counts; two halves of the trials for cross-validated distances"
    citation: ClassVar[str] = (
        "Kriegeskorte, Mur & Bandettini (2008), Front. Syst. Neurosci. 2; "
        "cross-validated distances: Walther et al. (2016), NeuroImage 137"
    )

    def __post_init__(self) -> None:
        check_among("a comparison", self.comparison, get_args(Comparison))

    @property
    def name(self) -> str:
        """``rsa``, and the comparison where it is not the correlation."""
        return "rsa" if self.comparison == "correlation" else f"rsa-{self.comparison}"

    def score(self, x: Responses | tuple[Responses, Responses], y: Responses | tuple[Responses, Responses]) -> float:
        """Score two populations with the same conditions, times and number of units.

        Parameters
        ----------
        x, y : Responses, or a pair of them
            A pair is two averages of independent halves of the trials, in the same units: distances are
            cross-validated between them.

        Returns
        -------
        float
            1 for the same pattern of distances.

        Raises
        ------
        InputError
            If conditions, times, unit counts or centring differ, there are fewer than 4 conditions, or all distances
            are the same.
        """
        return self.compare(self.prepare(x), self.prepare(y))

    def fit(self, x: Responses, y: Responses) -> RSA:
        """Return itself: there is nothing to fit."""
        return self

    def prepare(self, responses: Responses | tuple[Responses, Responses]) -> Distances:
        """Do once what depends on one population only."""
        first = responses[0] if isinstance(responses, tuple) else responses
        axes = axes_of(first, conditions=LEAST_CONDITIONS)
        return Distances(axes, self._pattern(self.distances(responses)))

    def compare(self, x: Distances, y: Distances) -> float:
        """Score two prepared populations; `score` does both steps."""
        check_matched(x.axes, y.axes)
        return float(x.pattern @ y.pattern)

    def distances(self, responses: Responses | tuple[Responses, Responses]) -> np.ndarray:
        """Squared distance between each two conditions, per time and unit, shape (pair,): (0, 1), (0, 2), ..., (1, 2).

        Cross-validated where `responses` is a pair of halves; in the responses' unit, squared.

        Raises
        ------
        InputError
            If the halves do not match.
        """
        halves = responses if isinstance(responses, tuple) else (responses, responses)
        if len(halves) != 2:
            message = f"expected two halves of the trials, found {len(halves)}; average all trials in two halves"
            raise InputError(message)
        axes = axes_of(halves[0])
        if halves[1] is not halves[0]:
            check_matched(axes, axes_of(halves[1]))
        if not np.array_equal(halves[0]["unit"].values, halves[1]["unit"].values):
            message = "expected the same units in both halves of the trials, found others; select and order them alike"
            raise InputError(message)
        x, other = (half.values.reshape(half.sizes["condition"], -1) for half in halves)
        # Distances do not change when both halves are shifted alike; sums of squares lose fewer digits.
        x, other = x - x.mean(axis=0), other - other.mean(axis=0)
        gram = x @ other.T
        gram = (gram + gram.T) / 2
        own = np.diag(gram)
        return ((own[:, None] + own - 2 * gram) / x.shape[1])[np.triu_indices(len(x), 1)]

    def raw(self, x: ArrayLike, y: ArrayLike) -> float:
        """Compare the squared distances between the rows of two matrices (items x units); widths may differ.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(9, 4))
        >>> round(RSA().raw(x, 2 - 5 * x), 6)
        1.0
        """
        first, second = (self._pattern(pdist(side, "sqeuclidean")) for side in centred_pair(x, y))
        return float(first @ second)

    def _pattern(self, distances: np.ndarray) -> np.ndarray:
        if self.comparison == "spearman":
            from scipy.stats import rankdata  # which takes as long to import as all else that metrics need

            distances = rankdata(distances)
        size = np.abs(distances).max()
        if self.comparison != "cosine":
            distances = distances - distances.mean()
        if np.abs(distances).max() <= 1e-12 * size:
            pattern = "only zeros" if self.comparison == "cosine" else "all the same"
            raise InputError(
                f"expected distances between conditions that differ, found {pattern}; give other conditions"
            )
        return distances / np.linalg.norm(distances)
