r"""The free energy along gamma: what the targets' part has done on the way.

At the mean-field solution F is stationary in the law, so along a branch of solutions it changes by the targets alone,

.. math:: \frac{dF}{d(\gamma^2)} = \frac{E}{\gamma^2} = \tfrac12 \sum_o y_o^{*T} (C + 1/b)^{-1} y^*_o,

from F = 0 at gamma = 0. No law needs to be normalised for it.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial.legendre import leggauss

NODES = 12
"""Of the quadrature between two gammas."""


def free_energies(gammas: np.ndarray, slopes: np.ndarray, at_zero: float) -> np.ndarray:
    """Integrate dF / d(gamma^2).

    Between gammas the logarithm of the slope is a monotone cubic in that of gamma; below the first it is a straight
    line in gamma^2.

    Parameters
    ----------
    gammas : array, shape (gamma,)
        Ascending, above 0.
    slopes : array, shape (gamma,)
        dF / d(gamma^2) there, above 0.
    at_zero : float
        The same at gamma = 0.

    Returns
    -------
    array, shape (gamma,)
        F, in nats a unit.

    Examples
    --------
    >>> gammas = np.geomspace(0.02, 2, 20)
    >>> found = free_energies(gammas, 1 / (1 + gammas**2), 1.0)
    >>> bool(np.allclose(found, np.log(1 + gammas**2), rtol=2e-3))
    True
    """
    from scipy.interpolate import PchipInterpolator

    squares = np.asarray(gammas) ** 2
    pieces = np.zeros(len(squares))
    pieces[0] = 0.5 * (at_zero + slopes[0]) * squares[0]
    if len(squares) > 1:
        logs = np.log(squares)
        curve = PchipInterpolator(logs, np.log(slopes))
        nodes, weights = leggauss(NODES)
        half = 0.5 * np.diff(logs)
        at = 0.5 * (logs[1:] + logs[:-1])[:, None] + half[:, None] * nodes
        pieces[1:] = half * (np.exp(curve(at) + at) @ weights)
    return np.cumsum(pieces)
