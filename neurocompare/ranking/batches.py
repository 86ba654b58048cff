"""Score all draws in parallel, in batches kept on disk, so that a run that is stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.files import write_table
from neurocompare.metrics.metric import Metric
from neurocompare.models.card import Card
from neurocompare.models.card_file import load_activity
from neurocompare.models.networks import Zoo
from neurocompare.parallel import Workers, spread
from neurocompare.ranking.axis import GAMMA, Axis
from neurocompare.ranking.candidate import Candidate
from neurocompare.ranking.draws import Draw, Drawing, make_draws
from neurocompare.ranking.score import COLUMNS, score_draw
from neurocompare.recordings.trials import Trials
from neurocompare.settings import Family
from neurocompare.untrusted.tables import open_table

RECIPE = 7
"""Enters every batch's name: raise it when a change makes scores of equal inputs differ."""

VARIED = ("method", *(field.name for field in fields(Family)), "dtype", "task", "members")
"""Columns of a network's card of which a ranking has one value for all."""

VALUE = "value"
"""What the column gamma is called on disk, where it holds values of another axis."""

BATCH = 4
"""Draws a batch: seconds of work, so that little is lost when a run is stopped."""


def candidates_of(zoo: Zoo) -> tuple[Candidate, ...]:
    """Read the networks of a zoo as candidates for a ranking; chains of its seeds are numbered through.

    Parameters
    ----------
    zoo : Zoo
        Of one family.

    Returns
    -------
    tuple of Candidate

    Raises
    ------
    InputError
        If two networks stand at one gamma, seed, chain and member: their other settings differ, and only one family
        can be ranked at a time.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import oscillation
    >>> plan, folder = ZooPlan((0.0,), chains=2), tempfile.mkdtemp()
    >>> zoo = make_zoo(oscillation(), Family(n_units=12), folder, plan, workers=Workers(1))
    >>> [candidate.gamma for candidate in candidates_of(zoo)]
    [0.0, 0.0]
    """
    chains = sorted({(card.seed, card.chain) for card in zoo.cards})
    at: dict[tuple[float, int, int, int], list[Card]] = {}
    for card in zoo.cards:
        at.setdefault((card.gamma, card.seed, card.chain, card.member), []).append(card)
    crowded = max(at.values(), key=len)
    if len(crowded) > 1:
        varied = [name for name in VARIED if len({card.value(name) for card in crowded}) > 1]
        raise InputError(
            "expected a zoo of one family, found networks that differ in "
            f"{', '.join(varied) or 'nothing but their name'}; {_how_to_choose(crowded, varied)}"
        )
    candidates = []
    for card in zoo.cards:
        chain, activity = chains.index((card.seed, card.chain)), load_activity(zoo.folder / card.hash, card)
        candidates.append(Candidate(card.hash, card.gamma, chain, card.member, activity))
    return tuple(candidates)


def _how_to_choose(crowded: Sequence[Card], varied: Sequence[str]) -> str:
    number = next((name for name in varied if not isinstance(crowded[0].value(name), str)), None)
    if number is not None:
        return f"choose one value of each, as in --where {number}={crowded[0].value(number):g}"
    return "give the folder of a run, which is ranked by its own networks, or make them in a folder of their own"


