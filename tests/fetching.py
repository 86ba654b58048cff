"""A small recording on the loopback archive, and what must be true of a fetch that fails."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import random
import traceback

import pytest
from archive_server import SIGNATURE, ArchiveServer

from neurocompare.errors import InputError
from neurocompare.recordings.cache import place
from neurocompare.recordings.catalogue import find
from neurocompare.recordings.fetch import fetch_entry
from neurocompare.recordings.fetch_retry import Patience

CONTENT = random.Random(0).randbytes(400_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ENTRY = dataclasses.replace(find("mc_maze_small"), bytes=len(CONTENT), sha256=SHA256)
PATTERN = find("perich-M-CO-20140203")
HASTE = Patience(attempts=4, timeout=20, pause=0.01)
IMPATIENCE = Patience(attempts=3, timeout=0.5, pause=0.01)
"""For servers that do not answer: what they cost is the timeout."""


@contextlib.contextmanager
def archive_for(tmp_path, monkeypatch):
    """Serve an archive; recordings are kept under `tmp_path`, nobody has a key, and no proxy is between."""
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DANDI_API_KEY", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    with ArchiveServer() as server:
        yield server


def add(server, entry, content=CONTENT, **settings):
    return server.add(entry.dandiset, entry.version, entry.path, content, **settings)


def files(folder):
    """Everything under its own name; what begins with a dot is unfinished, or a lock."""
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]


def refused(archive, entry=ENTRY, **settings):
    """The one line about a fetch that must fail and leave no file."""
    with pytest.raises(InputError) as caught:
        fetch_entry(entry, url=archive.url, **{"patience": HASTE} | settings)
    assert place(entry).is_file() is False
    said = "".join(traceback.format_exception(caught.value))
    assert SIGNATURE not in said
    assert "Amz" not in said
    error = caught.value
    while error is not None:  # nor where a debugger or an error collector would look
        assert "Amz" not in repr(error)
        error = error.__cause__ or error.__context__
    assert str(caught.value).isprintable()
    return str(caught.value)
