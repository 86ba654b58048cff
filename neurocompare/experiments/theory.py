"""The theory for whatever a user names: infinite networks over gammas, and how well each matches a recording."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.experiments.build_zoo import task_of
from neurocompare.experiments.theory_files import write_theory
from neurocompare.experiments.theory_scores import POPULATION, TheoryScores, theory_scores
from neurocompare.files import check_writable
from neurocompare.models import Family, check_gamma
from neurocompare.models.threads import one_thread
from neurocompare.ranking import check_halves
from neurocompare.recordings import Choices, Reading, Trials, open_named, trials_of
from neurocompare.report import write_report
from neurocompare.tasks import BUILT_IN, Task, reach_task, thin_task
from neurocompare.theory import MeanField, mean_field

FINE_GAMMAS = (0.0, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.57, 0.8, 1.13, 1.6)
"""Half-octaves, and the reservoir."""


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


def theory(
    source: str | os.PathLike[str] = "synthetic",
    *,
    out: str | os.PathLike[str] = "neurocompare-theory",
    gammas: Iterable[float] = FINE_GAMMAS,
    g: float = 1.5,
    tau: float = 0.1,
    beta: float = 400.0,
    input_scale: float = 1.0,
    noise: float = 0.0,
    nonlinearity: str = "tanh",
    points: int = 4096,
    rank: int = 10,
    draws: int = 24,
    drawn_units: int = POPULATION,
    seed: int = 0,
    time_step: float | None = None,
    lead: float | None = None,
    bin_width: float | None = None,
    smoothing: float | None = None,
    min_rate: float = 1.0,
    choices: Choices | None = None,
    max_samples: int | None = None,
    jobs: int | None = None,
    progress: Callable[[str, float, float], None] | None = None,
) -> Theory:
    """Solve the theory over gammas, score it where there is a recording, and write what came out.

    Parameters
    ----------
    source : str or path-like
        A recording as `run` takes it (``"synthetic"``, a catalogue name, the path of an NWB file), a task of
        `BUILT_IN`, or the path of a task's ``.nc`` file.
    out : path-like
        Folder for theory.json, theory.csv, theory.nc and theory.svg.
    gammas : iterable of float
    g, tau, beta, input_scale, noise, nonlinearity
        The family; see `Family`. tau in s, `noise` its private noise.
    points, rank : int
        See `mean_field`: more of both where solutions have not converged, at proportional cost.
    draws : int
        Halvings of the recording, at least 20.
    drawn_units : int
        Units drawn of each infinite network, of which a draw sees as many as it scores.
    seed : int
        Of everything random; the recording is halved as in a run of that seed.
    time_step : float, optional
        Of the task, s; 0.05 for a recording and its own default for a built-in task where None.
    lead, bin_width, smoothing, min_rate
        The recording's own where None; see `neurocompare.pipeline.run`.
    choices : Choices, optional
        What about a recording is not to be left to its layout.
    max_samples : int, optional
        Thin the task to so many samples (`thin_task`); the cost grows with their cube. Conditions that this leaves out
        are left out of the recording too.
    jobs : int, optional
        Processes, one thread each; all processors where None.
    progress : callable, optional
        Called as ``progress(stage, done, total)`` with ``"task"``, ``"theory"`` and ``"scores"``.

    Returns
    -------
    Theory

    Raises
    ------
    InputError
        If a setting makes no sense or the source cannot be used; nothing has been written then.
    """
    from joblib import cpu_count

    say = progress or (lambda stage, done, total: None)
    gammas = sorted({check_gamma(gamma) for gamma in gammas})
    family = Family(g, tau, beta, nonlinearity=nonlinearity, input_scale=input_scale, private_noise=noise)
    _check(
        Path(out), points=(points, 64), rank=(rank, 1), draws=(draws, 20), drawn_units=(drawn_units, 2), seed=(seed, 0),
        jobs=(1 if jobs is None else jobs, 1),
    )  # fmt: skip
    Reading().chosen(lead=lead, bin_width=bin_width, smoothing=smoothing)  # refuses what nothing is read with
    jobs = jobs or cpu_count()
    say("task", 0, 1)
    recording = trials = None
    if source in BUILT_IN or Path(source).suffix == ".nc":
        task = task_of(source, time_step=time_step)
    else:
        step = 0.05 if time_step is None else time_step
        recording = open_named(source, choices).read_with(lead=lead, bin_width=bin_width, smoothing=smoothing)
        trials = trials_of(recording, min_rate=min_rate)
        check_halves(trials)
        task = reach_task(recording, time_step=step)
    if max_samples is not None:
        task = thin_task(task, max_samples=max_samples, max_step=tau / 2)
    if trials is not None:
        trials = _only(trials, task)
    family.step_fraction(task.time_step)
    say("task", 1, 1)
    with one_thread():
        fields = mean_field(
            task, family, gammas, points=points, rank=rank, seed=seed, jobs=min(jobs, len(gammas)),
            progress=lambda done, total: say("theory", done, total),
        )  # fmt: skip
    settings = {
        "source": os.fspath(source), "g": g, "tau": tau, "beta": beta, "input_scale": input_scale, "noise": noise,
        "nonlinearity": nonlinearity, "points": points, "rank": rank, "seed": seed, "time_step": task.time_step,
        "target_scale": task.target_scale, "target_unit": task.target_unit, "samples": task.n_samples,
    }  # fmt: skip
    scores = None
    if trials is not None:
        reading = recording.reading
        settings |= {"lag": reading.lead, "bin_width": reading.bin_width, "smoothing": reading.smoothing}
        settings |= {"min_rate": min_rate, "draws": draws, "drawn_units": drawn_units}
        scores = theory_scores(
            fields,
            task,
            trials,
            settings=settings,
            recording=recording.name,
            planted_gamma=dict(recording.planted).get("gamma"),
            draws=draws,
            units=drawn_units,
            seed=seed,
            jobs=jobs,
            progress=lambda done, total: say("scores", done, total),
        )
    found = Theory(Path(out), task, fields, scores)
    write_theory(found.folder, task, fields, scores, settings=settings)
    return found


def theory_of_run(
    folder: str | os.PathLike[str],
    *,
    gammas: Iterable[float] | None = None,
    progress: Callable[[str, float, float], None] | None = None,
    **settings: Any,
) -> Theory:
    """Put the theory beside a finished run: the same recording, task and family; the report is written again with it.

    Parameters
    ----------
    folder : path-like
        What `neurocompare run` wrote into.
    gammas : iterable of float, optional
        `FINE_GAMMAS` where None.
    progress : callable, optional
    **settings
        ``points``, ``rank``, ``draws``, ``drawn_units``, ``max_samples`` and ``jobs`` of `theory`.

    Returns
    -------
    Theory

    Raises
    ------
    InputError
        If there is no finished run in `folder`.
    """
    folder = Path(folder)
    made = _settings_of_run(folder)
    found = theory(
        made["recording"],
        out=folder,
        gammas=FINE_GAMMAS if gammas is None else gammas,
        choices=Choices.saved(made.get("choices")),
        progress=progress,
        **{name: made[name] for name in _SHARED},
        **settings,
    )
    write_report(folder)
    return found


_SHARED = ("g", "tau", "beta", "seed", "time_step", "lead", "bin_width", "smoothing", "min_rate")


def _settings_of_run(folder: Path) -> Mapping[str, Any]:
    path = folder / "run.json"
    try:
        made = json.loads(path.read_text(encoding="utf-8"))["settings"]
        missing = [name for name in ("recording", *_SHARED) if name not in made]
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"expected a finished run in {folder}, found no settings in {path} ({error}); give a run's folder"
        raise InputError(message) from error
    if missing:
        message = f"expected the setting {missing[0]!r} in {path}, found none; run the comparison again"
        raise InputError(message)
    return made


def _check(out: Path, **least: tuple[float, float]) -> None:
    """Refuse what makes no sense before anything is read, and a folder that could not be written to in the end."""
    for name, (value, lowest) in least.items():
        if not lowest <= value < math.inf:
            message = f"expected {name} of at least {lowest}, found {value}"
            raise InputError(message)
    check_writable(out)


def _only(trials: Trials, task: Task) -> Trials:
    """Leave out the trials of conditions that a thinned task has left out."""
    kept = task.inputs["condition"].values
    mine = trials.conditions.index.isin(kept)
    counts = trials.counts[trials.counts["condition"].isin(kept).values]
    return replace(trials, counts=counts, conditions=trials.conditions[mine])
