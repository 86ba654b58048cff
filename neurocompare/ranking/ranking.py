"""Ranking: from the table of scores to what every metric says about gamma, how certain, and in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from neurocompare.ranking.across import Across
from neurocompare.ranking.axis import GAMMA, Axis, Context
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.former import ranking_of_schema_1, ranking_of_schema_2
from neurocompare.ranking.metric_ranking import MetricRanking, Named, by_centring, rank_metric, summed_up
from neurocompare.ranking.sentence import Summary, summarise
from neurocompare.ranking.shift import Shift
from neurocompare.records import Former
from neurocompare.shown import Overview, Shown


@dataclass(frozen=True)
class Fit:
    """Loss of a gamma's networks, as a share of the zero output's.

    Attributes
    ----------
    gamma : float
    loss : float
        1 for a silent output.

    Examples
    --------
    >>> [each.loss for each in fit_of({0.4: 0.1, 0.0: 0.3})]  # ascending in gamma
    [0.3, 0.1]
    """

    gamma: float
    loss: float


@dataclass(frozen=True)
class RecordingRanking:
    """What one of several recordings says by itself, over the values that all were ranked at.

    Attributes
    ----------
    recording : str
    folder : str
        Where its own ranking lies.
    metrics, centred : mapping of metric name to MetricRanking
        See `Ranking`.
    """

    recording: str
    folder: str
    metrics: Mapping[str, MetricRanking]
    centred: Mapping[str, MetricRanking]


@dataclass(frozen=True)
class Pooled:
    """What a ranking of several recordings has beside that of one.

    Attributes
    ----------
    rule : str
        How its numbers are to be read, in a sentence.
    by_recording : tuple of RecordingRanking
    across : tuple of Across
        Recordings as models of each other.
    notes : tuple of str
        What was left out, in sentences.
    shifts : tuple of Shift
        Whether the recordings' own best gammas differ, by metric and pair of recordings.
    """

    rule: str
    by_recording: tuple[RecordingRanking, ...]
    across: tuple[Across, ...] = ()
    notes: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, repr=False)
class Ranking(Shown):
    """Gammas, or the values of another axis, ranked against recordings: ``ranking.json``.

    Attributes
    ----------
    recordings : tuple of str
        Their names.
    planted_gamma : float or None
        The truth, for a recording made from a known network.
    gammas : tuple of float
        The grid, ascending.
    settings : mapping
        What the networks were made with: g, tau (s), beta, lag (s), ...
    fit : tuple of Fit
        Ascending in gamma.
    sampling : Sampling
        How large the recording is, and how much of it a draw scores.
    metrics, centred : mapping of metric name to MetricRanking
        In order of preference: with each unit's mean removed (primary); with the mean over conditions removed as well.
    summary : Summary
        The gamma that is named, if any, and the sentence.
    axis : Axis
        What was ranked along: whatever is called gamma is a value of it.
    pooled : Pooled or None
        None for a single recording.

    Examples
    --------
    >>> best = MetricRanking("cka", (0, 1), 80, 0, "resolved", "", best_gamma=0.4, gamma_interval=(0.2, 0.8))
    >>> found = Ranking(
    ...     recordings=("monkey",),
    ...     planted_gamma=None,
    ...     gammas=(0.0, 0.4),
    ...     settings={"g": 1.5},
    ...     fit=fit_of({0.0: 0.3, 0.4: 0.1}),
    ...     sampling=Sampling(units=40, units_drawn=20, trials=(10, 10), trials_drawn=(5, 5)),
    ...     metrics={"cka": best},
    ...     centred={},
    ...     summary=Summary(0.4, (0.2, 0.8), "By cka, ...", headline="gamma = 0.4 (0.2 to 0.8)"),
    ... )
    >>> found
    Ranking of monkey: answer gamma = 0.4 (0.2 to 0.8), verdicts cka resolved
    >>> found.metrics["cka"].gamma_interval
    (0.2, 0.8)
    """

    SCHEMA: ClassVar[int] = 3
    FORMER: ClassVar[Former] = {1: ranking_of_schema_1, 2: ranking_of_schema_2}
    AGAIN: ClassVar[str] = "rerun the comparison"

    recordings: tuple[str, ...]
    planted_gamma: float | None
    gammas: tuple[float, ...]
    settings: Mapping[str, Any]
    fit: tuple[Fit, ...]
    sampling: Sampling
    metrics: Mapping[str, MetricRanking]
    centred: Mapping[str, MetricRanking]
    summary: Summary
    axis: Axis = GAMMA
    pooled: Pooled | None = None

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        verdicts, table = summed_up(self.metrics, self.axis.name)
        facts = (("answer", self.summary.headline or self.summary.sentence), ("verdicts", verdicts))
        return Overview(f"Ranking of {', '.join(self.recordings)}", facts, table)


def fit_of(losses: Mapping[float, float]) -> tuple[Fit, ...]:
    """Return relative losses by gamma as records, ascending in gamma."""
    return tuple(Fit(float(gamma), float(loss)) for gamma, loss in sorted(losses.items()))


def rank(
    scores: pd.DataFrame, *, metrics: Sequence[Named], sampling: Sampling, context: Context, seed: int = 0
) -> Ranking:
    """Rank gammas, or the values of another axis, from the table of scores.

    A gamma's score is its mean over draws and networks; gammas are told apart by that less half of what networks of
    one gamma score against each other (`ScoreArrays.adjusted`). It is resampled over units and trials as draws differ
    (`recording_deviations`, alike for every gamma, scaled from half-samples to the whole recording by
    `half_sample_factor`) and over networks as chains differ (`network_deviations`, apart for every gamma). Intervals
    are 2.5 and 97.5 % quantiles over resamples, p_best is the share of them in which a gamma scores highest, the
    interval of gamma is that of the peak of a smooth curve (`Curve`),
    differences between gammas carry a p corrected for all pairs (`differences`), and the verdict is `verdict_of`'s.

    Parameters
    ----------
    scores : pandas.DataFrame
        The rows of `score_draw`, of all draws, in any order.
    metrics : sequence of Named
        In order of preference: the summary speaks of the first whose verdict is resolved or edge.
    sampling : Sampling
    context : Context
    seed : int
        Of the resampling of networks.

    Returns
    -------
    Ranking

    Raises
    ------
    InputError
        If a score is missing from the table or there twice.

    Examples
    --------
    A table as `score_draw` makes it, of networks that are most like the recording at gamma = 0.4:

    >>> from itertools import product
    >>> from neurocompare.metrics import CKA
    >>> from neurocompare.ranking.score import CENTRINGS, COLUMNS
    >>> height, rng = {0.0: 0.5, 0.1: 0.6, 0.4: 0.8, 1.6: 0.6}, np.random.default_rng(0)
    >>> rows = []
    >>> for centring, draw in product(CENTRINGS, range(20)):
    ...     rows.append(("ceiling", "cka", centring, np.nan, "", -1, -1, -1, draw, 0.9, ""))
    ...     for gamma, chain in product(height, (0, 1)):
    ...         score = height[gamma] + 0.01 * rng.standard_normal()
    ...         rows.append(("model", "cka", centring, gamma, "a network", chain, 0, -1, draw, score, ""))
    ...     for gamma in height:
    ...         rows.append(("null:conditions", "cka", centring, gamma, "a network", 0, 0, -1, draw, 0.3, ""))
    >>> halves = Sampling(units=40, units_drawn=20, trials=(10, 10), trials_drawn=(5, 5))
    >>> scores = pd.DataFrame(rows, columns=COLUMNS)
    >>> found = rank(scores, metrics=[CKA()], sampling=halves, context=Context(["monkey"])).metrics["cka"]
    >>> found.best_gamma, found.verdict, found.contrasts[0].against
    (0.4, 'resolved', 'reservoir')
    """
    ranked = partial(rank_metric, scores, sampling=sampling, axis=context.axis, seed=seed)
    unit, condition_mean = by_centring(metrics, ranked)
    gammas = np.unique(scores.loc[scores["kind"] == "model", "gamma"].to_numpy(float))
    return Ranking(
        recordings=tuple(context.recordings),
        planted_gamma=context.planted_gamma,
        gammas=tuple(gammas.tolist()),
        settings=dict(context.settings),
        fit=fit_of(context.fit),
        sampling=sampling,
        metrics=unit,
        centred=condition_mean,
        summary=summarise(tuple(unit.values()), context, tuple(condition_mean.values())),
        axis=context.axis,
    )
