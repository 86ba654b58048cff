"""What a command prints at the end: tables, the answer, and how sure each metric is of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neurocompare.ranking.exploration import Exploration
    from neurocompare.workflows.finished_run import FinishedRun


QUICK = "A quick run: small networks, short chains and few resamples, to see the path. No number here is to be trusted."


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


def show_verdicts(run: FinishedRun) -> None:
    """Print the answer, how sure it is by each metric, and where to look."""
    summary = run.ranking.summary
    shifts = run.ranking.pooled.shifts if run.ranking.pooled else ()
    apart = [each.sentence(run.ranking.axis.noun) for each in shifts if each.sure]
    _show(summary.headline, (summary.sentence, *apart), run.ranking.overview().table, run.report)


def show_exploration(exploration: Exploration, report: Path) -> None:
    """Print the answer, the conditions it holds under, how sure it is by each metric, and where to look."""
    shifts = exploration.pooled.shifts if exploration.pooled else ()
    apart = [str(each) for each in shifts if each.sure]
    _show(exploration.headline, (*exploration.conditions, *apart), exploration.overview().table, report)


def _show(headline: str, sentences: Sequence[str], answers: Sequence[Sequence[str]], report: Path) -> None:
    from rich.console import Console

    from neurocompare.account import is_quick
    from neurocompare.run_folder import RunFolder

    folder = RunFolder(report.parent)
    heading, *rows = answers
    console = Console(highlight=False)
    first = [QUICK, ""] if is_quick(folder) else []
    first += [f"{headline}.", ""] if headline else []
    console.print(*first, *sentences, "", sep="\n", markup=False, soft_wrap=True)
    show_table(heading, rows)
    kept = [f"Earlier results: {folder.earlier}"] if folder.earlier.is_dir() else []
    console.print("", f"Report: {report}", *kept, sep="\n", markup=False, soft_wrap=True)
