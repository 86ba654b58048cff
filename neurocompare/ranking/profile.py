r"""A profile: the score of each gamma at the settings that suit it best.

.. math:: p(\gamma) = \max_\theta f(\gamma, \theta)

for the surface f of a score over gamma and all other settings theta, see `Surface`. The maximum is taken anew on every
surface that is as likely: with other units and trials, and with what a finite design does not know of the surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.stats import qmc

from neurocompare.ranking.surface import Surface

SETTINGS = 256
"""Places at which a maximum over settings is looked for, at every gamma; with those uphill from them at each gamma."""

QUARTERS = 4
"""Into which the range of a factor is cut to see whether the answer depends on it."""


@dataclass(frozen=True, eq=False)
class Profile:
    """The score of each gamma at the settings that suit it best.

    Attributes
    ----------
    mean : array, shape (gamma,)
        Of the expected surface.
    deviations : array, shape (resample, gamma)
        Of other surfaces; their mean is taken off, as the highest of many uncertain places lies too high.
    suiting : array, shape (gamma, factor)
        Settings where the expected surface is highest at each gamma, in the unit cube; gamma is not among them.
    settings : array, shape (resample, factor)
        Where each of the other surfaces is highest, to the nearest place that was looked at.
    by_quarter : array, shape (gamma, factor, quarter)
        As `mean`, with one factor kept within a quarter of its range.
    quarter_deviations : array, shape (resample, gamma, factor, quarter)
    """

    mean: np.ndarray
    deviations: np.ndarray
    suiting: np.ndarray
    settings: np.ndarray
    by_quarter: np.ndarray
    quarter_deviations: np.ndarray

    @property
    def best(self) -> np.ndarray:
        """Those of the gamma whose expected score is highest, shape (factor,)."""
        return self.suiting[int(np.argmax(self.mean))]


def profile_of(
    surface: Surface, values: np.ndarray, resampled: np.ndarray, gammas: np.ndarray, *, rng: np.random.Generator
) -> Profile:
    """Take the maximum over settings at each gamma.

    Parameters
    ----------
    surface : Surface
        Over gamma, the first factor, and the others.
    values : array, shape (point,)
        Mean scores.
    resampled : array, shape (resample, point)
        The same of other units and trials; what networks and the design leave open is drawn here.
    gammas : array, shape (gamma,)
        In the unit interval.
    rng : numpy.random.Generator

    Returns
    -------
    Profile
    """
    spread = spread_settings(surface.places.shape[1] - 1, rng)
    # Places apart would leave each gamma's maximum too low by another bit, and move the best one.
    settings = np.vstack([spread, *(uphill(surface, values, gamma, spread) for gamma in gammas)])
    quarter = np.minimum((settings * QUARTERS).astype(int), QUARTERS - 1)
    members = [[np.flatnonzero(column == each) for each in range(QUARTERS)] for column in quarter.T]
    drawn = surface.drawn(resampled, rng)
    highest = np.full(len(resampled), -np.inf)
    where = np.zeros((len(resampled), settings.shape[1]))
    mean, of_draws, by_quarter, quarters_of_draws = [], [], [], []
    for gamma in gammas:
        at = np.column_stack([np.full(len(settings), gamma), settings])
        expected, each = surface.mean(values, at), drawn.at(at)
        mean.append(expected.max())
        of_draws.append(each.max(axis=1))
        by_quarter.append([[expected[some].max() for some in parts] for parts in members])
        quarters_of_draws.append([[each[:, some].max(axis=1) for some in parts] for parts in members])
        better = of_draws[-1] > highest
        highest = np.where(better, of_draws[-1], highest)
        where[better] = settings[each.argmax(axis=1)[better]]
    maxima = np.stack(of_draws, axis=1)
    shape = (len(gammas), settings.shape[1], QUARTERS)  # of no factors too
    quarters = np.moveaxis(np.array(quarters_of_draws).reshape(*shape, len(resampled)), -1, 0)
    return Profile(
        np.array(mean),
        maxima - maxima.mean(axis=0),
        settings[len(spread) :],
        where,
        np.array(by_quarter).reshape(shape),
        quarters - quarters.mean(axis=0),
    )


def uphill(surface: Surface, values: np.ndarray, gamma: float, settings: np.ndarray) -> np.ndarray:
    """Return the settings of the highest expected score at one gamma: uphill from the best of those given.

    Parameters
    ----------
    surface, values
        See `profile_of`.
    gamma : float
        In the unit interval.
    settings : array, shape (place, factor)
        In the unit cube.

    Returns
    -------
    array, shape (factor,)
    """
    if not settings.shape[1]:
        return settings[0]

    def lack(place: np.ndarray) -> float:
        return -float(surface.mean(values, np.array([[gamma, *place]]))[0])

    expected = surface.mean(values, np.column_stack([np.full(len(settings), gamma), settings]))
    start = settings[int(expected.argmax())]
    return minimize(lack, start, bounds=[(0.0, 1.0)] * len(start), method="L-BFGS-B").x


def spread_settings(factors: int, rng: np.random.Generator) -> np.ndarray:
    """Return places that fill the unit cube, shape (`SETTINGS`, factor); the only one where there is no factor."""
    if not factors:
        return np.zeros((1, 0))
    return qmc.Sobol(factors, rng=rng).random(SETTINGS)
