"""A worker: a process of its own that computes what it is told, and ends with the process that started it.

It is told by its standard input, whose other end nobody else holds. When that closes, however its parent ended, a
thread of the worker ends it, on every system alike. Signals of a terminal do not reach it: its parent decides.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

THREADS = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR")
} | {"VECLIB_MAXIMUM_THREADS": "1"}  # fmt: skip
"""What gives the libraries of a new process one thread."""

_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from neurocompare.worker import serve; serve()"

serving = False
"""Whether this process is a worker."""


class WorkerDied(Exception):
    """A worker ended before it answered.

    Attributes
    ----------
    code : int
        Its exit code; the negative number of a signal.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


class Worker:
    """A process that computes one thing after another.

    Examples
    --------
    >>> import cloudpickle
    >>> worker = Worker()
    >>> worker.compute(cloudpickle.dumps(abs), cloudpickle.dumps(-1))
    1
    >>> worker.end()
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, json.dumps(_paths())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | THREADS,
            start_new_session=True,
        )
        self._function: bytes | None = None

    def compute(self, function: bytes, item: bytes) -> Any:
        """Return what a pickled function says of a pickled item; the function is sent where it is not there yet.

        Raises
        ------
        WorkerDied
            If the process ends before.
        Exception
            Whatever the function raises.
        """
        jobs, answers = self._process.stdin, self._process.stdout
        assert jobs is not None
        assert answers is not None
        try:
            pickle.dump((None if function is self._function else function, item), jobs)
            jobs.flush()
            self._function = function
            answer = pickle.load(answers)
        except (OSError, ValueError, EOFError, pickle.UnpicklingError):  # cut off, or closed
            raise WorkerDied(self._process.wait()) from None
        value, error = pickle.loads(answer)
        if error is not None:
            raise error
        return value

    def end(self) -> None:
        """Wait until the process has ended; it is idle."""
        with contextlib.suppress(OSError):
            self._process.communicate()

    def kill(self) -> None:
        """End the process whatever it does, and those that it started."""
        _end_group(self._process.pid)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was on its way
                if pipe is not None:
                    pipe.close()


def _paths() -> list[str]:
    """Return where a worker finds modules: as this process does, but in the working folder only after all others.

    Python looks there first in a notebook or a script, so that a file ``random.py`` would be run in the place of
    Python's own. What a user's own function needs from there is found all the same.
    """
    here = os.path.realpath(os.getcwd())
    first, last = [], []
    for path in sys.path:
        own = os.path.realpath(path or here) == here
        (last if own else first).append(path or here)
    package = str(Path(__file__).parents[1])
    return first + last + ([] if package in first + last else [package])


def serve() -> None:
    """Compute what standard input tells, and answer by standard output, until the former closes.

    What a user's code prints goes to standard error.
    """
    global serving
    serving = True
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    orders: queue.SimpleQueue[tuple[bytes | None, bytes]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs, orders), daemon=True).start()
    kept: Callable[[Any], Any] | None = None
    mine = os.getpid()
    while True:
        function, item = orders.get()
        try:
            if function is not None:
                kept = pickle.loads(function)
            assert kept is not None
            answer = _pickled((kept(pickle.loads(item)), None))
        except BaseException as error:  # also of a user's own code, which may call sys.exit
            answer = _pickled((None, _told(error)))
        if os.getpid() != mine:  # a copy, which a user's own code has made
            os._exit(0)
        pickle.dump(answer, answers)
        answers.flush()


def _listen(jobs: Any, orders: queue.SimpleQueue[tuple[bytes | None, bytes]]) -> None:
    try:
        while True:
            orders.put(pickle.load(jobs))
    finally:
        _end_group(os.getpid())
        os._exit(0)


def _end_group(leader: int) -> None:
    """End a worker and what it started, which has no other to end it; on systems that know groups of processes."""
    with contextlib.suppress(OSError, AttributeError):
        os.killpg(leader, signal.SIGKILL)


def _pickled(answer: tuple[Any, BaseException | None]) -> bytes:
    import cloudpickle

    return cloudpickle.dumps(answer)


def _told(error: BaseException) -> BaseException:
    """Return an error that can travel, with where it was raised."""
    where = "".join(traceback.format_exception(error))
    if not isinstance(error, Exception):
        error = RuntimeError(f"{type(error).__name__} in a worker: {error}")
    try:
        pickle.loads(_pickled((None, error)))
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(f"In a worker:\n{where}")
    return error
