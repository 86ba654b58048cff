"""``neurocompare fetch NAME``: a recording from the DANDI archive, verified."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neurocompare.cli.errors import Debug
from neurocompare.cli.options import argument, option
from neurocompare.cli.tables import show_table


def fetch(
    name: Annotated[str, argument("A recording's name; see 'neurocompare datasets'.", "NAME")],
    session: Annotated[list[str] | None, option("Which session, where NAME has several; may be repeated.", "S")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Only list what the archive has; fetch nothing.")] = False,
    dest: Annotated[
        Path | None,
        option(
            "Folder to keep recordings in. Default: NEUROCOMPARE_DATA, or the user's cache; only there are they "
            "found by name.",
            "DIR",
        ),
    ] = None,
    url: Annotated[
        str | None, option("API of another DANDI archive. Default: https://api.dandiarchive.org/api.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Fetch a recording: verified by size and SHA-256, continued where it stopped, and only once.

    The path of the file goes to stdout, everything else to stderr. Public recordings need no key; for others,
    DANDI_API_KEY is sent where the archive asks for it.
    """
    from neurocompare.recordings.fetch import DEFAULT_ARCHIVE

    url = url or DEFAULT_ARCHIVE
    if list_:
        _list(name, dest, url)
        return
    from neurocompare.cli.transfer import transfer_progress
    from neurocompare.recordings.fetch import fetch as get

    for one in session or [None]:
        with transfer_progress() as hook:
            fetched = get(name, one, folder=dest, url=url, progress=hook, say=_say)
        for note in fetched.notes:
            _say(note)
        typer.echo(fetched.path)


def _list(name: str, dest: Path | None, url: str) -> None:
    """Print the sessions the archive has, with sizes, and which are here."""
    from neurocompare.recordings.catalogue import find_experiment
    from neurocompare.recordings.fetch_listing import listing

    listed = listing(find_experiment(name), folder=dest, url=url)
    rows = [
        (one.session or "(only one)", f"{one.bytes / 1e6:,.1f}", "yes" if one.here else "", one.path) for one in listed
    ]
    # As wide as it needs to be: a path cut off is of no use.
    show_table(["session", "MB", "here", "path"], rows, width=160)
    typer.echo(f"{len(listed)} sessions, {sum(one.bytes for one in listed) / 1e6:,.1f} MB")


def _say(line: str) -> None:
    typer.echo(f"neurocompare: {line}", err=True)
