"""Plots: the figures of one finished comparison, drawn in axes of yours or their own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from neurocompare.errors import InputError
from neurocompare.ranking.normalise import soft_normalise
from neurocompare.report import figures
from neurocompare.report.contents import RunContents, ShownNetwork
from neurocompare.report.figures.style import Given, panels
from neurocompare.report.plane import SharedPlane, shared_plane, variance_spectrum
from neurocompare.responses import Responses


@dataclass(frozen=True, repr=False)
class RunPlots:
    """Every figure of the report of one comparison, a method each.

    Each takes ``axes`` to draw in, makes a figure of its own where there are none, and returns the axes, whose figure
    is ``axes.flat[0].figure``; `neurocompare.report.figures.save` writes it. A notebook that began with
    ``%matplotlib inline`` shows that figure where it is a cell's last line.

    Attributes
    ----------
    contents : RunContents

    Examples
    --------
    >>> axes = run.plot.curve("cka")  # doctest: +SKIP
    >>> figures.save(axes, "cka.pdf", size="column")  # doctest: +SKIP
    """

    contents: RunContents

    def __repr__(self) -> str:
        return f"Figures of the run in {os.fspath(self.contents.folder)!r}: one a method, such as curve()"

    def curve(self, metric: str | None = None, *, axes: Given = None) -> np.ndarray:
        """Draw a metric's score along gamma, with ceiling and nulls, and its adjusted score, see `score_curve`.

        Parameters
        ----------
        metric : str, optional
            The first that could be computed where None.
        axes : Axes or sequence of Axes, optional
            Two where there are adjusted scores, else one.

        Returns
        -------
        array of matplotlib.axes.Axes

        Raises
        ------
        InputError
            If there is no such metric, or it could not be computed.
        """
        ranking, computed = self.contents.ranking, self.computed
        if not computed or (metric is not None and metric not in computed):
            message = f"expected a metric among {', '.join(computed) or '(none could be computed)'}, found {metric!r}"
            raise InputError(message)
        name = metric or computed[0]
        theory = self.contents.theory
        return figures.score_curve(
            name,
            ranking.metrics[name],
            centred=ranking.centred.get(name),
            planted=ranking.planted_gamma,
            theory=theory.infinite_scores(name) if theory else (),
            along=ranking.axis,
            axes=axes,
        )

    def agreement(self, *, axes: Given = None) -> np.ndarray:
        """Draw the best gamma and its interval, by metric and centring; see `neurocompare.report.figures.agreement`."""
        ranking = self.contents.ranking
        return figures.agreement(
            ranking.metrics, ranking.centred, planted=ranking.planted_gamma, along=ranking.axis, axes=axes
        )

    def shares(self, *, axes: Given = None) -> np.ndarray:
        """Draw how often each gamma is best over resamples, one of `axes` a metric; see `best_shares`."""
        return figures.best_shares(self.contents.ranking.metrics, along=self.contents.axis, axes=axes)

    def fit(self, *, axes: Given = None) -> np.ndarray:
        """Draw the loss of each network along gamma; see `fit_curve`."""
        return figures.fit_curve(self.contents.ranking.fit, self.contents.zoo, along=self.contents.axis, axes=axes)

    def key(self, *, axes: Given = None) -> np.ndarray:
        """Draw the colours of the conditions; see `condition_key`."""
        return figures.condition_key(self.contents.recording, axes=axes)

    def trajectories(self, *, axes: Given = None) -> np.ndarray:
        """Draw the data and the networks of lowest, best and highest gamma in the data's first two components.

        Parameters
        ----------
        axes : Axes or sequence of Axes, optional
            One for the data and one for each network.

        Returns
        -------
        array of matplotlib.axes.Axes
        """
        count = 1 + len(self.contents.contrasted)
        _, axes = panels(1, count, width=2.7 * count, height=2.8, axes=axes)
        for place, axis in enumerate(axes.flat):
            self.trajectory(place, axes=axis)
        return axes

    def trajectory(self, place: int, *, axes: Given = None) -> np.ndarray:
        """Draw the data's trajectories (0), or those of a network among `RunContents.contrasted` (1, 2, ...)."""
        plane, name = self.plane, self.seen[place]
        values = (plane.data, *plane.networks)[place]
        return figures.trajectories(
            values, plane.time, self.contents.recording, name=name, limit=plane.limit, axes=axes
        )

    def units(self, network: ShownNetwork | None = None, *, axes: Given = None) -> np.ndarray:
        """Draw single units, of the recording or of a network of `RunContents.networks`; see `example_units`."""
        recording = self.contents.recording
        if network is None:
            return figures.example_units(recording, name="recorded units", described=recording, axes=axes)
        shown = network.responses.sel(condition=recording["condition"].values)
        name = f"network units, {self.called(network.gamma)}"
        return figures.example_units(shown, name=name, described=recording, axes=axes)

    def variance(self, *, axes: Given = None) -> np.ndarray:
        """Draw how variance spreads over dimensions, in the data and in networks; see `variance_curves`."""
        populations = (self.normalised, *(network.responses for network in self.contents.contrasted))
        spectra = [(name, variance_spectrum(each)) for name, each in zip(self.seen, populations, strict=True)]
        return figures.variance_curves(spectra, axes=axes)

    def eigenvalues(self, network: ShownNetwork, *, axes: Given = None) -> np.ndarray:
        """Draw the eigenvalues of a network's recurrent weights; see `neurocompare.report.figures.eigenvalues`."""
        if network.connectivity is None:
            message = f"expected a network with known weights, found {self.called(network.gamma)}"
            raise InputError(message)
        g = float(self.contents.ranking.settings["g"])
        return figures.eigenvalues(network.connectivity, g=g, name=self.called(network.gamma), axes=axes)

    def inputs(self, *, axes: Given = None) -> np.ndarray:
        """Draw what every network receives; see `task_inputs`."""
        return figures.task_inputs(self.contents.task, self.contents.recording, axes=axes)

    def outputs(self, network: ShownNetwork, *, axes: Given = None) -> np.ndarray:
        """Draw what a network produces beside its targets; see `network_outputs`."""
        task = self.contents.task
        # Wide enough for the targets and half as much again, whatever a bad network produces.
        limit = 1.5 * float(np.abs(task.targets).max())
        return figures.network_outputs(network, task, self.contents.recording, limit=limit, axes=axes)

    @property
    def computed(self) -> tuple[str, ...]:
        """Names of the metrics that have scores."""
        return tuple(name for name, result in self.contents.ranking.metrics.items() if result.scores)

    @property
    def seen(self) -> tuple[str, ...]:
        """What the data and the contrasted networks are called."""
        return "data", *(self.called(network.gamma) for network in self.contents.contrasted)

    @cached_property
    def normalised(self) -> Responses:
        """The recording, as metrics see it."""
        return soft_normalise(self.contents.recording)

    @cached_property
    def plane(self) -> SharedPlane:
        """The plane of the data's first two principal components, with networks mapped onto it."""
        return shared_plane(self.normalised, [network.responses for network in self.contents.contrasted])

    def called(self, gamma: float) -> str:
        """Name a value of the axis, with what it stands for: the reservoir, the best."""
        contents = self.contents
        roles = [contents.axis.zero] if gamma == 0 and contents.axis.zero else []
        if contents.winner and gamma == contents.winner.gamma:
            roles.append("best")
        return f"{contents.axis.label} = {gamma:g}" + (f" ({', '.join(roles)})" if roles else "")
