"""What one metric says about gamma: scores, intervals, ceiling, nulls, contrasts and verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import numpy as np
import pandas as pd

from neurocompare.ranking.axis import GAMMA, Axis
from neurocompare.ranking.ceiling import Ceiling, calibrated, null_reached
from neurocompare.ranking.contrast import Contrast, Difference, Differences, differences
from neurocompare.ranking.curve import curve_on
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.null import Null, max_corrected
from neurocompare.ranking.resample import central, share_best
from neurocompare.ranking.resampled_scores import Resampled, ResampledScores, resampled_scores, within
from neurocompare.ranking.score import CENTRINGS
from neurocompare.ranking.score_arrays import arrays_of, used_rows
from neurocompare.ranking.verdict import NO_BOUNDS, Bounds, Verdict, bounds_of, verdict_of
from neurocompare.records import Count, Share, expect
from neurocompare.shown import Overview, Shown


class Named(Protocol):
    """What a ranking must know of a metric."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def range(self) -> tuple[float, float] | None:
        """Lowest and highest score, where bounded."""
        ...


N = TypeVar("N", bound=Named)
T = TypeVar("T")


@dataclass(frozen=True)
class GammaScore:
    """Mean score of one gamma over draws and networks, and its 95 % interval over units, trials and networks.

    Attributes
    ----------
    gamma : float
    mean : float
        Over draws and networks.
    low, high : float
        Ends of the 95 % interval.

    Examples
    --------
    >>> best = max(GammaScore(0.1, 0.5, 0.4, 0.6), GammaScore(0.4, 0.7, 0.6, 0.8), key=lambda score: score.mean)
    >>> best.gamma
    0.4
    """

    gamma: float
    mean: float
    low: float
    high: float

    def __post_init__(self) -> None:
        expect("an interval that holds the mean score", self.low <= self.mean <= self.high)


@dataclass(frozen=True)
class GammaShare:
    """Share of resamples in which a gamma scores highest.

    Attributes
    ----------
    gamma : float
    p : float
        Share of resamples.
    """

    gamma: float
    p: Share


@dataclass(frozen=True)
class CurvePoint:
    """One point of the smooth curve through the scores.

    Attributes
    ----------
    gamma : float
    score : float
    """

    gamma: float
    score: float


