"""``neurocompare rank ZOO --data RECORDING``: networks that are there already against a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.numbers import axes
from neurocompare.cli.recording_options import BinWidth, Smoothing
from neurocompare.cli.verdicts import show_verdicts

_RECORDING, _RANKING = "Recording", "Ranking"


def _option(text: str, panel: str, *names: str, metavar: str | None = None) -> object:
    return typer.Option(*names, help=text, rich_help_panel=panel, metavar=metavar)


def rank(
    zoo: Annotated[
        Path,
        typer.Argument(
            help="Folder of networks that `neurocompare zoo` or `neurocompare run` wrote.",
            metavar="ZOO",
            show_default=False,
        ),
    ],
    data: Annotated[
        str,
        typer.Option(
            help="'synthetic', a catalogue name, or the path of an NWB file.", metavar="RECORDING", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for scores, ranking and report.", metavar="DIR")] = Path(
        "neurocompare-ranking"
    ),
    metrics: Annotated[
        str | None,
        typer.Option(
            help="Metrics to rank by, in order of preference, separated by commas, such as procrustes,rsa. "
            "Default: procrustes,cca,cka,single_unit.",
            metavar="NAME,NAME,...",
            show_default=False,
            rich_help_panel=_RANKING,
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="Where the zoo has several families: the value of g, tau, beta, input-scale or noise to rank at.",
            metavar="NAME=VALUE",
            show_default=False,
            rich_help_panel=_RANKING,
        ),
    ] = None,
    draws: Annotated[int, _option("Resamples of units and trials, at least 20.", _RANKING)] = 80,
    seed: Annotated[int, typer.Option(help="Seed of everything random. Same seed, same result.")] = 0,
    jobs: Annotated[int | None, typer.Option(help="Worker processes. Default: one a core.", show_default=False)] = None,
    bin_width: BinWidth = None,
    smoothing: Smoothing = None,
    min_rate: Annotated[float, _option("Units firing less than this are left out, in spikes/s.", _RECORDING)] = 1.0,
    debug: Debug = False,
) -> None:
    """Rank the gammas of an existing zoo against a recording, and write a report.

    Running the same command again continues where it stopped. For example:

    neurocompare rank neurocompare-zoo --data FILE.nwb --metrics procrustes,rsa,predictivity
    """
    from neurocompare.errors import InputError

    chosen = axes(where or (), option="--where")
    if any(len(values) > 1 for values in chosen.values()):
        message = "expected one value for each --where, found several; rank one family at a time"
        raise InputError(message)
    names = {"noise": "private_noise"}
    from neurocompare.cli.progress import progress
    from neurocompare.zoo_ranking import rank_zoo

    with progress() as hook:
        report = rank_zoo(
            zoo,
            data,
            out=out,
            metrics=None if metrics is None else [name.strip() for name in metrics.split(",")],
            where={names.get(name, name): values[0] for name, values in chosen.items()},
            draws=draws,
            seed=seed,
            jobs=jobs,
            bin_width=bin_width,
            smoothing=smoothing,
            min_rate=min_rate,
            progress=hook,
        )
    show_verdicts(report)
