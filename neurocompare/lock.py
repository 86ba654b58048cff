"""A lock on a folder: one process at a time works in it, and another learns which, and where."""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import os
import platform
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

from neurocompare.errors import InputError
from neurocompare.files import cannot_write, check_writable, is_alive

NAME = ".neurocompare-lock"
"""Of the file, in the folder."""

BEAT = 30.0
"""Seconds between signs of life."""

SILENT = 20 * BEAT
"""Seconds without a sign after which a process of another machine counts as ended."""

AGAIN = 0.5
"""Seconds until a folder that is waited for is looked at again."""

_LARGEST = 4096
"""Bytes that are read; a lock is never longer."""

_held: set[Path] = set()

_Verb = TypeVar("_Verb", bound=Callable[..., Any])


@contextlib.contextmanager
def locked(folder: str | os.PathLike[str], *, wait: bool = False) -> Iterator[None]:
    """Keep other processes out of a folder for a block.

    The lock is a file that names the process and its machine, and whose date is renewed while the block lasts. It is
    stale, and taken over, where its process has ended: on this machine that is looked up; of another machine it is
    known by a date that was not renewed for `SILENT`, nor while it is looked at. A block within one of the same process
    and folder adds nothing.

    Parameters
    ----------
    folder : path-like
        Made where it is not there, and removed again where it is empty in the end.
    wait : bool
        Until another process has done its work there; for a folder that several may use in turn, a cache.

    Raises
    ------
    InputError
        If another process is at work in the folder and is not waited for, or it cannot be written to.

    Examples
    --------
    >>> folder = tempfile.mkdtemp()
    >>> with locked(folder):
    ...     os.listdir(folder)
    ['.neurocompare-lock']
    >>> os.listdir(folder)
    []
    """
    path = Path(os.path.realpath(folder)) / NAME
    if path in _held:
        yield
        return
    check_writable(folder)
    made = [each for each in (path.parent, *path.parent.parents) if not each.exists()]
    mine = json.dumps({"process": os.getpid(), "machine": platform.node(), "born": _born(os.getpid())})
    over = threading.Event()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while not _written(path, mine):
            _take_from_the_dead(path, wait=wait)
        _held.add(path)
        threading.Thread(target=_beat, args=(path, mine, over), daemon=True).start()
        yield
    except OSError as error:
        if error.filename == os.fspath(path) or error.filename == os.fspath(path.parent):
            raise cannot_write(path.parent, error) from error
        raise
    finally:
        over.set()
        _held.discard(path)
        if _read(path) == mine:
            with contextlib.suppress(OSError):
                path.unlink()
        with contextlib.suppress(OSError):  # what was refused leaves nothing behind
            for each in made:
                each.rmdir()


def locks(name: str) -> Callable[[_Verb], _Verb]:
    """Decorate a function that works in the folder that its argument `name` says; in none where that is None.

    Examples
    --------
    >>> @locks("out")
    ... def make(out):
    ...     return os.listdir(out)
    >>> make(tempfile.mkdtemp())
    ['.neurocompare-lock']
    """

    def decorated(verb: _Verb) -> _Verb:
        signature = inspect.signature(verb)

        @functools.wraps(verb)
        def alone(*args: Any, **kwargs: Any) -> Any:
            try:
                given = signature.bind(*args, **kwargs)
            except TypeError as error:  # which, of itself, does not name what was called
                raise TypeError(f"{verb.__name__}() {error}") from None
            given.apply_defaults()
            folder = given.arguments[name]
            with contextlib.nullcontext() if folder is None else locked(folder):
                return verb(*args, **kwargs)

        return cast(_Verb, alone)

    return decorated


def _written(path: Path, mine: str) -> bool:
    """Write a lock where there is none."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(mine)
    return True


def _read(path: Path) -> str | None:
    """Return what a lock says; None where there is none. What is no plain file says nothing."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return None
    except OSError:
        return ""
    try:
        return os.read(handle, _LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(handle)


def _take_from_the_dead(path: Path, *, wait: bool) -> None:
    """Remove a stale lock; refuse, or wait a moment, where it is not."""
    text = _read(path)
    if text is None:
        return
    if path.is_dir() and not path.is_symlink():
        raise InputError(f"expected a lock at {path}, found a folder; delete it, or choose another folder")
    try:
        holder = json.loads(text)
        process, machine, born = int(holder["process"]), str(holder["machine"]), holder["born"]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):  # cut short, or not ours
        process, machine, born = 0, "", None
    if machine == platform.node() and process > 0:
        stale = not is_alive(process) or _born(process) != born
    else:
        stale = _is_silent(path)
    if not stale and wait:
        time.sleep(AGAIN)
        return
    if not stale:
        who = f"process {process} on {machine!r}" if process else f"its lock {path.name}"
        raise InputError(
            f"expected no other process at work in {path.parent}, found {who}; wait for it, or choose another folder; "
            f"if it is certain that it has ended, delete {path}"
        )
    # Moved away before it is deleted: another process may have taken it meanwhile, and that lock goes back.
    aside = path.with_name(f"{NAME}-{uuid.uuid4().hex}")
    with contextlib.suppress(FileNotFoundError):
        os.rename(path, aside)
        if _read(aside) == text:
            aside.unlink()
        else:
            os.rename(aside, path)


def _is_silent(path: Path) -> bool:
    """Whether a lock is renewed no more: its date is long ago, or to come, and stays what it is.

    Dates alone are not believed: clocks are put forward and back while a process is at work.
    """
    if -BEAT < _silence(path) < SILENT:
        return False
    with contextlib.suppress(FileNotFoundError):
        before, until = os.lstat(path).st_mtime, time.monotonic() + 2 * BEAT
        while time.monotonic() < until:
            time.sleep(BEAT / 10)
            if os.lstat(path).st_mtime != before:
                return False
    return True


def _silence(path: Path) -> float:
    """Return for how many seconds a lock was not renewed, by the clock of its disk."""
    with tempfile.NamedTemporaryFile(prefix=NAME, dir=path.parent) as now, contextlib.suppress(FileNotFoundError):
        return os.stat(now.name).st_mtime - os.lstat(path).st_mtime
    return 0.0


def _born(process: int) -> str:
    """Return when a process of this machine began, in whatever words: its number may go to another when it has ended.

    Nothing is known of one that has ended and that its parent has not asked about yet (a zombie).

    Examples
    --------
    >>> _born(os.getpid()) == _born(os.getpid()) != _born(1)
    True
    """
    try:
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as opened:
            state, *numbers = opened.read(_LARGEST).rpartition(")")[2].split()
            return "" if state == "Z" else numbers[18]
    except (OSError, ValueError, IndexError):
        pass
    try:
        asked = ["ps", "-o", "stat=,lstart=", "-p", str(process)]
        printed = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10).stdout
        state, _, born = printed.strip().partition(" ")
        return "" if state.startswith("Z") else born.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _beat(path: Path, mine: str, over: threading.Event) -> None:
    while not over.wait(BEAT):
        if _read(path) == mine:
            with contextlib.suppress(OSError):
                os.utime(path)
