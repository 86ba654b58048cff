"""``neurocompare score MODEL... --data RECORDING``: a model of your own, or several, against a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import Json, argument, option, with_options
from neurocompare.settings import Choices, Scoring, Workers


@with_options
def score(
    choices: Choices,
    scoring: Scoring,
    workers: Workers,
    model: Annotated[
        list[str],
        argument(
            "Activity (condition, time, unit) in a .npy, .npz, .nc or .mat file; a zoo network's folder; or "
            "package.module:name of an array, a torch module or a function. Several share their resamples; "
            "so are those in a folder, or in a table *.csv with columns file and name.",
            "MODEL...",
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
        option("Folder for score.json (of several models comparison.json), scores.csv and report.html.", "DIR"),
    ] = None,
    as_json: Json = False,
    name: Annotated[str | None, option("What to call the model, where it is one.")] = None,
    debug: Debug = False,
) -> None:
    """Score models of your own against a recording: ceiling, nulls, intervals, baselines, and the nearest gamma.

    Of several models it is said which differ significantly: paired differences, corrected for the number of pairs.
    Conditions and times are matched by their labels. Files are never unpickled. What is not chosen here is as in the
    run; --time-step is that of the task which a module is run on: the one it was trained at.
    """
    from neurocompare.records import in_json
    from neurocompare.workflows.score import score as compare

    result = compare(
        model[0] if len(model) == 1 else model,
        data,
        run=run,
        out=out,
        choices=choices,
        scoring=scoring,
        name=name,
        workers=workers,
    )
    if as_json:
        typer.echo(in_json(result))
        return
    typer.echo(str(result))
    if out is not None:
        typer.echo(f"\nReport: {out / 'report.html'}")
