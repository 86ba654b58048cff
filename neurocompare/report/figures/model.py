"""Figures of a scored model: its score beside others, and which gamma it is nearest to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from neurocompare.ranking.model_score import MetricScore
from neurocompare.report.figures.rows import share_bars, strip
from neurocompare.report.figures.style import BLUE, GREEN, INK, LINE, MUTED, NULL_LINES, ORANGE, Given, legend, panels


def score_strip(name: str, result: MetricScore, *, model: str, axes: Given = None) -> np.ndarray:
    """One row a model: the scored one, the baselines, every gamma of the zoo; with 95 % intervals, ceiling and nulls.

    Parameters
    ----------
    name : str
        Of the metric.
    result : MetricScore
        With a score.
    model : str
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> found = MetricScore("cka", (0, 1), 80, 0, mean=0.6, low=0.5, high=0.7)
    >>> axes = score_strip("cka", found, model="my GRU")
    >>> [label.get_text() for label in axes[0, 0].get_yticklabels()]
    ['my GRU']
    """
    rows = [(model, result, ORANGE, "D")]
    rows += [(one.name, one, MUTED, "s") for one in result.baselines]
    rows += [(f"γ = {one.gamma:g}", one, BLUE, "o") for one in result.zoo]
    _, axes = panels(height=1.5 + 0.22 * len(rows), axes=axes)
    axis = axes[0, 0]
    if ceiling := result.ceiling:
        axis.axvspan(ceiling.low, ceiling.high, color=GREEN, alpha=0.2, lw=0, label="noise ceiling")
    for place, (null_name, null) in enumerate(result.nulls.items()):
        axis.axvspan(null.mean, null.high, color=MUTED, alpha=0.1, lw=0)
        axis.axvline(null.high, color=MUTED, lw=1.1, ls=NULL_LINES[place % 3], label=f"null: {null_name}")
    axis.axvline(result.mean, color=ORANGE, lw=1, ls="--", zorder=0)
    strip(axis, name, rows)
    legend(axes[:, 0])
    return axes


def nearest_shares(results: Mapping[str, MetricScore], *, axes: Given = None) -> np.ndarray:
    """How often each gamma is nearest to the model over the resamples, one row of bars a metric.

    Parameters
    ----------
    results : mapping of metric name to MetricScore
        Those without a nearest gamma are left out; at least one has one.
    axes : Axes or sequence of Axes, optional
        To draw in, one a metric; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.ranking.metric_ranking import GammaShare
    >>> from neurocompare.ranking.model_score import Nearest
    >>> shares = (GammaShare(0.4, 0.75), GammaShare(0.8, 0.25))
    >>> nearest = Nearest(0.4, (0.4, 0.8), "resolved", "", shares=shares)
    >>> axes = nearest_shares({"cka": MetricScore("cka", (0, 1), 80, 0, 0.6, 0.5, 0.7, nearest=nearest)})
    >>> [float(bar.get_height()) for bar in axes[0, 0].patches]
    [0.75, 0.25]
    """
    shown = {name: one.nearest for name, one in results.items() if one.nearest and one.nearest.shares}
    axes, grids = share_bars({name: nearest.shares for name, nearest in shown.items()}, axes=axes)
    for axis, grid, nearest in zip(axes[:, 0], grids, shown.values(), strict=True):
        interval = nearest.interval or ()
        axis.plot(grid.at(interval), [1.0] * len(interval), color=INK, lw=2.4, solid_capstyle="butt")
        axis.axhline(0, color=LINE, lw=0.7)
        axis.set_ylim(0, 1.12)
    return axes
