"""Compare: every network scored and ranked, scores.csv and ranking.json left in a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.metrics.metric import Metric
from neurocompare.parallel import Workers
from neurocompare.ranking.axis import Context
from neurocompare.ranking.batches import score_batches, write_scores
from neurocompare.ranking.candidate import Candidate, kinematic_candidates
from neurocompare.ranking.draws import Drawing, sampling_of
from neurocompare.ranking.ranking import Ranking, rank
from neurocompare.recordings.trials import Trials
from neurocompare.records import save_record
from neurocompare.tasks.task import Task


def check_rankable(gammas: Iterable[float]) -> None:
    """Refuse a grid that leaves nothing to rank.

    Raises
    ------
    InputError
        If there are not at least two values.
    """
    values = sorted(set(gammas))
    if len(values) < 2:
        message = f"expected at least two gammas to rank, found {', '.join(f'{value:g}' for value in values) or 'none'}"
        raise InputError(message)


def compare(
    trials: Trials,
    candidates: Sequence[Candidate],
    metrics: Sequence[Metric],
    out: str | os.PathLike[str],
    *,
    context: Context,
    task: Task | None = None,
    drawing: Drawing | None = None,
    workers: Workers | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> Ranking:
    """Rank networks against a recording and write what was found.

    Parameters
    ----------
    trials : Trials
    candidates : sequence of Candidate
    metrics : sequence of Metric
        In order of preference.
    out : path-like
        Folder for ``scores.csv``, ``ranking.json`` and ``scores/``, where scores are kept for a later call.
    context : Context
    task : Task, optional
        What the networks were made for: its targets make the kinematic baseline; none without it.
    drawing : Drawing, optional
        Its seed is that of all else that is random, too.
    workers, progress
        See `score_batches`.

    Returns
    -------
    Ranking

    Raises
    ------
    InputError
        If the recording or the networks cannot be ranked.

    Examples
    --------
    Of noise, called gamma 0, and the recording itself, called gamma 0.4:

    >>> import tempfile
    >>> import numpy as np
    >>> from neurocompare.metrics import CKA
    >>> from neurocompare.recordings import average, open_recording, trials_of
    >>> trials = trials_of(open_recording("synthetic"), bin_width=0.1)
    >>> itself = average(trials)
    >>> noise = itself.copy(data=np.random.default_rng(0).standard_normal(itself.shape))
    >>> models = [
    ...     Candidate(f"{gamma}-{chain}", gamma, chain, 0, activity)
    ...     for gamma, activity in ((0.0, noise), (0.4, itself)) for chain in (0, 1)
    ... ]
    >>> context = Context(["synthetic"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     drawing, one = Drawing(draws=4), Workers(1)
    ...     ranking = compare(trials, models, [CKA()], folder, context=context, drawing=drawing, workers=one)
    >>> ranking.gammas, ranking.metrics["cka"].best_gamma, ranking.metrics["cka"].draws
    ((0.0, 0.4), 0.4, 4)
    """
    check_rankable(each.gamma for each in candidates)
    out, drawing = Path(out), drawing or Drawing()
    baseline = () if task is None else kinematic_candidates(task, candidates, seed=drawing.seed)
    kept = out / "scores"
    scores = score_batches(
        trials, candidates, metrics, kept, baseline=baseline, drawing=drawing, workers=workers, progress=progress
    )
    write_scores(scores, out / "scores.csv", axis=context.axis)
    ranking = rank(scores, metrics=metrics, sampling=sampling_of(trials), context=context, seed=drawing.seed)
    save_record(ranking, out / "ranking.json")
    return ranking
