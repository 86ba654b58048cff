r"""Scores straight from kernels: how similar two populations are where all that is known of them is C.

A metric that rotations of the units cannot change sees a population only through its kernel over samples
K = <phi phi^T>, the mean over units. An infinite network has such a kernel, so it has such scores, without any network.

A kernel is held as a root R over (condition, time, component), K = R R^T. A finite population over the square root of
its number of units is one (`population_root`); any other root serves as well, such as the one of `root_of`. What a
recording does in time, and centring, act on the samples, and so on the root: K -> T K T^T is R -> T R. The nuclear norm
of the best rotation is the Bures form [1]_, in roots

.. math:: tr\big( (K^{1/2} L K^{1/2})^{1/2} \big) = | R_K^T R_L |_*.

What treats single units apart is no function of C: soft normalisation, a shift and scale of each unit, rectification.
For that, units are to be drawn (`UnitLaw.draw`).

A recording has few units and noisy trials, which an infinite network has not. `cka_of_signal` takes both out, exactly.
`procrustes` and `cca` of a finite population are biased downwards; compare them with as many drawn units.

References
----------
.. [1] Harvey, Larsen & Williams (2024). Duality of Bures and shape distances with implications for comparing neural
   representations. Proceedings of Machine Learning Research 243.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from neurocompare.errors import InputError, check_among

Centring = Literal["unit", "condition-mean"]
"""Remove each unit's mean over samples, or its mean over conditions at each time."""

NEGLIGIBLE = 1e-12
"""Eigenvalues below this share of the largest are rounding."""


def kernel_of(root: np.ndarray) -> np.ndarray:
    """Return K = R R^T, shape (condition, time, condition, time), of a root (condition, time, component).

    Parameters
    ----------
    root : array, shape (condition, time, component)

    Returns
    -------
    array, shape (condition, time, condition, time)

    Examples
    --------
    >>> kernel_of(np.ones((2, 3, 4))).shape
    (2, 3, 2, 3)
    """
    return np.einsum("ctk,dsk->ctds", root, root, optimize=True)


def population_root(values: np.ndarray) -> np.ndarray:
    """Return the root of a finite population's kernel: its activity (condition, time, unit) over sqrt(units).

    Parameters
    ----------
    values : array, shape (condition, time, unit)
        Rates.

    Returns
    -------
    array, shape (condition, time, unit)
        float64.

    Examples
    --------
    >>> float(kernel_of(population_root(np.ones((1, 1, 4)))).squeeze())
    1.0
    """
    return np.asarray(values, dtype=np.float64) / np.sqrt(np.shape(values)[-1])


def root_of(kernel: np.ndarray) -> np.ndarray:
    """Return a root of a kernel, along its eigenvectors, largest first.

    Parameters
    ----------
    kernel : array, shape (condition, time, condition, time)

    Returns
    -------
    array, shape (condition, time, component)
        As many components as the kernel has rank.

    Raises
    ------
    InputError
        If it is not a kernel over conditions and times, or has an eigenvalue below zero.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=(2, 4, 3))
    >>> kernel = kernel_of(population_root(values))
    >>> root = root_of(kernel)
    >>> root.shape, bool(np.allclose(kernel_of(root), kernel))
    ((2, 4, 3), True)
    """
    kernel = np.asarray(kernel, dtype=np.float64)
    if kernel.ndim != 4 or kernel.shape[:2] != kernel.shape[2:] or not np.isfinite(kernel).all():
        message = f"expected a finite kernel over (condition, time, condition, time), found shape {kernel.shape}"
        raise InputError(message)
    conditions, times = kernel.shape[:2]
    flat = kernel.reshape(conditions * times, -1)
    sizes, vectors = np.linalg.eigh((flat + flat.T) / 2)
    if sizes[0] < -1e-6 * max(sizes[-1], 0.0) or sizes[-1] <= 0:
        message = f"expected a kernel without eigenvalues below zero, found {sizes[0]:.2g} (largest {sizes[-1]:.2g})"
        raise InputError(message)
    kept = sizes > NEGLIGIBLE * sizes[-1]
    return (vectors[:, kept] * np.sqrt(sizes[kept]))[:, ::-1].reshape(conditions, times, -1)


