"""Trying again: which failures of a network pass by themselves, and how long to wait for that."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from neurocompare.errors import InputError


class PassingError(Exception):
    """A failure that may pass by itself.

    Attributes
    ----------
    reason : str
        For people; never with an address in it, because addresses of downloads carry signatures.
    wait : float
        How long the other side asked to wait, in s; 0 where it did not ask.
    """

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


SLOWEST = 1000.0
"""In bytes/s: a file that comes more slowly would take weeks."""


@dataclass(frozen=True)
class Patience:
    """How long to put up with failures that may pass.

    Attributes
    ----------
    attempts : int
        In a row without progress.
    timeout : float
        Without a single byte, in s.
    answer : float
        For one whole answer of the archive, however it comes, in s; also how long a file may come more slowly than
        `SLOWEST`.
    talk : float
        For all answers before a file comes, in s.
    pause : float
        Before the second attempt, in s; each further one is twice as long.
    longest : float
        No pause is longer, in s; who is asked to wait longer gives up and says so.
    say : callable, optional
        Called with a sentence before every pause.
    """

    attempts: int = 6
    timeout: float = 30.0
    answer: float = 120.0
    talk: float = 900.0
    pause: float = 1.0
    longest: float = 60.0
    say: Callable[[str], None] | None = None

    def wait(self, host: str, failed: PassingError, failures: int) -> None:
        """Sleep before the next attempt.

        Parameters
        ----------
        host : str
            Who failed.
        failed : PassingError
            The last failure.
        failures : int
            How many there were in a row, from 1.

        Raises
        ------
        InputError
            If patience is at an end.

        Examples
        --------
        >>> Patience(attempts=3).wait("example.org", PassingError("no answer within 30 s"), 3)
        Traceback (most recent call last):
        ...
        neurocompare.errors.InputError: example.org failed 3 times: no answer within 30 s; try later: it continues
        """
        if failures >= self.attempts:
            raise InputError(f"{host} failed {failures} times: {failed.reason}; try later: it continues")
        if failed.wait > self.longest:
            raise InputError(f"{host} asks to wait {failed.wait:g} s ({failed.reason}); try later: it continues")
        pause = max(failed.wait, min(self.pause * 2 ** (failures - 1), self.longest))
        if self.say is not None:
            self.say(f"{host}: {failed.reason}; trying again in {pause:.0f} s")
        time.sleep(pause)
