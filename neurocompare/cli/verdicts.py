"""What a command that ranks prints at the end: the answer, and how sure each metric is of it."""

from __future__ import annotations

from pathlib import Path


def show_verdicts(report: Path) -> None:
    """Print the answer, how sure it is by each metric, and where to look."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    from neurocompare.ranking import Ranking
    from neurocompare.records import load_record

    ranking = load_record(Ranking, report.parent / "ranking.json")
    axis = ranking.axis.name
    table = Table("metric", escape(f"best {axis}"), "95 % interval", "verdict", box=None, pad_edge=False)
    for name, result in ranking.metrics.items():
        # A metric that could not be computed has neither.
        best = "-" if result.best_gamma is None else f"{result.best_gamma:g}"
        interval = "-" if result.gamma_interval is None else "{:.3g} to {:.3g}".format(*result.gamma_interval)
        table.add_row(*(Text(cell) for cell in (name, best, interval, result.verdict)))
    console = Console(highlight=False)
    console.print(ranking.summary.sentence, markup=False, soft_wrap=True)
    console.print()
    console.print(table)
    console.print()
    console.print(f"Report: {report}", markup=False, soft_wrap=True)


def show_comparison(report: Path) -> None:
    """Print how models compare by name, and where to look."""
    import typer

    from neurocompare.ranking.model_comparison import ModelComparison
    from neurocompare.records import load_record

    typer.echo(f"{load_record(ModelComparison, report.parent / 'comparison.json')}\n\nReport: {report}")