def time_map(times: np.ndarray, wanted: np.ndarray, smoothing: np.ndarray | None = None) -> np.ndarray:
    """Return what interpolates linearly in time, then smooths, as one matrix.

    Parameters
    ----------
    times : array, shape (time,)
        Of the network, in s.
    wanted : array, shape (bin,)
        Of the recording; beyond the network's times the end value is held.
    smoothing : array, shape (bin, bin), optional

    Returns
    -------
    array, shape (bin, time)
        Rows sum to one if those of `smoothing` do.

    Examples
    --------
    >>> time_map([0.0, 1.0, 2.0], [0.5, 2.0]).tolist()
    [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    """
    interpolation = np.stack([np.interp(wanted, times, each) for each in np.eye(len(times))], axis=1)
    return interpolation if smoothing is None else smoothing @ interpolation


def centred(root: np.ndarray, centring: Centring = "unit") -> np.ndarray:
    r"""Centre every unit of the population behind a root: K -> H K H.

    ``"unit"``: H = 1 - 1 1^T / M over all M samples. ``"condition-mean"``: the mean over conditions at each time.

    Raises
    ------
    InputError
        If `centring` is neither of the two.

    Examples
    --------
    >>> centred(np.array([[[1.0]], [[3.0]]])).ravel().tolist()
    [-1.0, 1.0]
    """
    check_among("a centring", centring, get_args(Centring))
    return root - root.mean(axis=(0, 1) if centring == "unit" else 0, keepdims=True)


def cka(x: np.ndarray, y: np.ndarray, *, unbiased: bool = True) -> float:
    r"""Linear CKA of two kernels, each a root over the same samples, centred here.

    :math:`h(K, L) / \sqrt{h(K, K) h(L, L)}` with :math:`h = \langle K, L \rangle`, or its estimate that is unbiased
    over samples as in `neurocompare.metrics.CKA`: finite samples, not finite units.

    Parameters
    ----------
    x, y : array, shape (condition, time, component)
        Roots, see `root_of` and `population_root`.
    unbiased : bool
        Whether to estimate without bias over samples.

    Returns
    -------
    float
        1 for kernels that are alike but for scale.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(4, 5, 3))
    >>> round(cka(x, 2 * x[..., ::-1]), 6)
    1.0
    """
    x, y = _samples(x), _samples(y)
    return float(_dependence(x, y, unbiased) / np.sqrt(_dependence(x, x, unbiased) * _dependence(y, y, unbiased)))


def procrustes(x: np.ndarray, y: np.ndarray) -> float:
    r"""Cosine of the angular Procrustes distance of two kernels given by roots, centred here.

    :math:`|R_K^T R_L|_* / \sqrt{tr K\, tr L}`, the Bures form above: in sample and in all dimensions.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(4, 5, 3))
    >>> round(procrustes(x, x @ np.linalg.qr(x[0, :3])[0]), 6)
    1.0
    """
    x, y = _samples(x), _samples(y)
    return float(np.linalg.svd(x.T @ y, compute_uv=False).sum() / (np.linalg.norm(x) * np.linalg.norm(y)))


def cca(x: np.ndarray, y: np.ndarray, *, dimensions: int = 10) -> float:
    """Mean canonical correlation between the leading eigenvectors of two kernels given by roots, centred here.

    In sample: what principal components of each population, cut at `dimensions`, give.

    Raises
    ------
    InputError
        If a kernel spans fewer dimensions.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(4, 5, 3))
    >>> round(cca(x, x * [1.0, 2.0, 3.0], dimensions=3), 6)
    1.0
    """
    bases = [leading_vectors(root, dimensions) for root in (x, y)]
    if (spanned := min(basis.shape[1] for basis in bases)) < dimensions:
        raise InputError(
            f"expected kernels that span {dimensions} dimensions, found {spanned}; ask for fewer dimensions"
        )
    return canonical(*bases)


def leading_vectors(root: np.ndarray, most: int) -> np.ndarray:
    """Return the leading eigenvectors of a kernel given by its root, centred here, shape (sample, dimension).

    Fewer than `most` where it spans no more dimensions beyond rounding.

    Examples
    --------
    >>> root = np.array([[[1.0, 0.0], [-1.0, 0.0]], [[0.0, 2.0], [0.0, -2.0]]])
    >>> np.abs(leading_vectors(root, 1)).round(2).ravel().tolist()
    [0.0, 0.0, 0.71, 0.71]
    >>> leading_vectors(root, 10).shape
    (4, 2)
    """
    basis, sizes, _ = np.linalg.svd(_samples(root), full_matrices=False)
    return basis[:, : min(most, _spanned(sizes))]