@dataclass(frozen=True, repr=False)
class MetricRanking(Shown):
    """What one metric says, under one centring.

    Attributes
    ----------
    metric : str
        Its name.
    range : tuple of (float, float) or None
        Of the metric's scores.
    draws, dropped_draws : int
        Draws used, and draws left out because some score in them could not be computed.
    verdict : str
        ``"resolved"``, ``"edge"``, ``"at most"``, ``"at least"``, ``"tied"`` or ``"unreliable"``.
    why : str
        The reason for the verdict, in words.
    scores : tuple of GammaScore
        Ascending in gamma: likenesses, as the metric gives them. Empty, as everything below, where the metric could be
        computed in no draw.
    adjusted : tuple of GammaScore
        Scores less half of what networks of one gamma score against each other, see `ScoreArrays.adjusted`: what
        everything about gamma is read off, from the same resamples. Empty where each gamma has one network, or the
        table of scores is older than these: plain scores are used then.
    calibrated : tuple of GammaScore
        `scores` with 0 at the hardest null and 1 at the ceiling; empty where the ceiling's interval reaches down to
        a null.
    best_gamma : float or None
        On the grid, of highest adjusted score.
    p_best : tuple of GammaShare
        In which share of resamples each gamma scores highest.
    gamma_star : float or None
        Where the smooth curve through the adjusted scores is highest.
    gamma_interval : tuple of (float, float) or None
        Holds that peak in 95 % of resamples, and the best gamma. As a peak lies within a grid step of the gamma that
        scores highest in a resample, no end of it reaches a gamma beyond the neighbours of those that ever do.
    curve : tuple of CurvePoint
        Of that curve, between grid points too; see `Curve`.
    ceiling : Ceiling or None
        What two halves of the recording score against each other.
    above_ceiling : tuple of float
        Gammas that score beyond the ceiling's interval, which no model of the circuit should.
    nulls : mapping of name to Null
        Held against the plain score of the best gamma.
    contrasts : tuple of Contrast
        Best gamma against gamma 0 ("reservoir") or the smallest gamma where there is none ("smallest"), the largest
        gamma ("largest") and units that only follow the movement ("kinematic"), where these are in the table and not
        the best one.
    bounds : Bounds
        Gammas outside score significantly lower than the best one.
    differences : tuple of Difference
        Between all pairs of gammas. These, too, are of adjusted scores.

    Examples
    --------
    >>> scores = (GammaScore(0.1, 0.5, 0.4, 0.6), GammaScore(0.4, 0.7, 0.6, 0.8))
    >>> best = {"best_gamma": 0.4, "gamma_interval": (0.3, 0.4)}
    >>> found = MetricRanking("cka", (0, 1), 80, 0, "resolved", "every null is beaten", scores=scores, **best)
    >>> found.best.mean, found.holds(0.1), found.row
    (0.7, False, ('cka', '0.4', '0.3 to 0.4', '0.700', 'resolved'))
    """

    metric: str
    range: tuple[float, float] | None
    draws: Count
    dropped_draws: Count
    verdict: Verdict
    why: str
    scores: tuple[GammaScore, ...] = ()
    adjusted: tuple[GammaScore, ...] = ()
    calibrated: tuple[GammaScore, ...] = ()
    best_gamma: float | None = None
    p_best: tuple[GammaShare, ...] = ()
    gamma_star: float | None = None
    gamma_interval: tuple[float, float] | None = None
    curve: tuple[CurvePoint, ...] = ()
    ceiling: Ceiling | None = None
    above_ceiling: tuple[float, ...] = ()
    nulls: Mapping[str, Null] = field(default_factory=dict)
    contrasts: tuple[Contrast, ...] = ()
    bounds: Bounds = NO_BOUNDS
    differences: tuple[Difference, ...] = ()

    def __post_init__(self) -> None:
        gammas = [each.gamma for each in self.scores]
        expect("gammas that ascend", all(low < high for low, high in pairwise(gammas)))
        for others in (self.adjusted, self.calibrated, self.p_best):
            expect("one set of gammas", not (gammas and others) or [each.gamma for each in others] == gammas)
        expect("a best gamma that was scored", not gammas or self.best_gamma in (None, *gammas))
        if self.gamma_interval is not None:
            expect("an interval of gamma that ascends", self.gamma_interval[0] <= self.gamma_interval[1])
        bounding = {"at most": (self.bounds.high, self.bounds.above), "at least": (self.bounds.low, self.bounds.below)}
        expect(f"bounds of the verdict {self.verdict!r}", None not in bounding.get(self.verdict, ()))

    @property
    def best(self) -> GammaScore | None:
        """The score of the best gamma; None where nothing could be computed."""
        return next((each for each in self.scores if each.gamma == self.best_gamma), None)

    @property
    def judged(self) -> tuple[GammaScore, ...]:
        """What gammas are told apart by: adjusted scores, or plain ones where there are no others."""
        return self.adjusted or self.scores

    @property
    def answer(self) -> tuple[float, tuple[float, float]]:
        """Best gamma and its interval, where they could be computed.

        Raises
        ------
        ValueError
            Where they could not.
        """
        if self.best_gamma is None or self.gamma_interval is None:
            raise ValueError(f"{self.metric} could not be computed: {self.why}")
        return self.best_gamma, self.gamma_interval

    @property
    def side(self) -> str:
        """Where the best gamma is by a verdict that bounds it on one side; empty by any other.

        Examples
        --------
        >>> MetricRanking("cka", None, 80, 0, "at most", "", bounds=Bounds(high=0.1, above=0.2)).side
        'below 0.2'
        """
        if self.verdict == "at most":
            return f"below {self.bounds.above:g}"
        return f"above {self.bounds.below:g}" if self.verdict == "at least" else ""

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """Metric, best gamma, its interval, the score there and the verdict, as a row of a table."""
        best = "-" if self.best_gamma is None else f"{self.best_gamma:g}"
        interval = "-" if self.gamma_interval is None else "{:.3g} to {:.3g}".format(*self.gamma_interval)
        score = "-" if self.best is None else f"{self.best.mean:.3f}"
        return self.metric, best, interval, score, self.verdict

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        _, best, interval, score, verdict = self.row
        facts = (("verdict", verdict), ("best", best), ("95 % interval", interval), ("score there", score))
        return Overview(f"Ranking by {self.metric}", facts)

    def holds(self, gamma: float) -> bool:
        """Whether the interval of the best gamma holds another; never, where there is none."""
        return self.gamma_interval is not None and self.gamma_interval[0] <= gamma <= self.gamma_interval[1]


def summed_up(results: Mapping[str, MetricRanking], axis: str = "gamma") -> tuple[str, tuple[tuple[str, ...], ...]]:
    """Return the verdicts of all metrics in a row, and a table of their answers, headings first.

    Examples
    --------
    >>> verdicts, table = summed_up({"cka": MetricRanking("cka", None, 80, 0, "tied", "")})
    >>> verdicts, table[1]
    ('cka tied', ('cka', '-', '-', '-', 'tied'))
    """
    heading = ("metric", f"best {axis}", "95 % interval", "score there", "verdict")
    verdicts = ", ".join(f"{name} {result.verdict}" for name, result in results.items())
    return verdicts, (heading, *(result.row for result in results.values()))


def rank_metric(
    scores: pd.DataFrame, metric: Named, centring: str, *, sampling: Sampling, axis: Axis = GAMMA, seed: int = 0
) -> MetricRanking:
    """Rank gammas by one metric under one centring; see `neurocompare.ranking.rank`.

    Raises
    ------
    InputError
        If a score is missing from the table or there twice.
    """
    used, resampled = used_rows(scores, metric.name, centring), None
    if used.draws:
        resampled = resampled_scores(arrays_of(used.rows), sampling, limits=metric.range, seed=seed)
    return judge(resampled, metric, draws=used.draws, dropped_draws=used.dropped, uncomputed=used.uncomputed, axis=axis)


