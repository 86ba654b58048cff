"""A ranking of networks that are there already: an existing zoo against a recording."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.experiments.planted import planted_session
from neurocompare.files import atomic, write_json
from neurocompare.metrics import METRICS, get_metric
from neurocompare.models import Family, Zoo, load_zoo
from neurocompare.pipeline import account, end_workers
from neurocompare.ranking import Candidate, check_halves, compare, observation_of, observe, sampling_of
from neurocompare.ranking.batches import candidates_of
from neurocompare.recordings import Reading, Recording, Trials, average, open_named, open_recording, trials_of
from neurocompare.report import write_report
from neurocompare.responses import save_responses
from neurocompare.stages import Stages
from neurocompare.tasks import Task, load_task, save_task
from neurocompare.tasks.task import task_digest


@dataclass(frozen=True)
class Settings:
    """Everything a ranking depends on beside zoo and recording; what ``run.json`` holds under ``settings``."""

    zoo: str
    recording: str
    metrics: tuple[str, ...]
    where: tuple[tuple[str, float], ...]
    draws: int
    seed: int
    bin_width: float | None
    smoothing: float | None
    min_rate: float


def rank_zoo(
    zoo: str | os.PathLike[str],
    recording: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] = "neurocompare-ranking",
    metrics: Iterable[str] | None = None,
    where: Mapping[str, float] | None = None,
    draws: int = 80,
    seed: int = 0,
    jobs: int | None = None,
    bin_width: float | None = None,
    smoothing: float | None = None,
    min_rate: float = 1.0,
    progress: Callable[[str, float, float], None] | None = None,
) -> Path:
    """Rank the gammas of an existing zoo against a recording; no network is made.

    A second call with the same arguments continues where the first stopped.

    Parameters
    ----------
    zoo : path-like
        A folder that `neurocompare zoo` or `neurocompare run` wrote. Its task must have the recording's conditions.
    recording : str or path-like
        ``"synthetic"``, a name of the catalogue, or the path of an NWB file.
    out : path-like
        Folder for scores.csv, ranking.json, run.json, zoo.csv, recording.nc, task.nc and report.html.
    metrics : iterable of str, optional
        Names that `get_metric` knows, in order of preference; those of a run where None.
    where : mapping of str to float, optional
        Settings to choose networks by, where the zoo has several, such as ``{"g": 1.5}``.
    draws, seed, jobs, bin_width, smoothing, min_rate
        As those of `pipeline.run`.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    pathlib.Path
        The report, ``out/report.html``.

    Raises
    ------
    InputError
        If the zoo holds no networks, several families or no task, a metric is unknown, or the recording does not fit.
    """
    chosen = METRICS if metrics is None else tuple(get_metric(name) for name in dict.fromkeys(metrics))
    settings = Settings(
        zoo=os.fspath(zoo),
        recording=os.fspath(recording),
        metrics=tuple(metric.name for metric in chosen),
        where=tuple((where or {}).items()),
        draws=draws,
        seed=seed,
        bin_width=bin_width,
        smoothing=smoothing,
        min_rate=min_rate,
    )
    _check(settings, jobs)
    out, stages = Path(out), Stages(progress)
    with stages.stage("zoo"):
        found = load_zoo(_folder_of(zoo)).select(**dict(settings.where))
        task = _task_of(found)
        candidates = candidates_of(found)
    with stages.stage("recording"):
        opened = _open(settings.recording, found)
        opened = opened.read_with(bin_width=bin_width, smoothing=smoothing)
        settings = replace(settings, bin_width=opened.reading.bin_width, smoothing=opened.reading.smoothing)
        trials = trials_of(opened, min_rate=min_rate)
        check_halves(trials)
        _check_fits(candidates[0], trials)
    with stages.stage("scores") as advance:
        save_responses(average(trials), out / "recording.nc")
        save_task(task, out / "task.nc")
        with atomic(out / "zoo.csv") as temporary:
            found.table().to_csv(temporary, index=False)
        fit = found.table().assign(share=lambda table: table["loss"] / table["zero_loss"])
        compare(
            trials,
            candidates,
            chosen,
            out,
            task=task,
            settings=_held_at(settings, found, task),
            recordings=[opened.name],
            planted_gamma=dict(opened.planted).get("gamma"),
            fit=fit.groupby("gamma")["share"].mean().to_dict(),
            draws=draws,
            seed=seed,
            jobs=jobs,
            progress=advance,
        )
        end_workers()
    with stages.stage("report"):
        write_json(account(settings, opened, trials, task, stages), out / "run.json")
        report = write_report(out, zoo=found.folder)
    write_json(account(settings, opened, trials, task, stages), out / "run.json")
    return report


def _check(settings: Settings, jobs: int | None) -> None:
    least = {"draws": (settings.draws, 20), "jobs": (1 if jobs is None else jobs, 1), "seed": (settings.seed, 0)}
    least |= {"min_rate": (settings.min_rate, 0)}
    for name, (value, bound) in least.items():
        if not bound <= value < float("inf"):
            message = f"expected {name} to be a number of at least {bound}, found {value}"
            raise InputError(message)
    Reading().chosen(bin_width=settings.bin_width, smoothing=settings.smoothing)  # refuses what nothing is read with
    if not settings.metrics:
        message = "expected at least one metric, found none"
        raise InputError(message)


def _check_fits(network: Candidate, trials: Trials) -> None:
    """Refuse networks that cannot be seen as the recording is, before anything is written."""
    observe(network.responses, like=observation_of(trials), units=sampling_of(trials).units_drawn, seed=0, noise=False)


def _folder_of(zoo: str | os.PathLike[str]) -> Path:
    """Return where the networks are: a run keeps them in its folder ``zoo``."""
    folder = Path(zoo)
    return folder / "zoo" if (folder / "zoo").is_dir() else folder


def _task_of(zoo: Zoo) -> Task:
    """Return the task the networks were made for: beside them, or beside their folder as a run leaves it."""
    wanted = {card.task for card in zoo.cards}
    for path in (zoo.folder / "task.nc", zoo.folder.parent / "task.nc"):
        if path.exists():
            task = load_task(path)
            if wanted == {task_digest(task)[: len(next(iter(wanted)))]}:
                return task
    message = (
        f"expected the task of these networks as task.nc in {zoo.folder} or above it, found "
        f"{'none of this task' if len(wanted) == 1 else f'networks of {len(wanted)} tasks'}; "
        "rank the folder that `neurocompare zoo` or `neurocompare run` wrote"
    )
    raise InputError(message)


def _open(recording: str, zoo: Zoo) -> Recording:
    if recording == "synthetic":
        card = zoo.cards[-1]
        family = Family(card.g, card.tau, card.beta, card.n_units, card.nonlinearity, card.input_scale)
        return replace(open_recording(planted_session(family, 0.4)), name="synthetic")
    return open_named(recording)


def _held_at(settings: Settings, zoo: Zoo, task: Task) -> dict[str, Any]:
    """Return what the ranking holds at: what all networks share, and how the recording was read."""
    shared = {}
    for name in ("g", "tau", "beta", "input_scale", "private_noise", "n_units"):
        values = {getattr(card, name) for card in zoo.cards if card.gamma > 0} or {getattr(zoo.cards[0], name)}
        if len(values) == 1:
            shared["units" if name == "n_units" else name] = values.pop()
    read = {name: getattr(settings, name) for name in ("bin_width", "smoothing", "min_rate", "seed", "draws")}
    scale = {"target_scale": task.target_scale, "target_unit": task.target_unit, "time_step": task.time_step}
    return shared | scale | read