def canonical(x: np.ndarray, y: np.ndarray) -> float:
    """Return the mean canonical correlation of two spaces given by orthonormal columns, shape (sample, dimension).

    Examples
    --------
    >>> canonical(np.eye(4)[:, :2], np.eye(4)[:, 1:3])
    0.5
    """
    return float(np.linalg.svd(x.T @ y, compute_uv=False).mean())


@dataclass(frozen=True, eq=False)
class Signal:
    """What two halves of a recording's trials share: the kernel of its units' signal, unbiased.

    Attributes
    ----------
    first, second : array, shape (condition, time, unit)
        Averages over either half, centred, in the same units.
    square : float
        The squared Frobenius norm of the kernel of infinitely many such units, estimated without bias; it can come out
        below zero where there is hardly any signal.
    """

    first: np.ndarray
    second: np.ndarray
    square: float

    def overlap(self, root: np.ndarray) -> float:
        """Estimate the product <K, L> with another kernel, given by its centred root, without bias."""
        other = root.reshape(-1, root.shape[-1])
        sides = [side.reshape(len(other), -1).T @ other for side in (self.first, self.second)]
        return float(np.vdot(*sides)) / self.first.shape[-1]


def signal_of(first: np.ndarray, second: np.ndarray, centring: Centring = "unit") -> Signal:
    r"""Estimate the kernel of the infinite population that recorded units were sampled from.

    With a_i, b_i the averages of unit i over two disjoint halves of the trials, centred,
    :math:`\frac1n \sum_i a_i b_i^T` has the mean K, since noise in one half knows nothing of the other's. Its square
    would count each unit's likeness to itself, so the norm leaves those pairs out:

    .. math:: |K|^2 \approx \frac{1}{n (n - 1)} \sum_{i \ne j} (a_i \cdot a_j) (b_i \cdot b_j).

    Parameters
    ----------
    first, second : array, shape (condition, time, unit)
    centring : {"unit", "condition-mean"}

    Raises
    ------
    InputError
        If shapes differ or there are fewer than two units.
    """
    if first.shape != second.shape or first.ndim != 3 or first.shape[-1] < 2:
        message = f"expected two halves of one shape with at least 2 units, found {first.shape} and {second.shape}"
        raise InputError(message)
    first, second = centred(first, centring), centred(second, centring)
    grams = [side.reshape(-1, side.shape[-1]) for side in (first, second)]
    a, b = (samples.T @ samples for samples in grams)
    units = len(a)
    square = (np.vdot(a, b) - np.diagonal(a) @ np.diagonal(b)) / (units * (units - 1))
    return Signal(first, second, float(square))


def cka_of_signal(signal: Signal, root: np.ndarray, centring: Centring = "unit") -> float:
    r"""Linear CKA of the population behind a recording, as if all of it were recorded without noise, with a kernel.

    :math:`\langle K, L \rangle / (|K| |L|)` with :math:`\langle K, L \rangle` and :math:`|K|^2` each estimated without
    bias from finitely many units and trials (`signal_of`). Their ratio is right to order 1/units; with few of them it
    can pass 1.

    Parameters
    ----------
    signal : Signal
    root : array, shape (condition, time, component)
        Of the infinite population, on the recording's times.
    centring : {"unit", "condition-mean"}
        The one `signal` was made with.

    Raises
    ------
    InputError
        If the two halves have no signal in common.
    """
    if signal.square <= 0:
        raise InputError("expected two halves of the trials that have a signal in common, found none; give more trials")
    root = centred(root, centring)
    other = root.reshape(-1, root.shape[-1])
    return signal.overlap(root) / float(np.sqrt(signal.square) * np.linalg.norm(other.T @ other))


def _samples(root: np.ndarray) -> np.ndarray:
    """Flatten a root to (sample, component), each component's mean removed."""
    root = np.asarray(root, dtype=np.float64)
    flat = root.reshape(-1, root.shape[-1])
    return flat - flat.mean(axis=0)


def _spanned(sizes: np.ndarray) -> int:
    return int((sizes**2 > NEGLIGIBLE * sizes[0] ** 2).sum())


def _dependence(x: np.ndarray, y: np.ndarray, unbiased: bool) -> float:
    shared = x.T @ y
    biased = np.vdot(shared, shared)
    if not unbiased:
        return float(biased)
    n = len(x)
    if n < 4:
        raise InputError(f"expected at least 4 samples (conditions x times), found {n}; give more")
    a, b = (x * x).sum(axis=1), (y * y).sum(axis=1)
    return biased - n / (n - 2) * (a @ b) + a.sum() * b.sum() / ((n - 1) * (n - 2))
