"""Stages of a long computation: what they report on the way, and what they cost."""

from __future__ import annotations

import contextlib
import logging
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

LOG = logging.getLogger("neurocompare")
"""Of the package; silent unless the user asks for it, as with ``logging.basicConfig(level="INFO")``."""

Progress = Callable[[str, float, float], None]
"""What is told of the way: called as ``progress(stage, done, total)``."""

Watch = Progress | Literal[False] | None
"""The same where it may be left out, to be shown, or turned off; see `neurocompare.progress.shows_progress`."""

Advance = Callable[[float, float], None]
"""The same of one stage: called as ``advance(done, total)``."""


def part_of(advance: Advance, place: int, count: int) -> Advance:
    """Return what is told of one of several equal parts of a stage, of which `place` are done.

    Examples
    --------
    >>> part_of(lambda done, total: print(done, "of", total), 2, 4)(1, 2)
    2.5 of 4
    """

    def advance_part(done: float, total: float) -> None:
        if total > 0:
            advance(place + min(1.0, done / total), count)

    return advance_part


@dataclass(frozen=True)
class StageCost:
    """What a stage took: seconds, and peak memory in MB, of this process and of its largest worker that has ended.

    Attributes
    ----------
    stage : str
    seconds : float
    peak_memory_mb : int
        Of this process, so far.
    peak_worker_memory_mb : int
        Of the largest worker, so far.
    """

    stage: str
    seconds: float
    peak_memory_mb: int
    peak_worker_memory_mb: int


class Stages:
    """Times stages and passes their progress on.

    Parameters
    ----------
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Examples
    --------
    >>> stages = Stages(lambda stage, done, total: print(stage, done, "of", total))
    >>> with stages.stage("networks") as advance:
    ...     advance(1, 2)
    networks 0 of 1
    networks 1 of 2
    networks 2 of 2
    >>> [cost.stage for cost in stages.costs]
    ['networks']
    """

    def __init__(self, progress: Watch = None) -> None:
        self._progress = progress if callable(progress) else (lambda stage, done, total: None)
        self._done: list[StageCost] = []

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[Advance]:
        """Run a block as the stage `name`; yields what to call with (done, total) on the way."""
        latest_total = [1.0]

        def advance(done: float, total: float) -> None:
            latest_total[0] = total
            self._progress(name, done, total)

        self._progress(name, 0, 1)
        LOG.info("%s begins", name)
        start = time.perf_counter()
        yield advance
        seconds = time.perf_counter() - start
        self._progress(name, latest_total[0], latest_total[0])
        LOG.info("%s took %.1f s", name, seconds)
        own, workers = (_peak(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        self._done.append(StageCost(name, round(seconds, 2), own, workers))

    @property
    def costs(self) -> tuple[StageCost, ...]:
        """What the stages so far took."""
        return tuple(self._done)


def _peak(who: int) -> int:
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(who).ru_maxrss * unit / 1e6)
