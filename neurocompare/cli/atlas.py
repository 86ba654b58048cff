"""``neurocompare atlas``: the paper's story from nothing, theory and networks on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurocompare.cli.errors import Debug


def atlas(
    out: Annotated[Path, typer.Option(help="Folder for the page, its figures and numbers.", metavar="DIR")] = Path(
        "neurocompare-atlas"
    ),
    quick: Annotated[
        bool, typer.Option("--quick", help="Small networks, few gammas, no reach: to see the path, about a minute.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(help="Worker processes. Default: one a core.", show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    debug: Debug = False,
) -> None:
    """Show what gamma does: the mean-field theory, and networks beside it, on an oscillation and a reach.

    Gaussian to non-Gaussian units, chaos to a limit cycle, a disc to outliers, generalisation, networks of growing N,
    and linear amplification go to atlas.html, each figure also as PNG and SVG, and every number to atlas.json. Running
    the same command again continues where it stopped.
    """
    from neurocompare.progress import display
    from neurocompare.workflows.atlas import atlas as make

    with display() as hook:
        contents = make(out, quick=quick, jobs=jobs, seed=seed, progress=hook)
    _show(contents["claims"], out)


def _show(claims: list[dict[str, str]], out: Path) -> None:
    """Print each finding, what came out, and where to look."""
    for claim in claims:
        typer.echo(f"{claim['verdict']}: {claim['paper']}")
        typer.echo(f"    {claim['found']}")
    typer.echo()
    typer.echo(f"Atlas: {out / 'atlas.html'}")
