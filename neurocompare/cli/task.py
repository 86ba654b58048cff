"""``neurocompare task RECORDING --export task.npz``: what to train a model of your own on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import option, with_options
from neurocompare.cli.run import RecordingArgument
from neurocompare.errors import first_few
from neurocompare.settings import Choices

if TYPE_CHECKING:
    from neurocompare.tasks import Task


@with_options
def task(
    choices: Choices,
    recording: RecordingArgument = "synthetic",
    export: Annotated[
        Path | None, option("Write inputs, targets, conditions and times to this .npz (or .nc) file.", "FILE")
    ] = None,
    run: Annotated[
        Path | None,
        option(
            "Folder of a run of this recording whose settings to use. Default: neurocompare-run, if it is one.", "DIR"
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Show the task that an animal was given in a recording, and export it to train a model of your own on."""
    from neurocompare.tasks import export_task
    from neurocompare.workflows.session import open_beside

    beside = open_beside(recording, choices, run=run)
    for note in beside.notes:
        typer.echo(f"neurocompare: {note}", err=True)
    typer.echo(describe_task(beside.session.task))
    if export is not None:
        typer.echo(f"\nWritten: {export_task(beside.session.task, export)}")


def describe_task(task: Task) -> str:
    """Describe a task in lines of a title and a value.

    Examples
    --------
    >>> from neurocompare.tasks import oscillation
    >>> print(describe_task(oscillation()).splitlines()[0])
    oscillation
    """
    time, events = task.inputs["time"].values, ", ".join(f"{name} {when:g}" for name, when in task.events)
    conditions = list(map(str, task.inputs["condition"].values))
    lines = [
        task.name,
        f"  conditions  {len(conditions)}: {first_few(conditions, 8)}",
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
