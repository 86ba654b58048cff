"""Parallel work: one function over many items, in processes of this computer or on a Dask cluster, one thread each."""

from __future__ import annotations

import contextlib
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from neurocompare import worker
from neurocompare.errors import InputError
from neurocompare.settings import Workers
from neurocompare.worker import Worker, WorkerDied

__all__ = ["Workers", "apart", "keep_workers", "one_thread", "spread"]


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Run a block, or a decorated function, with one thread of torch and of the linear algebra behind numpy.

    Results then do not depend on how many processors a machine has, and processes side by side do not get in each
    other's way.

    Examples
    --------
    >>> import torch
    >>> with one_thread():
    ...     torch.get_num_threads()
    1
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        # Torch takes seconds to import; to one that comes later, a worker's environment says the same.
        if worker.serving and "torch" not in sys.modules:
            yield
            return
        import torch

        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def spread(function: Callable[[Any], Any], items: Iterable[Any], *, workers: Workers | None = None) -> Iterator[Any]:
    """Yield ``function(item)`` for every item, in the order they finish.

    Worker processes end with the loop, unless it stands in a block of `keep_workers`, and with this process, however
    that ends.

    Parameters
    ----------
    function : callable
        Of one argument. It goes to each process once: what many items share is best bound to it (`functools.partial`).
    items : iterable
        What comes slowly, of a generator, is handed on as it comes.
    workers : Workers, optional
        All processors of this computer where None. A single item, or a single job, is done in this process.

    Raises
    ------
    InputError
        If a worker was killed, the cluster does not answer, or its workers do not fit.

    Examples
    --------
    >>> list(spread(abs, [-1, -2], workers=Workers(jobs=1)))
    [1, 2]
    """
    workers = workers or Workers()
    if isinstance(items, Sequence) and not items:
        return iter(())
    if workers.dask is not None:
        from neurocompare.dask_cluster import on_cluster

        return on_cluster(partial(_alone, function), items, workers.dask)
    count = 1 if worker.serving else workers.count
    if isinstance(items, Sequence):
        count = min(count, len(items))
    return (_alone(function, item) for item in items) if count == 1 else _in_processes(function, items, count)


@contextlib.contextmanager
def keep_workers() -> Iterator[None]:
    """Let the workers of every `spread` in a block go on to the next, and end them with the block.

    Starting one takes a second or two. How much memory they took is known to the system when they have ended.

    Examples
    --------
    >>> with keep_workers():
    ...     sorted(spread(abs, [-1, -2], workers=Workers(jobs=2)))
    ...     sorted(spread(abs, [-3, -4], workers=Workers(jobs=2)))
    [1, 2]
    [3, 4]
    """
    global _kept
    if _kept is not None:  # in a larger block
        yield
        return
    _kept = _Team()
    try:
        yield
    finally:
        team, _kept = _kept, None
        team.end()


def apart(function: Callable[[Any], Any], item: Any, what: str) -> Any:
    """Return ``function(item)``, computed in a process of its own: however that ends, this one goes on and says so.

    Parameters
    ----------
    function : callable
        Of one argument.
    item : object
    what : str
        What to call it in the message.

    Raises
    ------
    InputError
        If the process ends before it answers.

    Examples
    --------
    >>> import os
    >>> apart(os._exit, 0, "the model")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected the model to return, found its process ended with exit code 0; ...
    """
    import cloudpickle

    lent = Worker()
    try:
        return lent.compute(cloudpickle.dumps(partial(_alone, function)), cloudpickle.dumps(item))
    except WorkerDied as error:
        message = f"expected {what} to return, found its process {_how(error.code)}; run it by itself to see why"
        raise InputError(message) from error
    finally:
        lent.kill()


class _Team:
    """Workers that are idle, and those that are not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        self._busy: list[Worker] = []
        self._closed = False

    @contextlib.contextmanager
    def worker(self) -> Iterator[Worker]:
        """Lend a worker for a block, an idle one or a new one; it is not used again where the block fails."""
        with self._lock:
            if self._closed:
                raise WorkerDied(_KILLED)
            lent = self._idle.pop() if self._idle else Worker()
            self._busy.append(lent)
        yield lent
        with self._lock:
            self._busy.remove(lent)
            self._idle.append(lent)

    def end(self) -> None:
        """End all: the idle ones in peace."""
        with self._lock:
            self._closed = True
            for one in self._idle:
                one.end()
            for one in self._busy:
                one.kill()
            self._idle, self._busy = [], []

    def kill(self) -> None:
        """End all that are busy; others can be lent again."""
        with self._lock:
            for one in self._busy:
                one.kill()
            self._busy = []


_kept: _Team | None = None
_END = object()
_KILLED, _TOLD_TO_END = -9, -15


def _in_processes(function: Callable[[Any], Any], items: Iterable[Any], count: int) -> Iterator[Any]:
    """Have a thread for each worker, which does nothing but wait for it."""
    import cloudpickle

    team = _kept or _Team()
    pickled = cloudpickle.dumps(partial(_alone, function))
    orders: queue.SimpleQueue[Any] = queue.SimpleQueue()
    answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
    stopped = threading.Event()

    def attend() -> None:
        try:
            with team.worker() as lent:
                for item in iter(orders.get, _END):
                    if stopped.is_set():
                        return
                    answers.put((lent.compute(pickled, cloudpickle.dumps(item)), None))
        except BaseException as error:  # of whatever kind the function raises
            answers.put((None, error))

    # Daemons: nobody waits for them where this process ends in the middle.
    threads: list[threading.Thread] = []
    asked = 0
    try:
        for item in items:
            orders.put(item)
            asked += 1
            if len(threads) < count:
                threads.append(threading.Thread(target=attend, daemon=True))
                threads[-1].start()
        for _ in threads:
            orders.put(_END)
        for _ in range(asked):
            value, error = answers.get()
            if isinstance(error, WorkerDied):
                raise InputError(_of_death(error.code)) from error
            if error is not None:
                raise error
            yield value
        for thread in threads:
            thread.join()
    finally:
        stopped.set()
        for _ in threads:
            orders.put(_END)
        team.kill()
        if team is not _kept:
            team.end()


def _alone(function: Callable[[Any], Any], item: Any) -> Any:
    with one_thread():
        return function(item)


def _of_death(code: int) -> str:
    """Say in a line how a worker ended."""
    if code == _TOLD_TO_END:
        time.sleep(1)  # where all processes of a job are told to end, this one is too, and says so itself
    fewer = "use fewer jobs or a smaller task, and " if code == _KILLED else ""
    return f"expected every worker process to finish, found one {_how(code)}; {fewer}run the same again: it continues"


def _how(code: int) -> str:
    if code == _KILLED:
        return "killed, most often for want of memory"
    try:
        return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    except ValueError:
        return f"ended by signal {-code}"
