"""Recovery: what planted networks say about a run's ranking, where it belongs to that."""

from __future__ import annotations

from pathlib import Path

from neurocompare.ranking import Ranking
from neurocompare.ranking.recovery import Recovery, settings_apart
from neurocompare.records import load_record


def recovery_beside(folder: Path, ranking: Ranking) -> tuple[Recovery | None, str]:
    """Read the recovery in a run's folder.

    Returns
    -------
    recovery : Recovery or None
        None where there is none, or it is of another grid or family.
    left_out : str
        Why a recovery that is there is not shown, in a sentence.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    path = folder / "recovery.json"
    if not path.exists():
        return None, ""
    recovery = load_record(Recovery, path)
    apart = settings_apart(recovery.family, ranking.settings)
    if recovery.gammas != ranking.gammas:
        apart = "another grid of gamma"
    if not apart:
        return recovery, ""
    return None, (
        f"The recovery beside this run is not shown, as it is of other networks ({apart}): "
        "`neurocompare recover` with this folder makes one of these."
    )
