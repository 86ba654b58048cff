"""Model score: what a comparison of one model with one recording found, as records, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

SCHEMA = 1
"""Of ``score.json``: keys may be added to it, not changed."""

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
    ceiling : tuple of (float, float) or None
        What two halves of the model score.
    shares : tuple of (float, float)
        (gamma, share of draws in which it is nearest).

    Examples
    --------
    >>> print(Nearest(0.4, (0.2, 0.8), "resolved", "every null is beaten"))
    0.4 [0.2, 0.8]
    """

    gamma: float | None
    interval: tuple[float, float] | None
    verdict: str
    why: str
    similarity: float | None = None
    ceiling: tuple[float, float] | None = None
    shares: tuple[tuple[float, float], ...] = ()

    def __str__(self) -> str:
        if self.gamma is None or self.interval is None:
            return "-"
        text = f"{self.gamma:.3g} [{self.interval[0]:.3g}, {self.interval[1]:.3g}]"
        return text if self.verdict in ("resolved", "edge") else f"{text} {self.verdict}"


@dataclass(frozen=True)
class MetricScore:
    """What one metric says about a model, under one centring.

    Attributes
    ----------
    metric, direction : str
    range : tuple of (float, float) or None
    draws, dropped_draws : int
        Draws used, and draws left out because some score in them could not be computed.
    mean, low, high : float or None
        Mean score over draws and its 95 % interval over units and trials; None where no draw could be computed.
    ceiling : mapping or None
        ``low`` and ``high`` of the score between two halves of the recording.
    nulls : mapping of name to mapping
        ``mean``, ``high`` (95 %) and ``p`` of the score with conditions permuted, or time shifted.
    reliable : bool
        False where the ceiling reaches down to a null, or the metric's needs are not met.
    why : str
        Why it is not.
    baselines, zoo : tuple of Compared
    nearest : Nearest or None
        None without a zoo.
    """

    metric: str
    direction: str
    range: tuple[float, float] | None
    draws: int
    dropped_draws: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    ceiling: Mapping[str, float] | None = None
    nulls: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    reliable: bool = True
    why: str = ""
    baselines: tuple[Compared, ...] = ()
    zoo: tuple[Compared, ...] = ()
    nearest: Nearest | None = None

    @property
    def hardest_null(self) -> tuple[str, Mapping[str, float]]:
        """Name and numbers of the null of largest p, of those that break what the metric can see."""
        telling = {name: null for name, null in self.nulls.items() if null.get("says", True)} or self.nulls
        name = max(telling, key=lambda each: telling[each]["p"])
        return name, telling[name]

    @property
    def scores_like(self) -> tuple[float, ...]:
        """Gammas of which the networks score neither better nor worse than the model: the interval includes 0."""
        return tuple(one.gamma for one in self.zoo if one.difference_low <= 0 <= one.difference_high)


