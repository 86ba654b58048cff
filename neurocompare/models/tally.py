"""What is done of the work of a zoo, for those who wait for it."""

from __future__ import annotations

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
        self._total, self._done = total, done
        self.add(0)

    def add(self, cost: float) -> None:
        """Count work that was done."""
        self._done += cost
        self._progress(min(self._done, self._total), self._total)

    def expect(self, cost: float) -> None:
        """Count work that turned out to be needed."""
        self._total += cost
