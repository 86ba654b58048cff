"""Stages of a long computation: what they report on the way, and what they cost."""

from __future__ import annotations

import contextlib
import resource
import sys
import time
from collections.abc import Callable, Iterator


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
    >>> [entry["stage"] for entry in stages.account()]
    ['networks']
    """

    def __init__(self, progress: Callable[[str, float, float], None] | None = None) -> None:
        self._progress = progress or (lambda stage, done, total: None)
        self._done: list[dict[str, str | float]] = []

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[Callable[[float, float], None]]:
        """Run a block as the stage `name`; yields what to call with (done, total) on the way."""
        whole = [1.0]

        def advance(done: float, total: float) -> None:
            whole[0] = total
            self._progress(name, done, total)

        self._progress(name, 0, 1)
        start = time.perf_counter()
        yield advance
        seconds = time.perf_counter() - start
        self._progress(name, whole[0], whole[0])
        own, workers = (_peak(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        entry = {"stage": name, "seconds": round(seconds, 2), "peak_memory_mb": own, "peak_worker_memory_mb": workers}
        self._done.append(entry)

    def account(self) -> list[dict[str, str | float]]:
        """Return seconds and peak memory so far (MB; of this process, and of its largest worker that has ended)."""
        return list(self._done)


def _peak(who: int) -> int:
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(who).ru_maxrss * unit / 1e6)
