"""Explorations of several recordings with one design: pooled, and held against each other at shared settings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from neurocompare.account import leave
from neurocompare.earlier import make_way_for_pool
from neurocompare.errors import InputError
from neurocompare.files import check_writable
from neurocompare.lock import locks
from neurocompare.progress import shows_progress
from neurocompare.ranking.batches import write_scores
from neurocompare.ranking.exploration import Exploration, PointTried
from neurocompare.ranking.explored import explored
from neurocompare.ranking.pool import Scored
from neurocompare.records import save_record
from neurocompare.report.exploration_page import write_exploration_report
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Exploring
from neurocompare.stages import Stages, Watch
from neurocompare.workflows.comparable import check_one_design, check_whole, common_metrics, finished_exploration
from neurocompare.workflows.explore import POINT
from neurocompare.workflows.finished import NamedMetric, names_of, pooled_account
from neurocompare.workflows.rank_zoo import DEFAULT_RANKING

STAGES = ("explorations", "profile", "report")
"""Of pooling explorations, in order; what `progress` is called with."""


@shows_progress()
@locks("out")
def pool_explorations(
    folders: Iterable[str | os.PathLike[str]],
    *,
    out: str | os.PathLike[str] = DEFAULT_RANKING,
    seed: int = 0,
    progress: Watch = None,
) -> Exploration:
    """Pool finished explorations of several recordings: one gamma of all, and whether their gammas differ.

    All must have been explored with one design, so that a point has the same settings in each. Their scores are
    averaged point by point, with the recording as the top level of resampling (`neurocompare.ranking.pool.pooled`), and
    profiled as those of one are: the gamma of all, whatever the settings that they share. And each pair is compared
    where each recording has a gamma of its own, and all other settings are those of both
    (`shifts_at_shared_settings`): areas, days, before and after learning.

    Parameters
    ----------
    folders : iterable of path-like
        Of `explore`, at least two, each of another recording or of another choice of its units or trials.
    out : path-like
        What is pooled lies in ``exploration`` in it: exploration.json, scores.csv, run.json and report.html.
    seed : int
        Of everything random.
    progress : callable or bool, optional
        Shown where None, silent where False; else called as ``progress(stage, done, total)`` with a stage of `STAGES`.

    Returns
    -------
    Exploration
        With `Exploration.pooled`.

    Raises
    ------
    InputError
        If there are fewer than two, a folder holds no finished exploration of one recording, a recording is there
        twice, designs differ, or they have no metric in common; nothing has been written then.

    Examples
    --------
    >>> pool_explorations(["m1", "pmd"], out="areas").pooled.shifts[0].sure  # of two explorations  # doctest: +SKIP
    True
    >>> pool_explorations(["m1"], out="areas", progress=False)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected at least two finished explorations to pool, found 1; give the folders ...
    """
    stages, places, folder = Stages(progress), list(map(Path, folders)), RunFolder(Path(out)).explored
    if len(places) < 2:
        message = f"expected at least two finished explorations to pool, found {len(places)}; give the folders of all"
        raise InputError(message)
    with stages.stage("explorations") as advance:
        finished = []
        for done, place in enumerate(places, start=1):
            finished.append(finished_exploration(place))
            advance(done, len(places))
        names, metrics = names_of(finished), common_metrics(finished)
        check_one_design(finished)
        check_whole(finished, metrics)
        check_writable(folder.path)
        account = pooled_account(finished, resamples=0, seed=seed)
        make_way_for_pool(folder, account)
    first, recordings = (
        finished[0],
        [
            Scored(name, each.scores, each.exploration.sampling, str(each.folder))
            for name, each in zip(names, finished, strict=True)
        ],
    )
    with stages.stage("profile"):
        ranges = {metric: first.exploration.metrics[metric].ranking.range for metric in metrics}
        planted = {each.exploration.planted_gamma for each in finished}
        result = explored(
            recordings,
            _points_of([each.exploration.points for each in finished]),
            first.account.settings.exploring or Exploring(),
            metrics=[NamedMetric(name, ranges[name]) for name in metrics],
            planted_gamma=planted.pop() if len(planted) == 1 else None,
            seed=seed,
        )
        if result.pooled is not None:
            alone = [
                replace(each, headline=own.exploration.headline)
                for each, own in zip(result.pooled.by_recording, finished, strict=True)
            ]
            result = replace(result, pooled=replace(result.pooled, by_recording=tuple(alone)))
        tables = [table.scores.assign(recording=table.name) for table in recordings]
        write_scores(pd.concat(tables, ignore_index=True), folder.scores, axis=POINT)
        save_record(result, folder.exploration)
    leave(account, folder, stages, lambda _: write_exploration_report(folder.path))
    return result


def holds_explorations(folders: Sequence[Path]) -> bool:
    """Whether these are folders of explorations, and none of a ranking."""
    left = [RunFolder(folder) for folder in folders]
    explored = any(each.holding_exploration.exploration.is_file() for each in left)
    return explored and not any(each.ranking.is_file() for each in left)


def _points_of(designs: Sequence[Sequence[PointTried]]) -> list[PointTried]:
    """Return the points that all designs have, with the mean loss; converged where the chains of all agree."""
    return [
        replace(
            same[0],
            loss=float(np.mean([each.loss for each in same])),
            converged=all(each.converged for each in same),
        )
        for same in zip(*designs, strict=True)
    ]
