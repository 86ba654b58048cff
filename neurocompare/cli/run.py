"""``neurocompare run [RECORDING]``: from a recording to a ranked gamma, with a report to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import Json, Out, Seed, with_options
from neurocompare.cli.verdicts import show_verdicts
from neurocompare.settings import Checks, Choices, Family, Networks, Scoring, Workers

RecordingArgument = Annotated[
    str,
    typer.Argument(
        help="'synthetic' (shipped, from a network of known gamma), a catalogue name, or the path of an NWB file.",
        metavar="RECORDING",
    ),
]


@with_options
def run(
    choices: Choices,
    family: Family,
    networks: Networks,
    scoring: Scoring,
    checks: Checks,
    workers: Workers,
    recording: RecordingArgument = "synthetic",
    out: Out = Path("neurocompare-run"),
    quick: Annotated[
        bool, typer.Option("--quick", help="A small, fast run: to see the path, not to trust the number.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Make nothing; say how long it takes here, how much memory, and which gammas this recording could "
            "tell apart (a minute or two).",
        ),
    ] = False,
    as_json: Json = False,
    seed: Seed = 0,
    debug: Debug = False,
) -> None:
    """Rank gamma: average the recording, draw networks for the same task, compare, and write a report.

    Running the same command again continues where it stopped.
    """
    from neurocompare.progress import display

    if dry_run:
        from neurocompare.cli.plan import show_plan
        from neurocompare.workflows.plan import plan

        with display() as hook:
            found = plan(
                recording, seed=seed, choices=choices, family=family, networks=networks, workers=workers, progress=hook
            )
        show_plan(found, as_json=as_json)
        return
    from neurocompare.workflows.run import run as compare

    with display() as hook:
        found = compare(
            recording,
            out=out,
            seed=seed,
            quick=quick,
            choices=choices,
            family=family,
            networks=networks,
            scoring=scoring,
            checks=checks,
            workers=workers,
            progress=hook,
        )
    if as_json:
        typer.echo((found.folder / "ranking.json").read_text(encoding="utf-8"), nl=False)
    else:
        show_verdicts(found)