def by_centring(metrics: Sequence[N], judged: Callable[[N, str], T]) -> tuple[dict[str, T], dict[str, T]]:
    """Judge every metric, by its name, with each unit's mean removed and with the mean over conditions removed."""
    unit, condition_mean = ({each.name: judged(each, centring) for each in metrics} for centring in CENTRINGS)
    return unit, condition_mean


def judge(
    resampled: ResampledScores | None,
    metric: Named,
    *,
    draws: int,
    dropped_draws: int,
    uncomputed: str = "",
    axis: Axis = GAMMA,
) -> MetricRanking:
    """Say what the scores allow to be said.

    Parameters
    ----------
    resampled : ResampledScores or None
        None where no draw could be computed.
    metric : Named
    draws, dropped_draws : int
    uncomputed : str
        Why the metric is not to be relied on, whatever the scores; empty where it is.
    axis : Axis

    Returns
    -------
    MetricRanking
    """
    if resampled is None:
        return MetricRanking(metric.name, metric.range, draws, dropped_draws, "unreliable", uncomputed)
    gammas, judged = resampled.gammas, resampled.judged
    plain, plain_theta = _of_gammas(within(resampled.plain, metric.range), len(gammas))
    mean, theta = _of_gammas(judged, len(gammas))
    apart = differences(judged.mean, judged.deviations)
    best = int(mean.argmax())
    curve = curve_on(gammas, axis.scale)
    peaks = central(curve.peaks(theta))
    interval = (min(peaks[0], gammas[best]), max(peaks[1], gammas[best]))
    ceiling, nulls = resampled.ceiling, resampled.nulls
    tested = {name: max_corrected(null, float(plain[best]), intact=resampled.intact) for name, null in nulls.items()}
    contrasts, bounds = _contrasts(gammas, best, apart, axis), bounds_of(gammas, best, apart)
    evidence: dict[str, Any] = {"ceiling": ceiling, "nulls": tested, "contrasts": contrasts, "bounds": bounds}
    verdict, why = verdict_of(gammas=gammas, best=gammas[best], interval=interval, axis=axis, **evidence)
    if uncomputed:
        verdict, why = "unreliable", uncomputed
    return MetricRanking(
        metric.name,
        metric.range,
        draws,
        dropped_draws,
        verdict,
        why,
        scores=gamma_scores(gammas, plain, plain_theta),
        adjusted=() if resampled.adjusted is None else gamma_scores(gammas, mean, theta),
        calibrated=_calibrated(gammas, plain, plain_theta, nulls, tested, ceiling),
        best_gamma=gammas[best],
        p_best=tuple(map(GammaShare, gammas, share_best(theta).tolist())),
        gamma_star=float(curve.peaks(mean[None])[0]),
        gamma_interval=interval,
        curve=tuple(map(CurvePoint, curve.fine.tolist(), (curve.spline @ mean).tolist())),
        above_ceiling=tuple(gamma for gamma, score in zip(gammas, plain, strict=True) if score > ceiling.high),
        differences=tuple(
            Difference(gammas[i], gammas[j], *apart.between(i, j)) for i in range(len(gammas)) for j in range(i)
        ),
        **evidence,
    )


def _of_gammas(resampled: Resampled, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean scores (gamma,) and resampled ones (resample, gamma), without the baseline."""
    return resampled.mean[:count], (resampled.mean + resampled.deviations)[:, :count]


def gamma_scores(gammas: Sequence[float], mean: np.ndarray, resampled: np.ndarray) -> tuple[GammaScore, ...]:
    """Put mean scores (gamma,) and their resampled ones (resample, gamma) together."""
    scores = []
    for gamma, middle, column in zip(gammas, mean.tolist(), resampled.T, strict=True):
        low, high = central(column)
        scores.append(GammaScore(gamma, middle, min(low, middle), max(high, middle)))
    return tuple(scores)


def _calibrated(
    gammas: Sequence[float],
    mean: np.ndarray,
    theta: np.ndarray,
    nulls: Mapping[str, np.ndarray],
    tested: Mapping[str, Null],
    ceiling: Ceiling,
) -> tuple[GammaScore, ...]:
    saying = [null.mean(axis=0) for name, null in nulls.items() if tested[name].says]
    if not saying or ceiling.mean is None or null_reached(ceiling, tested):
        return ()
    hardest = max(saying, key=lambda null: float(null.mean()))
    scaled = calibrated(np.vstack([mean, theta]), hardest, ceiling.mean)
    return gamma_scores(gammas, scaled[0], scaled[1:])


def _contrasts(gammas: Sequence[float], best: int, apart: Differences, axis: Axis) -> tuple[Contrast, ...]:
    """Hold the best gamma against the ends of the grid and the baseline."""
    lowest = axis.zero if axis.zero and gammas[0] == 0 else "smallest"
    against = [(lowest, 0), ("largest", len(gammas) - 1)]
    if len(apart.difference) > len(gammas):
        against.append(("kinematic", len(gammas)))
    return tuple(Contrast(name, *apart.between(best, i)) for name, i in against if i != best)
