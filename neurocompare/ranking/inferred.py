r"""Inferred settings: if a network of a design made the recording, which one, with all settings unknown.

Of a setting :math:`\theta` the posterior given its learned statistic t (`learn`) is

.. math:: p(\theta | t) \propto p(\theta) \, \mathrm{Normal}(t; m(\theta), s(\theta)^2),

with the design's prior, and m, a parabola, and :math:`\log s`, a line, fitted to the statistics of planted recordings
that t was not learned from: approximate Bayesian computation with one learned statistic (Fearnhead & Prangle 2012).
Whether it is calibrated is seen on those recordings, with laws fitted to the other parts of the design: how many
intervals hold their truth, which sets how wide intervals are, and how much more probable the truth is than before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize

from neurocompare.errors import InputError
from neurocompare.models.design import factors_of
from neurocompare.ranking.design_places import gamma_places, places_of
from neurocompare.ranking.exploration import Inferred, InferredSetting, PointTried, Unlike
from neurocompare.ranking.learned_statistics import FOLDS, Coordinates, Learned, Planted, learn
from neurocompare.ranking.summary_statistics import Summary
from neurocompare.settings import Exploring

CELLS = 200
"""Of a setting's range, equally likely before anything is seen."""

LEVEL, LEVELS = 0.95, (0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.999)
"""Share of truths that intervals are to hold, and probabilities by a posterior among which one is chosen that does."""

KERNEL = "how the population moves"
"""Name of the kernel among statistics: of what its components leave of it, and of each of them."""

FARTHEST, MOST_UNLIKE = 2.0, 3
"""Standard deviations from which on a statistic counts as unlike, and how many are named."""


@dataclass(frozen=True, eq=False)
class Prior:
    """Values of a setting, ascending, and what is known of them before anything is seen.

    Attributes
    ----------
    values : array, shape (cell,)
    places : array, shape (cell,)
        On the axis from 0 to 1.
    weights : array, shape (cell,)
        Their sum is 1.
    edges : array, shape (cell, 2)
        Values between which a cell lies.
    """

    values: np.ndarray
    places: np.ndarray
    weights: np.ndarray
    edges: np.ndarray

    def cell(self, values: np.ndarray) -> np.ndarray:
        """Return which cell each value is in, shape (value,)."""
        return np.minimum(np.searchsorted(self.edges[:, 1], values), len(self.values) - 1)


def priors_of(exploring: Exploring) -> dict[str, Prior]:
    """Return the prior of each setting that a design varies, gamma first.

    Examples
    --------
    >>> prior = priors_of(Exploring())["gamma"]
    >>> float(prior.values[0]), float(prior.weights[0]), float(prior.weights.sum().round(9))
    (0.0, 0.1, 1.0)
    """
    gamma, *others = factors_of(exploring)
    middles = (np.arange(CELLS) + 0.5) / CELLS
    even, reservoirs = np.full(CELLS, 1 / CELLS), exploring.reservoirs
    ends = np.column_stack([np.arange(CELLS), np.arange(1, CELLS + 1)]) / CELLS
    gammas, weights, edges = gamma.at(middles), (1 - reservoirs) * even, gamma.at(ends)
    if reservoirs > 0:
        gammas, weights = np.concatenate([[0.0], gammas]), np.concatenate([[reservoirs], weights])
        edges = np.vstack([[0.0, 0.0], edges])
    priors = {gamma.name: Prior(gammas, gamma_places(gammas, exploring), weights, edges)}
    return priors | {each.name: Prior(each.at(middles), middles, even, each.at(ends)) for each in others}


