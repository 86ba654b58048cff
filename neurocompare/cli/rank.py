"""``neurocompare rank ZOO --data RECORDING``: networks that are there already against recordings."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from neurocompare.cli.confound_options import PANEL, Matched, PaperProtocol
from neurocompare.cli.errors import Debug
from neurocompare.cli.numbers import axes
from neurocompare.cli.recording_options import (
    Area,
    Behavior,
    BinWidth,
    Condition,
    Event,
    Layout,
    Smoothing,
    Stream,
    Target,
    Valid,
    Window,
    choices_of,
)
from neurocompare.cli.verdicts import show_verdicts
from neurocompare.errors import InputError

_RECORDING, _RANKING, _FAMILY = "Recording", "Ranking", "Your own models"


def _option(text: str, panel: str, *names: str, metavar: str | None = None, show_default: bool = True) -> object:
    return typer.Option(*names, help=text, rich_help_panel=panel, metavar=metavar, show_default=show_default)


def rank(
    models: Annotated[
        Path,
        typer.Argument(
            help="Folder of networks that `neurocompare zoo` or `neurocompare run` wrote; with --axis, a folder of "
            "models of your own and a table of them.",
            metavar="ZOO",
            show_default=False,
        ),
    ],
    data: Annotated[
        list[str],
        typer.Option(
            help="'synthetic', a catalogue name, or the path of an NWB file. Repeat for several recordings: each is "
            "ranked by itself, then all are pooled.",
            metavar="RECORDING",
            show_default=False,
        ),
    ],
    axis: Annotated[
        str | None,
        _option(
            "Rank your own models along this column of the table (*.csv in the folder: columns file, this one, and run "
            "or seed for repeated trainings, at least two at every value).",
            _FAMILY,
            metavar="COLUMN",
            show_default=False,
        ),
    ] = None,
    scale: Annotated[
        str | None,
        _option(
            "Scale of the axis. Default: that on which its values are more evenly spread.",
            _FAMILY,
            metavar="log|linear",
            show_default=False,
        ),
    ] = None,
    time_step: Annotated[
        float | None,
        _option(
            "Time step of the task that activity without times is on, in s. Default: 0.05.", _FAMILY, show_default=False
        ),
    ] = None,
    lead: Annotated[
        float | None,
        _option("How far neural activity runs ahead of the hand, in s. Default: 0.1.", _FAMILY, show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for scores, ranking and report.", metavar="DIR")] = Path(
        "neurocompare-ranking"
    ),
    metrics: Annotated[
        str | None,
        _option(
            "Metrics to rank by, in order of preference, separated by commas, such as procrustes,rsa. "
            "Default: procrustes,cca,cka,single_unit.",
            _RANKING,
            metavar="NAME,NAME,...",
            show_default=False,
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        _option(
            "Where the zoo has several families: the value of g, tau, beta, input-scale or noise to rank at.",
            _RANKING,
            metavar="NAME=VALUE",
            show_default=False,
        ),
    ] = None,
    draws: Annotated[int, _option("Resamples of units and trials, at least 20.", _RANKING)] = 80,
    seed: Annotated[int, typer.Option(help="Seed of everything random. Same seed, same result.")] = 0,
    jobs: Annotated[int | None, typer.Option(help="Worker processes. Default: one a core.", show_default=False)] = None,
    bin_width: BinWidth = None,
    smoothing: Smoothing = None,
    min_rate: Annotated[float, _option("Units firing less than this are left out, in spikes/s.", _RECORDING)] = 1.0,
    area: Area = None,
    target: Target = None,
    behavior: Behavior = None,
    event: Event = None,
    window: Window = None,
    condition: Condition = None,
    valid: Valid = None,
    layout: Layout = None,
    stream: Stream = False,
    match: Annotated[
        Matched | None,
        typer.Option(
            help="fit: of a zoo that holds others too, rank the networks whose beta was chosen for equal fit.",
            rich_help_panel=PANEL,
            show_default=False,
        ),
    ] = None,
    nuisance: Annotated[
        bool,
        typer.Option(
            "--nuisance", help="Rank over all nuisance settings (--grid) that the zoo has.", rich_help_panel=PANEL
        ),
    ] = False,
    protocol: PaperProtocol = None,
    debug: Debug = False,
) -> None:
    """Rank the gammas of an existing zoo, or a setting of your own models, against a recording, and write a report.

    Running the same command again continues where it stopped. For example:

    neurocompare rank neurocompare-zoo --data FILE.nwb --metrics procrustes,rsa,predictivity

    neurocompare rank my-models --axis weight_decay --data FILE.nwb
    """
    chosen = axes(where or (), option="--where")
    own = {"scale": scale, "time_step": time_step, "lead": lead}
    of_zoo = {"match": match and match.value, "nuisance": nuisance, "protocol": protocol and protocol.value}
    _check(axis, chosen, own, of_zoo)
    choices = choices_of(
        layout=layout,
        area=area,
        target=target,
        behavior=behavior,
        condition=condition,
        event=event,
        window=window,
        valid=valid,
    )
    from neurocompare.cli.progress import progress
    from neurocompare.comparisons import rank_each, rank_family, rank_zoo

    shared = {
        "metrics": None if metrics is None else [name.strip() for name in metrics.split(",")],
        "draws": draws,
        "seed": seed,
        "jobs": jobs,
        "bin_width": bin_width,
        "smoothing": smoothing,
        "min_rate": min_rate,
        "choices": choices,
        "stream": stream,
    }
    if axis is None:
        names = {"noise": "private_noise"}
        at = {names.get(name, name): values[0] for name, values in chosen.items()}
        one = partial(rank_zoo, models, where=at, **of_zoo, **shared)
    else:
        given = {name: value for name, value in own.items() if value is not None}
        one = partial(rank_family, models, axis=axis, **given, **shared)
    with progress() as hook:
        if len(data) == 1:
            report = one(data[0], out=out, progress=hook)
        else:
            report = rank_each(one, data, out=out, stream=stream, seed=seed, jobs=jobs, progress=hook)
    show_verdicts(report)


def _check(
    axis: str | None, where: dict[str, tuple[float, ...]], own: dict[str, object], of_zoo: dict[str, object]
) -> None:
    """Refuse options that do not go together."""
    if any(len(values) > 1 for values in where.values()):
        message = "expected one value for each --where, found several; rank one family at a time"
        raise InputError(message)
    if axis is not None and where:
        message = "expected --where with a zoo, found it with --axis; list in the table what is to be ranked"
        raise InputError(message)
    for name, value in own.items():
        if axis is None and value is not None:
            message = f"expected --{name.replace('_', '-')} with --axis only, found it without; a zoo has its own"
            raise InputError(message)
    for name, value in of_zoo.items():
        if axis is not None and value:
            message = f"expected --{name} with a zoo, found it with --axis; models of your own have no such settings"
            raise InputError(message)
