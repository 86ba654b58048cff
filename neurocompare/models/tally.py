"""What is done of the work of a zoo, for those who wait for it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable


class Tally:
    """What is done of what there is to do; both may grow.

    Examples
    --------
    >>> tally = Tally(lambda done, total: print(done, "of", total), total=3, done=1)
    1 of 3
    >>> tally.add(1)
    2 of 3
    """

    def __init__(self, progress: Callable[[float, float], None] | None, *, total: float, done: float) -> None:
        self._progress = progress or (lambda done, total: None)
        self._total, self._done, self._shown = total, done, 0.0
        self._lock = threading.Lock()
        self.add(0)

    def add(self, cost: float) -> None:
        """Count work that was done."""
        with self._lock:
            self._done += cost
            self._tell(self._done)

    def show(self, begun: float) -> None:
        """Tell what is done, with so much of what is not finished yet; may be called by another thread."""
        with self._lock, contextlib.suppress(KeyboardInterrupt):  # which is for the main thread to raise
            self._tell(self._done + begun)

    def _tell(self, done: float) -> None:
        complete = done > (1 - 1e-9) * self._total  # but for rounding
        self._shown = max(self._shown, self._total if complete else done)  # a bar never goes back
        self._progress(self._shown, self._total)

    def expect(self, cost: float) -> None:
        """Count work that turned out to be needed, or not to be: below 0."""
        self._total += cost
