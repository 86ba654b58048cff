"""The API reference: a room's public names, from its `__all__` and its docstrings, on one page.

``.. room:: neurocompare.metrics`` gives the room's own docstring, a table of its names, and an entry for each. A name
that several rooms offer has its entry in the first of them, and a row in the tables of the others.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError, PycodeError
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

ROOMS = (
    "neurocompare.settings",
    "neurocompare.recordings",
    "neurocompare.tasks",
    "neurocompare.models",
    "neurocompare.theory",
    "neurocompare.dynamics",
    "neurocompare.metrics",
    "neurocompare.ranking",
    "neurocompare.report",
    "neurocompare.report.figures",
    "neurocompare.report.figures.talk",
    "neurocompare.workflows",
    "neurocompare",
)
"""In the order of imports; the package itself holds what no room does."""


def names_of(room: ModuleType) -> dict[str, Any]:
    """Return what a room offers, by name: neither its version nor other rooms."""
    offered = {name: getattr(room, name) for name in room.__all__ if not name.startswith("__")}
    return {name: thing for name, thing in offered.items() if not inspect.ismodule(thing)}


def import_named(full: str) -> Any:
    """Return what a full name stands for."""
    module, _, name = full.rpartition(".")
    return getattr(import_module(module), name)


def is_ours(thing: Any) -> bool:
    """Whether it is a class or function written here, which has a docstring of its own."""
    return callable(thing) and str(getattr(thing, "__module__", "")).startswith("neurocompare")


@cache
def homes() -> dict[str, str]:
    """Return the full name under which each public name has its entry, by every full name that it has."""
    first: dict[int, str] = {}
    names: dict[str, str] = {}
    for room in map(import_module, ROOMS):
        for name, thing in names_of(room).items():
            full = f"{room.__name__}.{name}"
            names[full] = first.setdefault(id(thing), full)
    return names


def text_of(name: str, thing: Any) -> str:
    """Return the docstring of a class or function, or what is written beneath a constant.

    Raises
    ------
    ExtensionError
        If there is none.
    """
    if is_ours(thing):
        return inspect.getdoc(thing) or ""
    for module in [module for key, module in sys.modules.items() if key.startswith("neurocompare")]:
        if getattr(module, "__dict__", {}).get(name) is thing:
            try:
                lines = ModuleAnalyzer.for_module(module.__name__).find_attr_docs().get(("", name))
            except PycodeError:
                continue
            if lines:
                return "\n".join(lines).strip()
    message = f"expected a text beneath the public constant {name}, found none"
    raise ExtensionError(message)


def entry_of(full: str, thing: Any) -> list[str]:
    """Return the lines that make an entry."""
    if not is_ours(thing):
        room, _, name = full.rpartition(".")
        text = [f"   {line}" for line in text_of(name, thing).splitlines()]
        return ["", f".. py:currentmodule:: {room}", "", f".. py:data:: {name}", "", *text]
    if inspect.isclass(thing):
        ours = ", ".join(base.__name__ for base in thing.__mro__[1:] if not base.__module__.startswith("neurocompare"))
        return ["", f".. autoclass:: {full}", "   :members:", f"   :inherited-members: {ours}"]
    return ["", f".. autofunction:: {full}"]


class Room(SphinxDirective):
    """Write a room's page."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the room's docstring, the table of its names and their entries."""
        room = import_module(self.arguments[0])
        offered = names_of(room)
        lines = [f".. automodule:: {room.__name__}", "   :no-members:", ""]
        lines += [".. list-table::", "   :widths: auto", "   :class: names", ""]
        for name in sorted(offered, key=str.lower):
            summary = " ".join(text_of(name, offered[name]).split("\n\n")[0].split())
            lines += [f"   * - :py:obj:`{name} <{homes()[f'{room.__name__}.{name}']}>`", f"     - {summary}"]
        for name, thing in offered.items():
            if homes()[f"{room.__name__}.{name}"] == f"{room.__name__}.{name}":
                lines += entry_of(f"{room.__name__}.{name}", thing)
        return self.parse_text_to_nodes("\n".join(lines) + "\n")


def add_settings(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Say of a record of settings what its fields' declarations say: type, bounds, unit, default and meaning."""
    fields = dataclasses.fields(thing) if what == "class" and dataclasses.is_dataclass(thing) else ()
    declared = [field for field in fields if "about" in field.metadata]
    if not declared or "Attributes" in lines:
        return
    added = ["", "Attributes", "----------"]
    for field in declared:
        about, kind = field.metadata["about"], str(field.type).replace(" | ", " or ")
        added += [f"{field.name} : {kind}", f"    {about.help}{f' In {about.unit}.' if about.unit else ''}"]
    place = next((at for at, line in enumerate(lines) if line in ("Raises", "References", "Examples")), len(lines))
    lines[place:place] = [*added, ""]


def resolve(app: Sphinx, env: Any, node: nodes.Node, contnode: nodes.Node) -> nodes.Node | None:
    """Link a name in backticks to the one entry that ends so; leave it as code where there is none or several.

    Docstrings speak of arguments, columns and other packages in the same backticks: these are no broken links. An
    explicit role (``:func:`` and the like) that leads nowhere stays a warning.
    """
    if (node["refdomain"], node["reftype"]) != ("py", "obj"):
        return None
    entries, wanted = env.get_domain("py").objects, node["reftarget"].rstrip("()")
    named = {homes().get(name, name) for name in (*homes(), *entries) if f".{name}".endswith(f".{wanted}")} & set(
        entries
    )
    if len(named) != 1:
        return contnode
    (full,) = named
    entry = entries[full]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, full)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive, and what links names."""
    app.add_directive("room", Room)
    app.connect("missing-reference", resolve)
    app.connect("autodoc-process-docstring", add_settings, priority=100)  # before numpydoc reads it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
