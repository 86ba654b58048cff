"""The shared plane: recording and networks drawn on the same two axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurocompare.responses import Responses, between_samples


@dataclass(frozen=True)
class SharedPlane:
    """Trajectories of a recording and of networks mapped onto it.

    Attributes
    ----------
    data : array, shape (condition, time, 2)
        The recording on its own first two principal components.
    networks : tuple of array, shape (condition, time, 2)
        Each network in the same plane and scale.
    time : array, shape (time,)
        In s: those of the recording.
    share : float
        Of the recording's variance that the plane holds.
    fits : tuple of float
        Of the recording's variance in the components used, the share that each mapped network matches (R^2).
    components : int
        Principal components used on both sides.
    """

    data: np.ndarray
    networks: tuple[np.ndarray, ...]
    time: np.ndarray
    share: float
    fits: tuple[float, ...]
    components: int

    @property
    def limit(self) -> float:
        """Half the width of a square that holds all trajectories."""
        return 1.08 * float(max(np.abs(values).max() for values in (self.data, *self.networks)))


def shared_plane(data: Responses, networks: Sequence[Responses], *, components: int = 6) -> SharedPlane:
    r"""Map networks onto a recording's first principal components with one rotation and one scale each.

    With A the recording's and B the network's own first k component scores (samples x k), the map minimises
    :math:`\|A - s B Q\|` over orthogonal Q and s > 0: :math:`B^T A = U S V^T`, :math:`Q = U V^T`,
    :math:`s = \mathrm{tr} S / \|B\|^2` (Schoenemann 1966). Only rotation, reflection and one scale are free, but they
    are fitted to what is drawn: some likeness is by construction, and is not a score.

    Parameters
    ----------
    data : Responses
        As compared: normalised units.
    networks : sequence of Responses
        With the conditions of `data`; interpolated to its times.
    components : int
        k; at most the number of units of each population.

    Returns
    -------
    SharedPlane

    Examples
    --------
    A rotated, scaled copy falls onto the original:

    >>> from neurocompare.responses import make_responses
    >>> rng = np.random.default_rng(0)
    >>> values, (turn, _) = rng.standard_normal((3, 5, 4)), np.linalg.qr(rng.standard_normal((4, 4)))
    >>> labels = {"condition": ["a", "b", "c"], "time": np.arange(5.0)}
    >>> data, copy = make_responses(values, **labels), make_responses(3 * values @ turn, **labels)
    >>> plane = shared_plane(data, [copy], components=4)
    >>> bool(np.allclose(plane.data, plane.networks[0])), round(plane.fits[0], 6)
    (True, 1.0)
    """
    components = min([components, data.sizes["unit"], *(network.sizes["unit"] for network in networks)])
    target, variance = _scores(data, components)
    total = float((target**2).sum())
    mapped, fits = [], []
    for network in networks:
        own, _ = _scores(network.sel(condition=data["condition"].values), components, times=data["time"].values)
        left, strengths, right = np.linalg.svd(own.T @ target)
        scale = strengths.sum() / max(float((own**2).sum()), np.finfo(float).tiny)
        fitted = scale * own @ (left @ right)
        mapped.append(fitted)
        fits.append(1 - float(((target - fitted) ** 2).sum()) / total if total > 0 else 0.0)
    shape = (data.sizes["condition"], data.sizes["time"], components)
    return SharedPlane(
        data=target.reshape(shape)[..., :2],
        networks=tuple(values.reshape(shape)[..., :2] for values in mapped),
        time=data["time"].values,
        share=float(variance[:2].sum()),
        fits=tuple(fits),
        components=components,
    )


def variance_spectrum(responses: Responses) -> np.ndarray:
    """Shares of variance of the principal components over conditions and times, descending; they sum to one.

    Parameters
    ----------
    responses : Responses

    Returns
    -------
    array, shape (min(unit, condition x time),)

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.array([[[3.0, 0.0]], [[-3.0, 0.0]], [[0.0, 1.0]], [[0.0, -1.0]]])
    >>> variance_spectrum(make_responses(values, condition=list("abcd"), time=[0.0]))
    array([0.9, 0.1])
    """
    samples = responses.values.reshape(-1, responses.sizes["unit"])
    power = np.linalg.svd(samples - samples.mean(axis=0), compute_uv=False) ** 2
    return power / power.sum() if power.sum() > 0 else power


def _scores(responses: Responses, components: int, *, times: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Scores on the first principal components (sample, component), and every component's share of variance."""
    values = responses.values
    if times is not None:
        grid = responses["time"].values
        values = between_samples(values, np.interp(times, grid, np.arange(len(grid))))
    samples = values.reshape(-1, values.shape[2])
    left, strengths, _ = np.linalg.svd(samples - samples.mean(axis=0), full_matrices=False)
    kept = min(components, len(strengths))
    scores = np.zeros((len(samples), components))
    scores[:, :kept] = left[:, :kept] * strengths[:kept]
    power = strengths**2
    return scores, power / power.sum() if power.sum() > 0 else power
