"""Ask the findings of the paper of theory and networks, from nothing: ``python tutorials/paper_findings.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from findings.make import make_findings
from neurocompare.cli.errors import Debug, OneLineErrors
from neurocompare.progress import display

app = typer.Typer(cls=OneLineErrors, pretty_exceptions_enable=False, add_completion=False)


@app.callback(invoke_without_command=True)
def paper_findings(
    out: Annotated[Path, typer.Option(help="Folder for the page, its figures and numbers.", metavar="DIR")] = Path(
        "paper-findings"
    ),
    quick: Annotated[
        bool, typer.Option("--quick", help="Small networks, few gammas, no reach: to see the path, about a minute.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(help="Worker processes. Default: one a core.", show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    debug: Debug = False,
) -> None:
    """Show what gamma does: the mean-field theory, and networks beside it, on an oscillation and a reach.

    Gaussian to non-Gaussian units, chaos to a limit cycle, eigenvalues to a bulk and outliers, generalisation, networks
    of growing N, and linear amplification go to findings.html, each figure also as PNG and SVG, and every number to
    findings.json.
    Running the same command again continues where it stopped.
    """
    with display() as hook:
        contents = make_findings(out, quick=quick, jobs=jobs, seed=seed, progress=hook)
    for claim in contents["claims"]:
        typer.echo(f"{claim['verdict']}: {claim['paper']}")
        typer.echo(f"    {claim['found']}")
    typer.echo(f"\nPage: {out / 'findings.html'}")


if __name__ == "__main__":
    app()
