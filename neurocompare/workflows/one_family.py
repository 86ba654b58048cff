"""One family against a recording: its networks made, scored and ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from neurocompare.account import Comparison
from neurocompare.errors import InputError
from neurocompare.metrics import Metric, get_metric
from neurocompare.models import Sampler, Sampling, Zoo, ZooPlan, make_zoo
from neurocompare.models.samplers import SAMPLERS, Draw
from neurocompare.models.samplers.trained import TrainedSampler
from neurocompare.parallel import Workers
from neurocompare.ranking import Drawing, Ranking, compare
from neurocompare.ranking.batches import candidates_of
from neurocompare.run_folder import RunFolder
from neurocompare.settings import LAG, Family, Networks, changed, of_family, of_reading
from neurocompare.stages import Advance
from neurocompare.tasks import Task
from neurocompare.workflows.session import Session


def sampler_of(networks: Networks, *, quick: bool = False) -> Sampler:
    """Return what makes networks as asked; in haste with chains too short to be converged.

    Raises
    ------
    InputError
        If a number is given that is none of this method's.
    """
    sampler, by = SAMPLERS[networks.method](), f"--method {networks.method}"
    if networks.steps is not None and not isinstance(sampler, TrainedSampler):
        raise InputError(f"expected --steps with a method that trains, found it with {by}; drop it")
    if networks.method == "draw":
        chain: dict[str, int] = {"adaptation": 8, "segments": 1, "max_leapfrogs": 200} if quick else {}
        return Draw(Sampling(trajectories=networks.trajectories, **chain))
    if "trajectories" in changed(networks):
        raise InputError(f"expected --trajectories with --method draw, found it with {by}; drop it")
    if isinstance(sampler, TrainedSampler) and networks.steps is not None:
        return replace(sampler, training=replace(sampler.training, steps=networks.steps))
    return sampler


def plan_of(networks: Networks, *, quick: bool = False) -> ZooPlan:
    """Return the plan of a zoo whose networks are made as asked."""
    return ZooPlan(
        gammas=networks.gammas,
        sampler=sampler_of(networks, quick=quick),
        chains=networks.chains,
        members=networks.members,
        dtype=networks.dtype,
    )


def of_two_chains(networks: Networks) -> Networks:
    """Return how two networks are made in each of two chains, unless a number of chains or members was chosen.

    Half of the default's cost, where many families are looked at and none of them alone.

    Examples
    --------
    >>> of_two_chains(Networks()).chains, of_two_chains(Networks(chains=3)).chains
    (2, 3)
    """
    return networks if {"chains", "members"} & set(changed(networks)) else replace(networks, chains=2, members=2)


@dataclass(frozen=True, eq=False)
class Shared:
    """What every family of a run is made and ranked with."""

    settings: Comparison
    session: Session
    workers: Workers

    @property
    def family(self) -> Family:
        """What all networks of the run itself share."""
        return self.settings.family or Family()

    @property
    def networks(self) -> Networks:
        """How networks are made."""
        return self.settings.networks or Networks()

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """In order of preference."""
        return tuple(get_metric(name) for name in self.settings.scoring.metrics)

    @property
    def held(self) -> dict[str, Any]:
        """What the run's ranking holds at: what ends its sentence, and how the recording was read."""
        settings, task = self.settings, self.session.task
        return {
            **of_family(self.family),
            **of_reading(settings.choices),
            "seed": settings.seed,
            "draws": settings.scoring.draws,
            LAG.name: settings.choices.lag,
            "target_scale": task.target_scale,
            "target_unit": task.target_unit,
        }


def make_networks(shared: Shared, folder: Path, *, progress: Advance) -> Zoo:
    """Make the networks of the run at every gamma, as far as they are not in `folder` already."""
    settings, networks, task = shared.settings, shared.networks, shared.session.task
    plan = replace(plan_of(networks, quick=settings.quick), seeds=(settings.seed,))
    return make_zoo(
        task, shared.family, folder, plan, workers=shared.workers, device=networks.device, progress=progress
    )


def rank_networks(
    shared: Shared, zoo: Zoo, task: Task, folder: RunFolder, *, held: Mapping[str, object], progress: Advance
) -> Ranking:
    """Rank a zoo on the resamples of the run, and leave scores and ranking in `folder`.

    Parameters
    ----------
    held : mapping
        What the ranking holds at.
    """
    settings, session = shared.settings, shared.session
    return compare(
        session.trials,
        candidates_of(zoo),
        shared.metrics,
        folder.path,
        task=task,
        context=session.context(held, zoo.fit()),
        drawing=Drawing.asked(settings.scoring, settings.seed),
        workers=shared.workers,
        progress=progress,
    )
