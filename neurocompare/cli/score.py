"""``neurocompare score MODEL --data RECORDING``: how a model of your own does against a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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


def score(
    model: Annotated[
        str,
        typer.Argument(
            help="Activity (condition, time, unit) in a .npy, .npz, .nc or .mat file; a zoo network's folder; or "
            "package.module:name of an array, a torch module or a function.",
            metavar="MODEL",
            show_default=False,
        ),
    ],
    data: Annotated[
        str,
        typer.Option(
            "--data", "-d", help="'synthetic', a catalogue name, or the path of an NWB file.", metavar="RECORDING"
        ),
    ] = "synthetic",
    run: Annotated[
        Path | None,
        typer.Option(
            "--run",
            "--zoo",
            help="Folder of a run of this recording, or of a zoo for it, to place the model on the gamma axis. "
            "Default: neurocompare-run, if it is of this recording.",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for score.json, scores.csv and report.html.", metavar="DIR", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    draws: Annotated[
        int | None,
        typer.Option(
            help="Resamples of units and trials, at least 20. Default: those of the run, or 80.", show_default=False
        ),
    ] = None,
    time_step: Annotated[
        float | None,
        typer.Option(
            help="Time step of the task that a module is run on, in s: the one it was trained at. Default: the run's, "
            "or 0.05.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the model.", show_default=False)] = None,
    jobs: Annotated[int | None, typer.Option(help="Worker processes. Default: one a core.", show_default=False)] = None,
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
    """Score a model of your own against a recording: ceiling, nulls, intervals, baselines, and the nearest gamma.

    Conditions and times are matched by their labels. Files are never unpickled.
    """
    from neurocompare.cli.progress import progress
    from neurocompare.experiments.score_model import score as compare
    from neurocompare.records import in_json

    choices = choices_of(
        layout=layout, area=area, target=target, behavior=behavior, condition=condition, event=event, window=window,
        valid=valid,
    )  # fmt: skip
    with progress() as hook:
        result = compare(
            model, data, run=run, out=out, draws=draws, time_step=time_step, name=name, jobs=jobs, choices=choices,
            lead=lead, bin_width=bin_width, smoothing=smoothing, progress=hook,
        )  # fmt: skip
    if as_json:
        typer.echo(in_json(result))
        return
    typer.echo(str(result))
    if out is not None:
        typer.echo(f"\nReport: {out / 'report.html'}")
