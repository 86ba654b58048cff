"""CKA: whether two populations find the same pairs of samples alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from neurocompare.errors import InputError, check_among
from neurocompare.metrics.matched import Axes, axes_of, check_matched
from neurocompare.metrics.matrices import centred_pair
from neurocompare.responses import Responses

Estimator = Literal["unbiased", "biased", "lange", "conditions"]


@dataclass(frozen=True, eq=False)
class CentredSamples:
    """A population, centred, with its dependence on itself.

    Attributes
    ----------
    axes : Axes
    centred : array, shape (sample, unit), or (condition, time, condition, time)
        Samples; for the estimate over conditions their Gram matrix.
    own : float
        Its Hilbert-Schmidt independence criterion with itself, the normaliser.
    """

    axes: Axes
    centred: np.ndarray
    own: float


@dataclass(frozen=True)
class CKA:
    r"""Linear centred kernel alignment over (condition, time) samples.

    With the Gram matrices :math:`K = X X^T` and :math:`L = Y Y^T` of centred populations (samples by units) [1]_,

    .. math:: s = \frac{h(K, L)}{\sqrt{h(K, K) h(L, L)}}

    where h estimates the Hilbert-Schmidt independence criterion. With :math:`a = \sum_i K_{ii} L_{ii}` and n samples:

    ================ ==========================================================================================
    ``"biased"``     :math:`\langle K, L \rangle` [1]_; a sample's likeness to itself keeps it above zero
    ``"lange"``      :math:`\langle K, L \rangle - a`: the diagonals zeroed after centring [3]_
    ``"unbiased"``   :math:`\langle K, L \rangle - \frac{n}{n-2} a + \frac{1}{(n-1)(n-2)} tr K\, tr L` [2]_
    ``"conditions"`` the unbiased estimate with whole conditions for samples: for blocks :math:`K_{cd} = X_c X_d^T`
                     of time by time, the mean over different conditions c, d, e, f of
                     :math:`\langle K_{cd}, L_{cd} \rangle + \langle K_{cd}, L_{ef} \rangle -
                     2 \langle K_{cd}, L_{ce} \rangle`
    ================ ==========================================================================================

    Nothing is fitted, so nothing is held out. Unbiased means: zero on average for blocks that are independent.
    Neighbouring times are not: two unrelated populations equally smooth agree that neighbours are alike, and the
    unbiased estimate over samples scores well above zero (0.4 to 0.7 at 8 conditions of 36 bins, smoothed with 2 to 5
    bins). Removing the mean over conditions adds a little (0.03 at 8 conditions), as it ties samples of one time
    together. Read it beside a null that keeps both, or use ``"conditions"``: it leaves out every pair of samples of one
    condition, is zero on average for unrelated populations however smooth, and sees only what sets conditions apart.
    It is noisier, for there are fewer conditions than samples.

    Parameters
    ----------
    estimator : {"unbiased", "biased", "lange", "conditions"}

    Raises
    ------
    InputError
        If `estimator` is unknown.

    References
    ----------
    .. [1] Kornblith, Norouzi, Lee & Hinton (2019). Similarity of neural network representations revisited. ICML 36.
    .. [2] Song, Smola, Gretton, Bedo & Borgwardt (2012). Feature selection via dependence maximization. Journal of
       Machine Learning Research 13.
    .. [3] Lange, Kwok, Matelsky, Wang, Rolnick & Kording (2023). Deep networks as paths on the manifold of neural
       representations. ICML workshop on topology, algebra and geometry, PMLR 221.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.random.default_rng(0).normal(size=(4, 10, 6))
    >>> x = make_responses(values, condition=range(4), time=np.arange(10.0))
    >>> round(CKA().score(x, x.copy(data=3 * values[:, :, ::-1])), 6)
    1.0
    """

    estimator: Estimator = "unbiased"

    direction: ClassVar[str] = "higher is more similar"
    invariances: ClassVar[frozenset[str]] = frozenset({"translation", "rotation", "scale", "permutation"})
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_among("an estimator", self.estimator, get_args(Estimator))

    @property
    def name(self) -> str:
        """``cka``, and the estimator where it is not the unbiased one."""
        return "cka" if self.estimator == "unbiased" else f"cka-{self.estimator}"

    @property
    def range(self) -> tuple[float, float]:
        """From 0 where the diagonals are in, from -1 where they are out."""
        return (0.0 if self.estimator == "biased" else -1.0, 1.0)

    @property
    def needs(self) -> str:
        """The least it can work with."""
        least = {"biased": "2 conditions", "conditions": "4 conditions"}
        return f"{least.get(self.estimator, '2 conditions; 4 samples (conditions x times)')}; equal unit counts"

    @property
    def citation(self) -> str:
        """Whom to cite."""
        estimators = {
            "unbiased": "; unbiased: Song, Smola, Gretton, Bedo & Borgwardt (2012), JMLR 13",
            "conditions": "; unbiased: Song, Smola, Gretton, Bedo & Borgwardt (2012), JMLR 13, over conditions",
            "lange": "; diagonal: Lange, Kwok, Matelsky, Wang, Rolnick & Kording (2023), PMLR 221",
        }
        return f"Kornblith, Norouzi, Lee & Hinton (2019), ICML 36{estimators.get(self.estimator, '')}"

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

    def fit(self, x: Responses, y: Responses) -> CKA:
        """Return itself: there is nothing to fit."""
        return self

    def prepare(self, responses: Responses) -> CentredSamples:
        """Do once what depends on one population only."""
        values = responses.values
        if self.estimator == "conditions":
            axes = axes_of(responses, conditions=4)
            centred = _gram_over_conditions(values)
        else:
            axes = axes_of(responses)
            samples = values.reshape(-1, axes.units)
            centred = samples - samples.mean(axis=0)
        return CentredSamples(axes=axes, centred=centred, own=self._own(centred))

    def compare(self, x: CentredSamples, y: CentredSamples) -> float:
        """Score two prepared populations; `score` does both steps."""
        check_matched(x.axes, y.axes)
        return float(self._criterion(x.centred, y.centred) / np.sqrt(x.own * y.own))

    def raw(self, x: ArrayLike, y: ArrayLike) -> float:
        """CKA of two matrices (samples x units); widths may differ.

        Raises
        ------
        InputError
            If they cannot be compared, there are fewer than 4 samples for an estimator without diagonals, or the
            estimator needs conditions, which matrices do not have.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(9, 4))
        >>> bool(np.isclose(CKA().raw(x, 2 - 5 * x), 1))
        True
        """
        if self.estimator == "conditions":
            raise InputError("expected responses with conditions for cka-conditions, found matrices; use score")
        x, y = centred_pair(x, y)
        return float(self._criterion(x, y) / np.sqrt(self._own(x) * self._own(y)))

    def _own(self, centred: np.ndarray) -> float:
        own = self._criterion(centred, centred)
        if not own > 1e-14 * np.vdot(centred, centred):
            raise InputError(
                f"expected activity whose samples resemble each other beyond chance for {self.name}, found a "
                f"dependence on itself of {own:.2g}; give more samples or less noise"
            )
        return own

    def _criterion(self, x: np.ndarray, y: np.ndarray) -> float:
        """Dependence of two populations up to a factor the ratio cancels."""
        if self.estimator == "conditions":
            return _over_conditions(x, y)
        together = x.T @ y
        biased = np.vdot(together, together)
        if self.estimator == "biased":
            return float(biased)
        n = len(x)
        if n < 4:
            raise InputError(f"expected at least 4 samples (conditions x times) for {self.name}, found {n}; give more")
        a, b = (x * x).sum(axis=1), (y * y).sum(axis=1)
        if self.estimator == "lange":
            return biased - a @ b
        return biased - n / (n - 2) * (a @ b) + a.sum() * b.sum() / ((n - 1) * (n - 2))


def _gram_over_conditions(values: np.ndarray) -> np.ndarray:
    """Products of all samples, centred over conditions at each time: shape (condition, time, condition, time)."""
    centred = values - values.mean(axis=0)
    if not np.ptp(centred, axis=0).any():
        raise InputError("expected activity that differs between conditions, found the same in all of them")
    conditions, times, units = values.shape
    samples = centred.reshape(-1, units)
    return (samples @ samples.T).reshape(conditions, times, conditions, times)


def _over_conditions(k: np.ndarray, m: np.ndarray) -> float:
    """Unbiased dependence, up to a factor, of two populations given by their Gram matrices centred over conditions.

    Rows of blocks then sum to zero, so that sums over different conditions come down to what blocks on the diagonal
    have in common (`within`), their sums (`summed`), and the products of blocks with their counterparts (`pairs`,
    and `crossed` with the other population's conditions exchanged).
    """
    n = len(k)
    own_k, own_m = (np.einsum("ctcs->cts", gram) for gram in (k, m))
    within, summed = np.vdot(own_k, own_m), np.vdot(own_k.sum(axis=0), own_m.sum(axis=0))
    pairs = np.vdot(k, m) - within
    crossed = np.vdot(k, m.transpose(2, 1, 0, 3)) - within
    triples = within - pairs
    quadruples = summed - 4 * within + pairs + crossed
    return float(pairs + quadruples / ((n - 2) * (n - 3)) - 2 * triples / (n - 2))
