"""Where the points of a design are: every setting on an axis from 0 to 1, gamma's with the reservoir on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurocompare.models.design import factors_of
from neurocompare.ranking.exploration import PointTried
from neurocompare.settings import Exploring

PER_OCTAVE = 2
"""Gammas of the grid in an octave."""


def gamma_grid(exploring: Exploring) -> tuple[float, ...]:
    """Return the gammas at which a profile is computed: 0 where there are reservoirs, then two an octave.

    Examples
    --------
    >>> gamma_grid(Exploring(gamma=(0.1, 0.4)))
    (0.0, 0.1, 0.141, 0.2, 0.283, 0.4)
    """
    low, high = exploring.gamma
    steps = max(2, round(PER_OCTAVE * np.log2(high / low)))
    learned = [float(f"{value:.3g}") for value in np.geomspace(low, high, steps + 1)]
    return (*((0.0,) if exploring.reservoirs > 0 else ()), *learned)


def gamma_places(gammas: Sequence[float] | np.ndarray, exploring: Exploring) -> np.ndarray:
    """Return where gammas are on the first axis: log (gamma + the smallest above 0), 0 to 1.

    The law of networks depends on the square of gamma and tends to the reservoir's as gamma vanishes: on this axis the
    reservoir is a point like others, an octave below the smallest gamma, and not one at minus infinity.

    Examples
    --------
    >>> gamma_places([0.0, 0.1, 0.7], Exploring(gamma=(0.1, 0.7))).round(3).tolist()
    [0.0, 0.333, 1.0]
    """
    low, high = exploring.gamma
    return np.log1p(np.asarray(gammas) / low) / np.log1p(high / low)


def places_of(points: Sequence[PointTried], exploring: Exploring) -> np.ndarray:
    """Return where points are, shape (point, setting), gamma first.

    Examples
    --------
    >>> point = PointTried(0.7, 1.4, 0.1, 400, 1, 0.1, time_step=0.05, loss=0.1, converged=True)
    >>> places_of([point], Exploring(gamma=(0.1, 0.7), g=(0.8, 2), only=("g",))).round(3).tolist()
    [[1.0, 0.5]]
    """
    others = (factor.place([getattr(point, factor.name) for point in points]) for factor in factors_of(exploring)[1:])
    return np.column_stack([gamma_places([point.gamma for point in points], exploring), *others])
