"""Tangling: whether a population passes close to the same state with different velocities."""

from __future__ import annotations

import numpy as np

from neurocompare.metrics.trajectories import Trajectories


def tangling(trajectories: Trajectories) -> np.ndarray:
    r"""Tangling of every sample, in 1/s^2: high where a smooth autonomous flow could not have made the trajectories.

    .. math:: Q_t = \max_{t'} \frac{|\dot x_t - \dot x_{t'}|^2}{|x_t - x_{t'}|^2 + \epsilon}

    over all samples t' of all conditions, with :math:`\epsilon` a tenth of the mean squared distance from the
    mean [1]_.

    Returns
    -------
    array, shape (sample,)

    References
    ----------
    .. [1] Russo, Bittner, Perkins, Seely, London, Lara, ... & Churchland (2018). Motor cortex embeds muscle-like
       commands in an untangled population response. Neuron 97.

    Examples
    --------
    >>> from neurocompare.metrics.trajectories import trajectories_of
    >>> times = np.linspace(0, 2 * np.pi, 201)
    >>> circle, eight = (np.stack([np.cos(times), np.sin(k * times)], axis=-1)[None] for k in (1, 2))
    >>> [round(float(tangling(trajectories_of(path, times, dimensions=2)).max()), 1) for path in (circle, eight)]
    [1.0, 39.6]
    """
    states, velocities = trajectories.states_and_velocities()
    centred = states - states.mean(axis=0)
    softening = 0.1 * (centred**2).sum(axis=1).mean()
    return (_squared_distances(velocities) / (_squared_distances(states) + softening)).max(axis=1)


def _squared_distances(points: np.ndarray) -> np.ndarray:
    squares = (points**2).sum(axis=1)
    return np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0.0)
