"""Answers of servers, of bounded size and in bounded time: one that never ends a sentence is not waited for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

import requests

from neurocompare.errors import InputError

MOST_ANSWER = 32 * 2**20
"""In bytes, of one answer that is read whole, after it is unpacked: a thousand sessions are listed in one of them."""

_PIECE = 2**16
_T = TypeVar("_T")


def within(seconds: float, do: Callable[[], _T]) -> _T:
    """Do something on the network, and stop waiting for it in time.

    A limit on silence alone does not end a server that sends a byte now and then. What is not waited for any more goes
    on in a thread that does not keep the program alive.

    Parameters
    ----------
    seconds : float
    do : callable

    Raises
    ------
    requests.Timeout
        If it takes longer; else whatever `do` raises.

    Examples
    --------
    >>> within(5.0, lambda: 2 + 2)
    4
    """
    done: queue.SimpleQueue[tuple[_T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.put((do(), None))
        except BaseException as error:  # for who waits
            done.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = done.get(timeout=seconds)
    except queue.Empty:
        raise requests.Timeout from None
    if error is not None:
        raise error
    return cast(_T, result)  # `do` has returned


class BoundedSession(requests.Session):
    """Asks for parts of files, and takes no more than was asked for, in bounded time.

    Parameters
    ----------
    host : str
        What to call the server in messages.
    seconds : float
        How long a part may take.
    """

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__()
        self._host, self._seconds = host, seconds

    def get(self, url: str | bytes, **settings: Any) -> requests.Response:
        """Get a part; its size is what the header Range asks for."""
        first, last = settings["headers"]["Range"].removeprefix("bytes=").split("-")

        def exchange() -> requests.Response:
            response = super(BoundedSession, self).get(url, **cast(Any, settings | {"stream": True}))
            read_whole(response, self._host, int(last) - int(first) + 1)
            return response

        return within(self._seconds, exchange)


def read_whole(response: requests.Response, host: str, most: int = MOST_ANSWER) -> None:
    """Read a response that was opened as a stream, as if it had not been.

    Raises
    ------
    InputError
        If it is larger than `most` bytes.
    """
    body = bytearray()
    for piece in response.iter_content(_PIECE):
        body += piece
        if len(body) > most:
            response.close()
            raise InputError(
                f"expected an answer of at most {most / 2**20:.3g} MB from {host}, found a larger one; it was not read"
            )
    response._content = bytes(body)
