"""``neurocompare plan RECORDING``: what a comparison will take, and what it could show, before hours are spent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.numbers import numbers, whole_numbers
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

_FAMILY, _RECORDING = "Network family", "Recording and task"


def _option(text: str, panel: str, *names: str, metavar: str | None = None) -> object:
    return typer.Option(*names, help=text, rich_help_panel=panel, metavar=metavar)


def plan(
    recording: Annotated[
        str, typer.Argument(help="'synthetic', a catalogue name, or the path of an NWB file.", metavar="RECORDING")
    ] = "synthetic",
    gammas: Annotated[
        str, _option("Structure parameters, separated by commas.", _FAMILY, metavar="G,G,...")
    ] = "0,0.05,0.1,0.2,0.4,0.8,1.6,3.2",
    units: Annotated[
        str, _option("Sizes of networks to plan for, separated by commas.", _FAMILY, metavar="N,N,...")
    ] = "200,400,800,1600",
    g: Annotated[float, _option("Disorder: radius of the random connectivity's disc.", _FAMILY, "--g")] = 1.5,
    tau: Annotated[float, _option("Time constant of a unit, in s.", _FAMILY)] = 0.1,
    beta: Annotated[float, _option("Inverse temperature of the posterior over weights.", _FAMILY)] = 400.0,
    chains: Annotated[int, _option("Independent chains for each gamma.", _FAMILY)] = 2,
    members: Annotated[int, _option("Networks kept from each chain.", _FAMILY)] = 2,
    trajectories: Annotated[int, _option("Samples of each chain.", _FAMILY)] = 40,
    theory: Annotated[
        bool, typer.Option("--theory/--no-theory", help="Say which gammas could be told apart: a minute or two.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    jobs: Annotated[int | None, typer.Option(help="Worker processes. Default: one a core.", show_default=False)] = None,
    time_step: Annotated[float, _option("Time step of task and networks, in s.", _RECORDING)] = 0.05,
    lead: Lead = None,
    bin_width: BinWidth = None,
    smoothing: Smoothing = None,
    min_rate: Annotated[float, _option("Units firing less are left out, in spikes/s.", _RECORDING)] = 1.0,
    area: Area = None,
    target: Target = None,
    behavior: Behavior = None,
    event: Event = None,
    window: Window = None,
    condition: Condition = None,
    valid: Valid = None,
    layout: Layout = None,
    stream: Stream = False,
    debug: Debug = False,
) -> None:
    """Say how long a comparison takes here, how much memory, and which gammas this recording could tell apart.

    For example: neurocompare plan FILE.nwb --units 400,800 --json
    """
    grid, sizes = numbers(gammas), whole_numbers(units, "units")
    choices = choices_of(
        layout=layout, area=area, target=target, behavior=behavior, condition=condition, event=event, window=window,
        valid=valid,
    )  # fmt: skip
    from neurocompare.cli.progress import progress
    from neurocompare.experiments import plan as maker

    with progress() as hook:
        found = maker.plan(
            recording,
            gammas=grid,
            units=sizes,
            g=g,
            tau=tau,
            beta=beta,
            chains=chains,
            members=members,
            trajectories=trajectories,
            time_step=time_step,
            lead=lead,
            bin_width=bin_width,
            smoothing=smoothing,
            min_rate=min_rate,
            theory=theory,
            seed=seed,
            jobs=jobs,
            choices=choices,
            stream=stream,
            progress=hook,
        )
    if as_json:
        typer.echo(json.dumps(found, indent=1, allow_nan=False))
    else:
        _show(found)


def _show(found: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    few, many = found["trials"]
    trials = str(few) if few == many else f"{few} to {many}"
    console.print(
        f"{found['recording']}: {found['units']} units, {found['conditions']} conditions, {trials} trials each; "
        f"the task has {found['samples']} samples.",
        markup=False,
        soft_wrap=True,
    )
    console.print()
    table = Table("units", "networks", "hours", "range", "memory (GB)", "workers", "", box=None, pad_edge=False)
    for zoo in found["zoos"]:
        hours = ["-", "-"]
        if zoo["hours"] is not None:
            hours = [f"{zoo['hours']:.2g}", f"{zoo['least_hours']:.2g} to {zoo['most_hours']:.2g}"]
        cells = [zoo["units"], zoo["networks"], *hours, f"{zoo['memory'] / 1e9:.1f}", zoo["workers"], zoo["note"]]
        table.add_row(*(Text(str(cell)) for cell in cells))
    console.print(table)
    console.print()
    for sentence in (*found["assumptions"], *found["notes"]):
        console.print(sentence, markup=False, soft_wrap=True)
    if found["told_apart"]:
        _show_told_apart(console, found["told_apart"])
    console.print()
    if found["recovery"] is None:
        console.print(
            "No recovery of this family at a similar data size is kept here: `neurocompare recover` makes one."
        )
    else:
        for sentence in found["recovery"]["sentences"]:
            console.print(f"Planted networks: {sentence}", markup=False, soft_wrap=True)


def _show_told_apart(console: Any, told_apart: list[Mapping[str, Any]]) -> None:
    from rich.table import Table

    metrics = list(dict.fromkeys(each["metric"] for each in told_apart))
    table = Table("if gamma is", *(f"by {metric}" for metric in metrics), box=None, pad_edge=False)
    for gamma in dict.fromkeys(each["gamma"] for each in told_apart):
        placed = {each["metric"]: each for each in told_apart if each["gamma"] == gamma}
        spans = (f"{placed[metric]['low']:.3g} to {placed[metric]['high']:.3g}" for metric in metrics)
        table.add_row(f"{gamma:g}", *spans)
    console.print()
    console.print("Infinite networks recorded like this would be placed by their kernels at (95 % interval of gamma):")
    console.print(table)
