"""Exploration: which gammas are least unlike a recording, whatever the other settings are; ``exploration.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal

from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.metric_ranking import MetricRanking, summed_up
from neurocompare.ranking.shift import Shift
from neurocompare.records import Count, Former, NotNegative, Positive, Share, expect
from neurocompare.settings.exploring import RANGES
from neurocompare.shown import Overview, Shown


@dataclass(frozen=True)
class Extent:
    """A setting that varies, with its smallest and largest value."""

    setting: str
    low: float
    high: float

    def __post_init__(self) -> None:
        expect(f"{self.setting} to vary from a smaller value to a larger one", self.low < self.high)


@dataclass(frozen=True)
class PointTried:
    """A point of the design: its settings, and how well its networks do.

    Attributes
    ----------
    gamma, g, tau, beta, input_scale, lag : float
        tau and lag in s.
    time_step : float
        Of its task, s.
    loss : float
        Of its networks, as a share of the zero output's.
    converged : bool
        Whether its chains are long enough.
    """

    gamma: NotNegative
    g: Positive
    tau: Positive
    beta: Positive
    input_scale: Positive
    lag: float
    time_step: Positive
    loss: NotNegative
    converged: bool


@dataclass(frozen=True)
class Quarter:
    """The answer where one setting is kept within a quarter of its range.

    Attributes
    ----------
    low, high : float
        Of the setting.
    best_gamma : float
        Of the grid.
    gamma_interval : tuple of (float, float)
        Holds it in 95 % of resamples.
    score : float
        The highest adjusted score there.
    """

    low: float
    high: float
    best_gamma: NotNegative
    gamma_interval: tuple[NotNegative, NotNegative]
    score: float

    def __post_init__(self) -> None:
        expect("a quarter that ascends", self.low < self.high)
        low, high = self.gamma_interval
        expect("an interval that holds the best gamma of a quarter", low <= self.best_gamma <= high)


@dataclass(frozen=True)
class FactorAnswer:
    """What is known of a setting where the score is highest, and how the answer depends on it.

    Attributes
    ----------
    name : str
    best : float
        Its value where the expected score is highest.
    interval : tuple of (float, float)
        Holds that value in 95 % of resamples.
    edge : str or None
        The end of its range at which the best value lies, ``"low"`` or ``"high"``: the best may lie beyond.
    quarters : tuple of Quarter
        Ascending.
    """

    name: str
    best: float
    interval: tuple[float, float]
    edge: Literal["low", "high"] | None
    quarters: tuple[Quarter, ...]

    def __post_init__(self) -> None:
        expect(f"an interval that holds the best {self.name}", self.interval[0] <= self.best <= self.interval[1])
        rising = all(one.high <= other.low * (1 + 1e-9) + 1e-9 for one, other in pairwise(self.quarters))
        expect(f"four quarters of the range of {self.name}, ascending", len(self.quarters) == 4 and rising)

    @property
    def moves(self) -> float:
        """By how much the highest score differs between quarters of its range."""
        scores = [quarter.score for quarter in self.quarters]
        return max(scores) - min(scores)


@dataclass(frozen=True)
class Emulated:
    """How well the surface between the points of the design is known.

    Attributes
    ----------
    lengths : mapping of name to float
        Over how much of its range a setting, gamma among them, changes the score; 10 where it does not.
    noise : float
        Standard deviation of a point's score around the surface: networks of equal settings differ.
    explained : float
        Share of the variance of scores over points that is predicted by all other points.
    within : float
        Share of points whose score lies within the 95 % interval of that prediction.
    """

    lengths: Mapping[str, Positive]
    noise: NotNegative
    explained: float
    within: Share


@dataclass(frozen=True)
class Adequacy:
    """Whether any network of the design could be the circuit.

    Attributes
    ----------
    score, low, high : float
        Likeness (plain score) of the networks of the best point, and its 95 % interval.
    ceiling : tuple of (float, float)
        What two halves of the recording score against each other.
    kinematic : float or None
        Of units that only follow the movement.
    """

    score: float
    low: float
    high: float
    ceiling: tuple[float, float]
    kinematic: float | None

    def __post_init__(self) -> None:
        expect("a likeness with an interval that ascends", self.low <= self.high)
        expect("a ceiling that ascends", self.ceiling[0] <= self.ceiling[1])

    @property
    def reaches(self) -> bool:
        """Whether the highest score is within the ceiling's interval, or beyond."""
        return self.score >= self.ceiling[0]


@dataclass(frozen=True, repr=False)
class MetricExploration(Shown):
    """What one metric says, under one centring.

    Attributes
    ----------
    ranking : MetricRanking
        Of the profile: each gamma's adjusted score is the highest over all settings, by the surface. Its plain score is
        that of the networks of the design's point that is nearest to there, as measured.
    factors : tuple of FactorAnswer
        Empty, as everything below, where nothing could be computed.
    points : tuple of float
        Adjusted score of each point of the design.
    emulated : Emulated or None
    adequacy : Adequacy or None
    """

    ranking: MetricRanking
    factors: tuple[FactorAnswer, ...] = ()
    points: tuple[float, ...] = ()
    emulated: Emulated | None = None
    adequacy: Adequacy | None = None

    def __post_init__(self) -> None:
        expect("a surface where points are scored, and nowhere else", (self.emulated is not None) == bool(self.points))
        answered = self.ranking.best_gamma is not None and bool(self.ranking.judged)
        expect("scores along gamma where points are scored", answered or not self.points)

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        return Overview(f"Exploration by {self.ranking.metric}", self.ranking.overview().rows)


