"""``neurocompare run [RECORDING]``: from a recording to a ranked gamma, with a report to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurocompare.cli.confound_options import Match, Nuisance, PaperProtocol, names_of
from neurocompare.cli.errors import Debug
from neurocompare.cli.family_options import PANEL as _FAMILY
from neurocompare.cli.family_options import Beta, G, Tau, Units
from neurocompare.cli.numbers import numbers
from neurocompare.cli.recording_options import (
    Area,
    Behavior,
    BinWidth,
    Condition,
    Event,
    Layout,
    Lead,
    Smoothing,
    Stream,
    Target,
    Valid,
    Window,
    choices_of,
)
from neurocompare.cli.verdicts import show_verdicts

_RECORDING, _RANKING = "Recording and task", "Ranking"


def _option(text: str, panel: str, *names: str, metavar: str | None = None) -> object:
    return typer.Option(*names, help=text, rich_help_panel=panel, metavar=metavar)


def run(
    recording: Annotated[
        str,
        typer.Argument(
            help="'synthetic' (shipped, from a network of known gamma), a catalogue name, or the path of an NWB file.",
            metavar="RECORDING",
        ),
    ] = "synthetic",
    out: Annotated[Path, typer.Option(help="Folder for everything the run leaves behind.", metavar="DIR")] = Path(
        "neurocompare-run"
    ),
    quick: Annotated[
        bool, typer.Option("--quick", help="A small, fast run: to see the path, not to trust the number.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(help="Worker processes. Default: one a core.", show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random. Same seed, same result.")] = 0,
    gammas: Annotated[
        str | None,
        _option(
            "Structure parameters to compare, separated by commas; 0 is the exact reservoir. "
            "Default: 0,0.05,0.1,0.2,0.4,0.8,1.6,3.2.",
            _FAMILY,
            metavar="G,G,...",
        ),
    ] = None,
    g: G = 1.5,
    tau: Tau = 0.1,
    beta: Beta = 400.0,
    units: Units = 400,
    chains: Annotated[int, _option("Independent chains for each gamma.", _FAMILY)] = 2,
    members: Annotated[int, _option("Networks kept from each chain.", _FAMILY)] = 2,
    trajectories: Annotated[int, _option("Samples of each chain: more where chains have not converged.", _FAMILY)] = 40,
    time_step: Annotated[float, _option("Time step of task and networks, in s.", _RECORDING)] = 0.05,
    lead: Lead = None,
    bin_width: BinWidth = None,
    smoothing: Smoothing = None,
    min_rate: Annotated[float, _option("Units firing less than this are left out, in spikes/s.", _RECORDING)] = 1.0,
    draws: Annotated[int, _option("Resamples of units and trials, at least 20.", _RANKING)] = 80,
    area: Area = None,
    target: Target = None,
    behavior: Behavior = None,
    event: Event = None,
    window: Window = None,
    condition: Condition = None,
    valid: Valid = None,
    layout: Layout = None,
    stream: Stream = False,
    match: Match = None,
    nuisance: Nuisance = None,
    protocol: PaperProtocol = None,
    debug: Debug = False,
) -> None:
    """Rank gamma: average the recording, draw networks for the same task, compare, and write a report.

    Running the same command again continues where it stopped.
    """
    grid = None if gammas is None else numbers(gammas)
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
    from neurocompare.pipeline import run as compare

    with progress() as hook:
        report = compare(
            recording,
            out=out,
            gammas=grid,
            g=g,
            tau=tau,
            beta=beta,
            units=units,
            chains=chains,
            members=members,
            trajectories=trajectories,
            draws=draws,
            seed=seed,
            jobs=jobs,
            quick=quick,
            time_step=time_step,
            lead=lead,
            bin_width=bin_width,
            smoothing=smoothing,
            min_rate=min_rate,
            choices=choices,
            stream=stream,
            match=match and match.value,
            nuisance=names_of(nuisance),
            protocol=protocol and protocol.value,
            progress=hook,
        )
    show_verdicts(Path(report))
