"""Plain files: the only kind that is opened. A pipe would make us wait, a device would never end."""

from __future__ import annotations

import errno
import json
import os
import stat
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
    found = what_is(path)
    if found != "a file":
        message = f"expected {what} at {printable(os.fspath(path), 300)}, found {found}; check the path"
        raise InputError(message)
    if not os.access(path, os.R_OK):
        message = (
            f"expected {what} that can be read at {printable(os.fspath(path), 300)}, found one without permission; "
            "change its permissions"
        )
        raise InputError(message)


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
    found = what_is(path)
    if found != "a file":
        message = f"{found} at {os.fspath(path)}"
        raise FileNotFoundError(message)
    if os.stat(path).st_size > MOST_JSON:
        message = f"more than {MOST_JSON / 2**20:.0f} MB of JSON"
        raise ValueError(message)
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except RecursionError:
        message = "JSON nested without end"
        raise ValueError(message) from None
