"""Signs of life: how many gradients a chain has taken, told by a worker in a small file and read by whoever waits.

A chain may take minutes, on any computer that shares the zoo's folder, and workers give nothing back before they are
done. So each keeps a file of a few digits up to date, once a second, and a thread looks at them.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self, final

import torch

from neurocompare.files import atomic
from neurocompare.models.observables import Observables
from neurocompare.models.posterior import Potential
from neurocompare.untrusted.plain_file import read_plain

PERIOD = 1.0
"""Seconds between two signs, and between two looks."""


@final
class Heartbeat:
    """The file of one chain; it goes when the block it is used for ends.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "beats"
    >>> with Heartbeat(path, period=0.0) as heartbeat:
    ...     heartbeat.beat()
    ...     read_beats(path)
    1
    >>> read_beats(path)
    0
    """

    def __init__(self, path: Path, *, period: float = PERIOD) -> None:
        self._path, self._period = path, period
        self._count, self._told = 0, time.monotonic()

    def beat(self) -> None:
        """Count one more gradient."""
        self._count += 1
        if time.monotonic() >= self._told + self._period:
            with atomic(self._path) as temporary:
                temporary.write_text(str(self._count), encoding="ascii")
            self._told = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)


def read_beats(path: Path) -> int:
    """Return how many gradients a chain has told of; 0 where it has told nothing."""
    try:
        return int(read_plain(path, most=20))
    except (OSError, ValueError):
        return 0


@final
class Counted:
    """A potential whose gradients are counted.

    Parameters
    ----------
    potential : Potential
    beat : callable
        Called after every gradient.
    """

    def __init__(self, potential: Potential, beat: Callable[[], None]) -> None:
        self._potential, self._beat = potential, beat
        self.dimension = potential.dimension

    def evaluate(self, state: torch.Tensor) -> tuple[float, Observables]:
        """Return what the potential does."""
        return self._potential.evaluate(state)

    def gradient(self, state: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        """Return what the potential does, and count."""
        gradient = self._potential.gradient(state, out)
        self._beat()
        return gradient


@final
class Watch:
    """A thread that looks at the files of many chains while a block runs.

    Parameters
    ----------
    expected : mapping of Path to (float, float)
        Of each chain's file, what the chain counts for, and how many gradients it will take at a guess.
    show : callable
        Called with what all chains together have done so far of what they count for. A chain that takes more than was
        guessed still moves, ever less: 1 - exp(-1.5 taken / guessed) of it is taken for done.
    """

    def __init__(self, expected: Mapping[Path, tuple[float, float]], show: Callable[[float], None]) -> None:
        self._expected, self._show = expected, show
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, daemon=True)

    def _keep_looking(self) -> None:
        while not self._over.wait(PERIOD):
            self.look()

    def look(self) -> None:
        """Look once."""
        shares = (
            cost * (1 - math.exp(-1.5 * read_beats(path) / guess)) for path, (cost, guess) in self._expected.items()
        )
        self._show(sum(shares))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
