"""Hypotheses side by side: one recording under tasks of another kind, each with its own answer; ``hypotheses.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
import pandas as pd

from neurocompare.ranking.contrast import LEVEL, differences
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.exploration import Adequacy, Exploration, PointTried
from neurocompare.ranking.exploration_sentence import (
    DOUBTED,
    answer_text,
    inferred_text,
    unfinished_text,
    unfinished_too_many,
)
from neurocompare.ranking.resampled_scores import resampled
from neurocompare.ranking.score_arrays import ItemScores, arrays_of, used_rows
from neurocompare.ranking.verdict import Verdict
from neurocompare.records import Count, Former, NotNegative, Share, expect
from neurocompare.shown import Overview, Shown

WHY_APART = (
    "Hypotheses are compared, and never averaged: each is a family of networks of its own, and no number here is of "
    "several of them together.",
    "Gammas do not compare between hypotheses. A network sees gamma times its target, which is scaled to unit mean "
    "square over its own outputs and times: what a gamma of 1 asks of a network differs from target to target.",
    "KL per unit does: how far learning has moved the units of a network from random, in nats, by the theory of "
    "infinitely many units at the settings of the point of highest adjusted score.",
    "Likenesses do too: all hypotheses are scored on the same halves of the same units and trials.",
)
"""What is to be known of the table."""


@dataclass(frozen=True)
class HypothesisAnswer:
    """What one metric says of a hypothesis.

    Attributes
    ----------
    adequacy : Adequacy or None
        Likeness of the networks of its best point beside the ceiling; None where nothing could be computed.
    verdict : str
    answer : str
        Which gamma is least unlike, in words; empty where none is named.
    """

    adequacy: Adequacy | None
    verdict: Verdict
    answer: str


@dataclass(frozen=True)
class Hypothesis:
    """What networks must do, and how they answered for the recording.

    Attributes
    ----------
    folder : str
        Of its exploration.
    says : tuple of str
        What networks must produce, and what of the task is not that of all other hypotheses; sentences.
    metrics : mapping of metric name to HypothesisAnswer
    made : str
        Which gamma made the recording, if a network of this hypothesis did, or that none did.
    made_gamma : tuple of (float, float) or None
        That gamma's 95 % interval; None where none did, or nothing was inferred.
    odd : float or None
        Share of planted recordings as far from the others as this one; None where nothing was inferred.
    best : PointTried
        Point of the design of highest adjusted score, by the first metric.
    kl : float or None
        Per unit, nats, at that point.
    why : str
        What keeps `kl` from being known, or from being sure.
    """

    folder: str
    says: tuple[str, ...]
    metrics: Mapping[str, HypothesisAnswer]
    made: str
    made_gamma: tuple[NotNegative, NotNegative] | None
    odd: float | None
    best: PointTried
    kl: NotNegative | None
    why: str = ""


@dataclass(frozen=True)
class LikenessDifference:
    """How much more alike one hypothesis is than another by a metric, in the same resamples.

    Attributes
    ----------
    metric : str
    hypothesis, against : int
        Places of the two.
    difference : float
        Plain score of the first's best networks less that of the second's.
    low, high : float
        Its 95 % interval, widened for all pairs of hypotheses.
    p : float
        Corrected for all pairs.
    """

    metric: str
    hypothesis: Count
    against: Count
    difference: float
    low: float
    high: float
    p: Share

    @property
    def significant(self) -> bool:
        """Whether p is below 0.05."""
        return self.p < LEVEL


@dataclass(frozen=True, repr=False)
class Hypotheses(Shown):
    """Several hypotheses about what a circuit does, side by side.

    Attributes
    ----------
    recording : str
    units : int
        Of the recording.
    hypotheses : tuple of Hypothesis
        In the order they were given in.
    differences : tuple of LikenessDifference
        Between all pairs, by metric.
    sentences : tuple of str
        What is to be known of the table.

    Examples
    --------
    >>> import neurocompare as nc
    >>> nc.compare_hypotheses(["velocity", "muscles"])  # of two explorations  # doctest: +SKIP
    Hypotheses about m1: ...
    """

    SCHEMA: ClassVar[int] = 1
    FORMER: ClassVar[Former] = {}
    AGAIN: ClassVar[str] = "compare the explorations again"

    recording: str
    units: Count
    hypotheses: tuple[Hypothesis, ...]
    differences: tuple[LikenessDifference, ...]
    sentences: tuple[str, ...]

    def __post_init__(self) -> None:
        expect("two hypotheses or more", len(self.hypotheses) > 1)
        names = [tuple(each.metrics) for each in self.hypotheses]
        count = len(names)
        expect("differences of hypotheses", all(max(one.hypothesis, one.against) < count for one in self.differences))
        expect("the same metrics of all hypotheses", bool(names[0]) and set(names) == {names[0]})

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of those that all have, in order of preference."""
        return tuple(self.hypotheses[0].metrics)

    @property
    def headline(self) -> str:
        """Which hypothesis is the most alike by the first metric, and whether significantly so."""
        metric, answers = self.metrics[0], [each.metrics[self.metrics[0]].adequacy for each in self.hypotheses]
        scores = [-np.inf if answer is None else answer.score for answer in answers]
        best = int(np.argmax(scores))
        pairs = [each for each in self.differences if each.metric == metric and best in (each.hypothesis, each.against)]
        if not pairs:
            return f"By {metric}, likenesses of hypotheses were not compared"
        if all(each.significant for each in pairs):
            return (
                f"By {metric}, {self.hypotheses[best].says[0]} is significantly more alike than every other hypothesis"
            )
        return f"By {metric}, no hypothesis is significantly more alike than every other"

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        metric = self.metrics[0]
        heading = ("hypothesis", f"likeness ({metric})", "ceiling", "gamma", "made it", "KL per unit")
        rows = tuple(row_of(each, metric) for each in self.hypotheses)
        return Overview(f"Hypotheses about {self.recording}", (("answer", self.headline),), (heading, *rows))


