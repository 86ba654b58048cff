"""Beside the data: what populations do next to what was recorded, drawn for any result and put on its page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from neurocompare.errors import InputError
from neurocompare.ranking.observe import soft_normalise
from neurocompare.report import figures
from neurocompare.report.figures.style import Given, panels
from neurocompare.report.html import panel
from neurocompare.report.plane import SharedPlane, shared_plane, variance_spectrum
from neurocompare.responses import Responses


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
