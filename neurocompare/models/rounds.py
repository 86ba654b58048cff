"""Chains in rounds: those that do not agree yet go on, the others are done."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence

import numpy as np

from neurocompare.models.checkpoint import load_card, trace_of
from neurocompare.models.diagnosis import Diagnosis, diagnose
from neurocompare.models.heartbeat import Watch
from neurocompare.models.methods import advance, finish
from neurocompare.models.request import Request, damage
from neurocompare.models.workers import spread


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
        self._shown = max(self._shown, min(done, self._total))  # a bar never goes back
        self._progress(self._shown, self._total)

    def expect(self, cost: float) -> None:
        """Count work that turned out to be needed."""
        self._total += cost


def draw_chains(
    missing: Sequence[Request], requests: Sequence[Request], tally: Tally, *, jobs: int | None, dask: str | None
) -> list[str]:
    """Sample chains and write their networks.

    The chains of one seed, gamma and family are judged together after each segment, and go on until they agree or have
    as many segments as they may. Where networks of some of them are on disk already, as long as those took.

    Parameters
    ----------
    missing : sequence of Request
        What to make, in this order.
    requests : sequence of Request
        All of the zoo.
    tally : Tally
    jobs, dask
        See `workers.spread`.

    Returns
    -------
    list of str
        A sentence for every unfinished chain that could not be used.
    """
    together: dict[tuple[str, int], list[Request]] = {}
    for request in missing:
        together.setdefault((request.group, request.seed), []).append(request)
    whole = {key: _whole(key, requests) for key in together}
    dropped: list[str] = []
    verdicts: dict[tuple[str, int], Diagnosis] = {}
    segments = {key: max((taken for _, _, taken in whole[key]), default=1) for key in together}
    while orders := [
        (request, segments[request.group, request.seed])
        for request in missing
        if (request.group, request.seed) not in verdicts
    ]:
        traces: dict[tuple[str, int], dict[int, np.ndarray]] = {}
        running = {request.beats: (request.cost, request.gradients) for request, _ in orders}
        with Watch(running, tally.show):
            for request, trace, said in spread(advance, orders, jobs=jobs, dask=dask):
                traces.setdefault((request.group, request.seed), {})[request.chain] = trace
                dropped += said
                tally.add(request.cost)
        for key, found in traces.items():
            first = together[key][0]
            found |= {chain: trace for chain, trace, _ in whole[key]}
            spacing = first.sampling.most_members / first.members
            diagnosis = diagnose([trace for _, trace in sorted(found.items())], spacing=spacing)
            if diagnosis.converged or whole[key] or segments[key] == first.sampling.segments:
                verdicts[key] = diagnosis
            else:
                segments[key] += 1
                for request in together[key]:
                    tally.expect(request.cost)
    finished = [(request, verdicts[request.group, request.seed]) for request in missing]
    for _ in spread(finish, finished, jobs=jobs, dask=dask):
        tally.add(0)
    return dropped


def _whole(key: tuple[str, int], requests: Sequence[Request]) -> list[tuple[int, np.ndarray, int]]:
    """Return number, trace and segments of the chains of one seed whose networks are all on disk."""
    same = [request for request in requests if (request.group, request.seed) == key]
    cards = [load_card(request.paths()[0]) for request in same if not any(map(damage, request.paths()))]
    return [(card.chain, trace_of(card), card.segments) for card in cards]
