"""Delay modes: a linear model of a population's dynamics in delay coordinates, and the distance of two such models."""

from __future__ import annotations

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics.trajectories import Trajectories
from neurocompare.streams import Purpose, stream

STARTS = 12
"""Random rotations that the search for the best one starts from, beside the frames of both matrices."""


def delay_operator(trajectories: Trajectories, *, delays: int, rank: int) -> np.ndarray:
    r"""Fit the linear map that takes delay coordinates one step on.

    Each sample is stacked with those 1, ..., `delays` - 1 steps before it; the stacks of all conditions and segments,
    :math:`H = U S V^T`, are reduced to their first `rank` left vectors, whitened; the map A minimises the squared
    error from each such sample to the next within its condition and segment [1]_.

    Parameters
    ----------
    trajectories : Trajectories
    delays, rank : int

    Returns
    -------
    array, shape (rank, rank)
        In the whitened delay coordinates; without unit.

    Raises
    ------
    InputError
        If there are too few samples, or stacks that span fewer dimensions than `rank`.

    References
    ----------
    .. [1] Brunton, Brunton, Proctor, Kaiser & Kutz (2017). Chaos as an intermittently forced linear system. Nature
       Communications 8.

    Examples
    --------
    >>> from neurocompare.metrics.trajectories import trajectories_of
    >>> times, phase = np.arange(0, 2, 0.1), np.arange(3)[:, None]
    >>> wave = np.stack([np.cos(3 * times + phase), np.sin(3 * times + phase)], axis=-1)
    >>> operator = delay_operator(trajectories_of(wave, times, dimensions=2), delays=3, rank=2)
    >>> np.angle(np.linalg.eigvals(operator)).round(2).tolist()
    [0.3, -0.3]
    """
    stacks = [_stacked(segment, delays) for segment in trajectories.segments if segment.shape[1] > delays]
    pairs = sum(stack.shape[0] * (stack.shape[1] - 1) for stack in stacks)
    if pairs < 2 * rank:
        raise InputError(
            f"expected at least {2 * rank} steps of {delays} delays for {rank} modes, found {pairs}; "
            "give more conditions or times, or fewer delays or modes"
        )
    samples = np.concatenate([stack.reshape(-1, stack.shape[-1]) for stack in stacks])
    _, sizes, axes = np.linalg.svd(samples, full_matrices=False)
    spanned = int((sizes > 1e-9 * sizes[0]).sum())
    if spanned < rank:
        message = f"expected delay coordinates that span {rank} dimensions, found {spanned}; ask for fewer modes"
        raise InputError(message)
    whitening = axes[:rank].T / sizes[:rank]
    before, after = (
        np.concatenate([(stack[:, part] @ whitening).reshape(-1, rank) for stack in stacks])
        for part in (slice(None, -1), slice(1, None))
    )
    return np.linalg.lstsq(before, after, rcond=None)[0].T


def operator_cosine(a: np.ndarray, b: np.ndarray, *, starts: int = STARTS, steps: int = 500) -> float:
    r"""Cosine of the angle between two operators, once one is seen from the best rotated axes.

    .. math:: \max_{C^T C = 1} f(C), \qquad f(C) = \frac{\langle A, C B C^T \rangle}{|A| |B|}

    the Procrustes comparison over vector fields [1]_. f is climbed along the orthogonal matrices: its gradient there is
    :math:`C \, \mathrm{skew}(C^T (A C B^T + A^T C B))`; steps have Barzilai and Borwein's length [2]_ and end on the
    nearest orthogonal matrix. f has local maxima, so all starts climb at once and the highest end counts.

    Parameters
    ----------
    a, b : array, shape (mode, mode)
    starts : int
        Random orthogonal matrices, the same at every call, beside those that pair the matrices' own axes.
    steps : int
        At most so many from each start.

    References
    ----------
    .. [1] Ostrow, Eisen, Kozachkov & Fiete (2023). Beyond geometry: comparing the temporal structure of computation in
       neural circuits with dynamical similarity analysis. NeurIPS 36.
    .. [2] Wen & Yin (2013). A feasible method for optimization with orthogonality constraints. Mathematical
       Programming 142.

    Examples
    --------
    >>> turn = np.array([[0.9, -0.3], [0.3, 0.9]])
    >>> round(operator_cosine(turn, turn.T), 6)
    1.0
    """
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    frames = _frames(a, b, starts)
    value, slope = _value_and_slope(a, b, frames)
    recent, best = [value], value
    # No eigenvalue of C -> A C B' + A' C B is larger in size than twice the product of the two norms.
    length = np.full(len(frames), 1 / (4 * np.linalg.norm(a, 2) * np.linalg.norm(b, 2)))
    for step in range(steps):
        if np.abs(slope).max() < 1e-8:
            break
        tried = _nearest_orthogonal(frames + length[:, None, None] * slope)
        value, next_slope = _value_and_slope(a, b, tried)
        # Such steps may lose a little now and then; those that fall below the last five values are not taken.
        lost = value < np.min(recent[-5:], axis=0) - 1e-14
        moved, bent = tried - frames, slope - next_slope
        together = np.abs((moved * bent).sum(axis=(1, 2)))
        pairs = ((moved**2).sum(axis=(1, 2)), together) if step % 2 else (together, (bent**2).sum(axis=(1, 2)))
        length = np.where(lost, length / 4, np.clip(pairs[0] / np.maximum(pairs[1], 1e-300), 1e-3, 1e3))
        frames = np.where(lost[:, None, None], frames, tried)
        slope = np.where(lost[:, None, None], slope, next_slope)
        recent.append(np.where(lost, recent[-1], value))
        best = np.maximum(best, value)
    return float(min(best.max(), 1.0))


def _value_and_slope(a: np.ndarray, b: np.ndarray, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Value of each frame, shape (frame,), and its gradient along the orthogonal matrices."""
    forward = a @ frames @ b.T
    turned = frames.transpose(0, 2, 1) @ (forward + a.T @ frames @ b)
    return (frames * forward).sum(axis=(1, 2)), frames @ (turned - turned.transpose(0, 2, 1)) / 2


def _nearest_orthogonal(matrices: np.ndarray) -> np.ndarray:
    left, _, right = np.linalg.svd(matrices)
    return left @ right


def _stacked(segment: np.ndarray, delays: int) -> np.ndarray:
    """Stack samples with those before them, shape (condition, time - delays + 1, delays * component)."""
    windows = np.lib.stride_tricks.sliding_window_view(segment, delays, axis=1)
    return windows.reshape(*windows.shape[:2], -1)


def _frames(a: np.ndarray, b: np.ndarray, starts: int) -> np.ndarray:
    """Orthogonal matrices to start from."""
    size = len(a)
    random = np.linalg.qr(stream(Purpose.ROTATION_STARTS).normal(size=(starts, size, size)))[0]
    own = []
    for part in (lambda m: m + m.T, lambda m: m @ m.T, lambda m: m.T @ m):
        first, second = (np.linalg.eigh(part(m))[1] for m in (a, b))
        own.append(first @ second.T)
    return np.concatenate([np.eye(size)[None], np.stack(own), random])
