"""The program ``neurocompare``: its commands, its version, and where to start."""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Callable
from inspect import getdoc
from pathlib import Path
from typing import Annotated

import typer

from neurocompare import __version__
from neurocompare.cli.datasets import datasets
from neurocompare.cli.dynamics import dynamics
from neurocompare.cli.errors import Command, Debug, OneLineErrors
from neurocompare.cli.fetch import fetch
from neurocompare.cli.hypotheses import hypotheses
from neurocompare.cli.inspect import inspect
from neurocompare.cli.rank import rank
from neurocompare.cli.recover import recover
from neurocompare.cli.run import run
from neurocompare.cli.score import score
from neurocompare.cli.task import task
from neurocompare.cli.theory import theory
from neurocompare.cli.zoo import zoo

WHERE_TO_START = """\
neurocompare ranks the structure parameter gamma of a task-trained network family against a recording.

  neurocompare run                      a built-in recording of a network of known gamma
  neurocompare run FILE.nwb --out DIR   your own recording
  neurocompare run FILE.nwb --dry-run   how long that takes here, and which gammas it could tell apart
  neurocompare inspect FILE.nwb         what is in a file, and what it lacks for a comparison
  neurocompare task RECORDING           its task, to train a model of your own on (--export task.npz)
  neurocompare score MODEL              your own model against a recording (--data RECORDING)
  neurocompare datasets                 recordings known by name, and which are here
  neurocompare fetch mc_maze_small      one of them from the DANDI archive, verified
  neurocompare zoo ideal_reach          networks across gamma, for a task or a recording
  neurocompare dynamics ZOO             what gamma does to their dynamics
  neurocompare rank ZOO --data FILE.nwb networks that are there already, ranked against a recording
  neurocompare recover neurocompare-run would that ranking have named the true gamma? planted networks say
  neurocompare rank RANKING RANKING     several recordings together, each ranked before
  neurocompare hypotheses DIR DIR       one recording explored under different tasks, side by side
  neurocompare theory synthetic         the same for infinitely many units, without any network
  neurocompare --help                   every command; neurocompare COMMAND --help has an example
"""

EXAMPLES = {
    run: "neurocompare run session.nwb --gammas 0,0.1,0.4,1.6 --out my-run",
    score: "neurocompare score mymodel:gru --data synthetic --run neurocompare-run --out my-score",
    task: "neurocompare task synthetic --export task.npz",
    inspect: "neurocompare inspect session.nwb",
    datasets: "neurocompare datasets mc_maze_small",
    fetch: "neurocompare fetch mc_maze_small",
    zoo: "neurocompare zoo ideal_reach --gammas 0,0.1,0.4,1.6 --seeds 0,1 --grid g=1.2,1.5,1.8 --out zoo",
    rank: "neurocompare rank my-zoo --data session.nwb --metrics procrustes,rsa --out my-ranking",
    recover: "neurocompare recover my-run --runs 10 --sizes 1,2",
    hypotheses: "neurocompare hypotheses hand muscles --out both",
    dynamics: "neurocompare dynamics my-zoo",
    theory: "neurocompare theory session.nwb --gammas 0,0.1,0.2,0.4,0.8 --out my-theory",
}
"""One of every command, at the foot of its help."""

app = typer.Typer(
    name="neurocompare",
    cls=OneLineErrors,
    help="How much of a circuit's connectivity is learned structure, and how much is disorder?",
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _help(command: Callable[..., None]) -> str:
    """Return a command's docstring with a line a paragraph: the terminal's width breaks them, not ours."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (getdoc(command) or "").split("\n\n"))


for _command, _example in EXAMPLES.items():
    app.command(_command.__name__, cls=Command, help=_help(_command), epilog=f"Example: {_example}")(_command)


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
    _leave_styles_of_others()
    if context.invoked_subcommand is None:
        typer.echo(WHERE_TO_START, nl=False)


def _leave_styles_of_others() -> None:
    """Leave out settings of matplotlib that lie in the working folder: they come with it, and can make it run LaTeX.

    Nor are they read: what matplotlib says of a file that is no settings goes to the terminal as it is.
    """
    if os.path.lexists("matplotlibrc"):
        with contextlib.chdir(Path(__file__).parent):
            importlib.import_module("matplotlib")


def main() -> None:
    """Run the command line; the entry point of the installed program."""
    app()
