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

Estimator = Literal["unbiased", "biased", "lange", "conditions"]


@dataclass(frozen=True, eq=False)
class CentredSamples:
    """A population, centred, with its dependence on itself.

    Attributes
    ----------
    axes : Axes
    blocks : array, shape (block, sample, unit)
        Blocks are what counts as independent: samples, or conditions of so many times.
    own : float
        Its Hilbert-Schmidt independence criterion with itself, the normaliser.
    """

    axes: Axes
    blocks: np.ndarray
    own: float


@dataclass(frozen=True)
class CKA:
    r"""Linear centred kernel alignment over (condition, time) samples.

    With the Gram matrices :math:`K = X X^T` and :math:`L = Y Y^T` of centred populations (samples by units) [1]_,

    .. math:: s = \frac{h(K, L)}{\sqrt{h(K, K) h(L, L)}}

    where h estimates the Hilbert-Schmidt independence criterion. Cut X and Y into n blocks :math:`X_i, Y_i`, single
    samples or whole conditions, and let :math:`a_i = |X_i^T Y_i|^2`, what block i has of it with itself:

    ================ ======= =================================================================================
    ``"biased"``     samples :math:`|X^T Y|^2 = \langle K, L \rangle` [1]_; a sample's likeness to itself keeps it
                             above zero
    ``"lange"``      samples :math:`|X^T Y|^2 - \sum_i a_i`: zero the diagonals after centring [3]_
    ``"unbiased"``   samples :math:`|X^T Y|^2 - \frac{n}{n-2} \sum_i a_i +
                             \frac{1}{(n-1)(n-2)} \langle \sum_i X_i X_i^T, \sum_i Y_i Y_i^T \rangle` [2]_
    ``"conditions"`` conditions the same sum, with X and Y centred over conditions at each time
    ================ ======= =================================================================================

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
        if self.estimator not in get_args(Estimator):
            message = f"expected an estimator among {', '.join(get_args(Estimator))}, found {self.estimator!r}"
            raise InputError(message)

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
            blocks = values - values.mean(axis=0)
            _check_varies(blocks)
        else:
            axes = axes_of(responses)
            samples = values.reshape(-1, 1, axes.units)
            blocks = samples - samples.mean(axis=0)
        return CentredSamples(axes=axes, blocks=blocks, own=self._own(blocks))

    def compare(self, x: CentredSamples, y: CentredSamples) -> float:
        """Score two prepared populations; `score` does both steps."""
        check_matched(x.axes, y.axes)
        return float(self._criterion(x.blocks, y.blocks) / np.sqrt(x.own * y.own))

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
            message = "expected responses with conditions for cka-conditions, found matrices; use score"
            raise InputError(message)
        x, y = (side[:, None] for side in centred_pair(x, y))
        return float(self._criterion(x, y) / np.sqrt(self._own(x) * self._own(y)))

    def _own(self, blocks: np.ndarray) -> float:
        own = self._criterion(blocks, blocks)
        if not own > 0:
            message = (
                f"expected activity whose samples resemble each other beyond chance for {self.name}, found a "
                f"dependence on itself of {own:.2g}; give more samples or less noise"
            )
            raise InputError(message)
        return own

    def _criterion(self, x: np.ndarray, y: np.ndarray) -> float:
        """Dependence of two centred populations (block, sample, unit) up to a factor the ratio cancels."""
        n, times = x.shape[:2]
        together = x.reshape(n * times, -1).T @ y.reshape(n * times, -1)
        biased = np.vdot(together, together)
        if self.estimator == "biased":
            return biased
        if n < 4:
            what = "conditions" if self.estimator == "conditions" else "samples (conditions x times)"
            message = f"expected at least 4 {what} for {self.name} without its diagonal, found {n}; give more"
            raise InputError(message)
        if times == 1:
            a, b = (x * x).sum(axis=(1, 2)), (y * y).sum(axis=(1, 2))
            within, between = a @ b, a.sum() * b.sum()
        else:
            own = x.transpose(0, 2, 1) @ y
            within, between = np.vdot(own, own), np.vdot(_summed_gram(x), _summed_gram(y))
        if self.estimator == "lange":
            return biased - within
        return biased - n / (n - 2) * within + between / ((n - 1) * (n - 2))


def _summed_gram(blocks: np.ndarray) -> np.ndarray:
    """Sum over blocks of each block's Gram matrix over its samples."""
    flat = blocks.transpose(1, 0, 2).reshape(blocks.shape[1], -1)
    return flat @ flat.T


def _check_varies(blocks: np.ndarray) -> None:
    if not np.ptp(blocks, axis=0).any():
        message = "expected activity that differs between conditions, found the same in all of them"
        raise InputError(message)