def score_batches(
    trials: Trials,
    candidates: Sequence[Candidate],
    metrics: Sequence[Metric],
    folder: str | os.PathLike[str],
    *,
    baseline: Sequence[Candidate] = (),
    disturbed: Sequence[Candidate] | None = None,
    drawing: Drawing | None = None,
    workers: Workers | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> pd.DataFrame:
    """Score every network on every draw, reusing the batches that are already in `folder`.

    Parameters
    ----------
    trials : Trials
    candidates : sequence of Candidate
    metrics : sequence of Metric
    folder : path-like
        Where batches are kept, in a folder named by a digest of trials, networks, metrics and seed.
    baseline : sequence of Candidate
        See `score_draw`.
    disturbed : sequence of Candidate, optional
        Those for which nulls are computed, one in each draw; all where None.
    drawing : Drawing, optional
    workers : Workers, optional
        All processors where None.
    progress : callable, optional
        Called with (draws done, draws in all).

    Returns
    -------
    pandas.DataFrame
        The rows of `score_draw` for all draws, in order.

    Raises
    ------
    InputError
        If the recording or the networks cannot be ranked; see `make_draws` and `observe`.
    """
    drawing = drawing or Drawing()
    draws, seed, noise = drawing.draws, drawing.seed, drawing.noise
    plans = make_draws(trials, candidates if disturbed is None else disturbed, draws=draws, seed=seed, noise=noise)
    batches = [plans[first : first + BATCH] for first in range(0, draws, BATCH)]
    named = _digest(trials, candidates, (*baseline, *(disturbed or ())), metrics, seed)
    folder = Path(folder) / (named if noise else f"{named}-noise-free")
    paths = [folder / f"draws-{batch[0].index:05d}-{batch[-1].index:05d}.csv" for batch in batches]
    missing = [batch for batch, path in zip(batches, paths, strict=True) if not path.exists()]
    done = draws - sum(map(len, missing))
    if progress:
        progress(done, draws)
    scoring = partial(score_batch, trials=trials, candidates=candidates, metrics=metrics, baseline=baseline)
    for batch, scores in spread(scoring, missing, workers=workers):
        write_scores(scores, paths[batch[0].index // BATCH])
        done += len(batch)
        if progress:
            progress(done, draws)
    return pd.concat([read_scores(path) for path in paths], ignore_index=True)


def read_scores(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a table of scores, its text columns as text; what it calls value is gamma here."""
    text = dict.fromkeys(("kind", "metric", "centring", "network", "note"), "str")
    missing = {name: [""] for name in (*COLUMNS, VALUE) if name not in text}
    with open_table(path) as held:
        table = pd.read_csv(held, index_col=False, dtype=text, keep_default_na=False, na_values=missing)
    return table.rename(columns={VALUE: "gamma"})


def write_scores(scores: pd.DataFrame, path: str | os.PathLike[str], *, axis: Axis = GAMMA) -> None:
    """Write a table of scores, whole or not at all; the column is called value where it is not of gamma."""
    write_table(scores.rename(columns={} if axis == GAMMA else {"gamma": VALUE}), path)


def score_batch(
    batch: Sequence[Draw],
    *,
    trials: Trials,
    candidates: Sequence[Candidate],
    metrics: Sequence[Metric],
    baseline: Sequence[Candidate] = (),
) -> tuple[Sequence[Draw], pd.DataFrame]:
    """Return some draws and the rows of `score_draw` for all of them."""
    return batch, pd.concat([score_draw(draw, trials, candidates, metrics, baseline) for draw in batch])


def _digest(
    trials: Trials, candidates: Sequence[Candidate], baseline: Sequence[Candidate], metrics: Sequence[Metric], seed: int
) -> str:
    """Name everything that the scores of a draw depend on."""
    counts = trials.counts
    digest = hashlib.sha256(np.ascontiguousarray(counts.values).tobytes())
    labels = [counts[name].values.tolist() for name in ("condition", "time", "segment")]
    settings = [RECIPE, labels, trials.bin_width, trials.smoothing, seed, list(map(repr, metrics))]
    networks = [(each.network, repr(each.gamma), each.chain, each.member) for each in (*candidates, *baseline)]
    digest.update(json.dumps([*settings, networks]).encode())
    # By what networks did, not only by their settings: the same settings may give other bits on another machine.
    for each in (*candidates, *baseline):
        digest.update(np.ascontiguousarray(each.responses.values).tobytes())
        digest.update(repr(each.responses["time"].values.tolist()).encode())
    return digest.hexdigest()[:16]
