"""What ``neurocompare run --dry-run`` prints: hours, memory, and which gammas could be told apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from neurocompare.cli.tables import show_table

if TYPE_CHECKING:
    from neurocompare.workflows.distinguishable import Placed
    from neurocompare.workflows.plan import Plan


def show_plan(plan: Plan, *, as_json: bool = False) -> None:
    """Print a plan, as tables or as JSON."""
    if as_json:
        from neurocompare.records import plain

        typer.echo(json.dumps({"schema": plan.SCHEMA} | plain(plan), indent=1, allow_nan=False))
        return
    few, many = plan.trials
    trials = str(few) if few == many else f"{few} to {many}"
    typer.echo(
        f"{plan.recording}: {plan.units} units, {plan.conditions} conditions, {trials} trials each; "
        f"the task has {plan.samples} samples.\n"
    )
    rows = []
    for zoo in plan.zoos:
        hours = ["-", "-"]
        if zoo.hours is not None:
            hours = [f"{zoo.hours:.2g}", f"{zoo.least_hours:.2g} to {zoo.most_hours:.2g}"]
        rows.append([zoo.units, zoo.networks, *hours, f"{zoo.memory / 1e9:.1f}", zoo.workers, zoo.note])
    show_table(["units", "networks", "hours", "range", "memory (GB)", "workers", ""], rows)
    for sentence in (*plan.assumptions, *plan.notes):
        typer.echo(sentence)
    if plan.told_apart:
        _show_told_apart(plan.told_apart)
    else:
        typer.echo()
    if plan.recovery is None:
        typer.echo("No recovery of this family at a similar data size is kept here: `neurocompare recover` makes one.")
    else:
        for sentence in plan.recovery.sentences:
            typer.echo(f"Planted networks: {sentence}")


def _show_told_apart(told_apart: tuple[Placed, ...]) -> None:
    metrics, rows = list(dict.fromkeys(each.metric for each in told_apart)), []
    for gamma in dict.fromkeys(each.gamma for each in told_apart):
        placed = {each.metric: each for each in told_apart if each.gamma == gamma}
        rows.append([f"{gamma:g}", *(f"{placed[name].low:.3g} to {placed[name].high:.3g}" for name in metrics)])
    typer.echo("\nInfinite networks recorded like this would be placed by their kernels at (95 % interval of gamma):")
    show_table(["if gamma is", *(f"by {metric}" for metric in metrics)], rows)
