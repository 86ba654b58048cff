"""Recovery: how often a ranking named the gamma of networks that were planted, as the records of ``recovery.json``."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from neurocompare.errors import InputError
from neurocompare.recordings.cache import data_folder
from neurocompare.records import Former, load_record, plain, save_record
from neurocompare.settings import HELD
from neurocompare.shown import Overview, Shown

SIMILAR = 1.5
"""Numbers of units or trials that differ by no more than this factor are similar."""


@dataclass(frozen=True)
class Share:
    """A share of runs, with its 95 % interval; None where there are no runs."""

    count: int
    runs: int
    share: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        """Text for a table.

        Examples
        --------
        >>> print(Share(19, 20, 0.95, 0.764, 0.991))
        19 of 20: 95 % (76 to 99 %)
        """
        if self.share is None or self.low is None or self.high is None:
            return "–"
        return (
            f"{self.count} of {self.runs}: {100 * self.share:.0f} % ({100 * self.low:.0f} to {100 * self.high:.0f} %)"
        )


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Of some runs: shares that name a gamma within a grid step, whose interval holds the planted one, and ceilings.

    Attributes
    ----------
    within_step, coverage : Share
    in_ceiling : Share
        Of other networks of the planted gamma that score within the ceiling.
    own_in_ceiling : Share
        Of the recorded network itself, which is what the ceiling is about.
    verdicts : mapping of str to int
    """

    within_step: Share
    coverage: Share
    in_ceiling: Share
    own_in_ceiling: Share
    verdicts: Mapping[str, int]

    @property
    def verdicts_given(self) -> str:
        """The verdicts that were given, and how often each."""
        return ", ".join(f"{count} {verdict}" for verdict, count in self.verdicts.items() if count) or "–"


@dataclass(frozen=True, kw_only=True)
class GammaRates(Rates):
    """Of the runs of one planted gamma."""

    gamma: float


@dataclass(frozen=True, kw_only=True)
class GridRates(Rates):
    """Of all runs of gammas on the grid.

    Attributes
    ----------
    confusion : tuple of tuple of int
        Row a planted gamma, column a named one; counts.
    unnamed : tuple of int
        Runs of a planted gamma in which the metric could not be computed.
    exact : Share
        That name the planted gamma itself.
    by_gamma, between : tuple of GammaRates
        By planted gamma, on the grid and between its points.
    """

    confusion: tuple[tuple[int, ...], ...]
    unnamed: tuple[int, ...] = ()
    exact: Share | None = None
    by_gamma: tuple[GammaRates, ...] = ()
    between: tuple[GammaRates, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SizeRates(GridRates):
    """At one size of the recording: `size` times its units and trials, which are then `units` and `trials`."""

    size: float
    units: int
    trials: int


@dataclass(frozen=True)
class Needed:
    """The data size from which on a metric tells gammas apart.

    Attributes
    ----------
    relation : str
        ``"about"``, ``"at most"`` where the smallest size tried is enough, ``"more than"`` where the largest is not.
    factor : float
        Of the recording's units and trials.
    units, trials : int
        Trials of the condition with the fewest.
    """

    relation: Literal["about", "at most", "more than"]
    factor: float
    units: int
    trials: int

    def __str__(self) -> str:
        return f"{self.relation} {self.units} units and {self.trials} trials a condition"


@dataclass(frozen=True)
class MetricRecovery:
    """What one metric did: at every size, that of the recording first, and what it needs where that is known."""

    sizes: tuple[SizeRates, ...]
    needed: Needed | None = None


@dataclass(frozen=True)
class RecordedSize:
    """Size of a recording: `trials` are the fewest and most of a condition."""

    conditions: int
    units: int
    trials: tuple[int, int]


@dataclass(frozen=True, repr=False)
class Recovery(Shown):
    """Planted networks, recorded like a recording and ranked: ``recovery.json``.

    Attributes
    ----------
    recording : str
        What they were recorded like.
    gammas : tuple of float
        The grid, ascending.
    family : mapping
        Settings of the ranked networks, under the names of ranking.json.
    data : RecordedSize
    draws, runs, seed : int
        Draws a ranking, and runs of each planted gamma at each size.
    independent_chains : int
        Independent planted chains of each gamma: runs beyond these share networks.
    enough, chance : float
        Share of runs within a grid step from which on a metric tells gammas apart, and that of naming at random.
    metrics, centred : mapping of metric name to MetricRecovery
        See `Ranking`.
    sentences, notes : tuple of str
        What was found, and what was assumed.
    """

    SCHEMA: ClassVar[int] = 1
    FORMER: ClassVar[Former] = {}
    AGAIN: ClassVar[str] = "run neurocompare recover again"

    recording: str
    gammas: tuple[float, ...]
    family: Mapping[str, Any]
    data: RecordedSize
    draws: int
    runs: int
    seed: int
    independent_chains: int
    enough: float
    chance: float
    metrics: Mapping[str, MetricRecovery]
    centred: Mapping[str, MetricRecovery]
    sentences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        rows = [("gamma", ", ".join(f"{gamma:g}" for gamma in self.gammas)), ("runs of each", f"{self.runs}")]
        rows += [(f"finding {place}", sentence) for place, sentence in enumerate(self.sentences, start=1)]
        return Overview(f"Recovery of networks recorded like {self.recording}", tuple(rows))


def settings_apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Name the first of some settings that both have and that differs, with its two values; empty where none does.

    Examples
    --------
    >>> settings_apart({"g": 1.5, "tau": 0.1}, {"g": 1.8, "seed": 0}), settings_apart({"g": 1.5}, {"g": 1.5})
    ('g 1.5 and 1.8', '')
    """
    for name in HELD:
        mine, others = one.get(name), other.get(name)
        if mine is None or others is None or mine == others:
            continue
        if isinstance(mine, str) or isinstance(others, str) or not math.isclose(mine, others):
            return f"{name} {_short(mine)} and {_short(others)}"
    return ""


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def keep_recovery(recovery: Recovery) -> Path:
    """Keep a recovery in the cache; returns the path."""
    content = plain(recovery)
    named = {name: content[name] for name in ("recording", "gammas", "family", "data", "draws", "runs", "seed")}
    key = hashlib.sha256(json.dumps([named, sorted(recovery.metrics)], sort_keys=True).encode()).hexdigest()[:16]
    path = data_folder() / "recoveries" / f"{key}.json"
    save_record(recovery, path)
    return path


def similar_recovery(
    *, units: int, trials: int, family: Mapping[str, Any], folder: Path | None = None
) -> Recovery | None:
    """Find the kept recovery of the same family whose data size is nearest; None where none is similar.

    Parameters
    ----------
    units, trials : int
        Of the recording; trials of the condition with the fewest.
    family : mapping
        Settings under the names of ranking.json.
    folder : Path, optional
        Where recoveries are kept; the cache where None.
    """
    similar = []
    for path in sorted((data_folder() / "recoveries" if folder is None else folder).glob("[!.]*.json")):
        try:
            recovery = load_record(Recovery, path)
        except InputError:
            continue
        data = recovery.data
        apart = max(abs(math.log(units / data.units)), abs(math.log(trials / max(1, data.trials[0]))))
        if apart <= math.log(SIMILAR) and not settings_apart(recovery.family, family):
            similar.append((apart, -recovery.runs, path.name, recovery))
    return min(similar, key=lambda each: each[:3])[3] if similar else None
