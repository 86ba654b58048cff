"""Score plots: the figures of one scored model, or of several compared, in axes of yours or their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError
from neurocompare.ranking.model_comparison import ModelComparison
from neurocompare.ranking.model_score import ModelScore
from neurocompare.report import figures
from neurocompare.report.beside import PlotsBeside, metric_among
from neurocompare.report.figures.style import Given
from neurocompare.responses import Responses


@dataclass(frozen=True, repr=False)
class ScorePlots(PlotsBeside):
    """Every figure of the page of one scored model, a method each; see `PlotsBeside`.

    Attributes
    ----------
    score : ModelScore
    activity : Responses
        Of the model.
    averages : Responses
        Of the recording.

    Examples
    --------
    `score` gives them, as ``.plot``; here of numbers made up:

    >>> from neurocompare.ranking.model_score import MetricScore, UnitCounts
    >>> from neurocompare.responses import make_responses
    >>> found = {"cka": MetricScore("cka", (0, 1), 80, 0, mean=0.6, low=0.5, high=0.7)}
    >>> score = ModelScore("my GRU", "monkey", None, UnitCounts(3, 4), {}, "", found, {}, ())
    >>> rng, labels = np.random.default_rng(0), {"condition": ["left", "right"], "time": [0.0, 0.1, 0.2]}
    >>> activity, averages = (make_responses(rng.uniform(size=(2, 3, units)), **labels) for units in (3, 4))
    >>> plot = ScorePlots(score, activity, averages)
    >>> [axis.get_title(loc="left") for axis in plot.trajectories().flat]
    ['data', 'my GRU']
    """

    score: ModelScore
    activity: Responses
    averages: Responses

    def __repr__(self) -> str:
        return f"Figures of the score of {self.score.model!r}: one a method, such as strip()"

    def strip(self, metric: str | None = None, *, axes: Given = None) -> np.ndarray:
        """Draw a metric's score beside baselines, networks, ceiling and nulls; see `score_strip`.

        Parameters
        ----------
        metric : str, optional
            The first that could be computed where None.
        axes : Axes or sequence of Axes, optional
            One.

        Returns
        -------
        array of matplotlib.axes.Axes

        Raises
        ------
        InputError
            If there is no such metric, or it could not be computed.
        """
        name = metric_among(self.computed, metric)
        return figures.score_strip(name, self.score.metrics[name], model=self.score.model, axes=axes)

    def nearest(self, *, axes: Given = None) -> np.ndarray:
        """Draw how often each gamma is nearest to the model, one of `axes` a metric; see `nearest_shares`.

        Raises
        ------
        InputError
            If it was scored without a zoo.
        """
        if not self.placed:
            message = "expected a score beside networks, found one without; score it again with the folder of a run"
            raise InputError(message)
        return figures.nearest_shares(self.score.metrics, axes=axes)

    def units(self, place: int = 0, *, axes: Given = None) -> np.ndarray:
        """Draw single units of the recording (0) or of the model (1); see `example_units`."""
        name = ("recorded units", f"units of {self.score.model}")[place]
        return self._single_units((self.averages, self.activity)[place], name, axes)

    @property
    def computed(self) -> tuple[str, ...]:
        """Names of the metrics that have a score."""
        return tuple(name for name, one in self.score.metrics.items() if one.mean is not None)

    @property
    def placed(self) -> bool:
        """Whether some metric says which gamma is nearest."""
        return any(one.nearest and one.nearest.shares for one in self.score.metrics.values())

    @property
    def data(self) -> Responses:
        """Condition averages of the recording, in spikes/s."""
        return self.averages

    @property
    def beside(self) -> dict[str, Responses]:
        """The model, by its name."""
        return {self.score.model: self.activity}


@dataclass(frozen=True, repr=False)
class ComparisonPlots(PlotsBeside):
    """The figures of several scored models, a method each; see `PlotsBeside`.

    Attributes
    ----------
    comparison : ModelComparison
    activity : mapping of name to Responses
        Of each model.
    averages : Responses
        Of the recording.

    Examples
    --------
    `score` gives them, as ``.plot``; here of numbers made up:

    >>> from neurocompare.responses import make_responses
    >>> comparison = ModelComparison("monkey", "", {}, {}, {}, ())
    >>> rng, labels = np.random.default_rng(0), {"condition": ["left", "right"], "time": [0.0, 0.1, 0.2]}
    >>> gru, rnn, averages = (make_responses(rng.uniform(size=(2, 3, units)), **labels) for units in (3, 3, 4))
    >>> plot = ComparisonPlots(comparison, {"GRU": gru, "RNN": rnn}, averages)
    >>> [axis.get_title(loc="left") for axis in plot.trajectories().flat]
    ['data', 'GRU', 'RNN']
    """

    comparison: ModelComparison
    activity: Mapping[str, Responses]
    averages: Responses

    def __repr__(self) -> str:
        return f"Figures of {len(self.comparison.scores)} scored models: one a method, such as strip()"

    def strip(self, metric: str | None = None, *, axes: Given = None) -> np.ndarray:
        """Draw a metric's scores of all models and the baselines, see `models_strip`.

        Parameters
        ----------
        metric : str, optional
            The first that could be computed where None.
        axes : Axes or sequence of Axes, optional
            One.

        Returns
        -------
        array of matplotlib.axes.Axes

        Raises
        ------
        InputError
            If there is no such metric, or it could not be computed.
        """
        metrics = self.comparison.metrics
        name = metric_among([name for name, one in metrics.items() if one.order], metric)
        scores = {model: score.metrics[name] for model, score in self.comparison.scores.items()}
        return figures.models_strip(metrics[name], scores, axes=axes)

    def differences(self, metric: str | None = None, *, axes: Given = None) -> np.ndarray:
        """Draw the differences of all pairs, see `differences_matrix`; parameters and errors as of `strip`."""
        metrics = self.comparison.metrics
        name = metric_among([name for name, one in metrics.items() if one.differences], metric)
        return figures.differences_matrix(metrics[name], axes=axes)

    @property
    def data(self) -> Responses:
        """Condition averages of the recording, in spikes/s."""
        return self.averages

    @property
    def beside(self) -> Mapping[str, Responses]:
        """The models, by their names."""
        return self.activity
