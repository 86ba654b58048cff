"""How every figure looks: its colours, its axes, the axis of gamma, and its way into the page.

Figures are made with matplotlib's objects alone: nothing here touches pyplot or its global state. In the page a
figure is inline SVG whose colours are CSS variables, so that it follows light, dark and print as the text does.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from neurocompare.files import atomic
from neurocompare.ranking.axis import GAMMA, Axis

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
) -> tuple[Figure, np.ndarray]:
    """Make a figure of empty axes in the house style; `width` and `height` in inches, `heights` of rows as shares."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0.0)
    axes = figure.subplots(rows, columns, squeeze=False, height_ratios=heights)
    for axis in axes.flat:
        axis.patch.set_alpha(0.0)
        axis.spines[["top", "right"]].set_visible(False)
        axis.spines[["left", "bottom"]].set_color(MUTED)
        axis.tick_params(colors=MUTED, labelcolor=INK, labelsize=8, length=3)
        axis.xaxis.label.set(color=INK, fontsize=8.5)
        axis.yaxis.label.set(color=INK, fontsize=8.5)
    return figure, axes


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

    def dress(self, axis: Axes, *, label: bool = True, most: int = 9) -> None:
        """Set ticks at the grid, at most so many with labels, and break the axis between 0 and the rest."""
        places = self.at(self.gammas)
        # Labels closer than this would touch: nine fit on a panel of the usual width.
        apart = 0.99 * np.ptp(places) / most
        shown = [0] if self.split else []
        for i in range(len(places) - 1, len(shown) - 1, -1):
            if all(abs(places[i] - places[other]) > apart for other in shown):
                shown.append(i)
        zero = f"0 ({self.axis.zero})" if self.axis.zero and most >= 9 else "0"
        axis.set_xticks(places[shown], [zero if self.gammas[i] == 0 else f"{self.gammas[i]:.3g}" for i in shown])
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
            axis.plot(places[:1], heights[:1], **style)

    @property
    def _positive(self) -> np.ndarray:
        positive = [gamma for gamma in self.gammas if gamma > 0]
        return np.array(positive or [1.0])


def svg(figure: Figure, *, name: str, label: str) -> str:
    """Render a figure as inline SVG that follows the page.

    Parameters
    ----------
    figure : Figure
    name : str
        Letters, digits and hyphens; prefixed to every id, so that figures on one page do not share any.
    label : str
        What the figure shows, for readers who cannot see it.

    Returns
    -------
    str
        An ``<svg>`` element without metadata or any address outside the page.

    Examples
    --------
    >>> text = svg(panels()[0], name="empty", label="axes & nothing")
    >>> text.startswith('<svg role="img" aria-label="axes &amp; nothing" width="302.4"'), "var(--muted)" in text
    (True, True)
    """
    from markupsafe import escape

    written = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    # Text stays text (small, and read aloud), and the same figure gives the same ids.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif"}):
        figure.savefig(written, format="svg", metadata=nothing, transparent=True)
    text = written.getvalue()
    text = text[text.index("<svg") :].strip()
    width, height = (round(72 * inches, 3) for inches in figure.get_size_inches())
    opening = f'<svg role="img" aria-label="{escape(label)}" width="{width:g}" height="{height:g}"'
    text = f'{opening} viewBox="0 0 {width:g} {height:g}">' + text[text.index(">") + 1 :]
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", lambda tag: _paged(tag[0], name), text)


def save(figure: Figure, path: str | os.PathLike[str]) -> tuple[Path, Path]:
    """Write a figure as ``<path>.png`` and ``<path>.svg`` on white; returns both paths.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    figure.patch.set(facecolor="white", alpha=1.0)
    written = []
    settings: dict[str, Any]
    for kind, settings in (("png", {"dpi": 200}), ("svg", {"metadata": {"Date": None}})):
        target = Path(path).with_name(f"{Path(path).name}.{kind}")
        with (
            atomic(target) as temporary,
            mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": target.stem, "font.family": "sans-serif"}),
        ):
            figure.savefig(temporary, format=kind, **settings)
        written.append(target)
    return written[0], written[1]


def _paged(tag: str, name: str) -> str:
    """Make one tag the page's own: its ids, its colours, its font. Text between tags stays as it is."""
    for before in ('id="', "url(#", 'xlink:href="#'):
        tag = tag.replace(before, f"{before}{name}-")
    for colour, (light, _) in THEME.items():
        tag = tag.replace(light, f"var(--{colour})")
    return re.sub(r"font-family: [^;\"]*;? ?", "", tag)