@dataclass(frozen=True)
class StatisticLaw:
    """The law of a learned statistic given the setting's place: Normal, m a parabola, log s a line.

    Attributes
    ----------
    mean : tuple of float
        Coefficients of 1, place and its square.
    log_spread : tuple of float
        Of 1 and place.
    """

    mean: tuple[float, ...]
    log_spread: tuple[float, ...]

    def log(self, statistics: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Return log densities but for a constant, broadcast."""
        mean, spread = _mean(self.mean, places), np.polynomial.polynomial.polyval(places, self.log_spread)
        return -spread - 0.5 * ((statistics - mean) / np.exp(spread)) ** 2


def fit_law(statistics: np.ndarray, places: np.ndarray) -> StatisticLaw:
    """Return the law under which the statistics are most likely.

    Parameters
    ----------
    statistics, places : array, shape (recording,)

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> places = rng.uniform(size=4000)
    >>> found = fit_law(0.2 + 0.5 * places + 0.1 * rng.standard_normal(4000), places)
    >>> np.abs(np.array(found.mean) - [0.2, 0.5, 0]).max() < 0.05, abs(np.exp(found.log_spread[0]) - 0.1) < 0.01
    (np.True_, np.True_)
    """
    start = np.polynomial.polynomial.polyfit(places, statistics, 2)
    spread = max(float((statistics - _mean(start, places)).std()), 1e-6)

    def lack(given: np.ndarray) -> float:
        return -float(StatisticLaw(tuple(given[:3]), tuple(given[3:])).log(statistics, places).mean())

    fitted = minimize(lack, [*start, np.log(spread), 0.0], method="BFGS").x.tolist()
    return StatisticLaw(tuple(fitted[:3]), tuple(fitted[3:]))


def _mean(coefficients: Sequence[float] | np.ndarray, places: np.ndarray) -> np.ndarray:
    return np.polynomial.polynomial.polyval(places, coefficients)


def posterior(prior: Prior, law: StatisticLaw, statistics: np.ndarray) -> np.ndarray:
    """Return the probability of each cell, shape (recording, cell), for statistics of shape (recording,).

    Examples
    --------
    >>> known = posterior(priors_of(Exploring())["g"], StatisticLaw((0, 1, 0), (-4, 0)), np.array([0.5]))
    >>> interval(priors_of(Exploring())["g"], known)[0].round(2).tolist()  # g = 1.4, +- 2 x 1.2 exp(-4)
    [1.35, 1.44]
    """
    logs = np.log(prior.weights) + law.log(statistics[:, None], prior.places)
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    return chances / chances.sum(axis=1, keepdims=True)


def interval(prior: Prior, chances: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Return the values between which a setting lies with a probability: the fewest cells in a row that have it.

    Of all intervals of that probability the one of the highest density, so that it reaches an end of the range where
    the density does.

    Parameters
    ----------
    prior : Prior
    chances : array, shape (recording, cell)
    level : float

    Returns
    -------
    array, shape (recording, 2)
    """
    cells = chances.shape[1]
    ends = np.empty((len(chances), 2))
    for row, each in enumerate(chances):
        below = np.concatenate([[0.0], each.cumsum()])
        last = np.searchsorted(below, below[:-1] + level - 1e-12)  # of a run that begins at each cell, one beyond
        runs = np.where(last <= cells, last - np.arange(cells), cells + 1)
        first = np.flatnonzero(runs == runs.min())
        best = first[np.argmax(below[last[first]] - below[first])]
        ends[row] = prior.edges[best, 0], prior.edges[last[best] - 1, 1]
    return ends


def median(prior: Prior, chances: np.ndarray) -> np.ndarray:
    """Return the median of a setting, shape (recording,)."""
    return prior.values[(chances.cumsum(axis=1) < 0.5).sum(axis=1)]


@dataclass(frozen=True, eq=False)
class Inference:
    """Everything that is learned from the planted recordings of a design.

    Attributes
    ----------
    learned : Learned
    priors : tuple of (str, Prior)
        By setting, gamma first.
    laws : tuple of StatisticLaw
        Of each setting's statistic.
    truths, places : array, shape (recording, setting)
        Of the planted recordings, and where these are on their axes.
    """

    learned: Learned
    priors: tuple[tuple[str, Prior], ...]
    laws: tuple[StatisticLaw, ...]
    truths: np.ndarray
    places: np.ndarray

    def of(self, observed: Summary) -> Inferred:
        """Infer the settings of the network that made a recording, if one of the design did.

        Parameters
        ----------
        observed : Summary
            Of the recording.

        Returns
        -------
        Inferred
        """
        learned = self.learned
        statistics, distances = learned.from_all.apply(Planted.alone(observed))
        posteriors = [
            posterior(prior, law, statistics[:, k])
            for k, ((_, prior), law) in enumerate(zip(self.priors, self.laws, strict=True))
        ]
        settings = []
        for (name, prior), chances, (level, coverage, gain) in zip(
            self.priors, posteriors, self.calibration, strict=True
        ):
            low, high = interval(prior, chances, level)[0].tolist()
            settings.append(InferredSetting(name, float(median(prior, chances)[0]), (low, high), coverage, gain))
        _, gamma = self.priors[0]
        return Inferred(
            settings=tuple(settings),
            gammas=tuple(gamma.values.tolist()),
            before=tuple(gamma.weights.tolist()),
            chances=tuple(posteriors[0][0].tolist()),
            recordings=len(self.truths),
            odd=(1 + int((learned.distances >= distances[0]).sum())) / (1 + len(learned.distances)),
            unlike=_unlike(learned.from_all.coordinates, observed),
        )

    def left_out(self, setting: int) -> np.ndarray:
        """Return the posterior of a setting of each planted recording, from those of other parts of the design alone.

        Shape (recording, cell).
        """
        prior, statistics = self.priors[setting][1], self.learned.statistics[:, setting]
        chances = np.empty((len(statistics), len(prior.values)))
        for part in np.unique(self.learned.fold):
            left = self.learned.fold == part
            law = fit_law(statistics[~left], self.places[~left, setting])
            chances[left] = posterior(prior, law, statistics[left])
        return chances

    @cached_property
    def calibration(self) -> tuple[tuple[float, float, float], ...]:
        """Of each setting the level of intervals, the share of truths left out that they hold, and the gain in nats.

        The level is the lowest of `LEVELS` that holds 95 %: the law is fitted to few points, and is not quite of its
        form, so posteriors are a little too sure.
        """
        calibrated = []
        for k, (_, prior) in enumerate(self.priors):
            chances, truths = self.left_out(k), self.truths[:, k]
            for level in LEVELS:
                held = _held(prior, chances, truths, level)
                if held >= LEVEL:
                    break
            cell = prior.cell(truths)
            # What rounding makes impossible counts as one in 10^12.
            gain = np.log(np.maximum(chances[np.arange(len(cell)), cell], 1e-12) / prior.weights[cell])
            calibrated.append((level, held, float(gain.mean())))
        return tuple(calibrated)


def _held(prior: Prior, chances: np.ndarray, truths: np.ndarray, level: float) -> float:
    lows, highs = interval(prior, chances, level).T
    return float(((truths >= lows) & (truths <= highs)).mean())


def inference_of(planted: Planted, points: Sequence[PointTried], exploring: Exploring) -> Inference:
    """Learn from planted recordings what tells the settings of the networks behind them.

    Parameters
    ----------
    planted : Planted
        Networks of the design, recorded as the recording was.
    points : sequence of PointTried
    exploring : Exploring
        The ranges that they are of.

    Returns
    -------
    Inference

    Raises
    ------
    InputError
        If recordings of fewer than `FOLDS` points show anything.
    """
    if len(np.unique(planted.point)) < FOLDS:
        count = len(np.unique(planted.point))
        raise InputError(f"expected planted recordings of at least {FOLDS} points, found {count} that show anything")
    places, priors = places_of(points, exploring), priors_of(exploring)
    learned = learn(planted, places)
    at = places[planted.point]
    laws = [fit_law(learned.statistics[:, k], at[:, k]) for k in range(at.shape[1])]
    truths = np.array([[getattr(points[place], name) for name in priors] for place in planted.point])
    return Inference(learned, tuple(priors.items()), tuple(laws), truths, at)


def _unlike(coordinates: Coordinates, observed: Summary) -> tuple[Unlike, ...]:
    """Name the coordinates in which a recording is farthest from the planted ones."""
    x, (mean, spread) = coordinates.of(Planted.alone(observed))[0], coordinates.left
    components = len(coordinates.components)
    names = [f"{KERNEL}, component {k}" for k in range(components, 0, -1)] + [KERNEL, *observed.names]
    values = [*x[:components], mean + spread * x[components], *observed.units]
    farthest = np.argsort(-np.abs(x), kind="stable")[:MOST_UNLIKE]
    return tuple(Unlike(names[k], float(values[k]), float(x[k])) for k in farthest if abs(x[k]) >= FARTHEST)
