"""Figures for notebooks and talks: the house style, larger, on white."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurocompare.report.figures.style import (
    BLUE,
    GREEN,
    INK,
    LINE,
    MUTED,
    ORANGE,
    PURPLE,
    GammaAxis,
    angle_colours,
    panels,
)

if TYPE_CHECKING:
    from matplotlib.typing import LegendLocType

TEXT = 11.0
"""Size of labels, points."""

__all__ = [
    "BLUE",
    "GREEN",
    "INK",
    "LINE",
    "MUTED",
    "ORANGE",
    "PURPLE",
    "GammaAxis",
    "angle_colours",
    "heading",
    "legend",
    "slide",
]


def slide(rows: int = 1, columns: int = 1, *, width: float = 9.0, height: float = 3.6) -> tuple[Figure, np.ndarray]:
    """Make a figure of empty axes that is read from the last row; `width` and `height` in inches.

    Parameters
    ----------
    rows, columns : int
        Of panels.
    width, height : float
        In inches.

    Returns
    -------
    figure : matplotlib.figure.Figure
        The last line of a notebook's cell, to show it.
    axes : array of matplotlib.axes.Axes, shape (rows, columns)

    Examples
    --------
    >>> figure, axes = slide(1, 2)
    >>> axes.shape, figure.get_facecolor()
    ((1, 2), (1.0, 1.0, 1.0, 1.0))
    """
    figure, axes = panels(rows, columns, width=width, height=height)
    for axis in axes.flat:
        axis.tick_params(labelsize=TEXT - 1, length=4)
        axis.xaxis.label.set_fontsize(TEXT)
        axis.yaxis.label.set_fontsize(TEXT)
    return figure, axes


def heading(axis: Axes, text: str) -> None:
    """Write what a panel shows above it, at the left.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
    text : str
        As it is: no formulas.

    Examples
    --------
    >>> figure, axes = slide()
    >>> heading(axes[0, 0], "γ = 0.4")
    >>> axes[0, 0].get_title(loc="left")
    'γ = 0.4'
    """
    axis.set_title(text, color=INK, fontsize=TEXT + 1, loc="left", parse_math=False)


def legend(axis: Axes, *, title: str | None = None, place: LegendLocType = "best") -> None:
    """Name the lines of a panel, without a box.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        With labelled lines.
    title : str, optional
    place : str
        As ``loc`` of matplotlib's legends.

    Examples
    --------
    >>> figure, axes = slide()
    >>> _ = axes[0, 0].plot([0, 1], [0, 1], label="theory")
    >>> legend(axes[0, 0], place="lower right")
    >>> axes[0, 0].get_legend().get_texts()[0].get_text()
    'theory'
    """
    axis.legend(frameon=False, fontsize=TEXT - 1.5, title=title, title_fontsize=TEXT - 1.5, labelcolor=INK, loc=place)
