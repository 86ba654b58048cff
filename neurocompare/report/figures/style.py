"""How every figure looks: its colours, its axes, and the axis of gamma.

Figures are made with matplotlib's objects alone: nothing here touches pyplot or its global state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.transforms import ScaledTranslation
from numpy.typing import ArrayLike

from neurocompare.errors import InputError
from neurocompare.ranking.axis import GAMMA, Axis
from neurocompare.ranking.metric_ranking import GammaScore
from neurocompare.report.figures.drawn import Drawn

THEME = {
    # name: (on light, on dark); hues after Okabe & Ito (2008), told apart with any colour vision
    "ink": ("#1f2328", "#e6e9ee"),
    "muted": ("#5b6470", "#a4adba"),
    "line": ("#d3d9e0", "#39424e"),
    "blue": ("#0069a8", "#56b0ec"),
    "orange": ("#b85200", "#f0964a"),
    "green": ("#00805e", "#35c49a"),
    "purple": ("#a8487d", "#e08fbd"),
}
"""Named colours of page and figures. Colour is never the only mark: line style, place or words go with it."""

INK, MUTED, LINE, BLUE, ORANGE, GREEN, PURPLE = (light for light, _ in THEME.values())
"""A colour on a light ground, as hexadecimal red, green and blue."""

RESOLUTION = 110
"""Dots an inch of a figure in a notebook."""

UNDER_LABELS = 0.45
"""How far below axes their tick labels and label reach, in inches."""

LEFT_OF_AXES = 0.4
"""How far to the left of axes a legend below them begins, in inches: under their labels, to leave them their width."""

Given = Axes | Sequence[Axes] | np.ndarray | None
"""Axes to draw in; None for a figure of its own."""

NULL_LINES = (":", (0, (4, 1.5)), (0, (6, 1.5, 1, 1.5)))
"""Of the nulls, in order."""

# A ring of four hues that also differ in lightness, so that it stays a ring without red-green vision.
_RING = np.array([(0xD9, 0x6F, 0x2B), (0xC2, 0x9F, 0x1E), (0x2F, 0x8F, 0xC0), (0x7C, 0x4F, 0xB0)]) / 255


def angle_colours(angles: Sequence[float] | np.ndarray) -> np.ndarray:
    """Colours that go round with direction.

    Parameters
    ----------
    angles : sequence of float, shape (condition,)
        In rad; any turn.

    Returns
    -------
    array, shape (condition, 3)
        Red, green and blue in [0, 1].

    Examples
    --------
    >>> bool(np.allclose(angle_colours([0.0]), angle_colours([2 * np.pi])))
    True
    """
    places = np.linspace(0, 2 * np.pi, len(_RING), endpoint=False)
    return np.stack([np.interp(angles, places, channel, period=2 * np.pi) for channel in _RING.T], axis=-1)


def panels(
    rows: int = 1,
    columns: int = 1,
    *,
    width: float = 4.2,
    height: float = 2.9,
    heights: Sequence[float] | None = None,
    axes: Given = None,
) -> tuple[Figure, np.ndarray]:
    """Make a figure of empty axes in the house style, or dress axes that are given in it.

    Parameters
    ----------
    rows, columns : int
    width, height : float
        Of a figure of its own, in inches.
    heights : sequence of float, optional
        Of its rows, as shares.
    axes : Axes or sequence of Axes, optional
        To be drawn in instead: as many as rows and columns ask for, row by row.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : array of matplotlib.axes.Axes, shape (rows, columns)
        Of a figure of its own: a notebook shows it as that.

    Raises
    ------
    InputError
        If the number of axes given is another.
    """
    if axes is None:
        figure = Figure(figsize=(width, height), layout="constrained", dpi=RESOLUTION)
        figure.patch.set(facecolor="white", alpha=1.0)
        grid = figure.subplots(rows, columns, squeeze=False, height_ratios=heights).view(Drawn)
    else:
        grid = _placed(axes, rows, columns)
        figure = figure_of(grid)
    for axis in grid.flat:
        axis.patch.set_alpha(0.0)
        axis.spines[["top", "right"]].set_visible(False)
        axis.spines[["left", "bottom"]].set_color(MUTED)
        axis.tick_params(colors=MUTED, labelcolor=INK, labelsize=8, length=3)
        axis.xaxis.label.set(color=INK, fontsize=8.5)
        axis.yaxis.label.set(color=INK, fontsize=8.5)
    return figure, grid


def figure_of(drawn: Figure | np.ndarray) -> Figure:
    """Return the figure that axes are part of.

    Parameters
    ----------
    drawn : Figure or array of Axes
        As functions of this room return them.

    Returns
    -------
    matplotlib.figure.Figure
        Of axes in a subfigure, the whole one.

    Examples
    --------
    >>> figure, axes = panels(1, 2)
    >>> figure_of(axes) is figure
    True
    """
    return drawn if isinstance(drawn, Figure) else drawn.flat[0].get_figure(root=True)


def _placed(axes: Axes | Sequence[Axes] | np.ndarray, rows: int, columns: int) -> np.ndarray:
    given = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
    if len(given) != rows * columns:
        raise InputError(f"expected {rows * columns} axes to draw in ({rows} x {columns}), found {len(given)}")
    return given.reshape(rows, columns)


def legend(axes: Sequence[Axes] | np.ndarray, *, columns: int = 2) -> None:
    """Name what the axes show, each name once, below the last of them: never on top of what is drawn."""
    named: dict[str, Any] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            named.setdefault(label, handle)
    _place_legend(axes[-1], list(named.values()), [shorten(name, 28) for name in named], columns, markerscale=0.8)


def fit_legends(figure: Figure) -> dict[Axes, int]:
    """Lay legends that are wider than their figure in fewer columns, and give it the height that this takes.

    Returns
    -------
    dict of Axes to int
        The axes that those are below of, and how many columns they had.
    """
    before: dict[Axes, int] = {}
    for axis in figure.axes:
        if (wide := axis.get_legend()) is None:
            continue
        (width, height), box = figure.get_size_inches(), wide.get_window_extent()
        if box.width <= width * figure.dpi:
            continue
        columns = before[axis] = wide._ncols  # pyright: ignore[reportAttributeAccessIssue]: no public way to ask
        narrow = lay_legend(axis, max(1, int(columns * width * figure.dpi / box.width)))
        figure.set_size_inches(width, height + (narrow.get_window_extent().height - box.height) / figure.dpi)
    return before


def lay_legend(axis: Axes, columns: int) -> Legend:
    """Lay the legend that axes have in so many columns."""
    made = axis.get_legend()
    assert made is not None
    return _place_legend(axis, made.legend_handles, [text.get_text() for text in made.get_texts()], columns)


def _place_legend(
    axis: Axes, handles: list[Any], labels: list[str], columns: int, *, markerscale: float = 1.0
) -> Legend:
    """Put a legend below axes, its left end a little left of theirs."""
    below = ScaledTranslation(-LEFT_OF_AXES, -UNDER_LABELS, figure_of(np.array([axis])).dpi_scale_trans)
    made = axis.legend(
        handles,
        labels,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=axis.transAxes + below,
        borderaxespad=0,
        ncols=columns,
        frameon=False,
        fontsize=7,
        labelcolor=INK,
        handlelength=1.8,
        markerscale=markerscale,
        handletextpad=0.5,
        columnspacing=1.0,
    )
    for text in made.get_texts():
        text.set_parse_math(False)
    return made


def title(axis: Axes, text: object, *, size: float = 9.5) -> None:
    """Write a title as it stands: names from files are never read as mathematics."""
    axis.set_title(str(text), color=INK, fontsize=size, loc="left", parse_math=False)


def shorten(text: object, most: int = 22) -> str:
    """Cut a label that would not fit.

    Examples
    --------
    >>> shorten("a rather long condition name")
    'a rather long conditi…'
    """
    text = " ".join(str(text).split())
    return text if len(text) <= most else text[: most - 1] + "…"


@dataclass(frozen=True)
class GammaAxis:
    """The axis of gamma, or of another `Axis`: logarithmic, with 0 set apart at the left, or linear.

    Attributes
    ----------
    gammas : tuple of float
        The grid, ascending.
    axis : Axis
        What these are values of.

    Examples
    --------
    >>> axis = GammaAxis((0.0, 0.1, 0.2, 0.4))
    >>> axis.at([0.2, 0.4]) - axis.at([0.1, 0.2])
    array([1., 1.])
    >>> bool(axis.at([0.0])[0] < axis.at([0.1])[0] - 1)
    True
    """

    gammas: tuple[float, ...]
    axis: Axis = GAMMA

    @property
    def split(self) -> bool:
        """Whether 0 stands apart."""
        return self.axis.scale == "log" and self.gammas[0] == 0

    def at(self, gammas: ArrayLike) -> np.ndarray:
        """Places along the axis: log2 of gamma, and 0 one and a half steps left of the smallest other.

        On a grid that begins with 0, gammas below the smallest other lie on a straight line between the two.
        """
        values = np.asarray(gammas, dtype=np.float64)
        if self.axis.scale == "linear":
            return values
        smallest, places = self._positive[0], np.log2(self._positive)
        step = np.median(np.diff(places)) if len(places) > 1 else 1.0
        zero = places[0] - 1.5 * step
        with np.errstate(divide="ignore"):
            logarithmic = np.where(values > 0, np.log2(values), zero)
        if self.gammas[0] > 0:
            return logarithmic
        return np.where(values < smallest, zero + (places[0] - zero) * values / smallest, logarithmic)

    @property
    def marks(self) -> tuple[float, ...]:
        """Values with a tick: the grid's, or round ones within it where the grid's are not to be read out.

        Examples
        --------
        >>> GammaAxis((0.0, 0.1, 0.4)).marks, GammaAxis((0.0, 0.0431, 0.183, 0.776)).marks
        ((0.0, 0.1, 0.4), (0.0, 0.05, 0.1, 0.2, 0.5))
        """
        if self.axis.scale == "linear" or all(value == float(f"{value:.2g}") for value in self.gammas):
            return self.gammas
        smallest, largest = self._positive[0], self._positive[-1]
        decades = range(int(np.floor(np.log10(smallest))), int(np.ceil(np.log10(largest))) + 1)
        tens = [float(f"{digit}e{decade}") for decade in decades for digit in (1, 2, 5)]
        round_ones = tuple(value for value in tens if smallest <= value <= largest)
        return (*((0.0,) if self.split else ()), *round_ones) if len(round_ones) > 1 else self.gammas

    def dress(self, axis: Axes, *, label: bool = True, most: int = 9) -> None:
        """Set ticks at `marks`, at most so many of them, and break the axis between 0 and the rest."""
        marks = self.marks
        places = self.at(marks)
        # Labels closer than this would touch: nine fit on a panel of the usual width.
        apart = 0.99 * np.ptp(places) / most
        shown = [0] if self.split else []
        for i in range(len(places) - 1, len(shown) - 1, -1):
            if all(abs(places[i] - places[other]) > apart for other in shown):
                shown.append(i)
        zero = f"0 ({self.axis.zero})" if self.axis.zero and most >= 9 else "0"
        axis.set_xticks(places[shown], [zero if marks[i] == 0 else f"{marks[i]:.3g}" for i in shown])
        places = self.at(self.gammas)
        margin = 0.05 * (np.ptp(places) or 1.0 if self.axis.scale == "linear" else max(np.ptp(places), 1.0))
        axis.set_xlim(places[0] - margin, places[-1] + margin)
        if self.split and len(places) > 1:
            gap = (places[0] + places[1]) / 2
            axis.plot(
                [gap], [0], marker=[(-0.5, -1), (0.5, 1)], ls="", ms=8, mew=1, color=MUTED,
                transform=axis.get_xaxis_transform(), clip_on=False,
            )  # fmt: skip
        if label:
            name = "structure parameter γ" if self.axis == GAMMA else shorten(self.axis.label, 40)
            axis.set_xlabel(name, parse_math=False)

    def draw(self, axis: Axes, values: ArrayLike, **style: Any) -> None:
        """Draw values over the grid as a line; the way from 0 to the rest is dotted."""
        places, heights = self.at(self.gammas), np.asarray(values, dtype=np.float64)
        first = 1 if self.split else 0
        axis.plot(places[first:], heights[first:], **style)
        if first:
            bridge = {name: value for name, value in style.items() if name not in ("ls", "label", "marker")}
            axis.plot(places[:2], heights[:2], ls=":", **bridge)
            axis.plot(places[:1], heights[:1], **{name: value for name, value in style.items() if name != "label"})

    def draw_scores(
        self,
        axis: Axes,
        scores: Sequence[GammaScore],
        *,
        color: str,
        elinewidth: float = 1.2,
        zorder: float = 2,
        **style: Any,
    ) -> None:
        """Draw scores at the grid, with their 95 % intervals."""
        gammas, mean, low, high = np.array([(each.gamma, each.mean, each.low, each.high) for each in scores]).T
        apart = [mean - low, high - mean]
        axis.errorbar(self.at(gammas), mean, yerr=apart, fmt="none", ecolor=color, elinewidth=elinewidth, zorder=zorder)
        self.draw(axis, mean, color=color, zorder=zorder, **({"lw": 1.6, "marker": "o", "ms": 4} | style))

    def mark_planted(self, axis: Axes, planted: float | None) -> None:
        """Mark the value that a recording was made from, where it is known."""
        if planted is not None:
            place = self.at([planted])[0]
            axis.axvline(place, label=f"planted {self.axis.label}", color=PURPLE, lw=1.6, ls=(0, (5, 2)))

    @property
    def _positive(self) -> np.ndarray:
        positive = [gamma for gamma in self.gammas if gamma > 0]
        return np.array(positive or [1.0])
