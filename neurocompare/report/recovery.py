"""Recovery: what planted networks say about a run's ranking, as text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from neurocompare.ranking import Ranking
from neurocompare.ranking.recovery import MetricRecovery, Recovery, settings_apart
from neurocompare.records import load_record
from neurocompare.report.tables import ABSENT, number


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


def recovery_rows(recovery: Recovery) -> tuple[RecoveryRow, ...]:
    """Make a row a metric, each unit's mean removed, at the recording's own size."""
    return tuple(_row(name, recovered) for name, recovered in recovery.metrics.items())


def _row(name: str, recovered: MetricRecovery) -> RecoveryRow:
    here, most = recovered.sizes[0], recovered.needed
    needed = ABSENT if most is None else f"{most.relation} {number(most.units)} units, {number(most.trials)} trials"
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in here.verdicts.items() if count)
    return RecoveryRow(
        metric=name,
        within_step=str(here.within_step),
        coverage=str(here.coverage),
        own_in_ceiling=str(here.own_in_ceiling),
        in_ceiling=str(here.in_ceiling),
        verdicts=verdicts or ABSENT,
        needed=needed,
    )
