"""Plots: the figures of one finished comparison, drawn in axes of yours or their own."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError
from neurocompare.report import figures
from neurocompare.report.beside import PlotsBeside, metric_among
from neurocompare.report.contents import RunContents, ShownNetwork
from neurocompare.report.figures.style import Given
from neurocompare.responses import Responses


@dataclass(frozen=True, repr=False)
class RunPlots(PlotsBeside):
    """Every figure of the report of one comparison, a method each; see `PlotsBeside`.

    Attributes
    ----------
    contents : RunContents

    Examples
    --------
    >>> axes = run.plot.curve("cka")  # of a run, which takes minutes  # doctest: +SKIP
    >>> axes.flat[0].get_title(loc="left")  # doctest: +SKIP
    'cka'
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
        ranking, name = self.contents.ranking, metric_among(self.computed, metric)
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

    def units(self, network: ShownNetwork | None = None, *, axes: Given = None) -> np.ndarray:
        """Draw single units, of the recording or of a network of `RunContents.networks`; see `example_units`."""
        recording = self.contents.recording
        if network is None:
            return self._single_units(recording, "recorded units", axes)
        shown = network.responses.sel(condition=recording["condition"].values)
        return self._single_units(shown, f"network units, {self.called(network.gamma)}", axes)

    def eigenvalues(self, network: ShownNetwork, *, axes: Given = None) -> np.ndarray:
        """Draw the eigenvalues of a network's recurrent weights; see `neurocompare.report.figures.eigenvalues`.

        Raises
        ------
        InputError
            If its weights are not known: it is a model of the user's own.
        """
        if network.connectivity is None:
            raise InputError(f"expected a network with known weights, found {self.called(network.gamma)}")
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
    def data(self) -> Responses:
        """Condition averages of the recording, in spikes/s."""
        return self.contents.recording

    @property
    def beside(self) -> dict[str, Responses]:
        """The networks of lowest, best and highest gamma, by what they are called."""
        return {self.called(network.gamma): network.responses for network in self.contents.contrasted}

    def called(self, gamma: float) -> str:
        """Name a value of the axis, with what it stands for: the reservoir, the best."""
        contents = self.contents
        roles = [contents.axis.zero] if gamma == 0 and contents.axis.zero else []
        if contents.winner and gamma == contents.winner.gamma:
            roles.append("best")
        return f"{contents.axis.label} = {gamma:g}" + (f" ({', '.join(roles)})" if roles else "")
