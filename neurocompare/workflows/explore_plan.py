"""Plan of an exploration: what its design will take, and which of its points take it, before hours are spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from neurocompare.account import Comparison
from neurocompare.models import Point, Sampling
from neurocompare.models.effort import chain_effort, hours_of, pace_of, steps_that_fit
from neurocompare.models.family import is_reservoir
from neurocompare.models.memory import available_bytes, draw_bytes, network_bytes
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.ranking import sampling_of
from neurocompare.settings import Choices, Exploring, Family, Networks, Scoring
from neurocompare.stages import Stages, Watch
from neurocompare.workflows.explore import explorable, placed_design
from neurocompare.workflows.plan import SEGMENTS, lengths_text, sampling_asked
from neurocompare.workflows.run import check_size
from neurocompare.workflows.session import Session, Source, asked, open_session

STAGES = ("recording", "design", "calibration")
"""Of a plan, in order; what `progress` is called with."""

MIDDLE = ("g", "tau", "beta", "input_scale")
"""What a design varies of a family: steps are tried out at the geometric means."""

CALIBRATED = 4
"""Gammas at which the step of a chain is tried out, equal ratios apart; others are interpolated."""

GRADIENTS = 64
"""Most of a trajectory that finds a step: tasks of many samples take long."""

SCORE_BYTES = 700
"""On disk for a network, a resample and a metric: rows for it, its nulls and its partners, in batches and the table."""


@dataclass(frozen=True)
class TimeStepPlan:
    """What the points of one time step take.

    Attributes
    ----------
    time_step : float
        Of their tasks, s.
    tau : tuple of (float, float)
        Smallest and largest of them, s.
    points : int
    samples : int
        Of a task: conditions x time steps.
    gradients : float or None
        Of all their chains; None where networks do not fit into memory.
    share : float or None
        Of the processor time of the design.
    """

    time_step: float
    tau: tuple[float, float]
    points: int
    samples: int
    gradients: float | None
    share: float | None


@dataclass(frozen=True)
class ExplorationPlan:
    """What an exploration would take.

    Attributes
    ----------
    recording : str
    units, conditions : int
    trials : tuple of int
        Fewest and most of a condition.
    points, reservoirs, networks : int
        Of the design; those at gamma 0 among its points.
    network_units : int
    parts : tuple of TimeStepPlan
        By time step, the coarsest first.
    hours, least_hours, most_hours : float or None
        Of the networks, on this machine, with chains of `SEGMENTS`, one, and the most segments; None where one does
        not fit into memory.
    memory, disk : float
        Bytes: of all workers together, and what is left behind.
    workers : int
        As many as were asked for and fit into memory.
    sentences : tuple of str
        What makes it dear, and what is assumed.
    """

    SCHEMA: ClassVar[int] = 1

    recording: str
    units: int
    conditions: int
    trials: tuple[int, int]
    points: int
    reservoirs: int
    networks: int
    network_units: int
    parts: tuple[TimeStepPlan, ...]
    hours: float | None
    least_hours: float | None
    most_hours: float | None
    memory: float
    disk: float
    workers: int
    sentences: tuple[str, ...]


@shows_progress()
def plan_exploration(
    recording: Source = "synthetic",
    *,
    exploring: Exploring | None = None,
    seed: int = 0,
    quick: bool = False,
    choices: Choices | None = None,
    family: Family | None = None,
    networks: Networks | None = None,
    scoring: Scoring | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> ExplorationPlan:
    """Say what `explore` would take for a recording; nothing is written.

    Parameters
    ----------
    recording, exploring, seed, quick, choices, family, networks, scoring, workers
        As `explore` takes them.
    progress : callable or bool, optional
        Shown where None, silent where False; else called as ``progress(stage, done, total)`` with a stage of `STAGES`.

    Returns
    -------
    ExplorationPlan

    Raises
    ------
    InputError
        As `explore`.
    """
    settings = explorable(asked(recording, choices, scoring, seed), exploring, family, networks, quick=quick)
    sampling = sampling_asked(settings)
    stages, workers = Stages(progress), workers or Workers()
    with stages.stage("recording"):
        session = open_session(recording, settings.choices)
        settings = replace(settings, choices=session.choices)
        check_size(settings.family or Family(), session)
    with stages.stage("design") as advance:
        _, points = placed_design(settings, session, advance)
    each = max(draw_bytes(point.task.n_samples, point.family.n_units) for point in points)
    fitting = min(workers.count, int(available_bytes() // each))
    parts, efforts, steps = _parts(points), [], {}
    with stages.stage("calibration") as advance:
        for done, part in enumerate(parts if fitting else (), start=1):
            family = _middle(part)
            steps = _steps(part, family, steps, seed)
            efforts.append(_efforts(part, family, steps, sampling))
            advance(done, len(parts))
    return _planned(settings, session, parts, efforts, memory=each, workers=fitting)


def _parts(points: Sequence[Point]) -> list[list[Point]]:
    """Return the points of each number of samples, that is of each time step, the fewest first."""
    samples = sorted({point.task.n_samples for point in points})
    return [[point for point in points if point.task.n_samples == count] for count in samples]


def _middle(points: Sequence[Point]) -> Family:
    """Return a family in the middle of those of points, with geometric means."""
    values = {
        name: float(np.exp(np.mean([np.log(getattr(point.family, name)) for point in points]))) for name in MIDDLE
    }
    return replace(points[0].family, **values)


def _steps(points: Sequence[Point], family: Family, coarser: Mapping[float, float], seed: int) -> dict[float, float]:
    """Return the steps that fit: tried out, or, of all gammas but one, in proportion to those of a coarser task.

    Trying out takes as long as many chains where a task has many samples.
    """
    learned = [point.gamma for point in points if not is_reservoir(point.gamma)]
    if not learned:
        return dict(coarser)
    gammas = np.geomspace(min(learned), max(learned), CALIBRATED).tolist() if max(learned) > min(learned) else learned
    at = [sorted(coarser)[len(coarser) // 2]] if coarser else gammas
    sampling = Sampling(max_leapfrogs=GRADIENTS)
    fitting = steps_that_fit(points[0].task, family, at, sampling=sampling, seed=seed)
    return {gamma: step * fitting[at[0]] / coarser[at[0]] for gamma, step in coarser.items()} if coarser else fitting


def _efforts(points: Sequence[Point], family: Family, steps: Mapping[float, float], sampling: Sampling) -> np.ndarray:
    """Return what a chain of each point takes: gradients and seconds, with one segment, `SEGMENTS` and the most.

    Shape (3, point, 2).
    """
    pace = pace_of(points[0].task, family)
    return np.array([
        [chain_effort(point.gamma, steps, sampling, pace, segments=most) for point in points]
        for most in (1, SEGMENTS, sampling.segments)
    ])  # fmt: skip


def _planned(
    settings: Comparison,
    session: Session,
    parts: Sequence[Sequence[Point]],
    efforts: Sequence[np.ndarray],
    *,
    memory: float,
    workers: int,
) -> ExplorationPlan:
    networks, scoring = settings.networks or Networks(), settings.scoring
    points, seen = [point for part in parts for point in part], sampling_of(session.trials)
    hours = [None, None, None]
    if efforts:
        seconds = np.concatenate(efforts, axis=1)[..., 1]
        hours = [hours_of(each, chains=networks.chains, workers=workers) for each in seconds]
    total = sum(each[1, :, 1].sum() for each in efforts)
    planned = [
        TimeStepPlan(
            time_step=part[0].task.time_step,
            tau=(min(point.family.tau for point in part), max(point.family.tau for point in part)),
            points=len(part),
            samples=part[0].task.n_samples,
            gradients=networks.chains * float(efforts[place][1, :, 0].sum()) if efforts else None,
            share=float(efforts[place][1, :, 1].sum() / total) if efforts and total > 0 else None,
        )
        for place, part in enumerate(parts)
    ]
    of_chains = networks.chains * networks.members
    kept = sum(network_bytes(point.task.n_samples, point.family.n_units) for point in points)
    return ExplorationPlan(
        recording=session.recording.name,
        units=seen.units,
        conditions=len(session.trials.conditions),
        trials=seen.trials,
        points=len(points),
        reservoirs=sum(is_reservoir(point.gamma) for point in points),
        networks=len(points) * of_chains,
        network_units=points[0].family.n_units,
        parts=tuple(planned),
        hours=hours[1],
        least_hours=hours[0],
        most_hours=hours[2],
        memory=memory * max(workers, 1),
        disk=of_chains * (kept + len(points) * SCORE_BYTES * scoring.draws * len(scoring.metrics)),
        workers=workers,
        sentences=_sentences(settings, planned, workers),
    )


def _sentences(settings: Comparison, parts: Sequence[TimeStepPlan], workers: int) -> tuple[str, ...]:
    family, networks, scoring = settings.family or Family(), settings.networks or Networks(), settings.scoring
    coarsest, finest, exploring = parts[0], parts[-1], settings.exploring or Exploring()
    sentences = []
    if not workers:
        sentences.append(
            "Networks of this size do not fit into memory: ask for fewer --units, or fewer --explore-steps."
        )
    if finest is not coarsest:
        share = 1 - (coarsest.share or 0)
        taken = (
            "" if finest.share is None else f" and {share:.0%} of the time" if share < 0.995 else " and nearly all time"
        )
        sentences.append(
            f"What makes it dear is a short tau: a time constant has at least {exploring.steps} time steps "
            f"(--explore-steps), so {sum(part.points for part in parts[1:])} points{taken} are of tasks of up to "
            f"{finest.samples} samples in place of {coarsest.samples}. A range of tau that begins later "
            "(--explore-tau) or fewer steps take less."
        )
    if workers and family.n_units < finest.samples:
        sentences.append(
            f"Networks of {family.n_units} units for {finest.samples} samples take short steps: about as many units as "
            "samples (--units) may be faster, and are nearer to the limit of many units."
        )
    workers_of = "1 worker" if workers == 1 else f"{workers} workers"
    how = f"{networks.chains} chains a point, networks kept of each: {networks.members}, {workers_of} of one thread."
    sentences += [
        f"{how} {lengths_text(sampling_asked(settings))}",
        "Steps were tried out, at the middle settings of each time step, and a gradient timed, in processor time: "
        "other work on this machine adds to the hours.",
        f"Scores come on top: {scoring.draws} resamples of all networks by {len(scoring.metrics)} metrics. Nothing was "
        "written.",
    ]
    return tuple(sentences)
