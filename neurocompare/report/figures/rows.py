"""Rows one below the other, named at the left, the first on top: of models and their scores, of metrics and shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from neurocompare.ranking.axis import GAMMA, Axis
from neurocompare.ranking.metric_ranking import GammaShare
from neurocompare.report.figures.style import BLUE, GammaAxis, Given, panels, shorten, title

LONGEST = 16
"""Letters of a row's name."""


def name_rows(axis: Axes, names: Sequence[str]) -> None:
    """Name the rows of an axis, at 0, 1, ... from the top, as the names stand: none is read as mathematics."""
    axis.set_yticks(range(len(names)), names)
    for label in axis.get_yticklabels():
        label.set_parse_math(False)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(len(names) - 0.5, -0.5)


def strip(axis: Axes, metric: str, rows: Sequence[tuple[str, Any, str, str]]) -> None:
    """Draw a score with its 95 % interval a row: what it is of, what holds mean, low and high, colour and marker."""
    for place, (_, one, colour, marker) in enumerate(rows):
        axis.plot([one.low, one.high], [place, place], color=colour, lw=1.8)
        axis.plot([one.mean], [place], marker, color=colour, ms=5)
    name_rows(axis, [shorten(label, LONGEST) for label, *_ in rows])
    axis.set_xlabel("score (higher: more similar)")
    title(axis, shorten(metric))


def share_bars(
    shares: Mapping[str, Sequence[GammaShare]], *, along: Axis = GAMMA, axes: Given = None
) -> tuple[np.ndarray, tuple[GammaAxis, ...]]:
    """Draw bars over gamma, one row a metric; returns axes and their axes of gamma."""
    _, axes = panels(len(shares), height=0.75 + 0.72 * len(shares), axes=axes)
    grids = tuple(GammaAxis(tuple(entry.gamma for entry in each), along) for each in shares.values())
    for row, (axis, grid, (name, each)) in enumerate(zip(axes[:, 0], grids, shares.items(), strict=True)):
        places = grid.at(grid.gammas)
        steps = np.diff(places)
        narrowest = 1.0 if not len(steps) else steps.min() if along.scale == "linear" else steps.min(initial=1.0)
        axis.bar(places, [entry.p for entry in each], width=0.55 * narrowest, color=BLUE)
        axis.set_ylim(0, 1.05)
        axis.set_yticks([0, 1])
        grid.dress(axis, label=row == len(shares) - 1)
        if row < len(shares) - 1:
            axis.tick_params(labelbottom=False)
        title(axis, shorten(name), size=8.5)
    axes[len(shares) // 2, 0].set_ylabel("share of resamples")
    return axes, grids
