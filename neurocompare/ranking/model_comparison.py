"""Model comparison: several models against one recording in the same draws, and which differ significantly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import ClassVar

import pandas as pd

from neurocompare.ranking.contrast import LEVEL, differences
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.former import model_comparison_of_schema_1
from neurocompare.ranking.model_score import SIGNIFICANCE, MetricScore, ModelScore, columns, interval, span
from neurocompare.ranking.resample import deviations_of, half_sample_factor
from neurocompare.ranking.score import CENTRINGS
from neurocompare.ranking.sentence import listed
from neurocompare.records import NOT_KEPT, Former
from neurocompare.shown import Overview, Shown

ONE_TRAINING = (
    "Of {names} there is one training: a significant difference is one from this model, and says nothing of how far "
    "trainings of its kind differ by chance; in a table of models, rows of one name are trainings of it."
)


@dataclass(frozen=True)
class ModelDifference:
    """How much higher one model scores than another in the same draws, its 95 % interval, and its p.

    Interval and p are corrected for all pairs of models: if no two differ in truth, one of all the intervals leaves out
    0 in at most 5 % of experiments.

    Attributes
    ----------
    model, against : str
        The model of the higher score, and the other.
    difference, low, high : float
        How much higher, and the 95 % interval.
    p : float

    Examples
    --------
    >>> ModelDifference("gru", "rnn", 0.2, 0.1, 0.3, p=0.01).sure
    True
    """

    model: str
    against: str
    difference: float
    low: float
    high: float
    p: float

    @property
    def sure(self) -> bool:
        """Whether it is one that chance would hardly give."""
        return self.p < LEVEL


@dataclass(frozen=True, repr=False)
class MetricComparison(Shown):
    """What one metric says about several models, under one centring.

    Attributes
    ----------
    metric : str
    draws : int
        In which all of them could be scored; differences are of these.
    order : tuple of str
        The models, the highest score first.
    differences : tuple of ModelDifference
        Of every pair, the model of the higher score first.
    left_out : tuple of str
        Models that this metric could not score.

    Examples
    --------
    >>> found = MetricComparison("cka", 80, ("gru", "rnn"), (ModelDifference("gru", "rnn", 0.2, 0.1, 0.3, p=0.01),))
    >>> found.significantly_below("gru"), found.between("rnn", "gru").difference
    (('rnn',), 0.2)
    """

    metric: str
    draws: int
    order: tuple[str, ...]
    differences: tuple[ModelDifference, ...]
    left_out: tuple[str, ...] = ()

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        sure = sum(1 for each in self.differences if each.sure)
        facts = (("highest first", ", ".join(self.order)), ("pairs that differ", f"{sure} of {len(self.differences)}"))
        return Overview(f"Comparison by {self.metric}", facts)

    def between(self, model: str, against: str) -> ModelDifference | None:
        """Return the difference of two models, whichever is higher; None where one was left out."""
        pair = {model, against}
        return next((each for each in self.differences if {each.model, each.against} == pair), None)

    def significantly_below(self, model: str) -> tuple[str, ...]:
        """Return the models that score significantly lower than one."""
        return tuple(each.against for each in self.differences if each.model == model and each.sure)


@dataclass(frozen=True, repr=False)
class ModelComparison(Shown):
    """How several models do against one recording: ``comparison.json``.

    Attributes
    ----------
    recording : str
    sentence : str
        The whole of it.
    scores : mapping of name to ModelScore
        In the order in which the models were given; all were scored in the same draws.
    metrics, centred : mapping of metric name to MetricComparison
        With each unit's mean removed (primary); with the mean over conditions removed as well.
    notes : tuple of str
        What holds for all of them, in sentences; what holds for one is in its score.
    table : pandas.DataFrame or None
        Every score, with a column ``model``: what ``scores.csv`` holds; None in a comparison that was read.
    """

    SCHEMA: ClassVar[int] = 2
    FORMER: ClassVar[Former] = {1: model_comparison_of_schema_1}
    AGAIN: ClassVar[str] = "score the models again"

    recording: str
    sentence: str
    scores: Mapping[str, ModelScore]
    metrics: Mapping[str, MetricComparison]
    centred: Mapping[str, MetricComparison]
    notes: tuple[str, ...]
    table: pd.DataFrame | None = field(default=None, repr=False, compare=False, metadata=NOT_KEPT)

    @property
    def differences(self) -> pd.DataFrame:
        """Every paired difference, a row each: metric, centring, the two models, their difference and its p.

        Columns ``metric``, ``centring``, ``model``, ``against``, ``difference``, ``low``, ``high``, ``p`` and ``sure``;
        see `ModelDifference`.
        """
        rows = [
            {"metric": name, "centring": centring, **vars(each), "sure": each.sure}
            for centring, metrics in zip(CENTRINGS, (self.metrics, self.centred), strict=True)
            for name, one in metrics.items()
            for each in one.differences
        ]
        columns_of = ("model", "against", "difference", "low", "high", "p")
        return pd.DataFrame(rows, columns=["metric", "centring", *columns_of, "sure"])

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        rows = [(name, *(_score(one.metrics[metric]) for metric in self.metrics)) for name, one in self.scores.items()]
        facts = (("models", ", ".join(self.scores)), ("in a sentence", self.sentence))
        return Overview(f"Models against {self.recording}", facts, (("model", *self.metrics), *rows))

    def __str__(self) -> str:
        """Text for a terminal: the sentence, a table of scores, one of differences, and the notes."""
        names = list(self.metrics)
        scores = [["score [95 %]", *names]]
        scores += [[name, *(_score(one.metrics[metric]) for metric in names)] for name, one in self.scores.items()]
        scores += [["ceiling", *(span(self._any(metric).ceiling) for metric in names)]]
        losses = [f"{name} {one.task.loss:.3g}" for name, one in self.scores.items() if one.task.loss is not None]
        first = self.metrics[names[0]].order
        pairs = [[f"difference (p over all pairs; * below {LEVEL:g})", *names]]
        for model, against in combinations((*first, *(name for name in self.scores if name not in first)), 2):
            compared = (self.metrics[metric].between(model, against) for metric in names)
            pairs.append([f"{model} less {against}", *(_difference(each, model) for each in compared)])
        blocks = [self.sentence, columns(scores), columns(pairs)]
        if losses:
            blocks.append(f"Loss on the task, of a silent output's: {', '.join(losses)}")
        doubts = [
            f"{metric} is unreliable for {name}: {one.metrics[metric].why}."
            for metric in names
            for name, one in self.scores.items()
            if not one.metrics[metric].reliable
        ]
        own = [
            note if note.startswith(f"{name} ") else f"{name}: {note}"
            for name, one in self.scores.items()
            for note in one.notes
            if note not in self.notes
        ]
        return "\n\n".join([*blocks, "\n".join(f"Note: {note}" for note in (*doubts, *own, *self.notes))])

    def _any(self, metric: str) -> MetricScore:
        """Return what a metric says of some model that it could score: the ceiling is that of all."""
        scored = [one.metrics[metric] for one in self.scores.values()]
        return next((each for each in scored if each.mean is not None), scored[0])


def compare_models(
    scores: Mapping[str, ModelScore], *, sampling: Sampling, seed: int, by: str | None = None
) -> ModelComparison:
    """Put scores of several models together, and say which differ.

    Parameters
    ----------
    scores : mapping of name to ModelScore
        Of one recording in the same draws, with their tables.
    sampling : Sampling
        Of the recording.
    seed : int
        Of the resampling.
    by : str, optional
        What the names are names of: a column of names, which have no order.

    Returns
    -------
    ModelComparison
    """
    table = pd.concat([_own_rows(name, one) for name, one in scores.items()], ignore_index=True)
    factor = half_sample_factor(sampling.units, sampling.units_drawn)
    first = next(iter(scores.values()))
    unit, condition_mean = (
        {metric: _compared(table, metric, centring, tuple(scores), factor, seed) for metric in first.metrics}
        for centring in CENTRINGS
    )
    shared = tuple(note for note in first.notes if all(note in one.notes for one in scores.values()))
    sentence = comparison_sentence(scores, unit)
    notes = [*shared]
    if by is not None:
        sentence = f"Compared by name ({by}): {sentence[0].lower()}{sentence[1:]}"
        notes.append(f"The values of {by} are names, which have no order: there is no axis, and no interval on it.")
    counts = table[table["kind"] == "model"].drop_duplicates(["model", "chain"])["model"].value_counts()
    if once := [name for name in scores if counts.get(name, 0) == 1]:
        notes.append(ONE_TRAINING.format(names=listed(once) if len(once) < len(scores) else "each model"))
    return ModelComparison(first.recording, sentence, scores, unit, condition_mean, tuple(notes), table)


def comparison_sentence(scores: Mapping[str, ModelScore], metrics: Mapping[str, MetricComparison]) -> str:
    """Say the whole of it, by the first metric that is reliable for the model it puts first."""
    recording = next(iter(scores.values())).recording
    trusted = [
        one for one in metrics.values() if len(one.order) > 1 and scores[one.order[0]].metrics[one.metric].reliable
    ]
    if not trusted:
        return f"No metric can tell {listed(list(scores))} apart, or from chance, on {recording}."
    chosen = trusted[0]
    best, others = chosen.order[0], chosen.order[1:]
    below = chosen.significantly_below(best)
    score = scores[best].metrics[chosen.metric]
    unsure = [name for name in others if name not in below]
    standing = f"significantly above {listed(below)}" if below else "significantly above none of the others"
    if below and unsure:
        standing += f", not significantly above {listed(unsure)}"
    name, null = score.hardest_null
    if null.p >= SIGNIFICANCE:
        standing += f"; this does not stand out from the null (p = {null.p:.2g})"
    elsewhere = [
        f"by {one.metric} {one.order[0]} is significantly above it"
        for one in trusted[1:]
        if best in one.significantly_below(one.order[0])
    ]
    return (
        f"By {chosen.metric}, {best} scores highest of {len(chosen.order)} models against {recording}, "
        f"{_score(score)} where the hardest null ({name}) reaches {null.high:.3f} and two halves of the recording "
        f"score {span(score.ceiling)}: {standing}"
        f"{'; ' + listed(elsewhere) if elsewhere else ''}."
    )


def _own_rows(name: str, score: ModelScore) -> pd.DataFrame:
    """Return a model's own rows; those of the recording, the baselines and the zoo are the same for all."""
    table = score.table if score.table is not None else pd.DataFrame(columns=["network", "against"])
    return table[(table["network"] == "model") | (table["against"] == "model")].assign(model=name)


