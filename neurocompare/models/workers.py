"""Workers: one function over many items, in processes of this computer or on a Dask cluster, by joblib either way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from neurocompare.errors import InputError

PATIENCE = 6
"""Seconds to wait for a cluster to answer, and for its first worker."""

REPLACEMENT = 60
"""Seconds to wait for workers that take the place of those that died."""


def spread(
    function: Callable[[Any], Any], items: Sequence[Any], *, jobs: int | None = None, dask: str | None = None
) -> Iterator[Any]:
    """Yield ``function(item)`` for every item, in the order they finish.

    Parameters
    ----------
    function : callable
        Of one argument; importable by the workers.
    items : sequence
    jobs : int, optional
        Processes on this computer, one thread each; all processors where None.
    dask : str, optional
        Address of a Dask scheduler, such as ``"tcp://10.0.0.1:8786"``, whose workers do it instead. They have one
        thread each, and see the folders that `function` writes to by the same path. A worker that dies is replaced by
        another.

    Raises
    ------
    InputError
        If a worker was killed, the cluster does not answer, or its workers do not fit.

    Examples
    --------
    >>> list(spread(abs, [-1, -2], jobs=1))
    [1, 2]
    """
    from joblib import Parallel, cpu_count, delayed

    if jobs is not None and jobs < 1:
        message = f"expected at least 1 job, found {jobs}"
        raise InputError(message)
    if not items:
        return
    options = {"batch_size": 1, "return_as": "generator_unordered"}
    calls = (delayed(function)(item) for item in items)
    if dask is None:
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        pool = Parallel(n_jobs=min(jobs or cpu_count(), len(items)), **options)
        try:
            yield from pool(calls)
        except TerminatedWorkerError as error:
            message = (
                "expected every worker process to finish, found one killed, most often for want of memory; "
                "use fewer jobs or a smaller task, and run the same again: it continues"
            )
            raise InputError(message) from error
        return
    with _cluster(dask) as backend:
        yield from Parallel(**backend, **options)(calls)


@contextlib.contextmanager
def _cluster(address: str) -> Iterator[dict[str, Any]]:
    """Connect to a Dask cluster; yields the arguments that make joblib use it, and turns its failures into lines."""
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        message = "expected the package distributed for a Dask cluster, found none; pip install 'neurocompare[dask]'"
        raise InputError(message) from error
    from joblib import parallel_config

    _check_scheduler(address)
    with Client(address, timeout=PATIENCE, set_as_default=False) as client:
        _check_workers(client, address)
        try:
            with parallel_config(backend="dask", client=client, wait_for_workers_timeout=REPLACEMENT):
                yield {"n_jobs": -1}
        except TimeoutError as error:
            message = (
                f"expected workers on the Dask cluster at {address}, found none left after {REPLACEMENT} s; start some "
                "with --nthreads 1, and run the same again: it continues"
            )
            raise InputError(message) from error
        except KilledWorker as error:
            message = (
                f"expected the Dask workers to finish a network, found them killed one after another ({error}), "
                "most often for want of memory; give them more, and run the same again: it continues"
            )
            raise InputError(message) from error


def _check_scheduler(address: str) -> None:
    """Ask whoever listens at an address what it is, before a client is made for it.

    A client that finds no scheduler raises while it is made: nobody can close it, and distributed closes it when it is
    collected as garbage, which waits for ever where that happens while another client starts.
    """
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from distributed import rpc

    async def ask() -> str:
        peer = rpc(address)
        try:
            return (await peer.identity())["type"]
        finally:
            await peer.close_rpc()

    try:
        with ThreadPoolExecutor(1) as thread:  # of its own: in a notebook this one has a running loop
            kind = thread.submit(asyncio.run, asyncio.wait_for(ask(), PATIENCE)).result()
    except Exception as error:  # of many types: no address, no answer, or the answer of something else
        message = (
            f"expected a Dask scheduler at {address}, found no answer; start one with `dask scheduler`, workers with "
            f"`dask worker {address} --nthreads 1`, and give the address it prints"
        )
        raise InputError(message) from error
    if kind != "Scheduler":
        message = f"expected a Dask scheduler at {address}, found a {kind.lower()}; give the address of its scheduler"
        raise InputError(message)


def _check_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        message = f"expected workers on the Dask cluster at {address}, found none; start some with --nthreads 1"
        raise InputError(message) from error
    # Threads of one process share torch's settings: with several, results would depend on which of them ran when.
    threads = max(client.nthreads().values())
    if threads > 1:
        message = f"expected Dask workers of one thread each, found {threads} threads; start them with --nthreads 1"
        raise InputError(message)
