"""``neurocompare pool RANKING RANKING ...``: finished rankings of several recordings, taken together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.verdicts import show_verdicts


def pool(
    rankings: Annotated[
        list[Path],
        typer.Argument(
            help="Folders that `neurocompare run` or `neurocompare rank` left, each of another recording.",
            metavar="RANKING RANKING ...",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for scores, ranking and report.", metavar="DIR")] = Path(
        "neurocompare-pooled"
    ),
    draws: Annotated[
        int, typer.Option(help="Resamples of units and trials, for recordings as models of each other; at least 20.")
    ] = 40,
    seed: Annotated[int, typer.Option(help="Seed of everything random. Same seed, same result.")] = 0,
    jobs: Annotated[int | None, typer.Option(help="Worker processes. Default: one a core.", show_default=False)] = None,
    debug: Debug = False,
) -> None:
    """Pool finished rankings of several recordings over the values that all were ranked at, and write a report.

    The recordings may be of different tasks, each ranked with networks of its own. With three or more, recordings are
    resampled too, and the interval is about recordings like these; with two it is about these two. For example:

    neurocompare pool run-monkey-j run-monkey-n run-monkey-c --out all-three
    """
    from neurocompare.cli.progress import progress
    from neurocompare.comparisons import pool_rankings

    with progress() as hook:
        report = pool_rankings(rankings, out=out, draws=draws, seed=seed, jobs=jobs, progress=hook)
    show_verdicts(report)
