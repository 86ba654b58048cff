"""What ``neurocompare run --dry-run`` prints: hours, memory, and which gammas could be told apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from neurocompare.workflows.distinguishable import Placed
    from neurocompare.workflows.plan import Plan


def show_plan(found: Plan, *, as_json: bool = False) -> None:
    """Print a plan, as tables or as JSON."""
    if as_json:
        from neurocompare.records import plain

        typer.echo(json.dumps({"schema": found.SCHEMA} | plain(found), indent=1, allow_nan=False))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    few, many = found.trials
    trials = str(few) if few == many else f"{few} to {many}"
    console.print(
        f"{found.recording}: {found.units} units, {found.conditions} conditions, {trials} trials each; "
        f"the task has {found.samples} samples.",
        markup=False,
        soft_wrap=True,
    )
    console.print()
    table = Table("units", "networks", "hours", "range", "memory (GB)", "workers", "", box=None, pad_edge=False)
    for zoo in found.zoos:
        hours = ["-", "-"]
        if zoo.hours is not None:
            hours = [f"{zoo.hours:.2g}", f"{zoo.least_hours:.2g} to {zoo.most_hours:.2g}"]
        cells = [zoo.units, zoo.networks, *hours, f"{zoo.memory / 1e9:.1f}", zoo.workers, zoo.note]
        table.add_row(*(Text(str(cell)) for cell in cells))
    console.print(table)
    console.print()
    for sentence in (*found.assumptions, *found.notes):
        console.print(sentence, markup=False, soft_wrap=True)
    if found.told_apart:
        _show_told_apart(console, found.told_apart)
    console.print()
    if found.recovery is None:
        console.print(
            "No recovery of this family at a similar data size is kept here: `neurocompare recover` makes one."
        )
    else:
        for sentence in found.recovery.sentences:
            console.print(f"Planted networks: {sentence}", markup=False, soft_wrap=True)


def _show_told_apart(console: Console, told_apart: tuple[Placed, ...]) -> None:
    from rich.table import Table

    metrics = list(dict.fromkeys(each.metric for each in told_apart))
    table = Table("if gamma is", *(f"by {metric}" for metric in metrics), box=None, pad_edge=False)
    for gamma in dict.fromkeys(each.gamma for each in told_apart):
        placed = {each.metric: each for each in told_apart if each.gamma == gamma}
        table.add_row(f"{gamma:g}", *(f"{placed[name].low:.3g} to {placed[name].high:.3g}" for name in metrics))
    console.print()
    console.print("Infinite networks recorded like this would be placed by their kernels at (95 % interval of gamma):")
    console.print(table)
