"""The program ``neurocompare``: its commands, its version, and where to start."""

from __future__ import annotations

from typing import Annotated

import typer

from neurocompare import __version__
from neurocompare.cli.atlas import atlas
from neurocompare.cli.datasets import datasets
from neurocompare.cli.dynamics import dynamics
from neurocompare.cli.errors import Debug, OneLineErrors
from neurocompare.cli.fetch import fetch
from neurocompare.cli.inspect import inspect
from neurocompare.cli.run import run
from neurocompare.cli.zoo import zoo

WHERE_TO_START = """\
neurocompare ranks the structure parameter gamma of a task-trained network family against a recording.

  neurocompare run                      a built-in recording with a planted gamma, four to five minutes
  neurocompare run FILE.nwb --out DIR   your own recording
  neurocompare inspect FILE.nwb         what is in a file, and what it lacks for a comparison
  neurocompare datasets                 recordings known by name, and which are here
  neurocompare fetch mc_maze_small      one of them from the DANDI archive, verified
  neurocompare zoo ideal_reach          networks across gamma, for a task or a recording
  neurocompare dynamics ZOO             what gamma does to their dynamics
  neurocompare atlas                    what gamma does, in theory and networks, on one page
  neurocompare --help                   every command
"""

app = typer.Typer(
    name="neurocompare",
    cls=OneLineErrors,
    help="How much of a circuit's connectivity is learned structure, and how much is disorder?",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run)
app.command("inspect")(inspect)
app.command("datasets")(datasets)
app.command("fetch")(fetch)
app.command("zoo")(zoo)
app.command("dynamics")(dynamics)
app.command("atlas")(atlas)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"neurocompare {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
    debug: Debug = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(WHERE_TO_START, nl=False)


def main() -> None:
    """Run the command line; the entry point of the installed program."""
    app()
