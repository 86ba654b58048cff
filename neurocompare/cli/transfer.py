"""Progress of a download: bytes, speed and time left."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from neurocompare.progress import OneBarEach

Hook = Callable[[str, float, float], None]
"""What a download calls as it advances: ``hook(name, bytes_here, bytes)``."""

_INTERVAL = 15.0
"""Seconds between two lines of a log."""


@contextlib.contextmanager
def transfer_progress(console: Console | None = None) -> Iterator[Hook]:
    """Show a download as it advances, for as long as the block runs: a bar on a terminal, lines in a log.

    Parameters
    ----------
    console : rich.console.Console, optional
        Where to write; stderr when None.

    Yields
    ------
    Hook
        Its first call may already be part of the way: what was here before does not count towards the speed.

    Examples
    --------
    >>> import sys
    >>> with transfer_progress(Console(file=sys.stdout, force_terminal=False, width=80)) as hook:
    ...     hook("mc_maze_small", 0, 29207528)
    ...     hook("mc_maze_small", 29207528, 29207528)
    mc_maze_small: 0.0 of 29.2 MB
    mc_maze_small: 29.2 of 29.2 MB (... MB/s)
    """
    console = console or Console(stderr=True)
    if console.is_terminal:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            DownloadColumn(),
            TransferSpeedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
        ) as bars:
            yield OneBarEach(bars)
    else:
        yield _Lines(console)


class _Lines:
    """A line as a file begins, one now and then, and one at its end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun: dict[str, tuple[float, float]] = {}
        self._said: dict[str, float] = {}

    def __call__(self, name: str, done: float, total: float) -> None:
        now = time.monotonic()
        if name not in self._begun or done < self._begun[name][1]:
            self._begun[name] = (now, done)
            self._said[name] = now
            self._say(f"{name}: {done / 1e6:.1f} of {total / 1e6:.1f} MB")
            return
        if done < total and now - self._said[name] < _INTERVAL:
            return
        start, already = self._begun[name]
        if done == already:
            return
        self._said[name] = now
        speed = (done - already) / max(now - start, 1e-9)
        left = f", about {(total - done) / speed:.0f} s left" if done < total else ""
        self._say(f"{name}: {done / 1e6:.1f} of {total / 1e6:.1f} MB ({speed / 1e6:.1f} MB/s{left})")

    def _say(self, line: str) -> None:
        self._console.print(line, highlight=False, soft_wrap=True, markup=False)