@dataclass(frozen=True)
class InferredSetting:
    """A setting of the network that made the recording, if one of the design did.

    Attributes
    ----------
    name : str
    median : float
    interval : tuple of (float, float)
        It lies between them with a probability of 95 %.
    coverage : float
        Share of planted recordings, of which nothing was learned, whose interval holds the truth.
    gain : float
        How much more probable their truth is than before they were seen: mean log ratio, nats.
    """

    name: str
    median: float
    interval: tuple[float, float]
    coverage: Share
    gain: float

    def __post_init__(self) -> None:
        expect(f"an interval of {self.name} that ascends", self.interval[0] <= self.interval[1])


@dataclass(frozen=True)
class Unlike:
    """A statistic in which the recording is unlike the networks of a design.

    Attributes
    ----------
    name : str
        Such as ``"complexity, 50 %"``: a feature of `SingleUnit`, and which quartile over units.
    value : float
        Of the recording, in the feature's unit.
    deviation : float
        From the mean of planted recordings, in their standard deviations.
    """

    name: str
    value: float
    deviation: float


@dataclass(frozen=True)
class Inferred:
    """Which network of a design made the recording, if one did, and whether one could have.

    Attributes
    ----------
    settings : tuple of InferredSetting
        Of everything that the design varies, gamma first.
    gammas : tuple of float
        Values of gamma, ascending.
    before, chances : tuple of float
        The probability of each before the recording was seen, and given it.
    recordings : int
        Planted recordings that this was learned from.
    odd : float
        Share of planted recordings that are as far from those of all other points as the recording is: where it is
        small, no network of the design made it.
    unlike : tuple of Unlike
        Statistics in which it is farthest from them.
    """

    settings: tuple[InferredSetting, ...]
    gammas: tuple[NotNegative, ...]
    before: tuple[Share, ...]
    chances: tuple[Share, ...]
    recordings: Count
    odd: Share
    unlike: tuple[Unlike, ...]

    def __post_init__(self) -> None:
        expect("gamma first among the settings that are inferred", bool(self.settings) and self.gamma.name == "gamma")
        expect("gammas that ascend", all(low < high for low, high in pairwise(self.gammas)))
        for chances in (self.before, self.chances):
            expect("as many probabilities as gammas", len(chances) == len(self.gammas))
            expect("probabilities that add up to 1", not chances or abs(sum(chances) - 1) < 1e-6)

    @property
    def gamma(self) -> InferredSetting:
        """The first of the settings."""
        return self.settings[0]


@dataclass(frozen=True)
class RecordingExplored:
    """One of several explorations that are pooled: its recording, where it lies, and its own headline."""

    recording: str
    folder: str
    headline: str = ""


@dataclass(frozen=True)
class PooledExploration:
    """What explorations of several recordings have beside one of one.

    Attributes
    ----------
    rule : str
        How its numbers are to be read, in a sentence.
    by_recording : tuple of RecordingExplored
    shifts : tuple of Shift
        Whether the recordings' own best gammas differ where they share all other settings, by metric and pair.
    """

    rule: str
    by_recording: tuple[RecordingExplored, ...]
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, repr=False)
class Exploration(Shown):
    """The gamma of least discrepancy, profiled over all settings that nobody knows.

    Attributes
    ----------
    recording : str
    planted_gamma : float or None
        The truth, for a recording made from a known network.
    headline : str
        The answer, in at most 25 words.
    conditions : tuple of str
        What it holds under, a sentence each.
    over : tuple of Extent
        Ranges of the settings it is profiled over.
    gammas : tuple of (float, float)
        Range of the gammas above 0 in the design.
    points : tuple of PointTried
    sampling : Sampling
    metrics, centred : mapping of metric name to MetricExploration
        With each unit's mean removed, and with the mean over conditions removed as well.
    inferred : Inferred or None
        Which network made the recording, if one of the design did; None where no networks were recorded.
    pooled : PooledExploration or None
        None for a single recording.

    Examples
    --------
    >>> import neurocompare as nc
    >>> nc.explore("session.nwb").headline  # doctest: +SKIP
    'By procrustes, gamma is at most 0.2 (95 %), whatever g, tau, beta, input scale and lag are within these ranges'
    """

    SCHEMA: ClassVar[int] = 1
    FORMER: ClassVar[Former] = {}
    AGAIN: ClassVar[str] = "run the exploration again"

    recording: str
    planted_gamma: float | None
    headline: str
    conditions: tuple[str, ...]
    over: tuple[Extent, ...]
    gammas: tuple[float, float]
    points: tuple[PointTried, ...]
    sampling: Sampling
    metrics: Mapping[str, MetricExploration]
    centred: Mapping[str, MetricExploration]
    inferred: Inferred | None = None
    pooled: PooledExploration | None = None

    def __post_init__(self) -> None:
        varied = [each.setting for each in self.over]
        expect("points of a design", bool(self.points))
        expect("gammas that ascend from above 0", 0 < self.gammas[0] < self.gammas[1])
        expect("settings that a design varies, each once", varied == [name for name in RANGES[1:] if name in varied])
        expect("metrics", bool(self.metrics))
        for name, each in (*self.metrics.items(), *self.centred.items()):
            expect(f"a score by {name} of every point", len(each.points) in (0, len(self.points)))
            expect(
                f"an answer by {name} of every setting", not each.points or varied == [one.name for one in each.factors]
            )
            expect(f"{name} under its name", each.ranking.metric == name)

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        verdicts, table = summed_up({name: explored.ranking for name, explored in self.metrics.items()})
        facts = (("answer", self.headline), ("verdicts", verdicts), ("points", f"{len(self.points)}"))
        return Overview(f"Exploration of {self.recording}", facts, table)
