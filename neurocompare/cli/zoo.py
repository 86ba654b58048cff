"""``neurocompare zoo RECORDING|TASK``: networks across gamma and nuisance settings, on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import RECORDING_OR_TASK, Out, argument, axes, numbers, option, with_options
from neurocompare.cli.tables import show_table
from neurocompare.errors import InputError
from neurocompare.settings import Choices, Family, Networks, Workers
from neurocompare.settings.nuisance import OPTIONS

if TYPE_CHECKING:
    from neurocompare.models import Zoo

_MAKING = Networks.PANEL


@with_options
def zoo(
    choices: Choices,
    family: Family,
    networks: Networks,
    workers: Workers,
    source: Annotated[str, argument(RECORDING_OR_TASK, "RECORDING|TASK")],
    out: Out = Path("neurocompare-zoo"),
    seeds: Annotated[
        str, typer.Option(help="Seeds, separated by commas; each gives chains of its own.", metavar="S,S,...")
    ] = "0",
    grid: Annotated[
        list[str] | None,
        option(f"Values of one of {OPTIONS} to run over; repeat for a product of several.", "NAME=V,V,..."),
    ] = None,
    max_samples: Annotated[
        int | None, option("Thin the task to at most so many samples (conditions x time steps).", panel=_MAKING)
    ] = None,
    debug: Debug = False,
) -> None:
    """Make networks across gamma, and nuisance settings, for one task.

    Running the same command again continues where it stopped, and makes nothing twice.
    """
    wanted = _seeds(seeds)
    values = axes(grid or (), "--grid")
    from neurocompare.workflows.zoo import build_zoo

    made = build_zoo(
        source,
        out=out,
        seeds=wanted,
        grid=values,
        max_samples=max_samples,
        choices=choices,
        family=family,
        networks=networks,
        workers=workers,
    )
    _show(made)


def _seeds(text: str) -> tuple[int, ...]:
    """Turn ``"0,1,2"`` into whole numbers.

    Examples
    --------
    >>> _seeds("0,1")
    (0, 1)
    """
    values = numbers(text, "seeds")
    for value in values:
        if not value.is_integer():
            raise InputError(f"expected seeds as whole numbers separated by commas, such as 0,1,2; found {value:g}")
    return tuple(map(int, values))


def _show(made: Zoo) -> None:
    """Print what was made and how far to trust it; what was damaged goes to stderr."""
    for sentence in made.damaged:
        typer.echo(f"neurocompare: made again: {sentence}", err=True)
    rows = made.summary()
    titles = {"loss": "loss / zero loss", "n_units": "units"}
    shown = []
    for row in rows.to_dict("records"):
        row["converged"] = f"{row['converged']} of {row['networks']}"
        shown.append([f"{value:.4g}" if isinstance(value, float) else value for value in row.values()])
    show_table([titles.get(name, name.replace("_", " ")) for name in rows.columns], shown)
    for note in made.notes:
        typer.echo(f"Note: {note}")
    typer.echo(f"Zoo: {made.folder}")
