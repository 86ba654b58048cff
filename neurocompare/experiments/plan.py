"""Plan: what a comparison with a recording will take, and what it could show, before hours are spent."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from neurocompare.errors import InputError
from neurocompare.experiments.distinguishable import Placed, distinguishable
from neurocompare.models import DEFAULT_GAMMAS, Family, Sampling, check_gammas
from neurocompare.models.effort import gradients_of, pace_of, steps_that_fit, trajectories_of
from neurocompare.models.memory import available_bytes, draw_bytes
from neurocompare.models.threads import one_thread
from neurocompare.ranking import check_halves, sampling_of
from neurocompare.recordings import Choices, Trials, open_named, trials_of
from neurocompare.report.recovery import similar_recovery
from neurocompare.tasks import Task, reach_task
from neurocompare.theory import mean_field

STAGES = ("recording", "calibration", "theory", "recordings")
"""Of a plan, in order; what `progress` is called with."""

SCHEMA = 1

SEGMENTS = 2
"""Of a chain, assumed: most agree after one or two. The range given is from one to as many as a chain may take."""

THEORY_POINTS = 1024
"""Points of the single-unit law: fewer than for numbers that are to be quoted."""

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


def plan(
    recording: str | os.PathLike[str] = "synthetic",
    *,
    gammas: Iterable[float] = DEFAULT_GAMMAS,
    units: Iterable[int] = (200, 400, 800, 1600),
    g: float = 1.5,
    tau: float = 0.1,
    beta: float = 400.0,
    chains: int = 2,
    members: int = 2,
    trajectories: int = 40,
    time_step: float = 0.05,
    lead: float | None = None,
    bin_width: float | None = None,
    smoothing: float | None = None,
    min_rate: float = 1.0,
    theory: bool = True,
    seed: int = 0,
    jobs: int | None = None,
    choices: Choices | None = None,
    stream: bool = False,
    progress: Callable[[str, float, float], None] | None = None,
) -> dict[str, Any]:
    """Say what `neurocompare run` would take for a recording, and which gammas it could tell apart.

    Parameters
    ----------
    recording : str or path-like
        As `pipeline.run` takes it.
    gammas : iterable of float
        The grid.
    units : iterable of int
        Sizes of networks to plan for.
    g, tau, beta, chains, members, trajectories, time_step, lead, bin_width, smoothing, min_rate, seed, choices, stream
        As `pipeline.run` takes them.
    theory : bool
        Solve the theory for the recording's task, on fewer samples where there are many, and see which gammas it could
        tell apart (`distinguishable`).
    jobs : int, optional
        Processes that would work; all processors where None.
    progress : callable, optional
        Called as ``progress(stage, done, total)`` with a stage of `STAGES`.

    Returns
    -------
    dict
        What ``--json`` prints: schema, recording, units, conditions, trials, samples, zoos (`ZooPlan`), assumptions,
        told_apart (`Placed`; None without theory) and recovery (what planted networks showed at a similar data size;
        None where there were none).

    Raises
    ------
    InputError
        If the recording cannot be compared, or a setting makes no sense.
    """
    from joblib import cpu_count

    say = progress or (lambda stage, done, total: None)
    gammas, sizes = check_gammas(gammas), tuple(sorted(set(units)))
    _check(sizes, chains, members, jobs)
    family, sampling = Family(g, tau, beta), Sampling(trajectories=trajectories)
    family.step_fraction(time_step)
    say("recording", 0, 1)
    opened = open_named(recording, choices, stream=stream)
    opened = opened.read_with(lead=lead, bin_width=bin_width, smoothing=smoothing)
    trials = trials_of(opened, min_rate=min_rate)
    check_halves(trials)
    task = reach_task(opened, time_step=time_step)
    say("recording", 1, 1)
    say("calibration", 0, len(sizes) + 1)
    steps = steps_that_fit(task, family, gammas, seed=seed)
    zoos = []
    for done, size in enumerate(sizes):
        say("calibration", done + 1, len(sizes) + 1)
        zoos.append(
            zoo_plan(
                task, replace(family, n_units=size), gammas, steps, sampling, chains=chains, members=members,
                jobs=jobs or cpu_count(), recorded=sampling_of(trials).units_drawn,
            )
        )  # fmt: skip
    say("calibration", 1, 1)
    found = sampling_of(trials)
    told_apart, notes = None, []
    if theory:
        told_apart, notes = _told_apart(task, family, gammas, trials, seed, jobs or cpu_count(), say)
    settings = {"g": g, "tau": tau, "beta": beta, "lag": opened.reading.lead}
    return {
        "schema": SCHEMA,
        "recording": opened.name,
        "units": found.units,
        "conditions": len(trials.conditions),
        "trials": list(found.trials),
        "samples": task.n_samples,
        "gammas": list(gammas),
        "zoos": [asdict(zoo) for zoo in zoos],
        "assumptions": _assumptions(sampling, chains, members, jobs or cpu_count()),
        "told_apart": None if told_apart is None else [asdict(placed) for placed in told_apart],
        "recovery": similar_recovery(units=found.units, trials=found.trials[0], family=settings),
        "notes": notes,
    }


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
        gradients = [gradients_of(gamma, steps, sampling, segments=segments) for gamma in gammas]
        energies = [trajectories_of(gamma, sampling, segments=segments) for gamma in gammas]
        of_chains = [a * pace.gradient + b * pace.energy for a, b in zip(gradients, energies, strict=True)]
        # Shared out among workers, and never shorter than the longest chain, which one worker does alone.
        return max(chains * sum(of_chains) / workers, max(of_chains)) / 3600, chains * sum(gradients)

    expected, gradients = hours(min(SEGMENTS, sampling.segments))
    least, most = hours(1)[0], hours(sampling.segments)[0]
    return ZooPlan(family.n_units, networks, expected, least, most, workers * each, workers, gradients, note)


def _told_apart(
    task: Task, family: Family, gammas: Sequence[float], trials: Trials, seed: int, jobs: int,
    say: Callable[[str, float, float], None],
) -> tuple[tuple[Placed, ...] | None, list[str]]:  # fmt: skip
    if task.n_samples > MOST_SAMPLES:
        note = (
            f"The theory was not solved: {task.n_samples} samples are more than the {MOST_SAMPLES} that take minutes; "
            "`neurocompare theory --max-samples` solves a thinned task."
        )
        return None, [note]
    with one_thread():
        fields = mean_field(
            task, family, gammas, points=THEORY_POINTS, both_ways=False, seed=seed, jobs=min(jobs, len(gammas)),
            progress=lambda done, total: say("theory", done, total),
        )  # fmt: skip
    doubtful = ", ".join(f"{field.gamma:g}" for field in fields if not field.converged)
    notes = [f"With {THEORY_POINTS} points the theory is rough at gamma {doubtful}: for a plan, not to quote."]
    placed = distinguishable(
        fields, task, trials, seed=seed, progress=lambda done, total: say("recordings", done, total)
    )
    return placed, notes if doubtful else []


def _assumptions(sampling: Sampling, chains: int, members: int, jobs: int) -> list[str]:
    return [
        f"{chains} chains a gamma of {sampling.trajectories} trajectories a segment, {members} networks of each, "
        f"{jobs} workers of one thread.",
        f"Chains take {SEGMENTS} segments; the range is from one to {sampling.segments}, the most. They go on until "
        "they agree, which is not known before.",
        "The lengths of trajectories come from the steps that fit a network of at most 100 units on this task, tried "
        "out now; a gradient and an energy were timed now at each size, in processor time: other work on this machine "
        "adds to the hours. The scores add minutes.",
    ]


def _check(sizes: Sequence[int], chains: int, members: int, jobs: int | None) -> None:
    least = {"units": (min(sizes, default=0), 10), "chains": (chains, 2), "members": (members, 1)}
    least |= {"jobs": (1 if jobs is None else jobs, 1)}
    for name, (value, bound) in least.items():
        if not value >= bound:
            message = f"expected {name} of at least {bound}, found {value}"
            raise InputError(message)
