"""``neurocompare dynamics ZOO``: what gamma does to dynamics, as numbers, a table and figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import argument, option, with_options
from neurocompare.settings import Measuring, Workers

if TYPE_CHECKING:
    from neurocompare.workflows.dynamics import ZooDynamics


@with_options
def dynamics(
    measuring: Measuring,
    workers: Workers,
    zoo: Annotated[Path, argument("Folder of a zoo, or of a run, which has one.", "ZOO")],
    out: Annotated[Path | None, option("Where results go. Default: dynamics inside ZOO.", "DIR")] = None,
    task: Annotated[Path | None, option("The networks' task. Default: the task.nc of ZOO.", "FILE")] = None,
    goes_on: Annotated[
        str | None,
        option(
            "Targets after the trial: zero, hold, or 'repeat PERIOD' in s. Default: as the task says.",
            "HOW",
            name="--goes-on",
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Measure the dynamics of every network of a zoo.

    Lyapunov exponents, dimension, spectra, loss beyond the trained window, limit cycles, robustness and Gaussianity go
    to dynamics.json, dynamics.csv and figures. Running the same command again continues where it stopped.
    """
    from neurocompare.progress import display
    from neurocompare.workflows.dynamics import zoo_dynamics

    with display() as hook:
        found = zoo_dynamics(
            zoo, out=out, task=task, continuation=goes_on, measuring=measuring, workers=workers, progress=hook
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
