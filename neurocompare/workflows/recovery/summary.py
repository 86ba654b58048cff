"""Summary: recovery.json, and what it says in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from neurocompare.ranking.recovery import MetricRecovery, Needed, RecordedSize, Recovery, Share, SizeRates
from neurocompare.ranking.score import CENTRINGS
from neurocompare.workflows.recovery.rates import rates_of
from neurocompare.workflows.recovery.recorder import DataSize

ENOUGH = 0.9
"""A metric tells gammas apart where it names one within a grid step of the truth in this share of runs."""


def summary_of(
    outcomes: pd.DataFrame,
    *,
    gammas: Sequence[float],
    sizes: Sequence[DataSize],
    metrics: Sequence[str],
    recording: str,
    conditions: int,
    family: Mapping[str, object],
    draws: int,
    runs: int,
    seed: int,
    independent: int,
    notes: Sequence[str] = (),
) -> Recovery:
    """Summarise a recovery.

    Parameters
    ----------
    outcomes : pandas.DataFrame
        Rows of `run_all`.
    gammas : sequence of float
        The grid, ascending.
    sizes : sequence of DataSize
        That of the recording first.
    metrics : sequence of str
    recording : str
    conditions : int
    family : mapping
        Settings of the ranked networks, under the names of ranking.json.
    draws, runs, seed : int
        Draws a ranking, and runs of each planted gamma at each size.
    independent : int
        Independent planted chains of each gamma: runs beyond these share networks.
    notes : sequence of str

    Returns
    -------
    Recovery
    """
    unit, condition_mean = (
        {
            metric: _metric(
                outcomes[(outcomes["metric"] == metric) & (outcomes["centring"] == centring)], gammas, sizes
            )
            for metric in metrics
        }
        for centring in CENTRINGS
    )
    recovery = Recovery(
        recording=recording,
        gammas=tuple(gammas),
        family=dict(family),
        data=RecordedSize(conditions, sizes[0].units, (min(sizes[0].repeats), max(sizes[0].repeats))),
        draws=draws,
        runs=runs,
        seed=seed,
        independent_chains=independent,
        enough=ENOUGH,
        chance=chance_of(len(gammas)),
        metrics=unit,
        centred=condition_mean,
        notes=tuple(notes),
    )
    return replace(recovery, sentences=sentences_of(recovery))


def chance_of(gammas: int) -> float:
    """Share of runs within one grid step of the truth if a gamma is named at random, over a whole grid.

    Examples
    --------
    >>> chance_of(2), chance_of(8)
    (1.0, 0.34375)
    """
    return (3 * gammas - 2) / gammas**2 if gammas > 1 else 1.0


def _metric(rows: pd.DataFrame, gammas: Sequence[float], sizes: Sequence[DataSize]) -> MetricRecovery:
    by_size = []
    for size in sizes:
        rates = vars(rates_of(rows[rows["size"] == size.factor], gammas))
        by_size.append(SizeRates(size=size.factor, units=size.units, trials=min(size.repeats), **rates))
    shares = [each.within_step.share for each in by_size if each.within_step.share is not None]
    # Where nothing on the grid was planted there is no share.
    return MetricRecovery(tuple(by_size), needed(sizes, shares) if len(shares) == len(sizes) else None)


def sentences_of(recovery: Recovery) -> tuple[str, ...]:
    """Say what a recovery found, each unit's mean removed: one sentence a metric, and what the numbers rest on."""
    data, sentences = recovery.data, []
    for name, recovered in recovery.metrics.items():
        here = recovered.sizes[0]
        text = (
            f"{name} {_apart(here.within_step, recovery)}: it names one within a grid step of the "
            f"planted gamma in {_told(here.within_step)} of runs, and its 95 % interval holds the planted gamma in "
            f"{_told(here.coverage)}"
        )
        sentences.append(f"{text}." if recovered.needed is None else f"{text}; needed: {recovered.needed}.")
    few, many = data.trials
    trials = f"{few}" if few == many else f"{few} to {many}"
    sentences.append(
        f"At {data.units} units, {trials} trials a condition and {data.conditions} conditions; "
        f"{_counted(recovery.runs, 'run')} of each planted gamma, from "
        f"{_counted(recovery.independent_chains, 'independent network')} each; "
        f"naming a gamma at random comes within a step in {100 * recovery.chance:.0f} %."
    )
    return tuple(sentences)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _apart(share: Share, recovery: Recovery) -> str:
    if share.share is None or share.low is None or (share.share >= recovery.enough and share.low <= recovery.chance):
        return "was given too few runs to say whether it tells gammas apart"
    return f"{'tells' if share.share >= recovery.enough else 'does not tell'} gammas apart here"


def _told(share: Share) -> str:
    return "no run" if share.share is None else str(share).split(": ", 1)[1]


def needed(sizes: Sequence[DataSize], shares: Sequence[float], *, enough: float = ENOUGH) -> Needed:
    """Find the size at which shares reach `enough`, on straight lines over the logarithm of the size.

    More data cannot make it harder: a share that falls with size by chance is taken as the largest so far.

    Parameters
    ----------
    sizes : sequence of DataSize
        In any order.
    shares : sequence of float
        Of runs that name a gamma within a grid step, at each size.
    enough : float

    Returns
    -------
    Needed

    Examples
    --------
    >>> sizes = [DataSize(factor, round(100 * factor), (round(20 * factor),) * 8) for factor in (0.5, 1.0, 2.0)]
    >>> print(needed(sizes, [0.6, 0.8, 1.0]))
    about 141 units and 28 trials a condition
    >>> print(needed(sizes, [0.5, 0.5, 0.6]))
    more than 200 units and 40 trials a condition
    """
    order = np.argsort([size.factor for size in sizes])
    ordered = [sizes[i] for i in order]
    reached = np.maximum.accumulate(np.asarray(shares, dtype=np.float64)[order])
    logs = np.log2([size.factor for size in ordered])
    if reached[0] >= enough:
        return _at("at most", ordered, logs, logs[0])
    if reached[-1] < enough:
        return _at("more than", ordered, logs, logs[-1])
    after = int(np.argmax(reached >= enough))
    part = (enough - reached[after - 1]) / (reached[after] - reached[after - 1])
    return _at("about", ordered, logs, logs[after - 1] + part * (logs[after] - logs[after - 1]))


def _at(
    relation: Literal["about", "at most", "more than"], sizes: Sequence[DataSize], logs: np.ndarray, place: float
) -> Needed:
    units, trials = (
        round(float(2 ** np.interp(place, logs, np.log2(counts))))
        for counts in ([size.units for size in sizes], [min(size.repeats) for size in sizes])
    )
    return Needed(relation, float(2**place), units, trials)
