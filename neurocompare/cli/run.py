"""``neurocompare run [RECORDING]``: from a recording to a ranked gamma, with a report to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import Out, Seed, option_of, with_options
from neurocompare.cli.tables import show_exploration, show_verdicts
from neurocompare.errors import InputError
from neurocompare.settings import Checked, Choices, Exploring, Family, Networks, Scoring, Workers, changed, setting

if TYPE_CHECKING:
    from neurocompare.account import Comparison

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
    explore: bool = setting(
        False,
        "Vary gamma, g, tau, beta, input scale and lag together over a design, and profile gamma over the others; "
        "leaves its own folder, exploration, in --out.",
    )
    dry_run: bool = setting(
        False,
        "Make nothing; say how long it takes here, how much memory, and which gammas this recording could tell apart; "
        "with --explore, which points of the design take it (minutes).",
    )
    json: bool = setting(False, "Print the result as JSON.")
    again: str | None = setting(
        None,
        "Repeat an earlier run: recording and settings are those of its run.json.",
        option="from",
        metavar="RUN.JSON",
    )


@with_options
def run(
    choices: Choices,
    family: Family,
    networks: Networks,
    scoring: Scoring,
    exploring: Exploring,
    workers: Workers,
    manner: Manner,
    recording: RecordingArgument = "synthetic",
    out: Out = Path("neurocompare-run"),
    seed: Seed = 0,
    debug: Debug = False,
) -> None:
    """Rank gamma: average the recording, draw networks for the same task, compare, and write a report.

    Running the same command again continues where it stopped.
    """
    from neurocompare.account import Comparison, settings_of_run

    if exploring != Exploring() and not manner.explore:
        name = next(iter(changed(exploring)))
        raise InputError(f"expected {option_of(Exploring, name)} with --explore, found it alone; add that, or drop it")
    explored = exploring if manner.explore else None
    asked = Comparison(recording, choices, family, networks, scoring, seed, manner.quick, exploring=explored)
    if manner.again is not None:
        if asked != Comparison("synthetic", Choices(), Family(), Networks(), Scoring()):
            raise InputError(
                "expected nothing beside --from but --out, --jobs, --dask, --dry-run and --json, found a setting; drop "
                "it, or drop --from"
            )
        asked = settings_of_run(Path(manner.again))
        if asked.repeated_over:
            _say_what_is_not_repeated(asked.repeated_over)
    if asked.exploring is not None and manner.dry_run:
        _plan_exploration(asked, workers, manner)
    elif asked.exploring is not None:
        _explore(asked, out, workers, manner)
    elif manner.dry_run:
        _plan(asked, workers, manner)
    else:
        _run(asked, out, workers, manner)


def _say_what_is_not_repeated(settings: Sequence[str]) -> None:
    only = ",".join(settings).replace("_", "-")
    typer.echo(
        "neurocompare: that run was ranked at other settings too, by --match or --nuisance, which are gone and not "
        f"repeated; neurocompare run RECORDING --explore --explore-only {only} varies the same settings",
        err=True,
    )


def _run(asked: Comparison, out: Path, workers: Workers, manner: Manner) -> None:
    from neurocompare.workflows.run import run as compare

    done = compare(**_keywords(asked, "quick", "scoring"), out=out, workers=workers)
    if manner.json:
        typer.echo((done.folder / "ranking.json").read_text(encoding="utf-8"), nl=False)
    else:
        show_verdicts(done)


def _plan(asked: Comparison, workers: Workers, manner: Manner) -> None:
    from neurocompare.cli.plan import show_plan
    from neurocompare.workflows.plan import plan

    show_plan(plan(**_keywords(asked, "quick"), workers=workers), as_json=manner.json)


def _plan_exploration(asked: Comparison, workers: Workers, manner: Manner) -> None:
    from neurocompare.cli.plan import show_exploration_plan
    from neurocompare.workflows.explore_plan import plan_exploration

    plan = plan_exploration(**_keywords(asked, "quick", "scoring", "exploring"), workers=workers)
    show_exploration_plan(plan, as_json=manner.json)


def _explore(asked: Comparison, out: Path, workers: Workers, manner: Manner) -> None:
    from neurocompare.run_folder import RunFolder
    from neurocompare.workflows.explore import check_explorable, explore

    check_explorable(asked)
    exploration = explore(**_keywords(asked, "quick", "scoring", "exploring"), out=out, workers=workers)
    left = RunFolder(out).explored
    if manner.json:
        typer.echo(left.exploration.read_text(encoding="utf-8"), nl=False)
    else:
        show_exploration(exploration, left.report)


def _keywords(asked: Comparison, *more: str) -> dict[str, Any]:
    """Return what every verb is told of a comparison, and what else this one is."""
    return {name: getattr(asked, name) for name in ("recording", "choices", "family", "networks", "seed", *more)}
