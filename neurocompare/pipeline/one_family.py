"""One family against a recording: its networks made, scored and ranked. A run does so once, or once a variant of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from neurocompare.metrics import METRICS
from neurocompare.models import Family, Zoo, make_zoo
from neurocompare.parallel import Workers
from neurocompare.pipeline.settings import Settings
from neurocompare.ranking import Ranking, compare
from neurocompare.ranking.batches import candidates_of
from neurocompare.recordings import Recording, Trials
from neurocompare.tasks import Task

Advance = Callable[[float, float], None]
"""Called with (done, in all)."""


@dataclass(frozen=True, eq=False)
class Shared:
    """What every family of a run is made and ranked with."""

    settings: Settings
    recording: Recording
    trials: Trials
    workers: Workers


def make_networks(
    shared: Shared, task: Task, family: Family, folder: Path, *, match: str | None = None, progress: Advance
) -> Zoo:
    """Make a family's networks at every gamma of the run, as far as they are not in `folder` already."""
    settings = shared.settings
    return make_zoo(
        task,
        family,
        folder,
        gammas=settings.gammas,
        chains=settings.chains,
        members=settings.members,
        seeds=(settings.seed,),
        sampling=settings.sampling,
        match=match,
        matching=settings.matching,
        jobs=shared.workers.jobs,
        dask=shared.workers.dask,
        progress=progress,
    )


def rank_networks(
    shared: Shared, zoo: Zoo, task: Task, folder: Path, *, held: Mapping[str, object], progress: Advance
) -> Ranking:
    """Rank a zoo on the draws of the run, and leave scores and ranking in `folder`.

    Parameters
    ----------
    held : mapping
        What the ranking holds at.
    """
    settings = shared.settings
    return compare(
        shared.trials,
        candidates_of(zoo),
        METRICS,
        folder,
        task=task,
        settings=held,
        recordings=[shared.recording.name],
        planted_gamma=dict(shared.recording.planted).get("gamma"),
        fit=zoo.fit(),
        draws=settings.draws,
        seed=settings.seed,
        workers=shared.workers,
        progress=progress,
    )
