"""Matrices: the door of the in-sample comparisons, samples by units."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from neurocompare.errors import InputError


def centred_pair(x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return two matrices with each column's mean removed.

    Parameters
    ----------
    x : array_like, shape (sample, unit)
    y : array_like, shape (sample, unit)
        As many samples; the number of units may differ.

    Raises
    ------
    InputError
        If they are not finite matrices with equally many samples, or one does not vary.

    Examples
    --------
    >>> centred_pair([[1.0], [3.0]], [[0.0], [4.0]])[1].tolist()
    [[-2.0], [2.0]]
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        message = f"expected two matrices (samples x units) with equally many samples, found {x.shape} and {y.shape}"
        raise InputError(message)
    for matrix in (x, y):
        if not np.isfinite(matrix).all():
            raise InputError(f"expected finite values, found {int((~np.isfinite(matrix)).sum())} that are not")
        if matrix.size == 0 or not np.ptp(matrix, axis=0).any():
            raise InputError("expected columns that vary over samples, found none that does")
    return x - x.mean(axis=0), y - y.mean(axis=0)


def singular(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal basis of what the columns span, and the singular values; columns that repeat others add nothing."""
    basis, sizes, _ = np.linalg.svd(matrix, full_matrices=False)
    spanned = sizes > 1e-10 * sizes[0]
    return basis[:, spanned], sizes[spanned]


def check_outnumber(samples: int, dimensions: int) -> None:
    """Refuse to whiten where samples do not outnumber dimensions: any two populations would be alike.

    Raises
    ------
    InputError
    """
    if samples - 1 <= dimensions:
        raise InputError(
            f"expected more than {dimensions + 1} samples for {dimensions} dimensions, found {samples}; "
            "give more samples or fewer dimensions"
        )
