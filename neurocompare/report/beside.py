"""Beside the data: what populations do next to what was recorded, drawn for any result and put on its page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from neurocompare.errors import InputError
from neurocompare.ranking.observe import soft_normalise
from neurocompare.report import figures
from neurocompare.report.figures.style import Given, panels
from neurocompare.report.html import panel
from neurocompare.responses import Responses, between_samples


class PlotsBeside(ABC):
    """Figures of a recording and of populations beside it, a method each; what a result has of its own is added to it.

    Each takes ``axes`` to draw in, makes a figure of its own where there are none, and returns the axes, whose figure
    is ``axes.flat[0].figure``; `neurocompare.report.figures.save` writes it. A notebook that began with
    ``%matplotlib inline`` shows that figure where it is a cell's last line.
    """

    @property
    @abstractmethod
    def data(self) -> Responses:
        """Condition averages of the recording, in spikes/s."""

    @property
    @abstractmethod
    def beside(self) -> Mapping[str, Responses]:
        """What is drawn beside it, by what it is called."""

    def key(self, *, axes: Given = None) -> np.ndarray:
        """Draw the colours of the conditions; see `condition_key`."""
        return figures.condition_key(self.data, axes=axes)

    def trajectories(self, *, axes: Given = None) -> np.ndarray:
        """Draw the data and what is beside it in the data's first two principal components.

        Parameters
        ----------
        axes : Axes or sequence of Axes, optional
            One for the data and one for each population beside it.

        Returns
        -------
        array of matplotlib.axes.Axes
        """
        count = len(self.seen)
        _, axes = panels(1, count, width=2.7 * count, height=2.8, axes=axes)
        for place, axis in enumerate(axes.flat):
            self.trajectory(place, axes=axis)
        return axes

    def trajectory(self, place: int, *, axes: Given = None) -> np.ndarray:
        """Draw the trajectories of one of `seen`: those of the data (0), or of what is beside it (1, 2, ...)."""
        plane, values = self.plane, (self.plane.data, *self.plane.networks)[place]
        return figures.trajectories(values, plane.time, self.data, name=self.seen[place], limit=plane.limit, axes=axes)

    def variance(self, *, axes: Given = None) -> np.ndarray:
        """Draw how variance spreads over dimensions, in the data and beside it; see `variance_curves`."""
        populations = (self.normalised, *self.beside.values())
        spectra = [(name, variance_spectrum(each)) for name, each in zip(self.seen, populations, strict=True)]
        return figures.variance_curves(spectra, axes=axes)

    @property
    def seen(self) -> tuple[str, ...]:
        """What the data and those beside it are called."""
        return "data", *self.beside

    @cached_property
    def normalised(self) -> Responses:
        """The recording, as metrics see it."""
        return soft_normalise(self.data)

    @cached_property
    def plane(self) -> SharedPlane:
        """The plane of the data's first two principal components, with what is beside it mapped onto it."""
        return shared_plane(self.normalised, list(self.beside.values()))

    def _single_units(self, units: Responses, name: str, axes: Given) -> np.ndarray:
        return figures.example_units(units, name=name, described=self.data, axes=axes)


def metric_among(computed: Sequence[str], metric: str | None) -> str:
    """Return the metric asked for, or the first.

    Raises
    ------
    InputError
        If it is not among them.
    """
    if not computed or (metric is not None and metric not in computed):
        message = f"expected a metric among {', '.join(computed) or '(none could be computed)'}, found {metric!r}"
        raise InputError(message)
    return metric or computed[0]


def panels_beside(plot: PlotsBeside, units: Sequence[tuple[str, np.ndarray]]) -> dict[str, Any]:
    """Return what every page shows beside the data, by the names that its template asks for.

    Parameters
    ----------
    plot : PlotsBeside
    units : sequence of (str, array of matplotlib.axes.Axes)
        Whose single units are drawn: what they are called, and the figure.
    """
    trajectories = []
    for place, name in enumerate(plot.seen):
        label = f"trajectories of {name} in the plane of the data's first two principal components"
        trajectories.append(panel(plot.trajectory(place), f"trajectories-{place}", label, "small"))
    return {
        "key": panel(plot.key(), "key", "colours of the conditions"),
        "plane": plot.plane,
        "trajectories": trajectories,
        "units": [
            panel(drawn, f"units-{place}", f"activity of single {name} over time, by condition")
            for place, (name, drawn) in enumerate(units)
        ],
        "spectra": [panel(plot.variance(), "variance", "share of variance of each principal component")],
    }


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
