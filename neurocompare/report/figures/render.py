"""A figure's way out: into a page, and into files.

In a page a figure is inline SVG whose colours are CSS variables, so that it follows light, dark and print as the text
does.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.report.figures.style import THEME, figure_of, fit_legends, lay_legend
from neurocompare.untrusted.printable import printable

KINDS = (".png", ".svg", ".pdf")
"""Endings of what `save` writes."""

Size = Literal["column", "double", "slide"]
SIZES: dict[str, float] = {"column": 3.5, "double": 7.2, "slide": 3.5}
"""How wide a figure is drawn, in inches. On a slide it is shown at more than twice that, text and all."""
DOTS: dict[str | None, int] = {"column": 300, "double": 300, "slide": 550}


def svg(drawn: Figure | np.ndarray, *, name: str, label: str) -> str:
    """Render a figure as inline SVG that follows the page.

    Parameters
    ----------
    drawn : Figure or array of Axes
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
    >>> from neurocompare.report.figures.style import panels
    >>> text = svg(panels()[1], name="empty", label="axes & nothing")
    >>> text.startswith('<svg role="img" aria-label="axes &amp; nothing" width="302.4"'), "var(--muted)" in text
    (True, True)
    """
    return on_page(rendered(drawn, name), figure_of(drawn), name=name, label=label)


def rendered(drawn: Figure | np.ndarray, name: str) -> str:
    """Render a figure as an SVG file without a ground; text stays text, and the same figure gives the same ids."""
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif"}):
        return _as_svg(figure_of(drawn), metadata=nothing, transparent=True)


def settle(drawn: Figure | np.ndarray) -> None:
    """Find the places of a figure's parts once: matplotlib would for each file, which takes longer than drawing."""
    figure = figure_of(drawn)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        with mpl.rc_context({"figure.autolayout": False, "figure.constrained_layout.use": False}):
            figure.set_layout_engine(None)


def on_white(text: str) -> str:
    """Put a white ground under what `rendered` gave."""
    opened = text.index(">", text.index("<svg")) + 1
    return f'{text[:opened]}\n <rect width="100%" height="100%" fill="#ffffff"/>{text[opened:]}'


def on_page(text: str, figure: Figure, *, name: str, label: str) -> str:
    """Make what `rendered` gave an element of a page, see `svg`."""
    from markupsafe import escape

    text = text[text.index("<svg") :].strip()
    width, height = (round(72 * inches, 3) for inches in figure.get_size_inches())
    opening = f'<svg role="img" aria-label="{escape(label)}" width="{width:g}" height="{height:g}"'
    text = f'{opening} viewBox="0 0 {width:g} {height:g}">' + text[text.index(">") + 1 :]
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", lambda tag: _paged(tag[0], name), text)


def save(drawn: Figure | np.ndarray, path: str | os.PathLike[str], *, size: Size | None = None) -> tuple[Path, ...]:
    """Write a figure on white: as PNG, SVG or PDF by the ending of `path`, and as PNG and SVG where it has none.

    Text stays text, in the fonts of whoever opens it (SVG) or embedded (PDF).

    Parameters
    ----------
    drawn : Figure or array of Axes
        As functions of this room return them.
    path : path-like
    size : str, optional
        ``"column"`` and ``"double"`` of a printed page, 3.5 and 7.2 inches wide with text of 8 points, or ``"slide"``,
        whose text is twice as large beside what is drawn. As drawn where None.

    Returns
    -------
    tuple of pathlib.Path
        What was written.

    Raises
    ------
    InputError
        If the ending or the size is another, or the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.report.figures.style import panels
    >>> _, axes = panels()
    >>> [path.name for path in save(axes, Path(tempfile.mkdtemp()) / "empty.pdf", size="column")]
    ['empty.pdf']
    """
    figure, path = figure_of(drawn), Path(path)
    kinds = (path.suffix[1:].lower(),) if path.suffix in KINDS else ("png", "svg")
    if path.suffix and path.suffix not in KINDS and path.suffix[1:].isalpha():
        raise InputError(f"expected a path that ends in {', '.join(KINDS)}, or in none, found {path.name!r}")
    if size is not None and size not in SIZES:
        raise InputError(f"expected a size among {', '.join(SIZES)}, found {size!r}")
    stem = path.with_suffix("") if path.suffix in KINDS else path
    before = tuple(map(float, figure.get_size_inches()))
    if size is not None:
        figure.set_size_inches(SIZES[size], SIZES[size] * before[1] / before[0])
        figure.set_layout_engine("constrained")
    columns = {} if size is None else fit_legends(figure)
    figure.patch.set(facecolor="white", alpha=1.0)
    look: dict[Any, Any] = {
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
        "svg.hashsalt": stem.name,
        "font.family": "sans-serif",
    }
    written = []
    try:
        for kind in kinds:
            target = stem.with_name(f"{stem.name}.{kind}")
            # No date: the same figure is the same file.
            noted = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
            with atomic(target) as temporary, mpl.rc_context(look):
                if kind == "svg":
                    temporary.write_text(_as_svg(figure, metadata=noted, dpi=DOTS.get(size, 200)), encoding="utf-8")
                else:
                    figure.savefig(temporary, format=kind, metadata=noted, dpi=DOTS.get(size, 200))
            written.append(target)
    finally:
        figure.set_size_inches(before[0], before[1])
        for axis, count in columns.items():
            lay_legend(axis, count)
    return tuple(written)


def _as_svg(figure: Figure, **how: Any) -> str:
    """Render as SVG whose lines are fit to be shown: a control character in a name from outside makes it no XML."""
    written = io.StringIO()
    figure.savefig(written, format="svg", **how)
    return "\n".join(printable(line, len(line)) for line in written.getvalue().split("\n"))


def _paged(tag: str, name: str) -> str:
    """Make one tag the page's own: its ids, its colours, its font. Text between tags stays as it is."""
    for before in ('id="', "url(#", 'xlink:href="#'):
        tag = tag.replace(before, f"{before}{name}-")
    for colour, (light, _) in THEME.items():
        tag = tag.replace(light, f"var(--{colour})")
    return re.sub(r"font-family: [^;\"]*;? ?", "", tag)
