"""Pages: a template filled in becomes one self-contained HTML file, its figures files of their own beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from neurocompare.files import write_text
from neurocompare.report import figures
from neurocompare.report.figures.render import on_page, on_white, rendered, settle
from neurocompare.report.figures.style import THEME, shorten
from neurocompare.report.tables import meaning, number, pair

_NUMBERED = re.compile(r"([a-z]+)-\d+(?:-|$)")


def write_page(path: Path, template: str, shown: Mapping[str, object], *folders: Path) -> Path:
    """Write a page, and every panel among what it shows into ``figures/`` beside it, as PNG and SVG.

    The page needs nothing beside it: styles and figures are inside, there is no script, and it asks no server for
    anything. All text is escaped. Each file is written whole or not at all.

    Parameters
    ----------
    path : Path
        Of the page.
    template : str
        Name of the template, which lies in the report's room or in one of `folders`.
    shown : mapping
        What the template asks for, by name; a name that is missing is an error.
    *folders : Path
        Searched for templates before the report's room.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folders), PackageLoader("neurocompare.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.globals |= {"theme": THEME, "pair": pair, "meaning": meaning}
    page = environment.get_template(template).render(shown)
    save_panels(shown, path.parent / "figures")
    write_text(page, path)
    return path


@dataclass(frozen=True)
class Panel:
    """One drawn figure, as an ``<svg>`` element and as a file, and how wide it wants to be: "medium" or "small"."""

    svg: Markup
    file: str
    size: str
    name: str
    figure: Figure


def panel(drawn: Figure | np.ndarray, name: str, label: str, size: str = "medium") -> Panel:
    """Draw a figure for the page; `name` is one of its own there and that of its files, `label` what it shows."""
    figure = figures.figure_of(drawn)
    settle(figure)
    text = rendered(figure, name)
    return Panel(Markup(on_page(text, figure, name=name, label=label)), on_white(text), size, name, figure)


def panels_of(kind: str, drawn: Mapping[str, Figure | np.ndarray], label: str) -> list[Panel]:
    """Make a panel of each figure of a kind, by the metric it is drawn of; METRIC in `label` stands for its name."""
    return [
        panel(figure, f"{kind}-{place}-{slug(name)}", label.replace("METRIC", name))
        for place, (name, figure) in enumerate(drawn.items())
    ]


def slug(text: object) -> str:
    """Letters, digits, underscores and hyphens of a name from a file, to be part of the name of another.

    Examples
    --------
    >>> slug("single_unit"), slug("../../etc: γ = 0.4")
    ('single_unit', 'etc-0-4')
    """
    return re.sub(r"[^A-Za-z0-9_]+", "-", shorten(text, 40)).strip("-").lower()


def save_panels(shown: Mapping[str, object], folder: Path) -> None:
    """Write every panel among what a page shows into `folder`, as PNG and SVG, in place of an earlier page's.

    Where an earlier page had more of a kind (``curve-0-cca``, ``curve-1-cka``: a curve a metric), the rest goes; files
    of other names stay.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    names = set()
    for each in _among(shown.values()):
        figures.save(each.figure, folder / f"{each.name}.png")
        write_text(each.file, folder / f"{each.name}.svg")
        names.add(each.name)
    kinds = {match[1] for name in names if (match := _NUMBERED.match(name))}
    for path in [*folder.glob("*.png"), *folder.glob("*.svg")]:
        if path.stem not in names and (match := _NUMBERED.match(path.stem)) and match[1] in kinds:
            path.unlink()


def _among(values: Iterable[object]) -> Iterator[Panel]:
    for value in values:
        if isinstance(value, Panel):
            yield value
        elif isinstance(value, list | tuple):
            yield from _among(value)
        elif isinstance(value, Mapping):
            yield from _among(value.values())
