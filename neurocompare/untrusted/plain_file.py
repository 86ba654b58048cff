"""Plain files: the only kind that is opened. A pipe would make us wait, a device would never end."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.untrusted.printable import printable

MOST_JSON = 64 * 2**20
"""In bytes, of a file of JSON; a card or a ranking takes less than one of them."""


def what_is(path: str | os.PathLike[str]) -> str:
    """Say what is at a path, links followed; nothing but ``"a file"`` is ever opened.

    Examples
    --------
    >>> what_is("."), what_is("/dev/zero"), what_is("x" * 300), what_is("no such file")
    ('a folder', 'a device', 'a name that is too long', 'nothing there')
    """
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "nothing there"
    except ValueError:
        return "a name that no file can have"
    except OSError as error:
        too_long = error.errno == errno.ENAMETOOLONG
        return "a name that is too long" if too_long else f"nothing that can be read ({error.strerror})"
    if stat.S_ISREG(mode):
        return "a file"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe or socket" if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) else "a device"


def check_plain(path: str | os.PathLike[str], what: str) -> None:
    """Refuse a path at which there is no plain file.

    Parameters
    ----------
    path : path-like
    what : str
        What it should be, such as ``"a model's file"``.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_plain("/dev/zero", "an NWB file")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected an NWB file at /dev/zero, found a device; check the path
    """
    kind = what_is(path)
    if kind != "a file":
        raise InputError(f"expected {what} at {printable(os.fspath(path), 300)}, found {kind}; check the path")
    if not os.access(path, os.R_OK):
        raise InputError(
            f"expected {what} that can be read at {printable(os.fspath(path), 300)}, found one without permission; "
            "change its permissions"
        )


@contextlib.contextmanager
def reading(path: str | os.PathLike[str], what: str) -> Iterator[None]:
    """Refuse a path without a plain file, and say of which file an error within is.

    A library raises errors of many kinds at a file that is none of its own, or damaged: each becomes one line.

    Parameters
    ----------
    path : path-like
    what : str
        What it should be, see `check_plain`.

    Raises
    ------
    InputError

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file, reading(file.name, "a story"):
    ...     raise KeyError("end")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a story in ..., found 'end'
    """
    check_plain(path, what)
    try:
        yield
    except InputError as error:
        raise InputError(str(error) if str(path) in str(error) else f"{path}: {error}") from error
    except Exception as error:
        raise InputError(f"expected {what} in {path}, found {printable(error, 200) or type(error).__name__}") from error


def inside(folder: str | os.PathLike[str], name: str) -> Path | None:
    """Return where a name that came from elsewhere lies in a folder, links followed; None where it leads out of it.

    Examples
    --------
    >>> inside("/tmp", "../etc/passwd"), inside("/tmp", "/etc/passwd"), inside("/tmp", "")
    (None, None, None)
    """
    try:
        root = Path(folder).resolve()
        path = (root / name).resolve()
    except (OSError, ValueError, RuntimeError):  # too long, with a zero, or links in a circle
        return None
    return path if path != root and path.is_relative_to(root) else None


@contextlib.contextmanager
def open_plain(path: str | os.PathLike[str], *, most: int, links: bool = True) -> Iterator[BufferedReader]:
    """Open a plain file of at most `most` bytes; anything else is refused before a byte of it is read.

    Parameters
    ----------
    path : path-like
    most : int
    links : bool
        Whether the file may be a link to another.

    Raises
    ------
    OSError
        If there is no such file, or it is a device, a pipe or a folder, or larger.

    Examples
    --------
    >>> with open_plain("/dev/zero", most=10) as opened:
    ...     pass
    Traceback (most recent call last):
    ...
    OSError: not a plain file
    """
    if not links and os.path.islink(path):
        raise OSError("a link")
    flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a pipe nobody writes to would wait for ever
    handle = os.open(path, os.O_RDONLY | flags | (0 if links else getattr(os, "O_NOFOLLOW", 0)))
    with os.fdopen(handle, "rb") as opened:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise OSError("not a plain file")
        if about.st_size > most:
            raise OSError(f"{about.st_size} bytes, of which at most {most} are read")
        yield opened


def read_plain(path: str | os.PathLike[str], *, most: int, links: bool = True) -> bytes:
    """Read all of what `open_plain` opens."""
    with open_plain(path, most=most, links=links) as opened:
        return opened.read(most)


def read_json(path: str | os.PathLike[str]) -> Any:
    """Read JSON from a plain file of bounded size.

    Raises
    ------
    OSError, ValueError
        If there is no such file, it is too large, or it is no JSON.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.json"
    >>> _ = path.write_text("[1, 2]")
    >>> read_json(path)
    [1, 2]
    """
    try:
        return json.loads(read_plain(path, most=MOST_JSON))
    except RecursionError:
        raise ValueError("JSON nested without end") from None
