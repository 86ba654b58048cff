"""The theory along gamma: its scores, and what the infinite network is like."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurocompare.report.figures.style import BLUE, INK, ORANGE, PURPLE, GammaAxis, panels, title
from neurocompare.workflows.theory_scores import TheoryScores

SHOWN = {
    "loss": "loss / loss of zero output",
    "kl": "KL from random, nats a unit",
    "participation_ratio": "participation ratio",
    "excess_kurtosis": "excess kurtosis of single units",
}
"""Columns of the table of solutions that have a panel, and what it is called."""


def theory_figure(table: pd.DataFrame, scores: TheoryScores | None) -> Figure:
    """Draw each metric's score, then what the network is like, against gamma.

    A cross is a solution that has not converged; a hollow square a second solution of higher F.

    Parameters
    ----------
    table : pandas.DataFrame
        See `neurocompare.workflows.theory_files.solution_table`.
    scores : TheoryScores or None

    Returns
    -------
    matplotlib.figure.Figure
    """
    rankings = () if scores is None else tuple(ranking for ranking in scores.ranking.metrics.values() if ranking.scores)
    count = len(rankings) + len(SHOWN)
    columns = min(4, count)
    rows = -(-count // columns)
    figure, axes = panels(rows, columns, width=3.2 * columns, height=2.6 * rows)
    flat = list(axes.flat)
    grid = GammaAxis(tuple(table.loc[table["leading"], "gamma"]))
    for axis, ranking in zip(flat, rankings, strict=False):
        mean, low, high = np.array([(each.mean, each.low, each.high) for each in ranking.scores]).T
        axis.errorbar(
            grid.at(grid.gammas), mean, yerr=[mean - low, high - mean], fmt="none", ecolor=BLUE, elinewidth=1.4
        )
        _along(axis, grid, table, ranking.metric)
        best = grid.at(ranking.answer[0])
        axis.plot(best, [max(mean)], "o", ms=11, mfc="none", mec=INK, mew=1.4)
        if scores is not None and scores.ranking.planted_gamma is not None:
            axis.axvline(grid.at([scores.ranking.planted_gamma])[0], color=PURPLE, lw=1.4, ls=(0, (5, 2)))
        title(axis, f"{ranking.metric} ({ranking.verdict})")
    for axis, (column, name) in zip(flat[len(rankings) :], SHOWN.items(), strict=False):
        _along(axis, grid, table, column)
        title(axis, name)
    for axis in flat[:count]:
        grid.dress(axis)
        axis.tick_params(axis="x", labelsize=6.5, labelrotation=45)
    for axis in flat[count:]:
        axis.set_visible(False)
    return figure


def _along(axis: Axes, grid: GammaAxis, table: pd.DataFrame, column: str) -> None:
    first, second = table[table["leading"]], table[~table["leading"]]
    grid.draw(axis, first[column], color=BLUE, lw=1.6)
    for rows, style in (
        (first[first["converged"]], {"marker": "o", "color": BLUE, "ms": 4.5}),
        (first[~first["converged"]], {"marker": "x", "color": BLUE, "ms": 5}),
        (second, {"marker": "s", "color": ORANGE, "ms": 5, "mfc": "none"}),
    ):
        axis.plot(grid.at(rows["gamma"]), rows[column], ls="", **style)
