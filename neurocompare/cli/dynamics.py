"""``neurocompare dynamics ZOO``: what gamma does to dynamics, as numbers, a table and figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import argument, option, with_options
from neurocompare.cli.tables import show_table
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
    from neurocompare.workflows.dynamics import zoo_dynamics

    measured = zoo_dynamics(zoo, out=out, task=task, continuation=goes_on, measuring=measuring, workers=workers)
    _show(measured)


COLUMNS = {
    "lyapunov_1": "exponent (1/s)",
    "pr": "PR",
    "outlier_modulus": "outlier",
    "loss": "loss",
    "loss_beyond": "beyond",
    "limit_cycles": "cycles",
    "kurtosis_x": "kurtosis",
}


def _show(measured: ZooDynamics) -> None:
    """Print means over networks, with what fits on a line; what was left out goes to stderr."""
    from neurocompare.dynamics.table import family_names

    for sentence in measured.damaged:
        typer.echo(f"neurocompare: left out: {sentence}", err=True)
    summary = measured.summary.assign(family=family_names(measured.summary))
    several = summary["family"].nunique() > 1
    rows = []
    for (family, gamma), group in summary.groupby(["family", "gamma"], sort=False):
        means = {row["quantity"]: row for row in group.to_dict("records")}
        cells = [f"{means[name]['mean']:.3g}" if name in means else "-" for name in COLUMNS]
        count = max(each["networks"] for each in means.values())
        rows.append([*([family] if several else []), f"{gamma:.4g}", count, *cells])
    show_table([*(["family"] if several else []), "gamma", "n", *COLUMNS.values()], rows)
    for note in dict.fromkeys(note for entry in measured.entries for note in entry.notes):
        typer.echo(f"Note: {note}")
    typer.echo(f"Dynamics: {measured.folder}")
