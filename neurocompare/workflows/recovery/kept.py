"""Kept recoveries: what planted networks showed, in the cache, for plans about recordings of similar size."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.ranking.recovery import Recovery, settings_apart
from neurocompare.recordings.cache import data_folder
from neurocompare.records import load_record, plain, save_record

SIMILAR = 1.5
"""Numbers of units or trials that differ by no more than this factor are similar."""


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
