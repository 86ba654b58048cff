"""``neurocompare inspect FILE``: what is in a recording, and what it lacks for a comparison."""

from __future__ import annotations

from typing import Annotated

import typer

from neurocompare.cli.errors import Debug
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


def inspect(
    file: Annotated[
        str, typer.Argument(help="An NWB file, or a recording's name.", metavar="FILE", show_default=False)
    ],
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
    """Say what an NWB file holds: units, areas, trials, events, behaviour, and what is missing for a comparison."""
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
    from neurocompare.recordings.describe import describe
    from neurocompare.recordings.named import open_named

    typer.echo(describe(open_named(file, choices, stream=stream)))
