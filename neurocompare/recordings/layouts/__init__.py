"""How each experiment lays out its NWB files: one adapter a family, and a generic one for the rest.

An adapter says by a file's columns whether it `matches`, and makes a `Recording` of its contents; by its `conventions`
it sorts trials, and `neurocompare datasets` says how.
"""

from __future__ import annotations

from types import ModuleType

from neurocompare.errors import InputError, check_among
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.layouts import falcon, generic, maze, perich, rtt
from neurocompare.recordings.layouts.table import AREA2, CHURCHLAND, EVEN_CHEN, Table

LAYOUTS: dict[str, ModuleType | Table] = {
    "falcon": falcon,
    "area2": AREA2,
    "churchland": CHURCHLAND,
    "even_chen": EVEN_CHEN,
    "perich": perich,
    "rtt": rtt,
    "maze": maze,
    "generic": generic,
}
"""By name, in the order they are tried."""


def layout_of(contents: Contents, name: str | None = None) -> str:
    """Name of the layout of a file: the one asked for, or the first whose columns it has.

    Raises
    ------
    InputError
        If there is no layout of that name, or the file does not have its columns.
    """
    if name is None:
        return next(each for each, layout in LAYOUTS.items() if layout.matches(contents))
    check_among("a layout", name, LAYOUTS)
    if not LAYOUTS[name].matches(contents):
        message = f"expected a file in the layout {name}, found the columns of {layout_of(contents)}; drop --layout"
        raise InputError(message)
    return name
