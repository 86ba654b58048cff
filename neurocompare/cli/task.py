"""``neurocompare task RECORDING --export task.npz``: what to train a model of your own on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.recording_options import (
    Area,
    Behavior,
    BinWidth,
    Condition,
    Event,
    Layout,
    Lead,
    Smoothing,
    Target,
    Valid,
    Window,
    choices_of,
)

if TYPE_CHECKING:
    from neurocompare.tasks import Task


def task(
    recording: Annotated[
        str,
        typer.Argument(help="'synthetic', a catalogue name, or the path of an NWB file.", metavar="RECORDING"),
    ] = "synthetic",
    export: Annotated[
        Path | None,
        typer.Option(
            help="Write inputs, targets, conditions and times to this .npz (or .nc) file.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            help="Folder of a run of this recording whose settings to use. Default: neurocompare-run, if it is one.",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    time_step: Annotated[
        float | None, typer.Option(help="In s. Default: the run's, or 0.05.", show_default=False)
    ] = None,
    lead: Lead = None,
    bin_width: BinWidth = None,
    smoothing: Smoothing = None,
    area: Area = None,
    target: Target = None,
    behavior: Behavior = None,
    event: Event = None,
    window: Window = None,
    condition: Condition = None,
    valid: Valid = None,
    layout: Layout = None,
    debug: Debug = False,
) -> None:
    """Show the task that an animal was given in a recording, and export it to train a model of your own on."""
    from neurocompare.experiments.session import open_session
    from neurocompare.tasks import export_task

    choices = choices_of(
        layout=layout, area=area, target=target, behavior=behavior, condition=condition, event=event, window=window,
        valid=valid,
    )  # fmt: skip
    session = open_session(
        recording, run=run, time_step=time_step, choices=choices, lead=lead, bin_width=bin_width, smoothing=smoothing
    )
    for note in session.notes:
        typer.echo(f"neurocompare: {note}", err=True)
    typer.echo(describe_task(session.task))
    if export is not None:
        typer.echo(f"\nWritten: {export_task(session.task, export)}")


def describe_task(task: Task) -> str:
    """Describe a task in lines of a title and a value.

    Examples
    --------
    >>> from neurocompare.tasks import oscillation
    >>> print(describe_task(oscillation()).splitlines()[0])
    oscillation
    """
    time, events = task.inputs["time"].values, ", ".join(f"{name} {when:g}" for name, when in task.events)
    conditions = ", ".join(map(str, task.inputs["condition"].values[:8]))
    more = f" and {task.inputs.sizes['condition'] - 8} more" if task.inputs.sizes["condition"] > 8 else ""
    lines = [
        task.name,
        f"  conditions  {task.inputs.sizes['condition']}: {conditions}{more}",
        f"  time        {len(time)} steps of {1000 * task.time_step:g} ms, {time[0]:g} to {time[-1]:g} s ({events})",
        f"  inputs      {task.inputs.shape}: {_labels(task, 'inputs', 'channel')}",
        f"  targets     {task.targets.shape}: {_labels(task, 'targets', 'output')}, divided by {task.target_scale:.4g} "
        f"{task.target_unit}",
        *(f"  note        {note}" for note in task.notes),
    ]
    return "\n".join(lines)


def _labels(task: Task, name: str, dim: str) -> str:
    array = getattr(task, name)
    return ", ".join(map(str, array[dim].values)) if dim in array.coords else dim
