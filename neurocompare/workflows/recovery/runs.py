"""Runs: one planted network recorded and ranked, the outcome kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from neurocompare.files import write_table
from neurocompare.metrics.metric import Metric
from neurocompare.parallel import Workers, one_thread, spread
from neurocompare.ranking import (
    Candidate,
    Context,
    MetricRanking,
    kinematic_candidates,
    make_draws,
    rank,
    sampling_of,
    score_draw,
)
from neurocompare.ranking.batches import RECIPE as SCORING
from neurocompare.ranking.curve import places_of
from neurocompare.ranking.score import CENTRINGS
from neurocompare.recordings import Trials
from neurocompare.responses import Responses
from neurocompare.streams import Purpose, stream
from neurocompare.tasks import Task
from neurocompare.tasks.task import task_digest
from neurocompare.untrusted.tables import open_table
from neurocompare.workflows.recovery.plants import Planted
from neurocompare.workflows.recovery.recorder import DataSize, Recorder

RECIPE = 3
"""Enters every outcome's name: raise it when a change makes outcomes of equal inputs differ."""

OWN = "recorded"
"""What the network that was recorded is called where its other units are scored as a model of the recording."""


@dataclass(frozen=True)
class Ranked:
    """What recordings are ranked against, and how.

    Attributes
    ----------
    candidates : tuple of Candidate
    task : Task
        Its targets make the kinematic baseline.
    metrics : tuple of Metric
    draws : int
    """

    candidates: tuple[Candidate, ...]
    task: Task
    metrics: tuple[Metric, ...]
    draws: int


@dataclass(frozen=True)
class Run:
    """One recording to make and rank.

    Attributes
    ----------
    labels : mapping of str to value
        Columns of the outcome that say what was planted; ``gamma`` among them, NaN where there is none.
    load : callable
        Returns the responses to record.
    size : DataSize
    seed : int
        Of units, spikes, trials and draws.
    """

    labels: dict[str, Any]
    load: Callable[[], Responses]
    size: DataSize
    seed: int


def runs_of(planted: Sequence[Planted], sizes: Sequence[DataSize], *, runs: int, seed: int = 0) -> tuple[Run, ...]:
    """Plan `runs` recordings of each planted gamma at each size, shared out among its networks, chains first.

    At sizes other than the first only gammas of the grid are planted.
    """
    by_gamma: dict[float, list[Planted]] = {}
    for one in planted:
        by_gamma.setdefault(one.card.gamma, []).append(one)
    planned = []
    for size in sizes:
        for gamma, networks in by_gamma.items():
            networks = sorted(networks, key=lambda one: (one.card.member, one.card.chain))
            if size is not sizes[0] and networks[0].kind != "grid":
                continue
            for index in range(runs):
                one = networks[index % len(networks)]
                labels = {
                    "kind": one.kind, "gamma": gamma, "network": one.card.hash, "chain": one.card.chain,
                    "size": size.factor, "run": index,
                }  # fmt: skip
                planned.append(Run(labels, one.responses, size, _seed_of(seed, labels)))
    return tuple(planned)


def _seed_of(seed: int, labels: dict[str, object]) -> int:
    """Return a seed of its own for each run: runs share neither units nor spikes, so that they are independent."""
    digest = hashlib.sha256(json.dumps([seed, {name: repr(value) for name, value in labels.items()}]).encode())
    return int(digest.hexdigest()[:8], 16)


