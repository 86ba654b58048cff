"""Work on a Dask cluster: its faults as lines."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from neurocompare.errors import InputError

PATIENCE = 6
"""Seconds to wait for a cluster to answer, and for its first worker."""

REPLACEMENT = 60
"""Seconds to wait for workers that take the place of those that died."""


def on_cluster(function: Callable[[Any], Any], items: Iterable[Any], address: str) -> Iterator[Any]:
    """Yield ``function(item)`` for every item, in the order they finish, see `parallel.spread`.

    Raises
    ------
    InputError
        If the cluster does not answer, has no workers of one thread each, or loses all of them.
    """
    with _client(address) as client:
        import cloudpickle
        from distributed import KilledWorker
        from distributed import wait as wait_for

        # What all items share is a result of the cluster itself: sent once, and made again where its holder dies.
        shared = client.submit(bytes, cloudpickle.dumps(function), pure=False)
        waiting = {client.submit(_compute, shared, item, pure=False) for item in items}
        seen = time.monotonic()
        try:
            while waiting:
                try:
                    with client.as_current():
                        done, waiting = cast(Any, wait_for)(waiting, timeout=PATIENCE, return_when="FIRST_COMPLETED")
                except TimeoutError:
                    seen = time.monotonic() if client.nthreads() else seen
                    if time.monotonic() - seen > REPLACEMENT:
                        raise InputError(_none_left(address)) from None
                    continue
                seen = time.monotonic()
                for future in done:
                    yield future.result()
        except KilledWorker as error:
            raise InputError(
                f"expected the Dask workers to finish, found them killed one after another ({error}), "
                "most often for want of memory; give them more, and run the same again: it continues"
            ) from error
        finally:
            client.cancel(list(waiting))


def _compute(shared: bytes, item: Any) -> Any:
    import cloudpickle

    return cloudpickle.loads(shared)(item)


def _none_left(address: str) -> str:
    return (
        f"expected workers on the Dask cluster at {address}, found none left after {REPLACEMENT} s; start some "
        "with --nthreads 1, and run the same again: it continues"
    )


@contextlib.contextmanager
def _client(address: str) -> Iterator[Any]:
    """Connect to a cluster that has been looked at."""
    try:
        from distributed import Client
    except ImportError as error:
        message = "expected the package distributed for a Dask cluster, found none; pip install 'neurocompare[dask]'"
        raise InputError(message) from error
    _check_scheduler(address)
    with Client(address, timeout=PATIENCE, set_as_default=False) as client:
        _check_workers(client, address)
        yield client


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
            return (await peer.identity())["type"]  # pyright: ignore[reportOptionalSubscript]
        finally:
            await peer.close_rpc()

    try:
        with ThreadPoolExecutor(1) as thread:  # of its own: in a notebook this one has a running loop
            kind = thread.submit(asyncio.run, asyncio.wait_for(ask(), PATIENCE)).result()
    except Exception as error:  # of many types: no address, no answer, or the answer of something else
        raise InputError(
            f"expected a Dask scheduler at {address}, found no answer; start one with `dask scheduler`, workers with "
            f"`dask worker {address} --nthreads 1`, and give the address it prints"
        ) from error
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
