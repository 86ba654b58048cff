"""``neurocompare zoo RECORDING|TASK``: networks across gamma and nuisance settings, on disk."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.confound_options import Matched
from neurocompare.cli.errors import Debug
from neurocompare.cli.family_options import Beta, G, InputScale, Noise, Nonlinearity, Tau, Units
from neurocompare.cli.numbers import axes, numbers, whole_numbers
from neurocompare.cli.recording_options import (
    Area,
    Behavior,
    Condition,
    Event,
    Layout,
    Stream,
    Target,
    Valid,
    Window,
    choices_of,
)

if TYPE_CHECKING:
    from neurocompare.models import Zoo

_MAKING, _WHERE = "How networks are made", "Where they are made"


class Method(StrEnum):
    """How networks are made."""

    DRAW = "draw"
    LANGEVIN = "langevin"
    RESERVOIR = "reservoir"
    DESCENT = "gradient-descent"


class Device(StrEnum):
    """Where gradients are computed."""

    CPU = "cpu"
    CUDA = "cuda"


class Precision(StrEnum):
    """Of gradients."""

    SINGLE = "float32"
    DOUBLE = "float64"


def _option(text: str, panel: str, *names: str, metavar: str | None = None) -> object:
    return typer.Option(*names, help=text, rich_help_panel=panel, metavar=metavar)


def zoo(
    source: Annotated[
        str,
        typer.Argument(
            help="A recording as `run` takes it ('synthetic', a catalogue name, an NWB file), a task by name "
            "('oscillation', 'ideal_reach', 'muscles'), or a task.nc file.",
            metavar="RECORDING|TASK",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the zoo; may hold others already.", metavar="DIR")] = Path(
        "neurocompare-zoo"
    ),
    gammas: Annotated[
        str,
        typer.Option(help="Structure parameters, separated by commas; 0 is the exact reservoir.", metavar="G,G,..."),
    ] = "0,0.05,0.1,0.2,0.4,0.8,1.6,3.2",
    seeds: Annotated[
        str, typer.Option(help="Seeds, separated by commas; each gives chains of its own.", metavar="S,S,...")
    ] = "0",
    grid: Annotated[
        list[str] | None,
        typer.Option(
            help="Values of g, tau, beta, input-scale or noise to run over; repeat for a product of several.",
            metavar="NAME=V,V,...",
            show_default=False,
        ),
    ] = None,
    units: Units = 400,
    g: G = 1.5,
    tau: Tau = 0.1,
    beta: Beta = 400.0,
    input_scale: InputScale = 1.0,
    noise: Noise = 0.0,
    nonlinearity: Nonlinearity = "tanh",
    method: Annotated[
        Method,
        _option(
            "draw: exact samples. langevin: the same law by noisy training. reservoir: only the readout learns. "
            "gradient-descent: training without noise, no sample of the family.",
            _MAKING,
        ),
    ] = Method.DRAW,
    chains: Annotated[int, _option("Independent chains for each gamma and seed.", _MAKING)] = 2,
    members: Annotated[int, _option("Networks kept from each chain.", _MAKING)] = 2,
    trajectories: Annotated[int, _option("Samples of each chain: more where chains have not converged.", _MAKING)] = 40,
    steps: Annotated[
        int | None,
        typer.Option(help="Steps of each training.", rich_help_panel=_MAKING, show_default=False),
    ] = None,
    match: Annotated[
        Matched | None,
        typer.Option(
            help="fit: choose beta for each gamma so that all solve the task equally well; see match.json.",
            rich_help_panel=_MAKING,
            show_default=False,
        ),
    ] = None,
    level: Annotated[
        float | None,
        typer.Option(
            help="Loss to match, as a fraction of the zero output's. Default: that of the middle gamma at --beta.",
            rich_help_panel=_MAKING,
            show_default=False,
        ),
    ] = None,
    max_samples: Annotated[
        int | None,
        typer.Option(
            help="Thin the task to at most so many samples (conditions x time steps).",
            rich_help_panel=_MAKING,
            show_default=False,
        ),
    ] = None,
    time_step: Annotated[
        float | None,
        typer.Option(
            help="Time step of task and networks, in s. Default: the task's own.",
            rich_help_panel=_MAKING,
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            help="Worker processes. Default: one a core, as far as memory goes.",
            rich_help_panel=_WHERE,
            show_default=False,
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            help="Address of a Dask scheduler, such as tcp://10.0.0.1:8786. Its workers (one thread each) write into "
            "the zoo's folder, which they must all see by the same path.",
            rich_help_panel=_WHERE,
            metavar="ADDRESS",
            show_default=False,
        ),
    ] = None,
    device: Annotated[Device, _option("Where gradients are computed.", _WHERE)] = Device.CPU,
    dtype: Annotated[Precision, _option("Precision of gradients.", _WHERE)] = Precision.SINGLE,
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
    """Make networks across gamma, and nuisance settings, for one task.

    Running the same command again continues where it stopped, and makes nothing twice.
    """
    from neurocompare.errors import InputError

    if jobs is not None and dask is not None:
        message = "expected --jobs or --dask, found both; a cluster has as many workers as it has"
        raise InputError(message)
    settings = {"gammas": numbers(gammas), "seeds": whole_numbers(seeds, "seeds"), "grid": axes(grid or ())}
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
    from neurocompare.experiments.build_zoo import build_zoo

    with progress() as hook:
        made = build_zoo(
            source,
            out=out,
            method=method.value,
            units=units,
            g=g,
            tau=tau,
            beta=beta,
            input_scale=input_scale,
            noise=noise,
            nonlinearity=nonlinearity,
            chains=chains,
            members=members,
            trajectories=trajectories,
            steps=steps,
            match=match and match.value,
            level=level,
            max_samples=max_samples,
            time_step=time_step,
            choices=choices,
            stream=stream,
            jobs=jobs,
            dask=dask,
            device=device.value,
            dtype=dtype.value,
            progress=hook,
            **settings,
        )
    _show(made)


def _show(made: Zoo) -> None:
    """Print what was made and how far to trust it; what was damaged goes to stderr."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    for said in made.damaged:
        typer.echo(f"neurocompare: made again: {said}", err=True)
    rows = made.summary()
    titles = {"loss": "loss / zero loss", "n_units": "units"}
    table = Table(*(titles.get(name, name.replace("_", " ")) for name in rows.columns), box=None, pad_edge=False)
    for row in rows.to_dict("records"):
        row["converged"] = f"{row['converged']} of {row['networks']}"
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    console = Console(highlight=False)
    console.print(table)
    console.print()
    for note in made.notes:
        console.print(f"Note: {note}", markup=False, soft_wrap=True)
    console.print(f"Zoo: {made.folder}", markup=False, soft_wrap=True)


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
