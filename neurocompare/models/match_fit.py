"""Matching the fit: a temperature for each gamma at which all of them solve the task equally well.

Networks of one beta and different gamma solve the task to different accuracy, so a difference between them may come
from the accuracy alone. Here beta is chosen for each gamma so that the expected loss E[L] is the same; how, says
`find_beta`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.models.chain import Sampling
from neurocompare.models.device import check_device
from neurocompare.models.family import Family, check_gammas
from neurocompare.models.find_beta import Match, Matching, Search, find_beta
from neurocompare.models.grid import families_of
from neurocompare.models.methods import zero_loss
from neurocompare.parallel import Workers, spread
from neurocompare.tasks.task import Task

MATCHES = "match.json"


def match_fit(
    task: Task,
    family: Family,
    folder: str | os.PathLike[str],
    *,
    gammas: Iterable[float],
    level: float | None = None,
    grid: Mapping[str, Iterable[float]] | None = None,
    reservoir: bool = False,
    seed: int = 0,
    sampling: Sampling | None = None,
    matching: Matching | None = None,
    workers: Workers | None = None,
    device: str = "cpu",
    dtype: str = "float32",
    progress: Callable[[float, float], None] | None = None,
) -> tuple[Match, ...]:
    """Choose beta for every gamma, and every family of a grid, so that the expected loss is one level.

    Parameters
    ----------
    task : Task
    family : Family
        Its beta is where the search begins, and sets the level where none is given.
    folder : path-like
        ``match.json`` in it keeps what was found by a digest of its settings: a second call measures nothing again.
    gammas : iterable of float
    level : float, optional
        As a fraction of the zero output's loss. Where None, E[L] of `family` at the middle of the grid of gammas.
    grid : mapping of str to iterable of float, optional
        See `families_of`; not over beta.
    reservoir : bool
        Whether recurrent weights stay random at every gamma.
    seed : int
    sampling : Sampling, optional
        Of the chains: their ramp, and how trajectories are made.
    matching : Matching, optional
    workers : Workers, optional
    device, dtype
        See `make_zoo`.
    progress : callable, optional
        Called with (work done, work in all).

    Returns
    -------
    tuple of Match
        For every family of the grid in turn, every gamma. A level that a gamma cannot reach is a result, not an error.

    Raises
    ------
    InputError
        If the level is not between 0 and 1, or the grid runs over beta.
    """
    gammas = check_gammas(gammas)
    if level is not None and not 0 < level < 1:
        message = f"expected a level between 0 and 1, as a fraction of the zero output's loss, found {level}"
        raise InputError(message)
    if "beta" in (grid or {}):
        message = "expected a grid that leaves beta to the matching, found one over beta; drop it, or do not match"
        raise InputError(message)
    check_device(device)
    settings = (reservoir, seed, sampling or Sampling(), matching or Matching(), device, dtype)
    wanted = [(each, gamma) for each in families_of(family, grid) for gamma in gammas]
    middle = (family, gammas[len(gammas) // 2])
    reference = Search(task, *middle, None, *settings)
    kept = _Kept(Path(folder) / MATCHES)
    # Any level will do to tell the cost; the reference is not searched for, only measured.
    searched = [each for each in wanted if level is not None or each != middle]
    total = reference.cost * (level is None) + sum(
        Search(task, *each, level or 1.0, *settings).cost for each in searched
    )
    done = 0.0

    def solve(searches: list[Search]) -> None:
        nonlocal done
        missing = [search for search in searches if search.key not in kept.found]
        done += sum(search.cost for search in searches if search.key in kept.found)
        if progress:
            progress(done, total)
        ordered = sorted(missing, key=lambda search: -search.cost)
        for search, match in spread(find_beta, ordered, workers=workers):
            kept.add(search, match, task)
            done += search.cost
            if progress:
                progress(done, total)

    if level is None:
        solve([reference])
        aim = kept.found[reference.key].expected_loss
    else:
        aim = level * zero_loss(task)
    searches = [Search(task, *each, aim, *settings) for each in wanted]
    found = [search for search in searches if not (level is None and (search.family, search.gamma) == middle)]
    solve(found)
    return tuple(kept.found[(search if search in found else reference).key] for search in searches)


class _Kept:
    """What ``match.json`` holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: list[dict[str, Any]] = []
        self.found: dict[str, Match] = {}
        # A file that cannot be read is as good as none: everything in it can be found again.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            entries = json.loads(path.read_text(encoding="utf-8"))["matches"]
            self.found = {entry["key"]: _match_of(entry) for entry in entries}
            self._entries = entries

    def add(self, search: Search, match: Match, task: Task) -> None:
        """Keep a match, on disk too."""
        self.found[search.key] = match
        entry = {"key": search.key, **asdict(match), "relative_level": match.level / zero_loss(task)}
        self._entries.append(entry)
        with atomic(self._path) as temporary:
            text = json.dumps({"schema": 1, "matches": self._entries}, indent=1) + "\n"
            temporary.write_text(text, encoding="utf-8")


def _match_of(entry: Mapping[str, Any]) -> Match:
    names = ("gamma", "level", "expected_loss", "error", "reached", "why")
    return Match(Family(**entry["family"]), **{name: entry[name] for name in names})
