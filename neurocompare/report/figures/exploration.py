"""Figures of an exploration: the profile of gamma over all settings, and how the answer depends on each of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurocompare.ranking.exploration import FactorAnswer, Inferred, MetricExploration, PointTried
from neurocompare.report.figures.curves import mark_answer
from neurocompare.report.figures.style import BLUE, MUTED, GammaAxis, Given, legend, panels, shorten, title
from neurocompare.settings.nuisance import in_words


def profile_curve(
    name: str,
    explored: MetricExploration,
    points: Sequence[PointTried],
    *,
    planted: float | None = None,
    axes: Given = None,
) -> np.ndarray:
    """Draw the adjusted score of every point of a design, and above them the profile along gamma.

    Parameters
    ----------
    name : str
        Of the metric.
    explored : MetricExploration
        With scores.
    points : sequence of PointTried
        Of the design.
    planted : float, optional
        The recording's true gamma, where it was made from a network.
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> found = nc.explore("session.nwb")  # doctest: +SKIP
    >>> profile_curve("cka", found.metrics["cka"], found.points)[0].get_title()  # doctest: +SKIP
    'cka'
    """
    _, axes = panels(height=3.6, axes=axes)
    axis, ranking = axes[0, 0], explored.ranking
    grid = GammaAxis(tuple(score.gamma for score in ranking.judged))
    grid.mark_planted(axis, planted)
    at = grid.at([point.gamma for point in points])
    axis.plot(at, explored.points, "o", ms=3, mfc="none", mec=MUTED, mew=0.8, label="points of the design")
    grid.draw_scores(axis, ranking.judged, color=BLUE, label="highest of all settings")
    mark_answer(axis, grid, ranking)
    grid.dress(axis)
    axis.margins(y=0.12)
    axis.set_ylabel("adjusted score")
    title(axis, shorten(name))
    legend(axes[:, 0])
    return axes


def dependence(
    name: str, explored: MetricExploration, *, planted: float | None = None, axes: Given = None
) -> np.ndarray:
    """Draw the best gamma where one setting is kept within a quarter of its range, for every setting and quarter.

    Parameters
    ----------
    name : str
        Of the metric.
    explored : MetricExploration
        With factors.
    planted : float, optional
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> found = nc.explore("session.nwb")  # doctest: +SKIP
    >>> dependence("cka", found.metrics["cka"])[0].get_title()  # doctest: +SKIP
    'cka'
    """
    _, axes = panels(height=1.0 + 0.72 * len(explored.factors), axes=axes)
    axis = axes[0, 0]
    grid = GammaAxis(tuple(score.gamma for score in explored.ranking.judged))
    grid.mark_planted(axis, planted)
    heights, labels = [], []
    for place, factor in enumerate(explored.factors):
        for row, quarter in enumerate(factor.quarters):
            height = place * (len(factor.quarters) + 1) + row
            heights.append(height)
            labels.append(_range_text(factor, quarter.low, quarter.high))
            axis.plot(grid.at(quarter.gamma_interval), [height, height], color=BLUE, lw=1.6)
            axis.plot(grid.at([quarter.best_gamma]), [height], "o", color=BLUE, ms=4.5)
    axis.set_yticks(heights, labels, fontsize=7)
    axis.invert_yaxis()
    grid.dress(axis, most=7)
    title(axis, shorten(name))
    return axes


def inferred_gamma(inferred: Inferred, *, planted: float | None = None, axes: Given = None) -> np.ndarray:
    """Draw how probable it is that the network that made the recording has a gamma below each.

    Parameters
    ----------
    inferred : Inferred
    planted : float, optional
        The recording's true gamma, where it was made from a network.
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.ranking.exploration import Inferred, InferredSetting
    >>> gamma = InferredSetting("gamma", 0.2, (0.1, 0.4), coverage=0.95, gain=1.0)
    >>> made = Inferred((gamma,), (0.1, 0.2, 0.4), (0.3, 0.4, 0.3), (0.1, 0.8, 0.1), recordings=64, odd=0.5, unlike=())
    >>> inferred_gamma(made)[0, 0].get_ylabel()
    'probability below'
    """
    _, axes = panels(height=2.6, axes=axes)
    axis = axes[0, 0]
    cells = inferred.gammas
    first = 1 if cells[0] == 0 else 0
    # Round marks; none where nothing was explored.
    marks = [float(f"{gamma:.1g}") for gamma in cells[first :: max(1, len(cells) // 8)]]
    grid = GammaAxis((*cells[:first], *dict.fromkeys(gamma for gamma in marks if gamma <= cells[-1])))
    grid.mark_planted(axis, planted)
    at, below = grid.at(inferred.gammas), np.cumsum(inferred.chances)
    low, high = inferred.gamma.interval
    axis.axvspan(*grid.at([low, high]), color=BLUE, alpha=0.12, lw=0, label="95 %")
    axis.plot(at, below, color=BLUE, lw=1.6, label="given the recording")
    axis.plot(at, np.cumsum(inferred.before), color=MUTED, lw=1.0, ls="--", label="before it was seen")
    grid.dress(axis, most=8)
    axis.set_xlim(right=at[-1] + 0.1)
    axis.set_ylim(0, 1.02)
    axis.set_ylabel("probability below")
    title(axis, "which gamma, if one made it")
    legend(axes[:, 0])
    return axes


def _range_text(factor: FactorAnswer, low: float, high: float) -> str:
    begin, end = in_words(factor.name, low), in_words(factor.name, high)
    return f"{factor.name.replace('_', ' ')} {begin.removesuffix(' ms')} to {end}"
