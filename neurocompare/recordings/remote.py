"""Open what a user means by a word, and stream a recording: read what a comparison needs of a file that stays away."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import tempfile
from collections.abc import Iterator

from neurocompare.errors import InputError
from neurocompare.recordings.catalogue import find
from neurocompare.recordings.door import Door
from neurocompare.recordings.entry import CatalogueEntry
from neurocompare.recordings.fetch import DEFAULT_ARCHIVE
from neurocompare.recordings.nwb import named, open_recording, read_recording
from neurocompare.recordings.recording import Recording
from neurocompare.settings import Choices
from neurocompare.untrusted.address import without_query
from neurocompare.untrusted.printable import printable

PATIENCE = 30.0
"""How long to wait for an answer, in s; each request is tried again several times."""

OPENING = 120.0
"""How long opening a remote file may take, in s, with all its tries."""

LOOK_LIMIT = 300.0
"""How long looking a remote file through may take, in s, and then each part of it: some MB over a slow line."""

BLOCK = 256 * 1024
"""In bytes: what is fetched at least at a time. Larger blocks mean fewer requests and more bytes nobody needs."""


def stream_recording(source: str, choices: Choices | None = None) -> Recording:
    """Read a remote NWB file without downloading it.

    As with `open_recording`, only units, trials and the behaviour that networks are to produce are read: of a session
    of many GB, its spikes and movement. A process of its own looks the file through first, as it does local ones
    (`door`), against damage; not against a server that gives one file first and another later. What it fetched is kept
    in a temporary folder for the reading, and no digest is known of a file not read whole.

    Parameters
    ----------
    source : str
        A name of the catalogue, or the address (``http://`` or ``https://``) of an NWB file.
    choices : Choices, optional
        What not to leave to the layout.

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        If the name is unknown, the server does not give the file, or the file cannot be used. What follows ``?`` in
        an address, which can be a key, is in no message.

    Examples
    --------
    >>> stream_recording("session.nwb")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a recording's name or an address (https://...) to stream, found ...
    """
    entry, choices = None, choices or Choices()
    if "://" not in source:
        if "." in source or "/" in source:
            raise InputError(f"expected a recording's name or an address (https://...) to stream, found {source!r}")
        entry = find(source)
    address = archive_address(entry) if entry else source
    shown = without_query(address)
    try:
        with remote_file(address, shown) as opened:
            recording = read_recording(opened, choices)
    except InputError as error:
        # An error of the network carries the address as asked for.
        raise InputError(f"{shown}: {_safe(error, address, shown)}") from None
    name = shown.rstrip("/").rsplit("/", 1)[-1].removesuffix(".nwb")
    return named(recording, shown, "", name, choices, entry)


def _safe(error: Exception, address: str, shown: str) -> str:
    """Return what an error says without keys: those of the address, and those of where it was redirected to."""
    return printable(re.sub(r"\?\S*", "", " ".join(str(error).replace(address, shown).split())))


def archive_address(entry: CatalogueEntry) -> str:
    """Where the archive keeps a recording of the catalogue.

    Raises
    ------
    InputError
        If it keeps none, or the catalogue does not know which.
    """
    if entry.shipped:
        message = f"{entry.name} comes with this package, it is not in the archive; run it by name, without --stream"
        raise InputError(message)
    if entry.asset is None:
        message = f"the catalogue does not know where to stream {entry.name} from; fetch it, or give its address"
        raise InputError(message)
    return f"{DEFAULT_ARCHIVE}/assets/{entry.asset}/download/"


@contextlib.contextmanager
def _without_passwords() -> Iterator[None]:
    """Let requests, also in the process that looks a file through, find no password for the server in ``.netrc``.

    The address can come with a run folder, and lead over an open line.
    """
    before = os.environ.get("NETRC")
    os.environ["NETRC"] = os.devnull
    try:
        yield
    finally:
        if before is None:
            del os.environ["NETRC"]
        else:
            os.environ["NETRC"] = before


@contextlib.contextmanager
def remote_file(address: str, shown: str) -> Iterator[object]:
    """Look a file through over HTTP, then open it for reading in parts; no request waits longer than `PATIENCE`.

    Raises
    ------
    InputError
        If the address is none, the server does not give the file, or it is damaged.
    """
    import remfile

    from neurocompare.untrusted.answers import BoundedSession, within  # requests takes long to import

    class Seen(remfile.DiskCache):
        """Gives what was fetched to look the file through; what is read after it is not kept."""

        def set(self, key: str, value: bytes) -> None:
            pass

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        with _without_passwords(), tempfile.TemporaryDirectory() as folder:
            try:
                opened = within(OPENING, lambda: remfile.File(address, disk_cache=Seen(folder), _min_chunk_size=BLOCK))
                opened.session = BoundedSession(shown, LOOK_LIMIT)
            except Exception as error:  # requests' errors and remfile's own, which is a plain Exception
                reason = _safe(error, address, shown)[:200]
                message = f"expected a server that gives the file, found {reason or type(error).__name__}"
                raise InputError(message) from None
            stdin = f"{address}\n{PATIENCE}\n{BLOCK}\n{folder}"
            with Door("-", stdin=stdin, patience=LOOK_LIMIT) as door:
                door.check()
            yield opened
    finally:
        socket.setdefaulttimeout(before)


def open_named(recording: str | os.PathLike[str], choices: Choices | None = None) -> Recording:
    """Open a recording by its path or name, with the catalogue's `Reading` where it is known by name.

    Parameters
    ----------
    recording : str or path-like
        The path of an NWB file, or a name of the catalogue; to stream it, a name of the catalogue or an address.
    choices : Choices, optional
        What not to leave to the file and its layout; whether to stream it.

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        If it is not there or cannot be used, see `open_recording` and `stream_recording`.

    Examples
    --------
    >>> open_named("mc_mase_small")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a recording of the catalogue, found 'mc_mase_small'; did you mean ...
    """
    if choices is not None and choices.stream:
        return stream_recording(os.fspath(recording), choices)
    return open_recording(recording, choices)