@dataclass(frozen=True)
class ModelScore:
    """How one model does against one recording.

    Attributes
    ----------
    model, recording : str
    planted_gamma : float or None
        The truth, for a recording made from a known network.
    units : tuple of (int, int)
        Of the model, and of the recording as it was compared.
    settings : mapping
        What the comparison was made with.
    metrics, centred : tuple of MetricScore
        With each unit's mean removed (primary); with the mean over conditions removed as well.
    notes : tuple of str
        What was assumed or left out, in sentences.
    table : pandas.DataFrame
        Every score: what ``scores.csv`` holds.
    """

    model: str
    recording: str
    planted_gamma: float | None
    units: tuple[int, int]
    settings: Mapping[str, Any]
    metrics: tuple[MetricScore, ...]
    centred: tuple[MetricScore, ...]
    notes: tuple[str, ...]
    table: pd.DataFrame = field(repr=False, compare=False)

    @property
    def sentence(self) -> str:
        """The whole of it, by the first metric that names a gamma, or by the first reliable one."""
        reliable = [one for one in self.metrics if one.reliable and one.mean is not None]
        if not reliable:
            return f"No metric can tell {self.model} from chance on {self.recording}: {self.metrics[0].why}."
        naming = [one for one in reliable if one.nearest and one.nearest.verdict in ("resolved", "edge")]
        chosen = (naming or reliable)[0]
        text = (
            f"By {chosen.metric}, {self.model} scores {_interval(chosen.mean, chosen.low, chosen.high)} against "
            f"{self.recording}, where two halves of the recording score {chosen.ceiling['low']:.3g} to "
            f"{chosen.ceiling['high']:.3g}"
        )
        name, null = chosen.hardest_null
        if null["p"] >= SIGNIFICANCE:
            text += f"; this does not stand out from the null '{name}' (p = {null['p']:.2g})"
        if chosen.nearest is None:
            return text + "."
        if not naming:
            return f"{text}; no metric settles on the gamma it is nearest to."
        return f"{text}; its activity is nearest to that of networks at gamma = {chosen.nearest}."

    def to_json(self) -> dict[str, Any]:
        """Lay the score out as ``score.json`` holds it; `json.dumps` takes it with ``allow_nan=False``."""
        return {
            "schema": SCHEMA,
            "model": self.model,
            "recording": self.recording,
            "planted_gamma": self.planted_gamma,
            "units": {"model": self.units[0], "recording": self.units[1]},
            "settings": dict(self.settings),
            "notes": list(self.notes),
            "metrics": {one.metric: _metric_json(one) for one in self.metrics},
            "centred": {one.metric: _metric_json(one) for one in self.centred},
            "summary": {"sentence": self.sentence},
        }

    def __str__(self) -> str:
        """Text for a terminal: the sentence, tables of scores, differences and nearest gammas, and the notes."""
        scores = [["metric", "score [95 %]", "ceiling", "null, 95 %", "p"]]
        others = [["model less", *(f"{one.name} [95 %]" for one in self._baselines())]]
        near = [["nearest", "gamma [95 %]", "score there", "model's own ceiling"]]
        for one in self.metrics:
            if one.mean is None:
                scores.append([one.metric, *"----"])
                continue
            name, null = one.hardest_null
            score = _interval(one.mean, one.low, one.high)
            ceiling = _span((one.ceiling["low"], one.ceiling["high"]))
            scores.append([one.metric, score, ceiling, f"{null['high']:.3f} ({name})", f"{null['p']:.2g}"])
            others.append([one.metric, *map(_difference, one.baselines)])
            if one.nearest and one.nearest.similarity is not None:
                found = one.nearest
                near.append([one.metric, str(found), f"{found.similarity:.3f}", _span(found.ceiling)])
        blocks = [self.sentence, *(_columns(rows) for rows in (scores, others, near) if len(rows) > 1)]
        doubts = [f"{one.metric} is unreliable: {one.why}." for one in self.metrics if not one.reliable]
        if doubts or self.notes:
            blocks.append("\n".join(f"Note: {note}" for note in (*doubts, *self.notes)))
        return "\n\n".join(blocks)

    def _baselines(self) -> tuple[Compared, ...]:
        return next((one.baselines for one in self.metrics if one.baselines), ())


def _metric_json(one: MetricScore) -> dict[str, Any]:
    laid = {name: value for name, value in asdict(one).items() if name != "metric"}
    score = {name: laid.pop(name) for name in ("mean", "low", "high")}
    near = laid.pop("nearest")
    if near is not None:
        near["shares"] = [{"gamma": gamma, "p": p} for gamma, p in near["shares"]]
    return {"score": score if one.mean is not None else None, **laid, "scores_like": one.scores_like, "nearest": near}


def _interval(mean: float, low: float, high: float) -> str:
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def _span(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.3f} to {pair[1]:.3f}"


def _difference(one: Compared) -> str:
    return f"{one.difference:+.3f} [{one.difference_low:+.3f}, {one.difference_high:+.3f}]"


def _columns(rows: list[list[str]]) -> str:
    """Lay rows of text out in columns.

    Examples
    --------
    >>> print(_columns([["metric", "score"], ["cka", "0.5"]]))
    metric  score
    cka     0.5
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
