"""Pages: a template filled in becomes one self-contained HTML file, its figures files of their own beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

from neurocompare.files import write_text
from neurocompare.report.figures.style import THEME
from neurocompare.report.panel import save_panels
from neurocompare.report.tables import meaning, number, pair


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
