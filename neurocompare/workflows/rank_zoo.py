"""A ranking of networks that are there already: an existing zoo against a recording."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from neurocompare.account import Comparison, account_of
from neurocompare.files import check_writable, write_table
from neurocompare.lock import locks
from neurocompare.metrics import get_metric
from neurocompare.models import Zoo, is_reservoir, load_zoo
from neurocompare.models.states import listed
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.ranking import Candidate, Ranking, nuisance_of, observation_of, observe, sampling_of
from neurocompare.ranking.batches import candidates_of, read_scores
from neurocompare.ranking.confounded import confounded
from neurocompare.ranking.nuisance import RankedSetting
from neurocompare.recordings import Trials, average
from neurocompare.records import save_record
from neurocompare.responses import save_responses
from neurocompare.run_folder import RunFolder, networks_in
from neurocompare.settings import Checks, Choices, Scoring, of_family, of_reading
from neurocompare.stages import Advance, Stages, Watch, part_of
from neurocompare.tasks import Task, save_task
from neurocompare.workflows.finished_run import FinishedRun, open_run
from neurocompare.workflows.one_family import Shared, rank_networks
from neurocompare.workflows.reported import leave_report
from neurocompare.workflows.session import Source, named, open_session
from neurocompare.workflows.zoo import task_of_zoo
from neurocompare.workflows.zoo_families import (
    ZooFamily,
    beta_follows_gamma,
    betas_of,
    families_in,
    is_matched,
    matched_networks,
)

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
    checks: Checks | None = None,
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
    checks : Checks, optional
        ``match``: of a zoo that holds others too, rank the networks whose beta was chosen for equal fit. ``nuisance``:
        rank over all nuisance settings that the zoo has, whichever are named; the middle one is the ranking itself.
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
    settings = Comparison(
        recording=named(recording),
        choices=choices or Choices(),
        scoring=(scoring or Scoring()).over(),
        checks=checks or Checks(),
        seed=seed,
        models=os.fspath(zoo),
        where={name: float(value) for name, value in (where or {}).items()},
    )
    for name in settings.scoring.metrics:
        get_metric(name)
    folder, stages = RunFolder(Path(out)), Stages(progress)
    check_writable(folder.path)
    with stages.stage("zoo"):
        chosen = load_zoo(networks_in(Path(zoo))).select(**settings.where)
        chosen = matched_networks(chosen) if settings.checks.match else chosen
        task = task_of_zoo(chosen)
        families = families_in(chosen) if settings.checks.nuisance else ()
        chosen = families[0].zoo if families else chosen
        candidates = candidates_of(chosen)
    with stages.stage("recording"):
        session = open_session(recording, settings.choices)
        settings = replace(settings, choices=replace(session.choices, time_step=task.time_step))
        shared = Shared(settings, session, workers or Workers())
        _check_fits(candidates[0], session.trials)
    with stages.stage("scores") as advance:
        save_responses(average(session.trials), folder.recording)
        save_task(task, folder.task)
        write_table(listed(chosen), folder.networks)

        def rank_in(folder: RunFolder, networks: Zoo, advance: Advance) -> Ranking:
            held = _held_at(settings, networks, task)
            return rank_networks(shared, networks, task, folder, held=held, progress=advance)

        ranking = rank_in(folder, chosen, advance)
    if families:
        _over_families(families, ranking, rank_in, shared, folder, stages)
    account = account_of(settings, session.recording, session.trials, task)
    leave_report(folder, account, stages, zoo=chosen.folder)
    return open_run(folder.path)


def _over_families(
    families: Sequence[ZooFamily],
    ranking: Ranking,
    rank_in: Callable[[RunFolder, Zoo, Advance], Ranking],
    shared: Shared,
    folder: RunFolder,
    stages: Stages,
) -> None:
    """Rank every family but the first, which is ranked already; put all together in nuisance.json, and say so."""
    ranked = [RankedSetting(families[0].name, families[0].values, ranking, read_scores(folder.scores))]
    with stages.stage("nuisance scores") as advance:
        for place, family in enumerate(families[1:]):
            own = folder.at_setting(family.folder)
            own_ranking = rank_in(own, family.zoo, part_of(advance, place, len(families) - 1))
            ranked.append(RankedSetting(family.name, family.values, own_ranking, read_scores(own.scores)))
    nuisance = nuisance_of(ranked, metrics=shared.metrics, seed=shared.settings.seed)
    save_record(nuisance, folder.nuisance)
    save_record(confounded(ranking, nuisance=nuisance), folder.ranking)


def _check_fits(network: Candidate, trials: Trials) -> None:
    """Refuse networks that cannot be seen as the recording is, before anything is written."""
    observe(network.responses, like=observation_of(trials), units=sampling_of(trials).units_drawn, seed=0, noise=False)


def _held_at(settings: Comparison, zoo: Zoo, task: Task) -> dict[str, Any]:
    """Return what the ranking holds at: what all networks share, and how the recording was read."""
    learned = [card.family for card in zoo.cards if not is_reservoir(card.gamma)] or [zoo.cards[0].family]
    families = [of_family(family) for family in learned]
    shared = {name: value for name, value in families[0].items() if all(each[name] == value for each in families)}
    if beta_follows_gamma(zoo):
        shared = {name: value for name, value in shared.items() if name != "beta"}
        shared |= {"match": "fit" if is_matched(zoo) else None, "betas": betas_of(zoo)}
    scale = {"target_scale": task.target_scale, "target_unit": task.target_unit}
    return shared | of_reading(settings.choices) | scale | {"seed": settings.seed, "draws": settings.scoring.draws}
