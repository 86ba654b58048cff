"""Rotation: how nearly a population's flow is a rotation."""

from __future__ import annotations

import numpy as np

from neurocompare.metrics.trajectories import Trajectories


def rotation_share(trajectories: Trajectories) -> float:
    r"""Share of the linearly explained velocity that rotations alone explain, 0 to 1.

    With states X and velocities V (samples by components), let :math:`R^2_M = 1 - |V - X M|^2 / |V|^2`. The result is

    .. math:: R^2_{skew} / R^2_{full}

    where M is the best skew-symmetric matrix and the best matrix of any kind, as in jPCA [1]_. The best skew-symmetric
    matrix solves :math:`S M + M S = X^T V - V^T X` with :math:`S = X^T X`.

    Parameters
    ----------
    trajectories : Trajectories
        Usually without the mean over conditions.

    References
    ----------
    .. [1] Churchland, Cunningham, Kaufman, Foster, Nuyujukian, Ryu & Shenoy (2012). Neural population dynamics during
       reaching. Nature 487.

    Examples
    --------
    >>> from neurocompare.metrics.trajectories import trajectories_of
    >>> times, phase = np.arange(0, 1, 0.01), np.arange(3)[:, None]
    >>> circles = np.stack([np.cos(3 * times + phase), np.sin(3 * times + phase)], axis=-1)
    >>> round(rotation_share(trajectories_of(circles, times, dimensions=2)), 3)
    1.0
    """
    states, velocities = trajectories.states_and_velocities()
    sizes, axes = np.linalg.eigh(states.T @ states)
    along = axes.T @ (states.T @ velocities) @ axes
    spanned = sizes > 1e-12 * sizes[-1]
    sizes, along = sizes[spanned], along[np.ix_(spanned, spanned)]
    outside = axes.T[spanned] @ (states.T @ velocities) @ axes[:, ~spanned]
    full = (np.sum(along**2, axis=1) + np.sum(outside**2, axis=1)) / sizes
    skew = (along - along.T) / (sizes[:, None] + sizes)
    explained = 2 * np.vdot(skew, along) - np.vdot(skew, sizes[:, None] * skew)
    total = full.sum()
    return float(explained / total) if total > 0 else 0.0