def _compared(
    table: pd.DataFrame, metric: str, centring: str, names: Sequence[str], factor: float, seed: int
) -> MetricComparison:
    """Compare all pairs by one metric, in the draws in which every model that could be scored was."""
    rows = table[(table["kind"] == "model") & (table["metric"] == metric) & (table["centring"] == centring)]
    by_network = rows[rows["against"] == "recording"].pivot(
        index="resample", columns=["model", "chain", "member"], values="score"
    )
    of = {
        name: by_network[name]
        for name in names
        if by_network.get(name) is not None and by_network[name].notna().to_numpy().any()
    }
    complete = by_network[list(of)].dropna()
    if not len(complete):
        return MetricComparison(metric, 0, (), (), tuple(names))
    means = pd.DataFrame({name: pd.DataFrame(complete[name]).T.mean() for name in of})
    order = tuple(sorted(of, key=lambda name: -float(means[name].mean())))
    left_out = tuple(name for name in names if name not in of)
    values = means[list(order)].to_numpy(float)
    chains = [pd.DataFrame(complete[name]).T.groupby(level="chain").mean().T.mean().to_numpy(float) for name in order]
    pairwise = differences(values.mean(axis=0), deviations_of(values, chains, factor=factor, seed=seed))
    pairs = tuple(
        ModelDifference(order[one], order[other], *pairwise.between(one, other))
        for one, other in combinations(range(len(order)), 2)
    )
    return MetricComparison(metric, len(complete), order, pairs, left_out)


def _score(one: MetricScore) -> str:
    return interval(one.mean, one.low, one.high)


def _difference(pair: ModelDifference | None, model: str) -> str:
    if pair is None:
        return "-"
    sign = 1 if pair.model == model else -1
    return f"{sign * pair.difference:+.3f} (p {pair.p:.2g}){'*' if pair.sure else ''}"
