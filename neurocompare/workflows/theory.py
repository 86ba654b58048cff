"""The theory for whatever a user names: infinite networks over gammas, and how well each matches a recording."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from neurocompare.account import read_account
from neurocompare.errors import InputError
from neurocompare.lock import locks
from neurocompare.parallel import Workers, one_thread
from neurocompare.progress import shows_progress
from neurocompare.recordings import Trials
from neurocompare.report import write_report
from neurocompare.settings import LAG, Choices, Family, Solving, of_family, of_reading
from neurocompare.stages import Stages, Watch
from neurocompare.tasks import Task, thin_task
from neurocompare.theory import MeanField, mean_field
from neurocompare.workflows.session import Source, named, open_session
from neurocompare.workflows.theory_files import write_theory
from neurocompare.workflows.theory_scores import TheoryScores, theory_scores
from neurocompare.workflows.zoo import is_task, task_of

DEFAULT_THEORY = Path("neurocompare-theory")
"""Where the theory goes that is not told where."""

POPULATIONS = ".populations"
"""Folder in it for what an interrupted call goes on with."""


@dataclass(frozen=True, eq=False)
class Theory:
    """What was found.

    Attributes
    ----------
    folder : Path
        Where theory.json, theory.csv, theory.nc and theory.svg are.
    task : Task
    fields : tuple of MeanField
        Every solution, ascending in gamma; of two at one gamma the one of lower F first.
    scores : TheoryScores or None
        Against the recording; None for a task without one.
    """

    folder: Path
    task: Task
    fields: tuple[MeanField, ...]
    scores: TheoryScores | None


@shows_progress()
@locks("out")
def theory(
    source: Source = "synthetic",
    *,
    out: str | os.PathLike[str] = DEFAULT_THEORY,
    gammas: Iterable[float] | None = None,
    seed: int = 0,
    choices: Choices | None = None,
    family: Family | None = None,
    solving: Solving | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> Theory:
    """Solve the theory over gammas, score it where there is a recording, and write what came out.

    A call that was interrupted goes on with the populations that it had sampled.

    Parameters
    ----------
    source : str, path-like or Recording
        A recording as `run` takes it (``"synthetic"``, a catalogue name, the path of an NWB file), ``"oscillation"``,
        ``"ideal_reach"``, or the path of a task's ``.nc`` file.
    out : path-like
        Folder for theory.json, theory.csv, theory.nc and theory.svg.
    gammas : iterable of float, optional
        In place of ``solving.gammas``.
    seed : int
        Of everything random; the recording is halved as in a run of that seed.
    choices : Choices, optional
        What is read of a recording; its time step holds for built-in tasks too.
    family : Family, optional
        All but its number of units.
    solving : Solving, optional
        A larger population, or more trajectories, where solutions have not converged, at proportional cost.
    workers : Workers, optional
    progress : callable or bool, optional
        Shown where None, silent where False; else
        called as ``progress(stage, done, total)`` with ``"task"``, ``"theory"`` and ``"scores"``.

    Returns
    -------
    Theory

    Raises
    ------
    InputError
        If a setting makes no sense or the source cannot be used; nothing has been written then.
    """
    stages, workers = Stages(progress), workers or Workers()
    family, solving = family or Family(), solving or Solving()
    if gammas is not None:
        solving = replace(solving, gammas=tuple(gammas))
    folder = Path(out)
    session = None
    with stages.stage("task"):
        if isinstance(source, str | os.PathLike) and is_task(source):
            task = task_of(source, choices)
        else:
            session = open_session(source, choices)
            task = session.task
        if solving.max_samples is not None:
            task = thin_task(task, max_samples=solving.max_samples, max_step=family.tau / 2)
        family.step_fraction(task.time_step)
    with stages.stage("theory") as advance, one_thread():
        fields = mean_field(
            task, family, solving.gammas, population=solving.population, trajectories=solving.trajectories,
            seed=seed, workers=workers, keep=folder / POPULATIONS, progress=advance,
        )  # fmt: skip
    settings = {
        "source": named(source), **{name: value for name, value in of_family(family).items() if name != "units"},
        "population": solving.population,
        "trajectories": solving.trajectories, "seed": seed, "time_step": task.time_step,
        "target_scale": task.target_scale, "target_unit": task.target_unit, "samples": task.n_samples,
    }  # fmt: skip
    scores = None
    if session is not None:
        read = session.choices
        settings |= of_reading(read) | {LAG.name: read.lag, "time_step": task.time_step}
        settings |= {"draws": solving.resamples, "drawn_units": solving.drawn_units}
        with stages.stage("scores") as advance:
            scores = theory_scores(
                fields, task, _only(session.trials, task), context=session.context(settings, {}),
                draws=solving.resamples, units=solving.drawn_units, seed=seed, workers=workers, progress=advance,
            )  # fmt: skip
    solved = Theory(folder, task, fields, scores)
    write_theory(folder, task, fields, scores, settings=settings)
    shutil.rmtree(folder / POPULATIONS, ignore_errors=True)
    return solved


@shows_progress()
@locks("folder")
def theory_of_run(
    folder: str | os.PathLike[str],
    *,
    gammas: Iterable[float] | None = None,
    solving: Solving | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> Theory:
    """Put the theory beside a finished run: the same recording, task and family; the report is written again with it.

    Parameters
    ----------
    folder : path-like
        What `neurocompare run` wrote into.
    gammas, solving, workers, progress
        As those of `theory`.

    Returns
    -------
    Theory

    Raises
    ------
    InputError
        If there is no finished run in `folder`.
    """
    folder = Path(folder)
    made = read_account(folder).settings
    if made.family is None:
        message = f"expected a run that made its networks in {folder}, found a ranking of others; give a run's folder"
        raise InputError(message)
    solved = theory(
        made.recording,
        out=folder,
        gammas=gammas,
        seed=made.seed,
        choices=made.choices,
        family=made.family,
        solving=solving,
        workers=workers,
        progress=progress,
    )
    write_report(folder)
    return solved


def _only(trials: Trials, task: Task) -> Trials:
    """Leave out the trials of conditions that a thinned task has left out."""
    kept = task.inputs["condition"].values
    mine = trials.conditions.index.isin(kept)
    counts = trials.counts[trials.counts["condition"].isin(kept).values]
    return replace(trials, counts=counts, conditions=trials.conditions[mine])
