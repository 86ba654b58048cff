"""A ranking of networks that are there already: an existing zoo against a recording."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from neurocompare.account import Comparison, account_of, is_quick
from neurocompare.earlier import check_recording, make_way
from neurocompare.files import write_table
from neurocompare.lock import locks
from neurocompare.metrics import get_metric
from neurocompare.models import Zoo, is_reservoir
from neurocompare.models.states import listed
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.ranking import Candidate, observation_of, observe, sampling_of
from neurocompare.ranking.batches import candidates_of
from neurocompare.recordings import Trials, average
from neurocompare.responses import save_responses
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Choices, Scoring, of_family, of_reading
from neurocompare.stages import Stages, Watch
from neurocompare.tasks import Task, save_task
from neurocompare.workflows.finished_run import FinishedRun, networks_of, open_run
from neurocompare.workflows.one_family import Shared, rank_networks
from neurocompare.workflows.reported import leave_report
from neurocompare.workflows.session import Source, asked, open_session
from neurocompare.workflows.zoo import task_of_zoo

DEFAULT_RANKING = Path("neurocompare-ranking")
"""Where a ranking goes that is not told where."""


@shows_progress()
@locks("out")
def rank_zoo(
    zoo: str | os.PathLike[str],
    recording: Source,
    *,
    out: str | os.PathLike[str] = DEFAULT_RANKING,
    where: Mapping[str, float] | None = None,
    seed: int = 0,
    choices: Choices | None = None,
    scoring: Scoring | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> FinishedRun:
    """Rank the gammas of an existing zoo against a recording; no network is made.

    A second call with the same arguments continues where the first stopped.

    Parameters
    ----------
    zoo : path-like
        A folder that `neurocompare zoo` or `neurocompare run` wrote. Its task must have the recording's conditions.
    recording : str, path-like or Recording
        ``"synthetic"``, a name of the catalogue, the path of an NWB file, or an opened recording.
    out : path-like
        Folder for scores.csv, ranking.json, run.json, zoo.csv, recording.nc, task.nc and report.html.
    where : mapping of str to float, optional
        Settings to choose networks by, where the zoo has several, such as ``{"g": 1.5}``.
    seed : int
        Of everything random.
    choices, scoring, workers
        As those of `run`.
    progress : callable or bool, optional
        Shown where None, silent where False; else called as ``progress(stage, done, total)``.

    Returns
    -------
    FinishedRun
        Ranking, scores, networks, figures and page, see `FinishedRun`.

    Raises
    ------
    InputError
        If the zoo holds no networks, several families or no task, a metric is unknown, or the recording does not fit.

    Examples
    --------
    >>> found = rank_zoo("my-run/zoo", "synthetic", out="again")  # minutes  # doctest: +SKIP
    >>> found.ranking.metrics["cka"].best_gamma  # doctest: +SKIP
    0.4
    >>> rank_zoo("nowhere", "synthetic", progress=False)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected networks in nowhere, found none; ...
    """
    at = {name: float(value) for name, value in (where or {}).items()}
    settings = replace(
        asked(recording, choices, scoring, seed), models=os.path.abspath(zoo), where=at, quick=_are_quick(Path(zoo))
    )
    for name in settings.scoring.metrics:
        get_metric(name)
    folder, stages = RunFolder(Path(out)), Stages(progress)
    folder.check_result("ranking")
    with stages.stage("zoo"):
        chosen = networks_of(Path(zoo)).select(**settings.where)
        task = task_of_zoo(chosen)
        candidates = candidates_of(chosen)
    with stages.stage("recording"):
        session = open_session(recording, settings.choices)
        check_recording(folder, session.recording)
        settings = replace(settings, choices=replace(session.choices, time_step=task.time_step))
        shared = Shared(settings, session, workers or Workers())
        _check_fits(candidates[0], session.trials)
    with stages.stage("scores") as advance:
        make_way(folder, settings)
        save_responses(average(session.trials), folder.recording)
        save_task(task, folder.task)
        write_table(listed(chosen), folder.networks)
        rank_networks(shared, chosen, task, folder, held=_held_at(settings, chosen, task), progress=advance)
    account = account_of(settings, session.recording, session.trials, task)
    leave_report(folder, account, stages, zoo=chosen.folder)
    return open_run(folder.path)


def _are_quick(zoo: Path) -> bool:
    """Whether networks are those of a quick run: in its folder, or in ``zoo`` in it."""
    around = RunFolder(zoo.absolute().parent)
    return is_quick(around if zoo.absolute() == around.zoo else RunFolder(zoo))


def _check_fits(network: Candidate, trials: Trials) -> None:
    """Refuse networks that cannot be seen as the recording is, before anything is written."""
    observe(network.responses, like=observation_of(trials), units=sampling_of(trials).units_drawn, seed=0, noise=False)


def _held_at(settings: Comparison, zoo: Zoo, task: Task) -> dict[str, Any]:
    """Return what the ranking holds at: what all networks share, and how the recording was read."""
    learned = [card.family for card in zoo.cards if not is_reservoir(card.gamma)] or [zoo.cards[0].family]
    families = [of_family(family) for family in learned]
    shared = {name: value for name, value in families[0].items() if all(each[name] == value for each in families)}
    scale = {"target_scale": task.target_scale, "target_unit": task.target_unit}
    return shared | of_reading(settings.choices) | scale | {"seed": settings.seed, "draws": settings.scoring.draws}
