r"""Inferred settings: if a network of a design made the recording, which one, with all settings unknown.

Of a setting :math:`\theta` the posterior given its learned statistic t (`learn`) is

.. math:: p(\theta | t) \propto p(\theta) \, \mathrm{Normal}(t; m(\theta), s(\theta)^2),

with the design's prior, and m, a parabola, and :math:`\log s`, a line, fitted to the statistics of planted recordings
that t was not learned from: approximate Bayesian computation with one learned statistic (Fearnhead & Prangle 2012).
That it is calibrated is seen on the same recordings: how many intervals hold their truth, and how much more probable
the truth is than under the prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize

from neurocompare.models.design import factors_of
from neurocompare.ranking.design_places import gamma_places, places_of
from neurocompare.ranking.exploration import Inferred, InferredSetting, PointTried, Unlike
from neurocompare.ranking.learned_statistics import Learned, Planted, Regression, learn
from neurocompare.ranking.summary_statistics import Summary
from neurocompare.settings import Exploring

CELLS = 200
"""Of a setting's range, equally likely before anything is seen."""

LEVEL = 0.95
"""Probability of an interval."""

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
    """

    values: np.ndarray
    places: np.ndarray
    weights: np.ndarray


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
    gammas, weights = gamma.at(middles), (1 - reservoirs) * even
    if reservoirs > 0:
        gammas, weights = np.concatenate([[0.0], gammas]), np.concatenate([[reservoirs], weights])
    priors = {gamma.name: Prior(gammas, gamma_places(gammas, exploring), weights)}
    return priors | {each.name: Prior(each.at(middles), middles, even) for each in others}


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
    [1.36, 1.44]
    """
    logs = np.log(prior.weights) + law.log(statistics[:, None], prior.places)
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    return chances / chances.sum(axis=1, keepdims=True)


def interval(prior: Prior, chances: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Return the values between which a setting lies with a probability, as much left out on each side.

    Parameters
    ----------
    prior : Prior
    chances : array, shape (recording, cell)
    level : float

    Returns
    -------
    array, shape (recording, 2)
    """
    below = chances.cumsum(axis=1)
    tail = 0.5 * (1 - level)
    ends = [(below < share - 1e-12).sum(axis=1) for share in (tail, 1 - tail)]
    return prior.values[np.minimum(np.stack(ends, axis=1), len(prior.values) - 1)]


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
    truths : array, shape (recording, setting)
        Of the planted recordings.
    """

    learned: Learned
    priors: tuple[tuple[str, Prior], ...]
    laws: tuple[StatisticLaw, ...]
    truths: np.ndarray

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
        statistics, distances = learned.from_all.apply(
            Planted(observed.kernel[None], observed.units[None], np.array([0]))
        )
        settings = []
        for k, (name, prior) in enumerate(self.priors):
            chances = posterior(prior, self.laws[k], statistics[:, k])
            low, high = interval(prior, chances)[0].tolist()
            median = float(interval(prior, chances, 0.0)[0, 0])
            settings.append(InferredSetting(name, median, (low, high), *self.calibration[k]))
        _, gamma = self.priors[0]
        return Inferred(
            settings=tuple(settings),
            gammas=tuple(gamma.values.tolist()),
            before=tuple(gamma.weights.tolist()),
            chances=tuple(posterior(gamma, self.laws[0], statistics[:, 0])[0].tolist()),
            recordings=len(self.truths),
            odd=(1 + int((learned.distances >= distances[0]).sum())) / (1 + len(learned.distances)),
            unlike=_unlike(learned.from_all, observed),
        )

    def left_out(self, setting: int) -> np.ndarray:
        """Return the posterior of a setting of each planted recording, from recordings of other points alone.

        Shape (recording, cell); but for the five numbers of the law, which are fitted to all.
        """
        return posterior(self.priors[setting][1], self.laws[setting], self.learned.statistics[:, setting])

    @cached_property
    def calibration(self) -> tuple[tuple[float, float], ...]:
        """Of each setting, the share of planted recordings whose interval holds their truth, and the gain in nats."""
        calibrated = []
        for k, (_, prior) in enumerate(self.priors):
            chances = self.left_out(k)
            lows, highs = interval(prior, chances).T
            # A truth counts as the middle of its cell.
            cell = np.abs(prior.values - self.truths[:, k : k + 1]).argmin(axis=1)
            held = (prior.values[cell] >= lows) & (prior.values[cell] <= highs)
            gain = np.log(chances[np.arange(len(cell)), cell] / prior.weights[cell])
            calibrated.append((float(held.mean()), float(gain.mean())))
        return tuple(calibrated)


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
    """
    places, priors = places_of(points, exploring), priors_of(exploring)
    learned = learn(planted, places)
    at = places[planted.point]
    laws = [fit_law(learned.statistics[:, k], at[:, k]) for k in range(at.shape[1])]
    truths = np.array([[getattr(points[place], name) for name in priors] for place in planted.point])
    return Inference(learned, tuple(priors.items()), tuple(laws), truths)


def _unlike(planted: Regression, observed: Summary) -> tuple[Unlike, ...]:
    deviations = (observed.units - planted.unit_mean) / planted.unit_spread
    return tuple(
        Unlike(observed.names[k], float(observed.units[k]), float(deviations[k]))
        for k in np.argsort(-np.abs(deviations))[:MOST_UNLIKE]
        if abs(deviations[k]) >= FARTHEST
    )
