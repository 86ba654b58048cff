"""The door for files from anywhere: a process of its own looks through a file before this one opens it.

A damaged file can crash or hang the HDF5 library, which no exception handler sees. So a child process reads what the
reader would (`look_through_file`), with a limit on its time and memory; it keeps to them also where this process has
been killed.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.untrusted.printable import printable

TIME_LIMIT = 8.0
"""In s; a whole session of 3.6 million spikes takes less than one."""

CANNOT_BE_USED = 2
"""Exit status of the child for a file that is whole: what it says is the line a user reads."""

LOOK = Path(__file__).with_name("look_through_file.py")


class Door:
    """Looks a file through in a child process.

    Parameters
    ----------
    where : str or path-like
        The file; ``"-"`` for one that `told` says.
    told : str
        What the child reads from its standard input, where nobody else can: see `look_through_file.remote_file`.
    time_limit : float, optional
        In s; `TIME_LIMIT` where None.

    Examples
    --------
    >>> import tempfile
    >>> import h5py
    >>> path = Path(tempfile.mkdtemp()) / "whole.nwb"
    >>> h5py.File(path, "w").close()
    >>> with Door(path) as door:
    ...     door.check()
    """

    def __init__(self, where: str | Path, *, told: str = "", time_limit: float | None = None) -> None:
        self._told, self._time_limit = told, TIME_LIMIT if time_limit is None else time_limit
        self._child = subprocess.Popen(
            [sys.executable, str(LOOK), str(where), str(math.ceil(self._time_limit) + 1), str(os.getpid())],
            stdin=subprocess.PIPE if told else subprocess.DEVNULL,
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
            said = self._child.communicate(self._told or None, timeout=self._time_limit)[1]
        except subprocess.TimeoutExpired:
            limit = f"{self._time_limit:g} s"
            message = f"expected a whole NWB file, found one that cannot be read within {limit}; it is damaged"
            raise InputError(message) from None
        if self._child.returncode == 0:
            return
        if self._child.returncode == CANNOT_BE_USED:
            raise InputError(printable(said.strip()))
        reason = printable(" ".join(said.split())[-200:]) or "it crashes the HDF5 library"
        message = f"expected a whole NWB file, found one cut short or damaged ({reason}); get it again"
        raise InputError(message)

    def _end(self) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self._child.communicate()