def row_of(hypothesis: Hypothesis, metric: str) -> tuple[str, ...]:
    """Return a hypothesis as a row of a table: name, likeness, ceiling, gamma, whether one made it, and KL per unit."""
    answer = hypothesis.metrics[metric]
    likeness, ceiling = "-", "-"
    if (adequacy := answer.adequacy) is not None:
        likeness = f"{adequacy.score:.3f} ({adequacy.low:.3f} to {adequacy.high:.3f})"
        ceiling = "{:.3f} to {:.3f}".format(*adequacy.ceiling)
    kl = "-" if hypothesis.kl is None else f"{hypothesis.kl:.3g} nats"
    return hypothesis.says[0], likeness, ceiling, answer.answer or "none named", made_word(hypothesis), kl


def made_word(hypothesis: Hypothesis) -> str:
    """Say in a word whether a network of a hypothesis could have made the recording."""
    if hypothesis.odd is None:
        return "not known"
    return "none did" if hypothesis.odd < DOUBTED else "one could have"


def likeness_differences(
    tables: Sequence[pd.DataFrame], metric: str, sampling: Sampling, *, seed: int = 0
) -> tuple[LikenessDifference, ...]:
    """Compare the best networks of every hypothesis with those of every other, paired on the same resamples.

    The best are the highest of a design under each, so that none has an advantage where designs are as large.

    Parameters
    ----------
    tables : sequence of pandas.DataFrame
        Scores of each, as `score_draw` gives them, of the same draws.
    metric : str
    sampling : Sampling
    seed : int
        Of the resampling.

    Returns
    -------
    tuple of LikenessDifference
        Empty where they have fewer than two draws in common, or other numbers of chains.
    """
    columns, chains = [], []
    for table in tables:
        arrays = arrays_of(used_rows(table, metric, "unit").rows)
        scores = arrays.plain
        best = int(scores.by_draw[:, : len(arrays.gammas)].mean(axis=0).argmax())
        columns.append(pd.Series(scores.by_draw[:, best], index=arrays.draws))
        chains.append(scores.by_chain[best])
    by_draw = pd.concat(columns, axis=1, join="inner")
    if len(by_draw) < 2 or len({len(each) for each in chains}) > 1:
        return ()
    seen = resampled(ItemScores(by_draw.to_numpy(), np.stack(chains)), sampling, seed)
    apart = differences(seen.mean, seen.deviations)
    pairs = combinations(range(len(tables)), 2)
    return tuple(LikenessDifference(metric, one, other, *apart.between(one, other)) for one, other in pairs)


def answers_of(exploration: Exploration, metrics: tuple[str, ...]) -> dict[str, HypothesisAnswer]:
    """Return what each metric says of an exploration: that it is unreliable where too many chains are too short."""
    unfinished = unfinished_too_many(exploration.points)
    answers = {}
    for name in metrics:
        explored, ranking = exploration.metrics[name], exploration.metrics[name].ranking
        verdict, answer = ("unreliable", "") if unfinished else (ranking.verdict, answer_text(ranking))
        answers[name] = HypothesisAnswer(explored.adequacy, verdict, answer)
    return answers


def made_of(exploration: Exploration) -> tuple[str, tuple[float, float] | None, float | None]:
    """Return which gamma made the recording in words, its interval, and how odd the recording is, see `Hypothesis`."""
    inferred, points = exploration.inferred, exploration.points
    if unfinished_too_many(points):
        return f"The {unfinished_text(points)}: no gamma is named, nor which made the recording.", None, None
    if inferred is None:
        return "Which gamma made the recording was not inferred.", None, None
    return inferred_text(inferred), None if inferred.odd < DOUBTED else inferred.gamma.interval, inferred.odd
