"""Trajectories: a population's path in pieces without gaps in time, how nearly it rotates, and whether it tangles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError


@dataclass(frozen=True, eq=False)
class Trajectories:
    """A population in its leading principal components.

    Attributes
    ----------
    step : float
        Between neighbouring times, s.
    segments : tuple of array, each of shape (condition, time, component)
        Pieces of the time axis that are evenly sampled; centred over all of them.
    """

    step: float
    segments: tuple[np.ndarray, ...]

    def states_and_velocities(self) -> tuple[np.ndarray, np.ndarray]:
        """Midpoints of neighbouring samples and the velocity between them, (sample, component) and per s."""
        states, velocities = [], []
        for segment in self.segments:
            states.append((segment[:, 1:] + segment[:, :-1]) / 2)
            velocities.append(np.diff(segment, axis=1) / self.step)
        there, moving = (
            np.concatenate([part.reshape(-1, part.shape[-1]) for part in parts]) for parts in (states, velocities)
        )
        return there, moving


def trajectories_of(values: np.ndarray, times: np.ndarray, *, dimensions: int, least: int = 2) -> Trajectories:
    """Reduce a population to its leading principal components and cut it where time has gaps.

    Parameters
    ----------
    values : array, shape (condition, time, unit)
    times : array, shape (time,)
        In s. A gap is a step longer than one and a half times the shortest.
    dimensions : int
        Components kept; all units where there are fewer.
    least : int
        Times that a piece must have; shorter pieces are dropped.

    Returns
    -------
    Trajectories

    Raises
    ------
    InputError
        If no piece is long enough, nothing changes in time, or there are fewer than twice as many samples as
        dimensions.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=(4, 7, 3))
    >>> times = np.array([0.0, 0.1, 0.2, 0.5, 0.6, 0.7, 0.8])
    >>> [piece.shape for piece in trajectories_of(values, times, dimensions=2).segments]
    [(4, 3, 2), (4, 4, 2)]
    """
    steps = np.diff(times)
    step = steps.min() if len(steps) else np.inf
    pieces = np.split(np.arange(len(times)), np.flatnonzero(steps > 1.5 * step) + 1)
    kept = [piece for piece in pieces if len(piece) >= least]
    if not kept:
        longest = max(len(piece) for piece in pieces)
        raise InputError(f"expected at least {least} times without a gap, found {longest}; give more times")
    values = values[:, np.concatenate(kept)]
    values = values - values.mean(axis=(0, 1))
    if not np.ptp(values, axis=1).any():
        message = "expected activity that changes in time for its flow, found none that does; check the responses"
        raise InputError(message)
    samples = values.reshape(-1, values.shape[2])
    dimensions = min(dimensions, values.shape[2])
    if len(samples) < 2 * dimensions:
        raise InputError(
            f"expected at least {2 * dimensions} samples (conditions x times) for {dimensions} dimensions, "
            f"found {len(samples)}; give more conditions or times, or fewer dimensions"
        )
    _, vectors = np.linalg.eigh(samples.T @ samples)
    scores = values @ vectors[:, ::-1][:, :dimensions]
    ends = np.cumsum([len(piece) for piece in kept])[:-1]
    return Trajectories(float(step), tuple(np.split(scores, ends, axis=1)))


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
