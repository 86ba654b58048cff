"""CKA: whether two populations find the same pairs of samples alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from neurocompare.errors import InputError
from neurocompare.metrics.matched import Axes, axes_of, check_matched
from neurocompare.metrics.matrices import centred_pair
from neurocompare.responses import Responses

Estimator = Literal["unbiased", "biased"]


@dataclass(frozen=True, eq=False)
class CentredSamples:
    """A population as one centred matrix, with its dependence on itself.

    Attributes
    ----------
    axes : Axes
    samples : array, shape (condition * time, unit)
    own : float
        Its Hilbert-Schmidt independence criterion with itself, the normaliser.
    """

    axes: Axes
    samples: np.ndarray
    own: float


@dataclass(frozen=True)
class CKA:
    r"""Linear centred kernel alignment over (condition, time) samples.

    With the Gram matrices :math:`K = X X^T` and :math:`L = Y Y^T` of centred populations (samples by units) [1]_,

    .. math:: s = \frac{h(K, L)}{\sqrt{h(K, K) h(L, L)}}

    where h estimates the Hilbert-Schmidt independence criterion. ``"biased"``: :math:`h = \langle K, L \rangle`, which
    the diagonals, a sample's likeness to itself, keep above zero. ``"unbiased"`` [2]_ leaves the diagonals out; for
    centred X and Y with n samples and squared sample norms :math:`a_i = K_{ii}, b_i = L_{ii}`, up to a factor it is

    .. math:: h = |X^T Y|^2 - \frac{n}{n - 2} \sum_i a_i b_i + \frac{\sum_i a_i \sum_i b_i}{(n - 1)(n - 2)}

    Nothing is fitted, so nothing is held out. Unbiased means: zero on average for independent *samples*. Neighbouring
    times are not independent: two unrelated populations equally smooth agree that neighbours are alike, and score
    well above zero (0.4 to 0.7 at 8 conditions of 36 bins, smoothed with 2 to 5 bins). Removing the mean over
    conditions adds a little (0.03 at 8 conditions), as it ties samples of one time together. Read the score beside a
    null that keeps both.

    Parameters
    ----------
    estimator : {"unbiased", "biased"}

    References
    ----------
    .. [1] Kornblith, Norouzi, Lee & Hinton (2019). Similarity of neural network representations revisited. ICML 36.
    .. [2] Song, Smola, Gretton, Bedo & Borgwardt (2012). Feature selection via dependence maximization. Journal of
       Machine Learning Research 13.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.random.default_rng(0).normal(size=(4, 10, 6))
    >>> x = make_responses(values, condition=range(4), time=np.arange(10.0))
    >>> round(CKA().score(x, x.copy(data=3 * values[:, :, ::-1])), 6)
    1.0
    """

    estimator: Estimator = "unbiased"

    name: ClassVar[str] = "cka"
    direction: ClassVar[str] = "higher is more similar"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    invariances: ClassVar[frozenset[str]] = frozenset({"translation", "rotation", "scale", "permutation"})
    needs: ClassVar[str] = "2 conditions; 4 samples (conditions x times); equal unit counts"
    citation: ClassVar[str] = (
        "Kornblith, Norouzi, Lee & Hinton (2019), ICML 36; "
        "unbiased: Song, Smola, Gretton, Bedo & Borgwardt (2012), JMLR 13"
    )

    def __post_init__(self) -> None:
        if self.estimator not in get_args(Estimator):
            message = f"expected an estimator among {', '.join(get_args(Estimator))}, found {self.estimator!r}"
            raise InputError(message)

    def score(self, x: Responses, y: Responses) -> float:
        """Score two populations with the same conditions, times and number of units.

        Returns
        -------
        float
            1 for populations that are rotations, shifts or rescalings of each other.

        Raises
        ------
        InputError
            If conditions, times, unit counts or centring differ, or there is too little of them; see `needs`.
        """
        return self.compare(self.prepare(x), self.prepare(y))

    def prepare(self, responses: Responses) -> CentredSamples:
        """Do once what depends on one population only."""
        axes = axes_of(responses)
        samples = responses.values.reshape(-1, axes.units)
        samples = samples - samples.mean(axis=0)
        return CentredSamples(axes=axes, samples=samples, own=self._criterion(samples, samples))

    def compare(self, x: CentredSamples, y: CentredSamples) -> float:
        """Score two prepared populations; `score` does both steps."""
        check_matched(x.axes, y.axes)
        return float(self._criterion(x.samples, y.samples) / np.sqrt(x.own * y.own))

    def raw(self, x: ArrayLike, y: ArrayLike) -> float:
        """CKA of two matrices (samples x units); widths may differ.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(9, 4))
        >>> bool(np.isclose(CKA().raw(x, 2 - 5 * x), 1))
        True
        """
        x, y = centred_pair(x, y)
        return float(self._criterion(x, y) / np.sqrt(self._criterion(x, x) * self._criterion(y, y)))

    def _criterion(self, x: np.ndarray, y: np.ndarray) -> float:
        """Dependence of two centred matrices (samples x units) up to a factor the ratio cancels."""
        together = x.T @ y
        biased = np.vdot(together, together)
        if self.estimator == "biased":
            return biased
        n = len(x)
        if n < 4:
            message = f"expected at least 4 samples (conditions x times) for unbiased CKA, found {n}; give more"
            raise InputError(message)
        a, b = (x * x).sum(axis=1), (y * y).sum(axis=1)
        return biased - n / (n - 2) * (a @ b) + a.sum() * b.sum() / ((n - 1) * (n - 2))
