"""What a command that ranks prints at the end: the answer, and how sure each metric is of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neurocompare.workflows.finished_run import FinishedRun


def show_verdicts(run: FinishedRun) -> None:
    """Print the answer, how sure it is by each metric, and where to look."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    heading, *rows = run.ranking.overview().table
    table = Table(*(escape(name) for name in heading), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(highlight=False)
    summary = run.ranking.summary
    if summary.headline:
        console.print(f"{summary.headline}.", markup=False, soft_wrap=True)
        console.print()
    console.print(summary.sentence, markup=False, soft_wrap=True)
    console.print()
    console.print(table)
    console.print()
    console.print(f"Report: {run.report}", markup=False, soft_wrap=True)
