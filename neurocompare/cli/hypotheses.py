"""``neurocompare hypotheses FOLDER FOLDER``: explorations under different tasks, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import Json, Out, Seed, argument, with_options
from neurocompare.cli.tables import show_table
from neurocompare.settings import Workers


@with_options
def hypotheses(
    workers: Workers,
    folders: Annotated[
        list[Path],
        argument(
            "Folders that `neurocompare run --explore` wrote into, each of the same recording with another task "
            "(--target, --behavior, --cue, --trigger).",
            "FOLDERS",
        ),
    ],
    theory: Annotated[
        bool, typer.Option("--theory/--no-theory", help="Solve the theory for KL per unit, minutes each.")
    ] = True,
    out: Out = Path("neurocompare-hypotheses"),
    seed: Seed = 0,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Compare explorations under different tasks: likeness, gamma and KL per unit of each; nothing is averaged.

    For example, of a recording with a hand and muscles:

    neurocompare run FILE.nwb --explore --target hand --out hand

    neurocompare run FILE.nwb --explore --target emg --out muscles

    neurocompare run FILE.nwb --explore --cue pulse --trigger --out cued

    neurocompare hypotheses hand muscles cued
    """
    from neurocompare.run_folder import RunFolder
    from neurocompare.workflows.hypotheses import compare_hypotheses

    result, left = compare_hypotheses(folders, out=out, theory=theory, seed=seed, workers=workers), RunFolder(out)
    if json:
        typer.echo(left.hypotheses.read_text(encoding="utf-8"), nl=False)
        return
    typer.echo(f"{result.headline}.\n")
    heading, *rows = result.overview().table
    show_table(heading, rows)
    for sentence in result.sentences:
        typer.echo(sentence)
    typer.echo(f"\nReport: {left.report}")
