"""Score all draws in parallel, in batches kept on disk, so that a run that is stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from neurocompare.files import atomic
from neurocompare.metrics.metric import Metric
from neurocompare.models.checkpoint import RESPONSES
from neurocompare.models.zoo import Zoo
from neurocompare.ranking.candidate import Candidate
from neurocompare.ranking.draws import Draw, make_draws
from neurocompare.ranking.score import COLUMNS, score_draw
from neurocompare.recordings.trials import Trials
from neurocompare.responses import load_responses

RECIPE = 2
"""Enters every batch's name: raise it when a change makes scores of equal inputs differ."""

BATCH = 4
"""Draws a batch: seconds of work, so that little is lost when a run is stopped."""


def candidates_of(zoo: Zoo) -> tuple[Candidate, ...]:
    """Read the networks of a zoo as candidates for a ranking."""
    return tuple(
        Candidate(card.hash, card.gamma, card.chain, card.member, load_responses(zoo.folder / card.hash / RESPONSES))
        for card in zoo.cards
    )


def score_batches(
    trials: Trials,
    zoo: Zoo,
    metrics: Sequence[Metric],
    folder: str | os.PathLike[str],
    *,
    draws: int = 80,
    seed: int = 0,
    jobs: int | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> pd.DataFrame:
    """Score every network of a zoo on every draw, reusing the batches that are already in `folder`.

    Parameters
    ----------
    trials : Trials
    zoo : Zoo
    metrics : sequence of Metric
    folder : path-like
        Where batches are kept, in a folder named by a digest of trials, networks, metrics and seed.
    draws, seed : int
        See `make_draws`.
    jobs : int, optional
        Processes, one thread each; all processors where None.
    progress : callable, optional
        Called with (draws done, draws in all).

    Returns
    -------
    pandas.DataFrame
        The rows of `score_draw` for all draws, in order.

    Raises
    ------
    InputError
        If the recording or the zoo cannot be ranked; see `make_draws` and `observe`.
    """
    from joblib import Parallel, cpu_count, delayed

    candidates = candidates_of(zoo)
    plans = make_draws(trials, candidates, draws=draws, seed=seed)
    batches = [plans[first : first + BATCH] for first in range(0, draws, BATCH)]
    folder = Path(folder) / _digest(trials, zoo, metrics, seed)
    paths = [folder / f"draws-{batch[0].index:05d}-{batch[-1].index:05d}.csv" for batch in batches]
    missing = [(batch, path) for batch, path in zip(batches, paths, strict=True) if not path.exists()]
    done = draws - sum(len(batch) for batch, _ in missing)
    if progress:
        progress(done, draws)
    pool = Parallel(n_jobs=min(jobs or cpu_count(), max(1, len(missing))), return_as="generator_unordered")
    for finished in pool(delayed(_score)(batch, path, trials, candidates, metrics) for batch, path in missing):
        done += finished
        if progress:
            progress(done, draws)
    return pd.concat([read_scores(path) for path in paths], ignore_index=True)


def read_scores(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a table of scores, its text columns as text."""
    text = dict.fromkeys(("kind", "metric", "centring", "network", "note"), "str")
    missing = {name: [""] for name in COLUMNS if name not in text}
    return pd.read_csv(path, dtype=text, keep_default_na=False, na_values=missing)


def write_scores(scores: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table of scores, whole or not at all."""
    with atomic(path) as temporary:
        scores.to_csv(temporary, index=False)


def _score(
    batch: Sequence[Draw], path: Path, trials: Trials, candidates: Sequence[Candidate], metrics: Sequence[Metric]
) -> int:
    # The last bits of a matrix product depend on the number of threads; with one they are the same in every process.
    with threadpool_limits(1):
        scores = pd.concat([score_draw(draw, trials, candidates, metrics) for draw in batch])
    write_scores(scores, path)
    return len(batch)


def _digest(trials: Trials, zoo: Zoo, metrics: Sequence[Metric], seed: int) -> str:
    """Name everything that the scores of a draw depend on."""
    counts = trials.counts
    digest = hashlib.sha256(np.ascontiguousarray(counts.values).tobytes())
    labels = [counts[name].values.tolist() for name in ("condition", "time", "segment")]
    settings = [RECIPE, labels, trials.bin_width, trials.smoothing, seed, list(map(repr, metrics))]
    # By what networks did, not only by their settings: the same settings may give other bits on another machine.
    networks = [(card.hash, dict(card.sha256)[RESPONSES]) for card in zoo.cards]
    digest.update(json.dumps([*settings, networks]).encode())
    return digest.hexdigest()[:16]
