"""Tables as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def show_table(titles: Sequence[str], rows: Iterable[Sequence[object]], *, width: int | None = None) -> None:
    """Print a table and a line of nothing; numbers with three digits, texts as they are.

    Examples
    --------
    >>> show_table(["gamma", "verdict"], [(0.4, "[resolved]")])
    gamma  verdict
    0.4    [resolved]
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    table = Table(*map(escape, titles), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(f"{cell:.3g}" if isinstance(cell, float) else str(cell)) for cell in row))
    Console(highlight=False, width=width).print(table, "", sep="\n", end="")
