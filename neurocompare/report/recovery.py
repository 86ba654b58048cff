"""Recovery: what planted networks say about a ranking, read where a recovery was left, for the report and for plans."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.files import write_json
from neurocompare.recordings.cache import data_folder
from neurocompare.report.tables import ABSENT, number

SCHEMA = 1

NEEDS = {"schema", "gammas", "family", "data", "metrics", "sentences", "runs", "draws"}

SIMILAR = 1.5
"""Numbers of units or trials that differ by no more than this factor are similar."""


@dataclass(frozen=True)
class RecoveryRow:
    """What planted networks say about one metric, as text."""

    metric: str
    within_step: str
    coverage: str
    own_in_ceiling: str
    in_ceiling: str
    verdicts: str
    needed: str


def read_recovery(path: Path) -> dict[str, Any]:
    """Read a recovery.json.

    Raises
    ------
    InputError
        If it cannot be read or is not of this schema.
    """
    try:
        recovery = json.loads(path.read_text(encoding="utf-8"))
        known = recovery.get("schema") == SCHEMA and recovery.keys() >= NEEDS
    except (OSError, ValueError, AttributeError) as error:
        message = f"expected a recovery in {path}, found {error}; run neurocompare recover again"
        raise InputError(message) from error
    if not known:
        message = f"expected recovery.json of schema {SCHEMA} in {path.parent}, found another; run it again"
        raise InputError(message)
    return recovery


def recovery_beside(folder: Path, ranking: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read the recovery in a run's folder; None where there is none, or it is of another grid or family."""
    path = folder / "recovery.json"
    if not path.exists():
        return None
    recovery = read_recovery(path)
    same = recovery["gammas"] == list(ranking["gammas"]) and same_family(recovery["family"], ranking["settings"])
    return recovery if same else None


def same_family(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether no setting that both name differs.

    Examples
    --------
    >>> same_family({"g": 1.5, "tau": 0.1}, {"g": 1.5, "seed": 0}), same_family({"g": 1.5}, {"g": 1.8})
    (True, False)
    """
    return all(
        math.isclose(one[name], other[name])
        for name in ("g", "tau", "beta", "units", "lag")
        if {name} <= {*one} & {*other}
    )


def keep_recovery(recovery: Mapping[str, Any]) -> Path:
    """Keep a recovery in the cache, for plans about recordings of similar size; returns the path."""
    named = {name: recovery[name] for name in ("recording", "gammas", "family", "data", "draws", "runs", "seed")}
    key = hashlib.sha256(json.dumps([named, sorted(recovery["metrics"])], sort_keys=True).encode()).hexdigest()[:16]
    path = data_folder() / "recoveries" / f"{key}.json"
    write_json(recovery, path)
    return path


def similar_recovery(
    *, units: int, trials: int, family: Mapping[str, Any], folder: Path | None = None
) -> dict[str, Any] | None:
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
    found = []
    for path in sorted((data_folder() / "recoveries" if folder is None else folder).glob("[!.]*.json")):
        try:
            recovery = read_recovery(path)
        except InputError:
            continue
        data = recovery["data"]
        apart = max(abs(math.log(units / data["units"])), abs(math.log(trials / max(1, data["trials"][0]))))
        if apart <= math.log(SIMILAR) and same_family(recovery["family"], family):
            found.append((apart, -recovery["runs"], path.name, recovery))
    return min(found, key=lambda each: each[:3])[3] if found else None


def recovery_rows(recovery: Mapping[str, Any]) -> tuple[RecoveryRow, ...]:
    """Make a row a metric, each unit's mean removed, at the recording's own size."""
    return tuple(_row(name, found) for name, found in recovery["metrics"].items())


def told(share: Mapping[str, Any]) -> str:
    """Write a share with its interval.

    Examples
    --------
    >>> told({"count": 19, "runs": 20, "share": 0.95, "low": 0.764, "high": 0.991})
    '19 of 20: 95 % (76 to 99 %)'
    """
    if share["share"] is None:
        return ABSENT
    percent = [f"{100 * share[name]:.0f}" for name in ("share", "low", "high")]
    return f"{share['count']} of {share['runs']}: {percent[0]} % ({percent[1]} to {percent[2]} %)"


def _row(name: str, found: Mapping[str, Any]) -> RecoveryRow:
    here, most = found["sizes"][0], found["needed"]
    needed = (
        ABSENT if most is None else f"{most['relation']} {number(most['units'])} units, {number(most['trials'])} trials"
    )
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in here["verdicts"].items() if count)
    return RecoveryRow(
        name,
        *(told(here[share]) for share in ("within_step", "coverage", "own_in_ceiling", "in_ceiling")),
        verdicts or ABSENT,
        needed,
    )
