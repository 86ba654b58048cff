"""Progress of a long command: bars with the time left on a terminal, plain lines in a log."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import cast

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Hook = Callable[[str, float, float], None]
"""What a pipeline calls as it advances: ``hook(stage, done, total)``."""

TITLES = {
    "recording": "Reading the recording",
    "zoo": "Reading the networks",
    "task": "Making the task",
    "networks": "Drawing networks",
    "planted": "Planting networks",
    "runs": "Ranking planted ones",
    "dynamics": "Measuring dynamics",
    "model": "Reading the model",
    "calibration": "Timing gradients",
    "theory": "Solving the theory",
    "recordings": "Placing infinite ones",
    "scores": "Scoring draws",
    "networks scored": "Scoring networks",
    "nearest": "Finding nearest gamma",
    "rankings": "Pooling rankings",
    "across": "Recording by recording",
    "matched networks": "Drawing networks of equal fit",
    "matched scores": "Scoring networks of equal fit",
    "nuisance networks": "Drawing networks at nuisance settings",
    "nuisance scores": "Scoring nuisance settings",
    "report": "Writing the report",
}


@contextlib.contextmanager
def progress(console: Console | None = None) -> Iterator[Hook]:
    """Show stages as they advance, for as long as the block runs.

    Parameters
    ----------
    console : rich.console.Console, optional
        Where to write; stderr when None, so that results on stdout can be piped.

    Yields
    ------
    Hook
        To be called with a stage's name, what is done and what there is to do. The first call of a stage may already
        be part of the way: what an earlier run left finished does not count towards the speed.

    Examples
    --------
    >>> import sys
    >>> with progress(Console(file=sys.stdout, force_terminal=False, width=80)) as hook:
    ...     hook("task", 0, 1)
    ...     hook("task", 1, 1)
    Making the task ...
    Making the task: 100 % (0 s)
    """
    console = console or Console(stderr=True)
    if console.is_terminal:
        with _bars(console) as bars:
            yield _Bars(bars)
    else:
        yield _Lines(console)


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(bar_width=28),
        TaskProgressColumn(),
        TextColumn("elapsed"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        # Networks finish a few a minute: an estimate over rich's usual half minute would jump about.
        speed_estimate_period=600.0,
    )


def _title(stage: str) -> str:
    """Return what a stage is called; of several alike, ``"scores (1 of 2)"``.

    Examples
    --------
    >>> _title("scores (1 of 2)")
    'Scoring draws (1 of 2)'
    """
    name, bracket, rest = stage.partition(" (")
    return TITLES.get(name, name) + bracket + rest


class _Bars:
    """One bar a stage."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._stages: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: float, total: float) -> None:
        if stage not in self._stages:
            # A part of one is completed too.
            self._stages[stage] = self._bars.add_task(_title(stage), completed=cast(int, done), total=total)
        self._bars.update(self._stages[stage], completed=done, total=total)


class _Lines:
    """A line as a stage begins and one at each quarter of it: a log that can be read afterwards."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun: dict[str, tuple[float, float]] = {}
        self._said: dict[str, int] = {}

    def __call__(self, stage: str, done: float, total: float) -> None:
        now = time.monotonic()
        title = _title(stage)
        if stage not in self._begun:
            self._begun[stage] = (now, done)
            self._say(f"{title} ...")
        share = done / total if total > 0 else 1.0
        quarter = int(4 * share)
        if quarter <= self._said.get(stage, 0):
            return
        self._said[stage] = quarter
        start, already = self._begun[stage]
        line = f"{title}: {100 * share:.0f} % ({now - start:.0f} s"
        if already < done < total:
            line += f", about {(now - start) * (total - done) / (done - already):.0f} s left"
        self._say(line + ")")

    def _say(self, line: str) -> None:
        self._console.print(line, highlight=False, soft_wrap=True, markup=False)
