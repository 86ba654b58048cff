"""``neurocompare inspect FILE``: what is in a recording, and what it lacks for a comparison."""

from __future__ import annotations

from typing import Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import argument, with_options
from neurocompare.settings import Choices


@with_options
def inspect(
    choices: Choices,
    file: Annotated[str, argument("An NWB file, or a recording's name.", "FILE")],
    debug: Debug = False,
) -> None:
    """Say what an NWB file holds: units, areas, trials, events, behaviour, and what is missing for a comparison."""
    from neurocompare.recordings.describe import describe
    from neurocompare.recordings.remote import open_named

    typer.echo(describe(open_named(file, choices)))
