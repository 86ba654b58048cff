"""Plan: what a comparison with a recording will take, and what it could show, before hours are spent."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from neurocompare.account import Comparison
from neurocompare.errors import InputError
from neurocompare.models import Draw, Sampling
from neurocompare.models.effort import chain_effort, hours_of, pace_of, steps_that_fit
from neurocompare.models.memory import available_bytes, draw_bytes
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.ranking import sampling_of
from neurocompare.ranking.recovery import Recovery, similar_recovery
from neurocompare.recordings import Trials
from neurocompare.settings import LAG, Choices, Family, Networks, of_family
from neurocompare.stages import Stages, Watch
from neurocompare.tasks import Task
from neurocompare.theory import mean_field
from neurocompare.workflows.distinguishable import Placed, distinguishable
from neurocompare.workflows.one_family import sampler_of
from neurocompare.workflows.run import check_settings, hurried
from neurocompare.workflows.session import open_session

STAGES = ("recording", "steps", "calibration", "theory", "recordings")
"""Of a plan, in order; what `progress` is called with."""

SEGMENTS = 2
"""Of a chain, assumed: most are long enough after one or two. The range given is from one to as many as it may take."""

POPULATION, TRAJECTORIES = 400, 12
"""How the theory is solved: with fewer units and samples than for numbers that are to be quoted."""

MOST_SAMPLES = 400
"""Of a task that the theory is solved for here: the cost grows with their cube."""


@dataclass(frozen=True)
class ZooPlan:
    """What a zoo of networks of one size takes.

    Attributes
    ----------
    units : int
    networks : int
    hours, least_hours, most_hours : float
        On this machine, with chains of `SEGMENTS`, one, and the most segments; None where it does not fit.
    memory : float
        Bytes, of all workers together.
    workers : int
        As many as were asked for and fit into memory; 0 where not one does.
    gradients : float
        All chains together.
    note : str
        What keeps it from being made, or from being far enough from the limit of many units.
    """

    units: int
    networks: int
    hours: float | None
    least_hours: float | None
    most_hours: float | None
    memory: float
    workers: int
    gradients: float | None
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """What a comparison would take, and what it could show.

    Attributes
    ----------
    recording : str
    units, conditions : int
    trials : tuple of int
        Fewest and most of a condition.
    samples : int
        Of the task.
    gammas : tuple of float
    zoos : tuple of ZooPlan
        One a size of networks.
    assumptions : tuple of str
    told_apart : tuple of Placed, or None
        Which gammas the recording could tell apart by the theory; None where that was not asked for or would take long.
    recovery : Recovery or None
        What planted networks showed at a similar data size; None where there were none.
    notes : tuple of str
    """

    SCHEMA: ClassVar[int] = 1

    recording: str
    units: int
    conditions: int
    trials: tuple[int, int]
    samples: int
    gammas: tuple[float, ...]
    zoos: tuple[ZooPlan, ...]
    assumptions: tuple[str, ...]
    told_apart: tuple[Placed, ...] | None
    recovery: Recovery | None
    notes: tuple[str, ...]


@shows_progress()
def plan(
    recording: str | os.PathLike[str] = "synthetic",
    *,
    sizes: Sequence[int] | None = None,
    theory: bool = True,
    seed: int = 0,
    quick: bool = False,
    choices: Choices | None = None,
    family: Family | None = None,
    networks: Networks | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> Plan:
    """Say what `run` would take for a recording, and which gammas it could tell apart.

    Parameters
    ----------
    recording : str or path-like
        As `run` takes it.
    sizes : sequence of int, optional
        Sizes of networks to plan for; that of `family` and twice as large where None.
    theory : bool
        Solve the theory for the recording's task, on fewer samples where there are many, and see which gammas it could
        tell apart (`distinguishable`).
    seed, quick, choices, family, networks, workers
        As `run` takes them.
    progress : callable or bool, optional
        Shown where None, silent where False; else called as ``progress(stage, done, total)`` with a stage of `STAGES`.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If the recording cannot be compared, or a setting makes no sense.
    """
    stages, workers = Stages(progress), workers or Workers()
    settings = Comparison(
        os.fspath(recording), choices or Choices(), family or Family(), networks or Networks(), seed=seed
    )
    settings = hurried(settings) if quick else settings
    check_settings(settings)
    sampling = sampling_asked(settings)
    family, networks = settings.family or Family(), settings.networks or Networks()
    families = [replace(family, n_units=size) for size in sorted(set(sizes or (family.n_units, 2 * family.n_units)))]
    with stages.stage("recording"):
        session = open_session(recording, choices)
        task, trials = session.task, session.trials
        family.step_fraction(task.time_step)
    with stages.stage("steps") as advance:
        steps = steps_that_fit(task, family, networks.gammas, seed=seed, progress=advance)
    sampled, zoos = sampling_of(trials), []
    with stages.stage("calibration") as advance:
        for done, each in enumerate(families, 1):
            zoos.append(
                zoo_plan(
                    task, each, networks.gammas, steps, sampling, chains=networks.chains, members=networks.members,
                    jobs=workers.count, recorded=sampled.units_drawn,
                )
            )  # fmt: skip
            advance(done, len(families))
    told_apart, notes = None, []
    if theory:
        told_apart, notes = _told_apart(task, family, networks.gammas, trials, seed, workers, stages)
    held = of_family(family) | {LAG.name: session.choices.lag}
    del held["units"]  # several sizes are planned for
    return Plan(
        recording=session.recording.name,
        units=sampled.units,
        conditions=len(trials.conditions),
        trials=sampled.trials,
        samples=task.n_samples,
        gammas=networks.gammas,
        zoos=tuple(zoos),
        assumptions=_assumptions(sampling, networks.chains, networks.members, workers.count),
        told_apart=told_apart,
        recovery=similar_recovery(units=sampled.units, trials=sampled.trials[0], family=held),
        notes=tuple(notes),
    )


def sampling_asked(settings: Comparison) -> Sampling:
    """Return how chains run, as asked.

    Raises
    ------
    InputError
        If networks are to be made otherwise: only of draws is it known before what they take.
    """
    sampler = sampler_of(settings.networks or Networks(), quick=settings.quick)
    if not isinstance(sampler, Draw):
        raise InputError(
            f"expected --dry-run with --method draw, found {sampler.name}, whose time is not known; drop one"
        )
    return sampler.sampling


def zoo_plan(
    task: Task,
    family: Family,
    gammas: Sequence[float],
    steps: dict[float, float],
    sampling: Sampling,
    *,
    chains: int,
    members: int,
    jobs: int,
    recorded: int = 0,
) -> ZooPlan:
    """Plan a zoo of one size.

    Parameters
    ----------
    task : Task
    family : Family
    gammas : sequence of float
    steps : mapping of float to float
        See `steps_that_fit`.
    sampling : Sampling
    chains, members, jobs : int
    recorded : int
        Units that a draw records of a network.
    """
    each = draw_bytes(task.n_samples, family.n_units)
    workers = min(jobs, int(available_bytes() // each))
    note = ""
    if family.n_units < recorded:
        note = f"fewer than the {recorded} units that a draw records"
    elif not workers:
        note = "does not fit into memory; thin the task (neurocompare zoo --max-samples)"
    elif family.n_units < task.n_samples:
        note = f"fewer units than samples ({task.n_samples}): far from the limit of many units"
    networks = len(gammas) * chains * members
    if not workers:
        return ZooPlan(family.n_units, networks, None, None, None, each, 0, None, note)
    pace = pace_of(task, family)

    def hours(segments: int) -> tuple[float, float]:
        efforts = [chain_effort(gamma, steps, sampling, pace, segments=segments) for gamma in gammas]
        gradients, seconds = zip(*efforts, strict=True)
        return hours_of(seconds, chains=chains, workers=workers), chains * sum(gradients)

    expected, gradients = hours(SEGMENTS)
    least, most = hours(1)[0], hours(sampling.segments)[0]
    return ZooPlan(family.n_units, networks, expected, least, most, workers * each, workers, gradients, note)


def _told_apart(
    task: Task, family: Family, gammas: Sequence[float], trials: Trials, seed: int, workers: Workers,
    stages: Stages,
) -> tuple[tuple[Placed, ...] | None, list[str]]:  # fmt: skip
    if task.n_samples > MOST_SAMPLES:
        note = (
            f"The theory was not solved: {task.n_samples} samples are more than the {MOST_SAMPLES} that take minutes; "
            "`neurocompare theory --max-samples` solves a thinned task."
        )
        return None, [note]
    with stages.stage("theory") as advance:
        fields = mean_field(
            task,
            family,
            gammas,
            population=POPULATION,
            trajectories=TRAJECTORIES,
            both_ways=False,
            seed=seed,
            workers=workers,
            progress=advance,
        )
    doubtful = ", ".join(f"{field.gamma:g}" for field in fields if not field.converged)
    notes = [
        f"With a population of {POPULATION} units the theory is rough at gamma {doubtful}: for a plan, not to quote."
    ]
    with stages.stage("recordings") as advance:
        placed = distinguishable(fields, task, trials, seed=seed, progress=advance)
    return placed, notes if doubtful else []


def _assumptions(sampling: Sampling, chains: int, members: int, jobs: int) -> tuple[str, ...]:
    return (
        f"{chains} chains a gamma of {sampling.trajectories} trajectories that may double, networks kept of each: "
        f"{members}, {jobs} workers of one thread.",
        lengths_text(sampling),
        "The lengths of trajectories come from the steps that fit a network of about as many units as the task has "
        "samples, tried out now; a gradient and an energy were timed now at each size, in processor time: other work "
        "on this machine adds to the hours. The scores add minutes.",
    )


def lengths_text(sampling: Sampling) -> str:
    """Say how long chains are taken to be, and what the range of the time is between."""
    most = sampling.segments
    if most == 1:
        return "Chains take one segment."
    return f"Chains take {SEGMENTS} segments, from one to {most}: how long they must be is not known before."
