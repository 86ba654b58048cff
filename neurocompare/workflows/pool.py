"""Several recordings: finished rankings pooled, with the recording as the top level of resampling."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from neurocompare.account import leave
from neurocompare.earlier import make_way_for_pool
from neurocompare.errors import InputError
from neurocompare.lock import locks
from neurocompare.metrics import get_metric
from neurocompare.metrics.metric import Metric
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.ranking import GAMMA, Context, axis_of
from neurocompare.ranking.across import across
from neurocompare.ranking.batches import write_scores
from neurocompare.ranking.pool import Scored, common_values, rank_pooled
from neurocompare.recordings import recording_path
from neurocompare.records import save_record
from neurocompare.report import write_pooled_report
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Scoring
from neurocompare.stages import Stages, Watch
from neurocompare.workflows.finished import (
    Finished,
    NamedMetric,
    axis_of_all,
    finished_in,
    metrics_of,
    names_of,
    pooled_account,
    reopened,
)
from neurocompare.workflows.finished_run import FinishedRun, open_run
from neurocompare.workflows.rank_zoo import DEFAULT_RANKING


@shows_progress()
@locks("out")
def pool_rankings(
    folders: Iterable[str | os.PathLike[str]],
    *,
    out: str | os.PathLike[str] = DEFAULT_RANKING,
    seed: int = 0,
    resamples: int = 40,
    workers: Workers | None = None,
    progress: Watch = None,
) -> FinishedRun:
    """Pool finished rankings of several recordings, over the values that all were ranked at.

    They need no common task: each was ranked with networks that do its own. `neurocompare.ranking.pool.pooled` states
    the rule. Where recordings have the same conditions, each is also scored as the model of the others: the ceiling
    that other sessions or animals set.

    Parameters
    ----------
    folders : iterable of path-like
        Of `neurocompare run` or `neurocompare rank`, at least two, each of another recording.
    out : path-like
        Folder for scores.csv, ranking.json, run.json and report.html.
    seed : int
        Of everything random.
    resamples : int
        Of units and trials, for recordings as models of each other; at least 20.
    workers : Workers, optional
    progress : callable or bool, optional
        Shown where None, silent where False; else called as ``progress(stage, done, total)``.

    Returns
    -------
    FinishedRun
        Ranking, scores, figures and page, see `FinishedRun`.

    Raises
    ------
    InputError
        If a folder holds no finished ranking, axes differ, a recording is there twice, or there are fewer than two
        common values or no common metric; nothing has been written then.

    Examples
    --------
    >>> pool_rankings(["monday", "tuesday"], out="pooled").ranking.recordings  # of two finished runs  # doctest: +SKIP
    ('monday', 'tuesday')
    >>> pool_rankings(["monday"], progress=False, out="pooled")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a readable ranking.json in monday, found no ranking.json; ...
    """
    resamples, workers = Scoring(resamples=resamples).draws, workers or Workers()
    folder, stages = RunFolder(Path(out)), Stages(progress)
    folder.check_result("ranking")
    with stages.stage("rankings"):
        finished = [finished_in(Path(folder)) for folder in folders]
        axis, names = axis_of_all(finished), names_of(finished)
        metrics = metrics_of(finished)
        scored = [
            Scored(name, each.scores, each.ranking.sampling, str(each.folder))
            for name, each in zip(names, finished, strict=True)
        ]
        axis = axis if axis == GAMMA else axis_of(axis.name, common_values(scored, axis))
        settings = _common([each.ranking.settings for each in finished])
        planted = _common([{"planted": each.ranking.planted_gamma} for each in finished]).get("planted")
        context = Context(names, settings, planted, _mean_fit(finished), axis)
        ranking = rank_pooled(scored, metrics, context=context, seed=seed)
    account = pooled_account(finished, resamples, seed)
    make_way_for_pool(folder, account)
    with stages.stage("across") as advance:
        trials, notes = reopened(dict(zip(names, finished, strict=True)))
        compared = across(
            trials, _computable(metrics), folder.batches, draws=resamples, seed=seed, workers=workers, progress=advance
        )
        if not compared and len(trials) > 1:
            notes.append("No two recordings have the same conditions: none could be the model of another.")
        tables = [table.scores.assign(recording=table.name) for table in scored]
        write_scores(pd.concat(tables, ignore_index=True), folder.scores, axis=axis)
        if ranking.pooled is not None:
            ranking = replace(ranking, pooled=replace(ranking.pooled, across=compared, notes=tuple(notes)))
        save_record(ranking, folder.ranking)
    leave(account, folder, stages, lambda _: write_pooled_report(folder.path))
    return open_run(folder.path)


@shows_progress()
def rank_each(
    rank: Callable[..., FinishedRun],
    recordings: Sequence[str],
    *,
    out: str | os.PathLike[str],
    stream: bool = False,
    seed: int = 0,
    workers: Workers | None = None,
    progress: Watch = None,
) -> FinishedRun:
    """Rank the same networks against each of several recordings, in folders of their own in `out`, and pool.

    Parameters
    ----------
    rank : callable
        `rank_zoo` or `rank_family`, with all but recording, out and progress given.
    recordings : sequence of str
    out : path-like
        Each recording's ranking is in ``out/1``, ``out/2``, and so on.
    stream : bool
        Whether recordings are names or addresses to read from afar.
    seed, workers, progress
        As those of `pool_rankings`.

    Returns
    -------
    FinishedRun
        The pooled ranking.

    Raises
    ------
    InputError
        If a recording is given twice or is not there; nothing has been ranked then.
    """
    twice = sorted({name for name in recordings if list(recordings).count(name) > 1})
    if twice:
        message = f"expected every recording once, found {twice[0]} more than once; counted twice it would look surer"
        raise InputError(message)
    for recording in recordings:
        if not stream:
            recording_path(recording)
    folders = []
    for place, recording in enumerate(recordings, start=1):

        def watch(stage: str, done: float, total: float, of: str = f" ({place} of {len(recordings)})") -> None:
            if progress:
                progress(stage + of, done, total)

        folders.append(rank(recording, out=Path(out) / str(place), progress=watch).folder)
    return pool_rankings(folders, out=out, seed=seed, workers=workers, progress=progress)


def _computable(metrics: Sequence[NamedMetric]) -> list[Metric]:
    """Return those that can be computed anew: a user's own function is known by name only."""
    computable = []
    for metric in metrics:
        try:
            computable.append(get_metric(metric.name))
        except InputError:
            continue
    return computable


def _common(settings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what is the same in all."""
    first = settings[0]
    return {name: value for name, value in first.items() if all(each.get(name) == value for each in settings)}


def _mean_fit(finished: Sequence[Finished]) -> dict[float, float]:
    fits = [{row.gamma: row.loss for row in each.ranking.fit} for each in finished]
    return {
        gamma: sum(fit[gamma] for fit in fits) / len(fits) for gamma in fits[0] if all(gamma in fit for fit in fits)
    }