def run_all(
    runs: Sequence[Run],
    recorder: Recorder,
    ranked: Ranked,
    folder: str | os.PathLike[str],
    *,
    workers: Workers | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> pd.DataFrame:
    """Make every run whose outcome is not in `folder` yet.

    Parameters
    ----------
    runs : sequence of Run
    recorder : Recorder
    ranked : Ranked
    folder : path-like
        One file an outcome, named by a digest of everything it depends on; each is whole or not there.
    workers : Workers, optional
        All processors where None.
    progress : callable, optional
        Called with (runs done, runs in all).

    Returns
    -------
    pandas.DataFrame
        A row a run, metric and centring, in the order of `runs`; see `outcome`.
    """
    shared = _digest(recorder, ranked)
    paths = [Path(folder) / f"{_name(shared, run)}.csv" for run in runs]
    missing = [(run, path) for run, path in zip(runs, paths, strict=True) if not path.exists()]
    done = len(runs) - len(missing)
    if progress:
        progress(done, len(runs))
    for path, outcomes in spread(partial(_finished, recorder=recorder, ranked=ranked), missing, workers=workers):
        write_table(outcomes, path)
        done += 1
        if progress:
            progress(done, len(runs))
    return pd.concat([read_outcomes(path) for path in paths], ignore_index=True)


def read_outcomes(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a table of outcomes, its text columns as text."""
    text = dict.fromkeys(("kind", "network", "metric", "centring", "verdict"), "str")
    with open_table(path) as held:
        return pd.read_csv(held, index_col=False, dtype=text)


def recorded(run: Run, recorder: Recorder) -> tuple[Trials, Responses]:
    """Return a run's recording, of units drawn at random, and the activity of all other units of its network."""
    responses = run.load()
    order = stream(Purpose.RECORDED_UNITS, run.seed).permutation(responses.sizes["unit"])
    chosen, others = (responses.isel(unit=np.sort(part)) for part in np.split(order, [run.size.units]))
    return recorder.record(chosen, run.size, seed=run.seed), others


def outcome(run: Run, recorder: Recorder, ranked: Ranked) -> pd.DataFrame:
    """Record one network and rank it, exactly as `neurocompare.ranking.compare` ranks a recording.

    Returns
    -------
    pandas.DataFrame
        A row a metric and centring: what was planted (the run's labels), `units` and `trials` (fewest of a condition)
        recorded, what was found (`verdict`, `best_gamma`, `gamma_star`, and `low` and `high` of its interval), `steps`
        (grid steps between best and planted gamma, fractions between grid points), `covered` (1 where the interval
        holds the planted gamma), the mean `score` of the networks of the planted gamma with `ceiling_low`,
        `ceiling_high` and `in_ceiling`, the mean `own_score` of the recorded network itself, by units that were not
        recorded, and `own_in_ceiling` (NaN where too few were not), `calibrated` (mean over gammas of the calibrated
        score; NaN where there is no scale for it), and `draws` used.
    """
    with one_thread():
        trials, others = recorded(run, recorder)
        baseline = kinematic_candidates(ranked.task, ranked.candidates, seed=run.seed)
        sampling = sampling_of(trials)
        if others.sizes["unit"] >= sampling.units_drawn:
            # Beside the baseline, as a chain of its own: scored as models are, and not ranked.
            chain = max(each.chain for each in ranked.candidates) + 1
            baseline = (*baseline, Candidate(OWN, np.nan, chain, 0, others))
        plans = make_draws(trials, ranked.candidates, draws=ranked.draws, seed=run.seed)
        scores = pd.concat(
            [score_draw(plan, trials, ranked.candidates, ranked.metrics, baseline) for plan in plans], ignore_index=True
        )
        of_own = scores["network"] == OWN
        context = Context(["planted"])
        ranking = rank(scores[~of_own], metrics=ranked.metrics, sampling=sampling, context=context, seed=run.seed)
    size = {"units": trials.counts.sizes["unit"], "trials": int(trials.trials_per_condition.min())}
    own_scores = scores[of_own].groupby(["metric", "centring"])["score"].mean()
    rows = [
        run.labels
        | size
        | {"metric": each.metric, "centring": centring}
        | _told(each, run.labels["gamma"], own_scores.get((each.metric, centring), np.nan))
        for centring, rankings in zip(CENTRINGS, (ranking.metrics, ranking.centred), strict=True)
        for each in rankings.values()
    ]
    return pd.DataFrame(rows)


def _told(ranking: MetricRanking, planted: float, own: float) -> dict[str, object]:
    low, high = ranking.gamma_interval or (np.nan, np.nan)
    best = np.nan if ranking.best_gamma is None else ranking.best_gamma
    known = next((each.mean for each in ranking.scores if each.gamma == planted), np.nan)
    ceiling = ranking.ceiling
    inside, own_inside = (
        np.nan if ceiling is None or np.isnan(score) else float(ceiling.low <= score <= ceiling.high)
        for score in (known, own)
    )
    gammas = [each.gamma for each in ranking.scores]
    return {
        "verdict": ranking.verdict,
        "best_gamma": best,
        "gamma_star": np.nan if ranking.gamma_star is None else ranking.gamma_star,
        "low": low,
        "high": high,
        "steps": np.nan if np.isnan(planted) or not gammas else steps_between(best, planted, gammas),
        "covered": np.nan if np.isnan(planted) or not gammas else float(low <= planted <= high),
        "score": known,
        "ceiling_low": np.nan if ceiling is None else ceiling.low,
        "ceiling_high": np.nan if ceiling is None else ceiling.high,
        "in_ceiling": inside,
        "own_score": own,
        "own_in_ceiling": own_inside,
        "calibrated": np.mean([each.mean for each in ranking.calibrated]) if ranking.calibrated else np.nan,
        "draws": ranking.draws,
    }


def steps_between(one: float, other: float, gammas: Sequence[float]) -> float:
    """Return how many grid steps lie between two gammas, on the logarithmic axis of `places_of`.

    Examples
    --------
    >>> steps_between(0.4, 0.1, [0.0, 0.1, 0.2, 0.4]), round(steps_between(0.4, 0.2828, [0.1, 0.2, 0.4]), 2)
    (2.0, 0.5)
    """
    grid = np.asarray(gammas, dtype=np.float64)
    places = places_of(grid)
    at = [np.interp(np.log2(gamma) if gamma > 0 else places[0], places, np.arange(len(grid))) for gamma in (one, other)]
    return float(abs(at[0] - at[1]))


def _finished(order: tuple[Run, Path], *, recorder: Recorder, ranked: Ranked) -> tuple[Path, pd.DataFrame]:
    run, path = order
    return path, outcome(run, recorder, ranked)


def _digest(recorder: Recorder, ranked: Ranked) -> str:
    """Name what all runs depend on."""
    counts = recorder.trials.counts
    digest = hashlib.sha256(np.ascontiguousarray(counts.values).tobytes())
    labels = [counts[name].values.tolist() for name in ("condition", "time", "segment")]
    sessions = None if recorder.task is None else task_digest(recorder.task)
    settings = [RECIPE, SCORING, labels, recorder.trials.bin_width, recorder.trials.smoothing, recorder.min_rate]
    settings += [sessions, task_digest(ranked.task), ranked.draws, list(map(repr, ranked.metrics))]
    settings += [(each.network, repr(each.gamma), each.chain, each.member) for each in ranked.candidates]
    digest.update(json.dumps(settings).encode())
    for each in ranked.candidates:
        digest.update(np.ascontiguousarray(each.responses.values).tobytes())
    return digest.hexdigest()


def _name(shared: str, run: Run) -> str:
    labels = {name: repr(value) for name, value in run.labels.items()}
    own = json.dumps([shared, labels, run.size.units, run.size.repeats, run.seed])
    return hashlib.sha256(own.encode()).hexdigest()[:16]
