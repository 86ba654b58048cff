"""Model score: what a comparison of one model with one recording found: score.json as records, and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from neurocompare.models.external.task_loss import TaskLoss
from neurocompare.ranking.ceiling import Ceiling
from neurocompare.ranking.former import model_score_of_schema_1, model_score_of_schema_2
from neurocompare.ranking.metric_ranking import GammaShare
from neurocompare.ranking.null import Null
from neurocompare.ranking.sentence import NAMING, listed
from neurocompare.ranking.verdict import Verdict
from neurocompare.records import NOT_KEPT, Former
from neurocompare.shown import Overview, Shown

SIGNIFICANCE = 0.05
"""A null whose p is at least this is not beaten."""


@dataclass(frozen=True)
class Compared:
    """Another model beside the one scored: its score, and by how much the scored one is above it.

    Attributes
    ----------
    name : str
        ``"kinematic"``, ``"reservoir"``, or ``"gamma 0.4"`` for the zoo's networks of a gamma.
    gamma : float or None
    mean, low, high : float
        Its mean score and 95 % interval, over units and trials, and over networks where there are several.
    difference, difference_low, difference_high : float
        Scored model less this one, in the same draws.

    Examples
    --------
    >>> other = Compared("kinematic", None, 0.5, 0.4, 0.6, difference=0.1, difference_low=0.02, difference_high=0.2)
    >>> other.difference_low > 0  # the scored model is above it for sure
    True
    """

    name: str
    gamma: float | None
    mean: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float


@dataclass(frozen=True)
class Nearest:
    """The gamma whose networks are most like the model itself, seen as the recording would have seen it.

    Attributes
    ----------
    gamma : float or None
        Of highest mean similarity; None where it could not be computed.
    interval : tuple of (float, float) or None
        The grid values between which it lies in 95 % of draws of units, trials and networks.
    verdict, why : str
        Of a ranking with the model in the place of the recording.
    similarity : float or None
        Mean score there: the nearest may be far.
    ceiling : Ceiling or None
        What two halves of the model score.
    shares : tuple of GammaShare
        Of resamples in which a gamma is nearest.

    Examples
    --------
    >>> print(Nearest(0.4, (0.2, 0.8), "resolved", "every null is beaten"))
    0.4 [0.2, 0.8]
    """

    gamma: float | None
    interval: tuple[float, float] | None
    verdict: Verdict
    why: str
    similarity: float | None = None
    ceiling: Ceiling | None = None
    shares: tuple[GammaShare, ...] = ()

    def __str__(self) -> str:
        if self.gamma is None or self.interval is None:
            return "-"
        text = f"{self.gamma:.3g} [{self.interval[0]:.3g}, {self.interval[1]:.3g}]"
        return text if self.verdict in NAMING else f"{text} {self.verdict}"


@dataclass(frozen=True, repr=False)
class MetricScore(Shown):
    """What one metric says about a model, under one centring.

    Attributes
    ----------
    metric : str
    range : tuple of (float, float) or None
    draws, dropped_draws : int
        Draws used, and draws left out because some score in them could not be computed.
    mean, low, high : float or None
        Mean score over draws and its 95 % interval over units and trials; None where no draw could be computed.
    ceiling : Ceiling or None
    nulls : mapping of name to Null
    reliable : bool
        False where the ceiling reaches down to a null, or the metric's needs are not met.
    why : str
        Why it is not.
    baselines, zoo : tuple of Compared
    scores_like : tuple of float
        Gammas of which the networks score neither better nor worse than the model: the interval includes 0.
    nearest : Nearest or None
        None without a zoo.

    Examples
    --------
    >>> nulls = {"conditions": Null(0.1, 0.2, 0.01), "time": Null(0.2, 0.3, 0.04)}  # mean, high, p
    >>> found = MetricScore("cka", (0, 1), 80, 0, mean=0.6, low=0.5, high=0.7, nulls=nulls)
    >>> found.hardest_null[0]
    'time'
    """

    metric: str
    range: tuple[float, float] | None
    draws: int
    dropped_draws: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    ceiling: Ceiling | None = None
    nulls: Mapping[str, Null] = field(default_factory=dict)
    reliable: bool = True
    why: str = ""
    baselines: tuple[Compared, ...] = ()
    zoo: tuple[Compared, ...] = ()
    scores_like: tuple[float, ...] = ()
    nearest: Nearest | None = None

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        if self.mean is None:
            return Overview(f"Score by {self.metric}", (("unreliable", self.why),))
        name, null = self.hardest_null
        rows = [("score", interval(self.mean, self.low, self.high)), ("ceiling", span(self.ceiling))]
        rows += [("null", f"to {null.high:.3f} ({name}, p = {null.p:.2g})")]
        rows += [("nearest gamma", str(self.nearest))] if self.nearest else []
        return Overview(f"Score by {self.metric}", tuple(rows))

    @property
    def tells(self) -> bool:
        """Whether it tells the model from chance: it is reliable, and the hardest null is beaten."""
        return self.reliable and self.mean is not None and self.hardest_null[1].p < SIGNIFICANCE

    @property
    def hardest_null(self) -> tuple[str, Null]:
        """Name and numbers of the null of largest p, of those that break what the metric can see.

        Of several of one p, as all have that no resample reaches, the one of the highest scores.
        """
        telling = {name: null for name, null in self.nulls.items() if null.says} or self.nulls
        return max(telling.items(), key=lambda each: (each[1].p, each[1].high))


@dataclass(frozen=True)
class UnitCounts:
    """Units of the model, and of the recording as it was compared."""

    model: int
    recording: int


@dataclass(frozen=True, repr=False)
class ModelScore(Shown):
    """How one model does against one recording: ``score.json``.

    Attributes
    ----------
    model, recording : str
    planted_gamma : float or None
        The truth, for a recording made from a known network.
    units : UnitCounts
    settings : mapping
        What the comparison was made with.
    sentence : str
        The whole of it, see `model_sentence`.
    metrics, centred : mapping of metric name to MetricScore
        With each unit's mean removed (primary); with the mean over conditions removed as well.
    notes : tuple of str
        What was assumed or left out, in sentences.
    task : TaskLoss
        How well the model does the task.
    table : pandas.DataFrame or None
        Every score: what ``scores.csv`` holds; None in a score that was read.
    """

    SCHEMA: ClassVar[int] = 3
    FORMER: ClassVar[Former] = {1: model_score_of_schema_1, 2: model_score_of_schema_2}
    AGAIN: ClassVar[str] = "score the model again"

    model: str
    recording: str
    planted_gamma: float | None
    units: UnitCounts
    settings: Mapping[str, Any]
    sentence: str
    metrics: Mapping[str, MetricScore]
    centred: Mapping[str, MetricScore]
    notes: tuple[str, ...]
    task: TaskLoss = field(default_factory=TaskLoss)
    table: pd.DataFrame | None = field(default=None, repr=False, compare=False, metadata=NOT_KEPT)

    @property
    def headline(self) -> str:
        """The score by one metric, what chance reaches and the ceiling, in at most 25 words."""
        chosen = spoken_of(tuple(self.metrics.values()))
        if chosen is None or chosen.mean is None:
            return f"No metric can tell {self.model} from chance on {self.recording}"
        _, null = chosen.hardest_null
        return (
            f"{self.model} scores {chosen.mean:.3f} against {self.recording} by {chosen.metric}: chance reaches "
            f"{null.high:.3f}, two halves of the recording {span(chosen.ceiling)}"
        )

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        rows = [
            (one.metric, "-" if one.mean is None else interval(one.mean, one.low, one.high), span(one.ceiling))
            for one in self.metrics.values()
        ]
        facts = tuple((name, score) for name, score, _ in rows)
        return Overview(
            f"Score of {self.model} against {self.recording}", facts, (("metric", "score [95 %]", "ceiling"), *rows)
        )

    def __str__(self) -> str:
        """Text for a terminal: the sentence, tables of scores, differences and nearest gammas, and the notes."""
        scores = [["metric", "score [95 %]", "ceiling", "null, 95 %", "p"]]
        others = [["model less", *(f"{one.name} [95 %]" for one in self._baselines())]]
        near = [["nearest", "gamma [95 %]", "score there", "model's own ceiling"]]
        for one in self.metrics.values():
            if one.mean is None:
                scores.append([one.metric, *"----"])
                continue
            name, null = one.hardest_null
            score = interval(one.mean, one.low, one.high)
            scores.append([one.metric, score, span(one.ceiling), f"{null.high:.3f} ({name})", f"{null.p:.2g}"])
            others.append([one.metric, *map(_difference, one.baselines)])
            if one.nearest and one.nearest.similarity is not None:
                nearest = one.nearest
                near.append([one.metric, str(nearest), f"{nearest.similarity:.3f}", span(nearest.ceiling)])
        blocks = [self.sentence, *(columns(rows) for rows in (scores, others, near) if len(rows) > 1)]
        blocks.append(str(self.task))
        doubts = [f"{one.metric} is unreliable: {one.why}." for one in self.metrics.values() if not one.reliable]
        if doubts or self.notes:
            blocks.append("\n".join(f"Note: {note}" for note in (*doubts, *self.notes)))
        return "\n\n".join(blocks)

    def _baselines(self) -> tuple[Compared, ...]:
        return next((one.baselines for one in self.metrics.values() if one.baselines), ())


def spoken_of(metrics: Sequence[MetricScore]) -> MetricScore | None:
    """Return the first metric that tells the model from chance and names a gamma, or does the former, or is reliable.

    None where no metric is reliable.
    """
    reliable = [one for one in metrics if one.reliable and one.mean is not None]
    telling = [one for one in reliable if one.tells] or reliable
    naming = [one for one in telling if one.nearest and one.nearest.verdict in NAMING]
    return next(iter(naming or telling), None)


def model_sentence(model: str, recording: str, metrics: Sequence[MetricScore]) -> str:
    """Say the whole of it, by one metric (`spoken_of`), and which of all metrics tell the model from chance."""
    chosen = spoken_of(metrics)
    if chosen is None:
        return f"No metric can tell {model} from chance on {recording}: {metrics[0].why}."
    name, null = chosen.hardest_null
    score = interval(chosen.mean, chosen.low, chosen.high)
    text = (
        f"By {chosen.metric}, {model} scores {score} against {recording}, where the hardest null ({name}) reaches "
        f"{null.high:.3f} and two halves of the recording score {span(chosen.ceiling)}"
    )
    if not chosen.tells:
        text += f"; this does not stand out from the null (p = {null.p:.2g})"
    if chosen.nearest is not None:
        settled = chosen.nearest.verdict in NAMING and chosen.tells
        nearest = f"its activity is nearest to that of networks at gamma = {chosen.nearest}"
        text += f"; {nearest if settled else 'which gamma it is nearest to is not settled'}"
    return f"{text}.{_beside(chosen)}{_by_all(metrics)}"


NAMES = {"kinematic": "units that only follow the movement", "reservoir": "untrained networks"}
"""What baselines are called in a sentence."""


def _beside(chosen: MetricScore) -> str:
    """Say how a model does beside the baselines, by the metric that is spoken of."""
    standing: dict[str, list[str]] = {}
    for each in chosen.baselines:
        above, below = each.difference_low > 0, each.difference_high < 0
        how = "significantly above" if above else "significantly below" if below else "not told from"
        standing.setdefault(how, []).append(NAMES.get(each.name, each.name))
    phrases = [
        f"{how} {' or '.join(them) if how == 'not told from' else listed(them)}" for how, them in standing.items()
    ]
    return f" It is {listed(phrases)}." if phrases else ""


def _by_all(metrics: Sequence[MetricScore]) -> str:
    """Say which of several metrics tell a model from chance."""
    telling = [one.metric for one in metrics if one.tells]
    others = [one.metric for one in metrics if not one.tells]
    if len(metrics) < 2:
        return ""
    if not others or not telling:
        return f" {'All' if telling else 'None'} of {len(metrics)} metrics tell{'' if telling else 's'} it from chance."
    verb, negated = "tells" if len(telling) == 1 else "tell", "does" if len(others) == 1 else "do"
    return f" Of {len(metrics)} metrics, {listed(telling)} {verb} it from chance; {listed(others)} {negated} not."


def interval(mean: float | None, low: float | None, high: float | None) -> str:
    """Write a score with its interval."""
    return "-" if mean is None else f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def span(bounds: Ceiling | None) -> str:
    """Write from where to where a ceiling reaches."""
    return "-" if bounds is None else f"{bounds.low:.3f} to {bounds.high:.3f}"


def _difference(one: Compared) -> str:
    return f"{one.difference:+.3f} [{one.difference_low:+.3f}, {one.difference_high:+.3f}]"


def columns(rows: list[list[str]]) -> str:
    """Lay rows of text out in columns.

    Examples
    --------
    >>> print(columns([["metric", "score"], ["cka", "0.5"]]))
    metric  score
    cka     0.5
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
