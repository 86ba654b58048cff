"""Progress of a long computation: bars with the time left on a terminal and in a notebook, plain lines in a log."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import time
from collections.abc import Callable, Iterator
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar, cast

from neurocompare.stages import Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_Verb = TypeVar("_Verb", bound=Callable[..., Any])

_within: contextvars.ContextVar[bool] = contextvars.ContextVar("within", default=False)

TITLES = {
    "recording": "Reading the recording",
    "zoo": "Reading the networks",
    "task": "Making the task",
    "networks": "Drawing networks",
    "planted": "Planting networks",
    "runs": "Ranking planted ones",
    "dynamics": "Measuring dynamics",
    "model": "Reading the model",
    "steps": "Trying out steps",
    "calibration": "Timing gradients",
    "theory": "Solving the theory",
    "recordings": "Recording infinite networks",
    "scores": "Scoring resamples",
    "design": "Laying out the design",
    "planted points": "Recording networks",
    "profile": "Profiling gamma",
    "networks scored": "Scoring networks",
    "nearest": "Finding nearest gamma",
    "rankings": "Pooling rankings",
    "explorations": "Reading explorations",
    "across": "Recording by recording",
    "report": "Writing the report",
}


def shows_progress(stage: str | None = None) -> Callable[[_Verb], _Verb]:
    """Decorate a function that reports how it advances through its keyword ``progress``.

    Left out or None, it is shown: a bar a stage on a terminal and in a notebook, lines on stderr elsewhere. False turns
    it off, and a callable gets the reports instead.

    Parameters
    ----------
    stage : str, optional
        What a function of one stage does, which reports ``(done, total)`` alone.

    Examples
    --------
    >>> @shows_progress("networks")
    ... def make(*, progress=None):
    ...     progress(1, 1) if progress else print("silent")
    >>> make(progress=False)
    silent
    >>> make(progress=lambda done, total: print(done, "of", total))
    1 of 1
    """

    def decorated(verb: _Verb) -> _Verb:
        @functools.wraps(verb)
        def shown(*args: Any, progress: Any = None, **kwargs: Any) -> Any:
            # What one of these functions does for another is part of what that one shows.
            within, wanted = _within.get(), progress is None or progress is True
            token = _within.set(True)
            try:
                if callable(progress) or not wanted or within:
                    report = progress if callable(progress) else None
                    return verb(*args, progress=report, **kwargs)
                with display() as hook:
                    report = hook if stage is None else functools.partial(hook, stage)
                    return verb(*args, progress=report, **kwargs)
            finally:
                _within.reset(token)

        return cast(_Verb, shown)

    return decorated


@contextlib.contextmanager
def display(console: Console | None = None) -> Iterator[Progress]:
    """Show stages as they advance, for as long as the block runs.

    Parameters
    ----------
    console : rich.console.Console, optional
        Where to write; stderr when None, so that results on stdout can be piped.

    Yields
    ------
    callable
        To be called with a stage's name, what is done and what there is to do. The first call of a stage may already
        be part of the way: what an earlier run left finished does not count towards the speed.

    Examples
    --------
    >>> import sys
    >>> from rich.console import Console
    >>> with display(Console(file=sys.stdout, force_terminal=False, width=80)) as hook:
    ...     hook("task", 0, 1)
    ...     hook("task", 1, 1)
    Making the task ...
    Making the task: 100 % (0 s)
    """
    from rich.console import Console

    console = console or Console(stderr=True)
    if console.is_jupyter:
        yield _Notebook()
    elif console.is_terminal:
        with _bars(console) as bars:
            yield OneBarEach(bars)
    else:
        yield _Lines(console)


def _bars(console: Console) -> Bars:
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    return Bars(
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
    'Scoring resamples (1 of 2)'
    """
    name, bracket, rest = stage.partition(" (")
    return TITLES.get(name, name) + bracket + rest


class OneBarEach:
    """One bar a stage, or a file; it begins anew where that does."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._stages: dict[str, TaskID] = {}
        self._done: dict[str, float] = {}

    def __call__(self, stage: str, done: float, total: float) -> None:
        """Show how far it has come; what is done when it is shown first does not count towards the speed."""
        if stage not in self._stages:
            self._stages[stage] = self._bars.add_task(_title(stage), completed=int(done), total=total)
        elif done < self._done[stage]:
            self._bars.reset(self._stages[stage], completed=int(done))
        self._bars.update(self._stages[stage], completed=done, total=total)
        self._done[stage] = done


class _Pace:
    """How far a stage has come since this run took it up."""

    def __init__(self, done: float) -> None:
        self._start, self._already = time.monotonic(), done

    def described(self, done: float, total: float) -> tuple[float, str]:
        """Return the share that is done, and it in words with the seconds taken and left."""
        taken = time.monotonic() - self._start
        share = done / total if total > 0 else 1.0
        left = ""
        if self._already < done < total:
            left = f", about {taken * (total - done) / (done - self._already):.0f} s left"
        return share, f"{100 * share:.0f} % ({taken:.0f} s{left})"


class _Lines:
    """A line as a stage begins and one at each quarter of it: a log that can be read afterwards."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun: dict[str, _Pace] = {}
        self._said: dict[str, int] = {}

    def __call__(self, stage: str, done: float, total: float) -> None:
        title = _title(stage)
        if stage not in self._begun:
            self._begun[stage] = _Pace(done)
            self._say(f"{title} ...")
        share, words = self._begun[stage].described(done, total)
        quarter = int(4 * share)
        if quarter > self._said.get(stage, 0):
            self._said[stage] = quarter
            self._say(f"{title}: {words}")

    def _say(self, line: str) -> None:
        self._console.print(line, highlight=False, soft_wrap=True, markup=False)


class _Notebook:
    """One bar a stage below the cell, drawn in HTML: no widget has to be installed."""

    EVERY = 0.2
    """Seconds between two pictures: a notebook keeps up with no more."""

    def __init__(self) -> None:
        self._begun: dict[str, _Pace] = {}
        self._rows: dict[str, str] = {}
        self._handle: Any = None
        self._drawn = 0.0

    def __call__(self, stage: str, done: float, total: float) -> None:
        if fresh := stage not in self._begun:
            self._begun[stage] = _Pace(done)
        share, words = self._begun[stage].described(done, total)
        self._rows[stage] = (
            f'<tr><td style="text-align:left">{escape(_title(stage))}</td>'
            f'<td><progress max="1" value="{share:.4f}" style="width:14em"></progress></td>'
            f'<td style="text-align:left">{words}</td></tr>'
        )
        if fresh or done >= total or time.monotonic() - self._drawn > self.EVERY:
            self._draw()

    def _draw(self) -> None:
        from IPython.display import HTML, display

        self._drawn = time.monotonic()
        shown = HTML(f"<table>{''.join(self._rows.values())}</table>")
        if self._handle is None:
            self._handle = display(shown, display_id=True)
        else:
            self._handle.update(shown)
