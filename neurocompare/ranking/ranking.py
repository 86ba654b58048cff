"""Ranking: from the table of scores to what every metric says about gamma, how surely, and in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from neurocompare.metrics.metric import Metric
from neurocompare.ranking.axis import GAMMA, Axis
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.metric_ranking import MetricRanking, rank_metric
from neurocompare.ranking.score import CENTRINGS
from neurocompare.ranking.sentence import Summary, summarise


@dataclass(frozen=True)
class Ranking:
    """Gammas, or the values of another axis, ranked against recordings.

    Attributes
    ----------
    recordings : tuple of str
    planted_gamma : float or None
        The truth, for a recording made from a known network.
    gammas : tuple of float
        The grid, ascending.
    settings : mapping
        What the networks were made with: g, tau (s), beta, lag (s), ...
    fit : tuple of (float, float)
        (gamma, loss as a share of the zero output's).
    sampling : Sampling
    axis : Axis
        What was ranked along: gamma stands for its values.
    metrics, centred : tuple of MetricRanking
        With each unit's mean removed (primary); with the mean over conditions removed as well.
    summary : Summary
    confounds : mapping of str to str
        Files beside ranking.json that repeat it with something else taken into account, by what that is.
    """

    recordings: tuple[str, ...]
    planted_gamma: float | None
    gammas: tuple[float, ...]
    settings: Mapping[str, object]
    fit: tuple[tuple[float, float], ...]
    sampling: Sampling
    metrics: tuple[MetricRanking, ...]
    centred: tuple[MetricRanking, ...]
    summary: Summary
    axis: Axis = GAMMA
    confounds: Mapping[str, str] = field(default_factory=dict)


def rank(
    scores: pd.DataFrame,
    *,
    metrics: Sequence[Metric],
    sampling: Sampling,
    settings: Mapping[str, object],
    recordings: Sequence[str],
    planted_gamma: float | None = None,
    fit: Mapping[float, float],
    axis: Axis = GAMMA,
    seed: int = 0,
) -> Ranking:
    """Rank gammas, or the values of another axis, from the table of scores.

    A gamma's score is its mean over draws and networks. It is resampled over units and trials as the draws differ
    (`recording_deviations`, alike for every gamma, scaled from half-samples to the whole recording by
    `half_sample_factor`) and over networks as chains differ (`network_deviations`, apart for every gamma). Intervals
    are 2.5 and 97.5 % quantiles over resamples, p_best is the share of them in which a gamma scores highest, the
    interval of gamma is that of the peak of a smooth curve (`Curve`) through proper scores (`Evidence.proper`),
    differences between gammas carry a p corrected for all pairs (`differences`), and the verdict is `verdict_of`'s.

    Parameters
    ----------
    scores : pandas.DataFrame
        The rows of `score_draw`, of all draws, in any order.
    metrics : sequence of Metric
        In order of preference: the summary speaks of the first whose verdict is resolved or edge.
    sampling : Sampling
    settings : mapping
        What the result holds at; ``g``, ``tau`` (s), ``beta`` and ``lag`` (s) end the summary's sentence.
    recordings : sequence of str
    planted_gamma : float, optional
    fit : mapping of float to float
        Loss of each gamma's networks, as a share of the loss of the zero output.
    axis : Axis
        What the table's gammas are values of.
    seed : int
        Of the resampling of networks.

    Returns
    -------
    Ranking

    Raises
    ------
    InputError
        If a score is missing from the table or there twice.
    """
    by_centring = {
        centring: tuple(
            rank_metric(scores, metric, centring, sampling=sampling, axis=axis, seed=seed) for metric in metrics
        )
        for centring in CENTRINGS
    }
    gammas = np.unique(scores.loc[scores["kind"] == "model", "gamma"].to_numpy(float))
    return Ranking(
        recordings=tuple(recordings),
        planted_gamma=planted_gamma,
        gammas=tuple(gammas.tolist()),
        settings=dict(settings),
        fit=tuple(sorted((float(gamma), float(loss)) for gamma, loss in fit.items())),
        sampling=sampling,
        metrics=by_centring["unit"],
        centred=by_centring["condition-mean"],
        summary=summarise(
            by_centring["unit"],
            by_centring["condition-mean"],
            settings=settings,
            recordings=recordings,
            axis=axis,
        ),
        axis=axis,
    )
