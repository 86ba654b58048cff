"""What ``neurocompare run --dry-run`` prints: hours, memory, and which gammas could be told apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from neurocompare.cli.tables import show_table

if TYPE_CHECKING:
    from neurocompare.workflows.distinguishable import Placed
    from neurocompare.workflows.explore_plan import ExplorationPlan
    from neurocompare.workflows.plan import Plan


def show_plan(plan: Plan, *, as_json: bool = False) -> None:
    """Print a plan, as tables or as JSON."""
    if as_json:
        _show_json(plan)
        return
    typer.echo(f"{_size(plan)}; the task has {plan.samples} samples.\n")
    rows = []
    for zoo in plan.zoos:
        hours = ["-", "-"]
        if zoo.hours is not None:
            least, most = _duration(zoo.least_hours), _duration(zoo.most_hours)
            hours = [_duration(zoo.hours), f"{least} to {most}" if least != most else ""]
        rows.append([zoo.units, zoo.networks, *hours, f"{zoo.memory / 1e9:.1f}", zoo.workers, zoo.note])
    show_table(["units", "networks", "time", "range", "memory (GB)", "workers", ""], rows)
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


def show_exploration_plan(plan: ExplorationPlan, *, as_json: bool = False) -> None:
    """Print what an exploration would take, as a table or as JSON."""
    if as_json:
        _show_json(plan)
        return
    typer.echo(f"{_size(plan)}.")
    made = f"{plan.networks} networks of {plan.network_units} units"
    typer.echo(f"{plan.points} points, {plan.reservoirs} of them reservoirs (gamma 0); {made}.\n")
    rows = []
    for part in plan.parts:
        tau = " to ".join(f"{1000 * end:.3g}" for end in part.tau)
        gradients = "-" if part.gradients is None else f"{part.gradients:.2g}"
        share = "-" if part.share is None else f"{part.share:.0%}" if part.share > 0.005 else "< 1%"
        rows.append([f"{1000 * part.time_step:.4g}", tau, part.points, part.samples, gradients, share])
    show_table(["time step (ms)", "tau (ms)", "points", "samples", "gradients", "share of the time"], rows)
    if plan.hours is not None:
        least, most = (_duration(hours) for hours in (plan.least_hours, plan.most_hours))
        between = f" ({least} to {most})" if least != most else ""
        workers = "1 worker" if plan.workers == 1 else f"{plan.workers} workers"
        typer.echo(f"\nNetworks take about {_duration(plan.hours)}{between} with {workers}.")
    typer.echo(f"Memory {plan.memory / 1e9:.1f} GB, disk {plan.disk / 1e9:.2g} GB.")
    for sentence in plan.sentences:
        typer.echo(sentence)


def _size(plan: Plan | ExplorationPlan) -> str:
    few, many = plan.trials
    trials = str(few) if few == many else f"{few} to {many}"
    return f"{plan.recording}: {plan.units} units, {plan.conditions} conditions, {trials} trials each"


def _duration(hours: float | None) -> str:
    if hours is None:
        return "-"
    return f"{60 * hours:.2g} min" if hours < 1.5 else f"{hours:.2g} h" if hours < 10 else f"{hours:.0f} h"


def _show_json(plan: Plan | ExplorationPlan) -> None:
    from neurocompare.records import plain

    typer.echo(json.dumps({"schema": plan.SCHEMA} | plain(plan), indent=1, allow_nan=False))


def _show_told_apart(told_apart: tuple[Placed, ...]) -> None:
    metrics, rows = list(dict.fromkeys(each.metric for each in told_apart)), []
    for gamma in dict.fromkeys(each.gamma for each in told_apart):
        placed = {each.metric: each for each in told_apart if each.gamma == gamma}
        rows.append([f"{gamma:g}", *(f"{placed[name].low:.3g} to {placed[name].high:.3g}" for name in metrics)])
    typer.echo("\nInfinite networks recorded like this would be placed by their kernels at (95 % interval of gamma):")
    show_table(["if gamma is", *(f"by {metric}" for metric in metrics)], rows)
