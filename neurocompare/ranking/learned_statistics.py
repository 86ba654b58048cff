r"""Learned statistics: many summary statistics made one for each setting, by regression on planted recordings.

Networks of a design, each recorded as the recording was, are recordings of known settings. With x the leading principal
components of their kernels, the norm of what those leave, and the quartiles of their units' features, each of unit
variance over them, and :math:`\theta` a setting's place on its axis, ridge regression gives

.. math:: t(x) = \bar\theta + (x - \bar x)^T (S + \lambda)^{-1} \mathrm{cov}(x, \theta),

an estimate of the posterior mean of the setting, and as such a statistic that keeps most of what x knows of it
(Fearnhead & Prangle 2012, J. R. Stat. Soc. B 74, 419). How far a recording is from all that networks of the design look
like is its distance :math:`(x - \bar x)^T (S + \lambda)^{-1} (x - \bar x)`.

Both are worth what they are worth on recordings that were not learned from: of each planted one, they come from the
recordings of other points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh

from neurocompare.ranking.summary_statistics import Summary

COMPONENTS = 8
"""Of kernels. From 4 to 60 predict gamma as well, by recordings that were left out."""

RIDGE = 0.1
"""lambda, in units of the variance of x. From 0.02 to 0.25 predict as well."""

FOLDS = 8
"""Parts of a design, each predicted by all others."""


@dataclass(frozen=True, eq=False)
class Planted:
    """Networks of a design, recorded as the recording was, in summary.

    Attributes
    ----------
    kernels : array, shape (recording, pair of samples)
        See `Summary`.
    units : array, shape (recording, statistic)
    point : array of int, shape (recording,)
        The place in the design of the network that was recorded.
    """

    kernels: np.ndarray
    units: np.ndarray
    point: np.ndarray

    @classmethod
    def alone(cls, seen: Summary) -> Planted:
        """Return one recording by itself, as of the first point."""
        return cls(seen.kernel[None], seen.units[None], np.zeros(1, dtype=int))

    def __getitem__(self, chosen: np.ndarray) -> Planted:
        return Planted(self.kernels[chosen], self.units[chosen], self.point[chosen])


@dataclass(frozen=True, eq=False)
class Coordinates:
    """x: components of kernels, the norm of what they leave, and statistics of units, each standardised.

    Attributes
    ----------
    kernel_mean : array, shape (pair of samples,)
    components : array, shape (component, pair of samples)
        Orthonormal, ascending in variance.
    deviations : array, shape (component,)
        Standard deviations of the planted kernels along them.
    left : tuple of float
        Mean and standard deviation of the norm of what they leave of a planted kernel.
    unit_mean, unit_spread : array, shape (statistic,)
        Mean and standard deviation of the planted ones; infinite where they do not differ.
    """

    kernel_mean: np.ndarray
    components: np.ndarray
    deviations: np.ndarray
    left: tuple[float, float]
    unit_mean: np.ndarray
    unit_spread: np.ndarray

    def of(self, planted: Planted) -> np.ndarray:
        """Return x, shape (recording, component + 1 + statistic)."""
        along, beyond = _split(planted.kernels - self.kernel_mean, self.components)
        mean, spread = self.left
        of_units = (planted.units - self.unit_mean) / self.unit_spread
        return np.column_stack([along / self.deviations, (beyond - mean) / spread, of_units])


def _split(centred: np.ndarray, components: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return kernels along components, shape (recording, component), and the norm of what those leave of each."""
    along = centred @ components.T
    return along, np.sqrt(np.maximum((centred**2).sum(axis=1) - (along**2).sum(axis=1), 0.0))


def _coordinates(planted: Planted) -> Coordinates:
    count = len(planted.kernels)
    kernel_mean, unit_mean = planted.kernels.mean(axis=0), planted.units.mean(axis=0)
    centred = planted.kernels - kernel_mean
    # Recordings are fewer than pairs of samples: components come from the small one of the two products.
    used = (max(0, count - COMPONENTS), count - 1)
    variances, vectors = eigh(centred @ centred.T / count, subset_by_index=used)
    kept = variances > 1e-12 * max(variances.max(), 1e-300)
    deviations = np.sqrt(variances[kept])
    components = (centred.T @ vectors[:, kept] / (np.sqrt(count) * deviations)).T
    _, beyond = _split(centred, components)
    least = 1e-3 * float(np.sqrt((centred**2).sum(axis=1).mean()))  # where components leave nothing but rounding
    left = float(beyond.mean()), max(float(beyond.std()), least) or np.inf
    spread = planted.units.std(axis=0)
    spread = np.where(spread > 1e-12 * np.abs(unit_mean), spread, np.inf)
    return Coordinates(kernel_mean, components, deviations, left, unit_mean, spread)


@dataclass(frozen=True, eq=False)
class Regression:
    """Learned statistics and distances as functions of what is seen.

    Attributes
    ----------
    coordinates : Coordinates
    covariance : tuple
        Cholesky factor of S + lambda.
    weights : array, shape (coordinate, setting)
    mean : array, shape (setting,)
        Of the planted settings' places.
    """

    coordinates: Coordinates
    covariance: tuple[np.ndarray, bool]
    weights: np.ndarray
    mean: np.ndarray

    def apply(self, planted: Planted) -> tuple[np.ndarray, np.ndarray]:
        """Return t, shape (recording, setting), and distances."""
        x = self.coordinates.of(planted)
        return self.mean + x @ self.weights, (x * cho_solve(self.covariance, x.T).T).sum(axis=1)


def _regression(planted: Planted, wanted: np.ndarray) -> Regression:
    coordinates, mean = _coordinates(planted), wanted.mean(axis=0)
    x = coordinates.of(planted)
    covariance = cho_factor(x.T @ x / len(x) + RIDGE * np.eye(x.shape[1]))
    return Regression(coordinates, covariance, cho_solve(covariance, x.T @ (wanted - mean) / len(x)), mean)


@dataclass(frozen=True, eq=False)
class Learned:
    """What is learned from planted recordings.

    Attributes
    ----------
    statistics : array, shape (recording, setting)
        t of each planted recording, learned from those of other points.
    distances : array, shape (recording,)
        The same of how far each is from the others.
    fold : array of int, shape (recording,)
        The part of the design each is of.
    from_all : Regression
        Learned from all of them, for other recordings.
    """

    statistics: np.ndarray
    distances: np.ndarray
    fold: np.ndarray
    from_all: Regression


def learn(planted: Planted, places: np.ndarray) -> Learned:
    """Learn a statistic for every setting, and how networks of the design look.

    Parameters
    ----------
    planted : Planted
        Of at least two points.
    places : array, shape (point, setting)
        Of the design's points, see `places_of`.

    Returns
    -------
    Learned

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> places = rng.uniform(size=(40, 1))
    >>> units = places + 0.1 * rng.standard_normal((40, 3))
    >>> found = learn(Planted(rng.standard_normal((40, 6)), units, np.arange(40)), places)
    >>> bool(np.corrcoef(found.statistics[:, 0], places[:, 0])[0, 1] > 0.9)
    True
    """
    wanted = places[planted.point]
    statistics, distances = np.empty_like(wanted), np.empty(len(wanted))
    # Points that follow each other in a Sobol sequence fill the design: every fold is spread over it.
    fold = planted.point * FOLDS // len(places)
    for each in np.unique(fold):
        left, others = fold == each, fold != each
        statistics[left], distances[left] = _regression(planted[others], wanted[others]).apply(planted[left])
    return Learned(statistics, distances, fold, _regression(planted, wanted))
