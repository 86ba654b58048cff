"""A ranking of networks that are there already: an existing zoo against a recording."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurocompare.comparisons.reading import check_settings, open_chosen
from neurocompare.experiments.planted import planted_session
from neurocompare.experiments.zoo_task import networks_folder, task_of_zoo
from neurocompare.files import atomic, write_json
from neurocompare.metrics import METRICS, get_metric
from neurocompare.models import Family, Zoo, load_zoo
from neurocompare.pipeline import account, end_workers
from neurocompare.ranking import Candidate, check_halves, compare, observation_of, observe, sampling_of
from neurocompare.ranking.batches import candidates_of
from neurocompare.recordings import Choices, Trials, average, trials_of
from neurocompare.report import write_report
from neurocompare.responses import save_responses
from neurocompare.stages import Stages
from neurocompare.tasks import Task, save_task


@dataclass(frozen=True)
class Settings:
    """Everything a ranking depends on beside zoo and recording; what ``run.json`` holds under ``settings``."""

    zoo: str
    recording: str
    metrics: tuple[str, ...]
    where: tuple[tuple[str, float], ...]
    draws: int
    seed: int
    bin_width: float
    smoothing: float
    min_rate: float
    choices: Choices


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
    bin_width: float = 0.02,
    smoothing: float = 0.04,
    min_rate: float = 1.0,
    choices: Choices | None = None,
    stream: bool = False,
    progress: Callable[[str, float, float], None] | None = None,
) -> Path:
    """Rank the gammas of an existing zoo against a recording; no network is made.

    A second call with the same arguments continues where the first stopped.

    Parameters
    ----------
    zoo : path-like
        A folder that `neurocompare zoo` or `neurocompare run` wrote. Its task must have the recording's conditions.
    recording : str or path-like
        ``"synthetic"``, a name of the catalogue, or the path of an NWB file; with `stream`, a name of the catalogue or
        the address of a file.
    out : path-like
        Folder for scores.csv, ranking.json, run.json, zoo.csv, recording.nc, task.nc and report.html.
    metrics : iterable of str, optional
        Names that `get_metric` knows, in order of preference; those of a run where None.
    where : mapping of str to float, optional
        Settings to choose networks by, where the zoo has several, such as ``{"g": 1.5}``.
    draws, seed, jobs, bin_width, smoothing, min_rate, choices, stream
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
        choices=choices or Choices(),
    )
    check_settings(
        metrics=settings.metrics,
        draws=draws,
        jobs=jobs,
        seed=seed,
        bin_width=bin_width,
        smoothing=smoothing,
        min_rate=min_rate,
    )
    out, stages = Path(out), Stages(progress)
    with stages.stage("zoo"):
        found = load_zoo(networks_folder(zoo)).select(**dict(settings.where))
        task = task_of_zoo(found)
        candidates = candidates_of(found)
    with stages.stage("recording"):
        opened = open_chosen(settings.recording, settings.choices, stream=stream, synthetic=lambda: _planted_for(found))
        trials = trials_of(opened, bin_width=bin_width, smoothing=smoothing, min_rate=min_rate)
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


def _check_fits(network: Candidate, trials: Trials) -> None:
    """Refuse networks that cannot be seen as the recording is, before anything is written."""
    observe(network.responses, like=observation_of(trials), units=sampling_of(trials).units_drawn, seed=0, noise=False)


def _planted_for(zoo: Zoo) -> Path:
    """Make the synthetic session of a network of the zoo's own family."""
    card = zoo.cards[-1]
    family = Family(card.g, card.tau, card.beta, card.n_units, card.nonlinearity, card.input_scale)
    return planted_session(family, 0.4)


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
