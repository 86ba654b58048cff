"""Shown: how records look at a prompt and in a notebook - a line, or a small table, never their whole content."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

MOST = 160
"""Characters of a value in a table."""

MOST_IN_A_LINE = 100
"""Characters of a value in a line: an answer with its interval and metric."""


@dataclass(frozen=True)
class Overview:
    """What is shown of a record.

    Attributes
    ----------
    title : str
        What it is, and its name.
    rows : tuple of (str, str)
        What a reader wants to know first, by name.
    table : tuple of tuple of str
        A heading and rows below it, where numbers want columns.
    """

    title: str
    rows: tuple[tuple[str, str], ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


class Shown(ABC):
    """A record that says in a line what it is, and in a notebook in a table.

    Examples
    --------
    >>> class Session(Shown):
    ...     def overview(self):
    ...         return Overview("Session <1>", (("units", "12"),))
    >>> Session()
    Session <1>: units 12
    >>> "Session &lt;1&gt;" in Session()._repr_html_()
    True
    """

    @abstractmethod
    def overview(self) -> Overview:
        """Return what is to be shown."""

    def __repr__(self) -> str:
        overview = self.overview()
        facts = ", ".join(f"{name} {shortened(value, MOST_IN_A_LINE)}" for name, value in overview.rows)
        return f"{overview.title}: {facts}" if facts else overview.title

    def _repr_html_(self) -> str:
        overview = self.overview()
        rows = "".join(
            f'<tr><th style="text-align:left">{escape(name)}</th>'
            f'<td style="text-align:left">{escape(shortened(value))}</td></tr>'
            for name, value in overview.rows
        )
        facts = f"<table>{rows}</table>" if rows else ""
        return f"<div><b>{escape(overview.title)}</b>{facts}{_columns(overview.table)}</div>"


def shortened(value: str, most: int = MOST) -> str:
    """Cut a text that would fill the screen.

    Examples
    --------
    >>> shortened("abcdef", 4)
    'abc…'
    """
    return value if len(value) <= most else value[: most - 1] + "…"


def _columns(table: Sequence[Sequence[str]]) -> str:
    if not table:
        return ""
    heading, *rows = (
        "".join(f"<{tag}>{escape(shortened(cell))}</{tag}>" for cell in row) for tag, row in _tagged(table)
    )
    return (
        f"<table><thead><tr>{heading}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"
    )


def _tagged(table: Sequence[Sequence[str]]) -> list[tuple[str, Sequence[str]]]:
    return [("th" if place == 0 else "td", row) for place, row in enumerate(table)]
