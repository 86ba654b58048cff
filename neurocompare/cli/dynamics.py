"""``neurocompare dynamics ZOO``: what gamma does to dynamics, as numbers, a table and figures."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.errors import Debug

if TYPE_CHECKING:
    from neurocompare.workflows.dynamics import ZooDynamics

_MEASURING = "How networks are measured"


class Inputs(StrEnum):
    """What a network receives after its trial."""

    HOLD = "hold"
    ZERO = "zero"
    REPEAT = "repeat"


def _option(text: str) -> object:
    return typer.Option(help=text, rich_help_panel=_MEASURING)


def dynamics(
    zoo: Annotated[
        Path,
        typer.Argument(help="Folder of a zoo, or of a run, which has one.", metavar="ZOO", show_default=False),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Where results go. Default: dynamics inside ZOO.", metavar="DIR", show_default=False),
    ] = None,
    task: Annotated[
        Path | None,
        typer.Option(help="The networks' task. Default: the task.nc of ZOO.", metavar="FILE", show_default=False),
    ] = None,
    goes_on: Annotated[
        str | None,
        typer.Option(
            "--goes-on",
            help="Targets after the trial: zero, hold, or 'repeat PERIOD' in s. Default: as the task says.",
            metavar="HOW",
            show_default=False,
        ),
    ] = None,
    inputs: Annotated[
        Inputs, _option("Inputs after the trial: the last value held, none, or the trial's over and over.")
    ] = Inputs.HOLD,
    exponents: Annotated[int, _option("Lyapunov exponents.")] = 6,
    duration: Annotated[float, _option("Length of the runs, in time constants.")] = 1000.0,
    transient: Annotated[float, _option("What is left out before them, in time constants.")] = 300.0,
    windows: Annotated[int, _option("Windows after the trained one, for the loss beyond it.")] = 3,
    kick: Annotated[float, _option("Size of a kick, relative to the state.")] = 0.1,
    repeats: Annotated[int, _option("Kicks, choices of silent units, and draws of noise.")] = 10,
    seed: Annotated[int, _option("Of everything random.")] = 0,
    jobs: Annotated[int | None, typer.Option(help="Worker processes. Default: one a core.", show_default=False)] = None,
    debug: Debug = False,
) -> None:
    """Measure the dynamics of every network of a zoo.

    Lyapunov exponents, dimension, spectra, loss beyond the trained window, limit cycles, robustness and Gaussianity go
    to dynamics.json, dynamics.csv and figures. Running the same command again continues where it stopped.
    """
    from neurocompare.dynamics import Measuring
    from neurocompare.progress import display
    from neurocompare.workflows.dynamics import zoo_dynamics

    measuring = Measuring(
        exponents=exponents,
        duration=duration,
        transient=transient,
        inputs=inputs.value,
        windows=windows,
        kick=kick,
        repeats=repeats,
        seed=seed,
    )
    with display() as hook:
        found = zoo_dynamics(
            zoo, out=out, task=task, continuation=goes_on, measuring=measuring, jobs=jobs, progress=hook
        )
    _show(found)


COLUMNS = {
    "lyapunov_1": "exponent (1/s)",
    "pr": "PR",
    "outlier_modulus": "outlier",
    "loss": "loss",
    "loss_beyond": "beyond",
    "limit_cycles": "cycles",
    "kurtosis_x": "kurtosis",
}


def _show(found: ZooDynamics) -> None:
    """Print means over networks, with what fits on a line; what was left out goes to stderr."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from neurocompare.dynamics.table import family_names

    for said in found.damaged:
        typer.echo(f"neurocompare: left out: {said}", err=True)
    summary = found.summary.assign(family=family_names(found.summary))
    several = summary["family"].nunique() > 1
    table = Table(*(("family",) if several else ()), "gamma", "n", *COLUMNS.values(), box=None, pad_edge=False)
    for (family, gamma), group in summary.groupby(["family", "gamma"], sort=False):
        means = {row["quantity"]: row for row in group.to_dict("records")}
        cells = [f"{means[name]['mean']:.3g}" if name in means else "-" for name in COLUMNS]
        row = [*([family] if several else []), f"{gamma:.4g}", str(max(each["networks"] for each in means.values()))]
        table.add_row(*(Text(cell) for cell in (*row, *cells)))
    console = Console(highlight=False)
    console.print(table)
    console.print()
    for note in dict.fromkeys(note for entry in found.entries for note in entry.notes):
        console.print(f"Note: {note}", markup=False, soft_wrap=True)
    console.print(f"Dynamics: {found.folder}", markup=False, soft_wrap=True)
