"""``neurocompare run [RECORDING]``: from a recording to a ranked gamma, with a report to look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import Out, Seed, with_options
from neurocompare.cli.verdicts import show_verdicts
from neurocompare.errors import InputError
from neurocompare.settings import Checked, Checks, Choices, Family, Networks, Scoring, Workers, setting

RecordingArgument = Annotated[
    str,
    typer.Argument(
        help="'synthetic' (shipped, from a network of known gamma), a catalogue name, or the path of an NWB file.",
        metavar="RECORDING",
    ),
]


@dataclass(frozen=True)
class Manner(Checked):
    """What to do, and how thoroughly."""

    quick: bool = setting(False, "A small, fast run: to see the path, not to trust the number.")
    dry_run: bool = setting(
        False,
        "Make nothing; say how long it takes here, how much memory, and which gammas this recording could tell apart "
        "(minutes).",
    )
    json: bool = setting(False, "Print the result as JSON.")


@with_options
def run(
    choices: Choices,
    family: Family,
    networks: Networks,
    scoring: Scoring,
    checks: Checks,
    workers: Workers,
    manner: Manner,
    recording: RecordingArgument = "synthetic",
    again: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Repeat an earlier run: recording and settings are those of its run.json.",
            metavar="RUN.JSON",
            show_default=False,
        ),
    ] = None,
    out: Out = Path("neurocompare-run"),
    seed: Seed = 0,
    debug: Debug = False,
) -> None:
    """Rank gamma: average the recording, draw networks for the same task, compare, and write a report.

    Running the same command again continues where it stopped.
    """
    from neurocompare.account import Comparison, settings_of_run

    asked = Comparison(recording, choices, family, networks, scoring, checks, seed, manner.quick)
    if again is not None:
        if asked != Comparison("synthetic", Choices(), Family(), Networks(), Scoring(), Checks()):
            raise InputError(
                "expected nothing beside --from but --out, --jobs, --dask, --dry-run and --json, found a setting; drop "
                "it, or drop --from"
            )
        asked = settings_of_run(again)
    if manner.dry_run:
        from neurocompare.cli.plan import show_plan
        from neurocompare.workflows.plan import plan

        found = plan(
            asked.recording,
            seed=asked.seed,
            choices=asked.choices,
            family=asked.family,
            networks=asked.networks,
            workers=workers,
        )
        show_plan(found, as_json=manner.json)
        return
    from neurocompare.workflows.run import run as compare

    done = compare(
        asked.recording,
        out=out,
        seed=asked.seed,
        quick=asked.quick,
        choices=asked.choices,
        family=asked.family,
        networks=asked.networks,
        scoring=asked.scoring,
        checks=asked.checks,
        workers=workers,
    )
    if manner.json:
        typer.echo((done.folder / "ranking.json").read_text(encoding="utf-8"), nl=False)
    else:
        show_verdicts(done)
