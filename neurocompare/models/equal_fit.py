"""Matching the fit: a temperature for each gamma at which all of them solve the task equally well.

Networks of one beta and different gamma solve the task to different accuracy, so a difference between them may come
from the accuracy alone. Here beta is chosen for each gamma so that the expected loss E[L] is the same; how, says
`find_beta`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from neurocompare.errors import InputError
from neurocompare.models.device import check_device
from neurocompare.models.find_beta import Match, Search, find_beta
from neurocompare.models.made import zero_loss
from neurocompare.models.sampling import Sampling
from neurocompare.models.zoo_plan import ZooPlan
from neurocompare.parallel import Workers, spread
from neurocompare.records import Former, load_record, save_record
from neurocompare.settings import Family
from neurocompare.settings.nuisance import families_of
from neurocompare.tasks.task import Task

MATCHES = "match.json"


@dataclass(frozen=True)
class Found:
    """One entry of ``match.json``: a match under the digest of everything that determines it."""

    key: str
    relative_level: float
    match: Match


@dataclass(frozen=True)
class Matches:
    """What ``match.json`` holds."""

    SCHEMA: ClassVar[int] = 2
    FORMER: ClassVar[Former] = {
        1: lambda document: {"matches": [entry | {"match": entry} for entry in document["matches"]]},
    }
    AGAIN: ClassVar[str] = "delete it and what it holds is found again"

    matches: tuple[Found, ...] = ()


def load_matches(folder: str | os.PathLike[str]) -> Matches:
    """Read the ``match.json`` of a zoo.

    Raises
    ------
    InputError
        If there is none, or it cannot be read.
    """
    return load_record(Matches, Path(folder) / MATCHES)


def match_fit(
    task: Task,
    family: Family,
    folder: str | os.PathLike[str],
    plan: ZooPlan,
    *,
    workers: Workers | None = None,
    device: str = "cpu",
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
    plan : ZooPlan
        Its gammas, grid, level, first seed and matching; chains run as those of its sampler, as far as it has any.
    workers, device
        See `make_zoo`.
    progress : callable or bool, optional
        Shown where None, silent where False; else called with (work done, work in all).

    Returns
    -------
    tuple of Match
        For every family of the grid in turn, every gamma. A level that a gamma cannot reach is a result, not an error.

    Raises
    ------
    InputError
        If `device` is neither the processor nor a GPU that torch can use.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import Matching, Reservoir
    >>> from neurocompare.settings import Workers
    >>> from neurocompare.tasks import oscillation
    >>> brief = Matching(networks=2)
    >>> plan = ZooPlan((0.0, 0.4), sampler=Reservoir(), matching=brief, level=0.2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = match_fit(oscillation(), Family(n_units=40), folder, plan, workers=Workers(1))
    >>> [(match.gamma, match.reached) for match in found]
    [(0.0, True), (0.4, True)]
    """
    check_device(device)
    sampler, level = plan.sampler, plan.level
    search = partial(
        Search,
        task,
        frozen=sampler.FROZEN,
        seed=plan.seeds[0],
        sampling=sampler.settings if isinstance(sampler.settings, Sampling) else Sampling(),
        matching=plan.matching,
        device=device,
        dtype=plan.dtype,
    )
    wanted = [(each, gamma) for each in families_of(family, plan.grid) for gamma in plan.gammas]
    middle = (family, plan.gammas[len(plan.gammas) // 2])
    reference = search(*middle, None)
    kept = _Kept(Path(folder) / MATCHES)
    # Any level will do to tell the cost; the reference is not searched for, only measured.
    searched = [each for each in wanted if level is not None or each != middle]
    total = reference.cost * (level is None) + sum(search(*each, level or 1.0).cost for each in searched)
    done = 0.0

    def solve(searches: list[Search]) -> None:
        nonlocal done
        missing = [each for each in searches if each.key not in kept.matches]
        done += sum(each.cost for each in searches if each.key in kept.matches)
        if progress:
            progress(done, total)
        ordered = sorted(missing, key=lambda each: -each.cost)
        for each, match in spread(find_beta, ordered, workers=workers):
            kept.add(each, match)
            done += each.cost
            if progress:
                progress(done, total)

    if level is None:
        solve([reference])
        aim = kept.matches[reference.key].expected_loss
    else:
        aim = level * zero_loss(task)
    searches = [search(*each, aim) for each in wanted]
    others = [each for each in searches if not (level is None and (each.family, each.gamma) == middle)]
    solve(others)
    return tuple(kept.matches[(each if each in others else reference).key] for each in searches)


class _Kept:
    """What ``match.json`` holds, by key."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._record = Matches()
        # A file that cannot be read is as good as none: everything in it can be found again.
        with contextlib.suppress(InputError):
            self._record = load_matches(path.parent)

    @property
    def matches(self) -> Mapping[str, Match]:
        return {entry.key: entry.match for entry in self._record.matches}

    def add(self, search: Search, match: Match) -> None:
        """Keep a match, on disk too."""
        entry = Found(search.key, match.level / zero_loss(search.task), match)
        self._record = replace(self._record, matches=(*self._record.matches, entry))
        save_record(self._record, self._path)
