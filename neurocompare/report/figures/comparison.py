"""Figures of several models beside one another: their scores, and which of their differences are sure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from neurocompare.ranking.model_comparison import MetricComparison
from neurocompare.ranking.model_score import MetricScore
from neurocompare.report.figures.rows import LONGEST, strip
from neurocompare.report.figures.style import BLUE, GREEN, INK, MUTED, ORANGE, Given, legend, panels, shorten, title


def models_strip(comparison: MetricComparison, scores: Mapping[str, MetricScore], *, axes: Given = None) -> np.ndarray:
    """One row a model, the highest first, and the baselines, with 95 % intervals, the ceiling and nulls.

    Parameters
    ----------
    comparison : MetricComparison
    scores : mapping of name to MetricScore
        Of those models, by its metric.
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.ranking.model_comparison import ModelDifference
    >>> from neurocompare.ranking.model_score import MetricScore
    >>> bars = {"gru": (0.7, 0.6, 0.8), "rnn": (0.5, 0.4, 0.6)}  # mean, low, high
    >>> scores = {name: MetricScore("cka", (0, 1), 80, 0, *bar) for name, bar in bars.items()}
    >>> found = MetricComparison("cka", 80, ("gru", "rnn"), (ModelDifference("gru", "rnn", 0.2, 0.1, 0.3, 0.01),))
    >>> axes = models_strip(found, scores)
    >>> [label.get_text() for label in axes[0, 0].get_yticklabels()]
    ['gru', 'rnn']
    """
    best = scores[comparison.order[0]]
    rows = [(name, scores[name], BLUE, "D") for name in comparison.order]
    rows += [(one.name, one, MUTED, "s") for one in best.baselines]
    _, axes = panels(height=1.4 + 0.22 * len(rows), axes=axes)
    axis = axes[0, 0]
    if best.ceiling:
        axis.axvspan(best.ceiling.low, best.ceiling.high, color=GREEN, alpha=0.2, lw=0, label="noise ceiling")
    # Each model has nulls of its own: the farthest of them all is the one line to be beyond.
    highest = max((null.high for name in comparison.order for null in scores[name].nulls.values()), default=None)
    if highest is not None:
        axis.axvline(highest, color=MUTED, lw=1, ls=":", label="highest null (95 %)")
    strip(axis, comparison.metric, rows)
    legend(axes[:, 0])
    return axes


def differences_matrix(comparison: MetricComparison, *, axes: Given = None) -> np.ndarray:
    """Row less column, models from highest to lowest: full colour and bold where it is sure, pale where it is not.

    Parameters
    ----------
    comparison : MetricComparison
        Of two models or more.
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.ranking.model_comparison import ModelDifference
    >>> found = MetricComparison("cka", 80, ("gru", "rnn"), (ModelDifference("gru", "rnn", 0.2, 0.1, 0.3, 0.01),))
    >>> axes = differences_matrix(found)
    >>> [text.get_text() for text in axes[0, 0].texts], axes[0, 0].texts[0].get_fontweight()  # it is sure
    (['0.20'], 'bold')
    """
    names, count = comparison.order, len(comparison.order)
    side = 1.5 + 0.48 * count
    _, axes = panels(width=max(3.2, side), height=max(2.4, side - 0.6), axes=axes)
    axis = axes[0, 0]
    values = np.full((count, count), np.nan)
    for each in comparison.differences:
        row, column = names.index(each.model), names.index(each.against)
        values[row, column] = each.difference
        style = {"alpha": 1.0, "fontweight": "bold"} if each.sure else {"alpha": 0.55, "fontweight": "normal"}
        axis.text(column, row, f"{each.difference:.2f}", ha="center", va="center", fontsize=7.5, color=INK, **style)
        if each.sure:
            axis.plot([column - 0.32, column + 0.32], [row + 0.32] * 2, color=ORANGE, lw=1.6)
    shades = LinearSegmentedColormap.from_list("difference", [(1, 1, 1, 0), BLUE])
    axis.imshow(values, cmap=shades, alpha=0.45, vmin=0, vmax=max(np.nanmax(values), 1e-12), aspect="auto")
    labels = [shorten(name, LONGEST) for name in names]
    axis.set_xticks(range(1, count), labels[1:], rotation=35, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(count - 1), labels[:-1])
    for label in (*axis.get_xticklabels(), *axis.get_yticklabels()):
        label.set_parse_math(False)
    axis.set_xlim(0.5, count - 0.5)
    axis.set_ylim(count - 1.5, -0.5)
    axis.tick_params(length=0)
    axis.spines[["left", "bottom"]].set_visible(False)
    title(axis, f"{shorten(comparison.metric)}: row less column")
    return axes
