"""The door for files from anywhere: a process of its own looks through a file before this one opens it.

A damaged file can crash or hang the HDF5 library, which no exception handler sees. So a child process reads what the
reader would (`look_through_file`), with a limit on its processor time and memory: a clock would call good files damaged
where other work keeps the processors busy. It ends with this process, also where that has been killed.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.untrusted.printable import printable

TIME_LIMIT = 8
"""In s of processor time; a whole session of 3.6 million spikes takes less than one."""

PATIENCE = 120.0
"""In s by the clock, after which a child that neither ends nor computes is waited for no longer."""

COPYING = 60
"""In s of processor time, where a Zarr store is copied."""

UNTIMED = 0
"""For a file that comes over a line: its time is the line's."""

CANNOT_BE_USED = 2
"""Exit status of the child for a file that is whole: what it says is the line a user reads."""

LOOK = Path(__file__).with_name("look_through_file.py")


class Door:
    """Looks a file through in a child process.

    Parameters
    ----------
    where : str or path-like
        The file; ``"-"`` for one that `stdin` says.
    stdin : str
        What the child reads from its standard input, where nobody else can: see `look_through_file.remote_file`.
    patience : float, optional
        In s by the clock; where None, `PATIENCE`, and `TIME_LIMIT` of processor time.
    copy_to : pathlib.Path, optional
        Where to copy a Zarr store to, in place of looking a file through.

    Examples
    --------
    >>> import tempfile
    >>> import h5py
    >>> path = Path(tempfile.mkdtemp()) / "whole.nwb"
    >>> h5py.File(path, "w").close()
    >>> with Door(path) as door:
    ...     door.check()
    """

    def __init__(
        self, where: str | Path, *, stdin: str = "", patience: float | None = None, copy_to: Path | None = None
    ) -> None:
        self._stdin, self._patience = stdin, PATIENCE if patience is None else patience
        self._limit = COPYING if copy_to is not None else TIME_LIMIT if patience is None else UNTIMED
        also = [] if copy_to is None else [copy_to]
        arguments = (where, self._limit, math.ceil(self._patience) + 1, os.getpid(), *also)
        self._child = subprocess.Popen(
            [sys.executable, str(LOOK), *map(str, arguments)],
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )

    def __enter__(self) -> Door:
        return self

    def __exit__(self, *exception: object) -> None:
        self._end()

    def check(self) -> None:
        """Wait for the child's judgement.

        Raises
        ------
        InputError
            If it found damage, crashed, hung, or ran out of its memory.
        """
        try:
            stderr = self._child.communicate(self._stdin or None, timeout=self._patience)[1]
        except subprocess.TimeoutExpired:
            raise InputError(
                f"expected an NWB file that can be looked through, found one that was not within {self._patience:g} s; "
                "try again when this computer, or the disk or line it comes from, is less busy"
            ) from None
        if self._child.returncode == 0:
            return
        if self._child.returncode == -getattr(signal, "SIGXCPU", 0):
            limit = f"{self._limit:g} s of processor time"
            raise InputError(f"expected a whole NWB file, found one that cannot be read within {limit}; it is damaged")
        if self._child.returncode == CANNOT_BE_USED:
            raise InputError(printable(stderr.strip()))
        reason = printable(" ".join(stderr.split())[-200:]) or "it crashes the HDF5 library"
        raise InputError(f"expected a whole NWB file, found one cut short or damaged ({reason}); get it again")

    def _end(self) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self._child.communicate()
