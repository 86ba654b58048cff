"""A joint design: points that fill the ranges of all settings nobody knows, gamma among them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import qmc

from neurocompare.settings import Exploring, Family
from neurocompare.settings.exploring import LOGARITHMIC

DIGITS = 4
"""Significant digits of a value: what is printed is what was used."""


@dataclass(frozen=True)
class DesignPoint:
    """Where a design makes networks.

    Attributes
    ----------
    family : Family
    gamma : float
    lag : float
        How far the movement lags behind activity, s.

    Examples
    --------
    >>> point = DesignPoint(Family(tau=0.08), gamma=0.4, lag=0.1)
    >>> point.value("tau"), point.value("gamma"), point.value("lag")
    (0.08, 0.4, 0.1)
    """

    family: Family
    gamma: float
    lag: float

    def value(self, name: str) -> float:
        """Return gamma, the lag, or a setting of the family."""
        return getattr(self, name) if name in ("gamma", "lag") else getattr(self.family, name)


@dataclass(frozen=True)
class Factor:
    """A setting that a design varies: its range, and its place in the unit interval.

    Attributes
    ----------
    name : str
    low, high : float
    log : bool
        Whether equal ratios are equally likely, or equal steps.

    Examples
    --------
    >>> tau = Factor("tau", 0.05, 0.2, log=True)
    >>> tau.at(0.5).round(9), tau.place(0.1).round(9)
    (np.float64(0.1), np.float64(0.5))
    """

    name: str
    low: float
    high: float
    log: bool

    def at(self, share: ArrayLike) -> np.ndarray:
        """Return the values below which the prior has these shares."""
        share = np.asarray(share, dtype=np.float64)
        if self.log:
            return self.low * (self.high / self.low) ** share
        return self.low + (self.high - self.low) * share

    def place(self, values: ArrayLike) -> np.ndarray:
        """Return the share of the prior below these values."""
        values = np.asarray(values, dtype=np.float64)
        if self.log:
            return np.log(values / self.low) / math.log(self.high / self.low)
        return (values - self.low) / (self.high - self.low)


def factors_of(exploring: Exploring) -> tuple[Factor, ...]:
    """Return what a design varies, gamma first; gamma's range is that of points that are no reservoirs."""
    return tuple(Factor(name, *getattr(exploring, name), log=name in LOGARITHMIC) for name in exploring.varied)


def design_of(exploring: Exploring, family: Family, lag: float, rng: np.random.Generator) -> tuple[DesignPoint, ...]:
    """Lay out a design: a scrambled Sobol sequence, each coordinate through the quantiles of its prior.

    gamma is 0 where its coordinate is below the share of reservoirs. Values have four significant digits, so that what
    is printed is what was used; points that are then equal are one, as all reservoirs are where gamma alone varies. A
    longer design begins with a shorter one of the same `rng`.

    Parameters
    ----------
    exploring : Exploring
    family : Family
        Gives every setting that is not varied.
    lag : float
        In s, where it is not varied.
    rng : numpy.random.Generator
        Of the scrambling.

    Returns
    -------
    tuple of DesignPoint

    References
    ----------
    Owen (1998). Scrambling Sobol' and Niederreiter-Xing points. Journal of Complexity 14.

    Examples
    --------
    >>> points = design_of(Exploring(points=32), Family(), 0.1, np.random.default_rng(0))
    >>> len(points), sum(point.gamma == 0 for point in points)
    (32, 3)
    """
    gamma, *others = factors_of(exploring)
    # Drawn to the next power of two, of which alone the sequence is balanced, and cut.
    shares = qmc.Sobol(1 + len(others), rng=rng).random_base2(math.ceil(math.log2(exploring.points)))
    points = []
    for first, *rest in shares[: exploring.points]:
        learned = (first - exploring.reservoirs) / (1 - exploring.reservoirs)
        values = {each.name: _rounded(each.at(share)) for each, share in zip(others, rest, strict=True)}
        own = values.pop("lag", lag)
        points.append(DesignPoint(replace(family, **values), _rounded(gamma.at(learned)) if learned >= 0 else 0.0, own))
    return tuple(dict.fromkeys(points))


def step_for(tau: float, *, time_step: float, steps: int) -> float:
    """Return the time step of a point's task: the usual one, or a whole share of it that `tau` has `steps` of.

    Parameters
    ----------
    tau, time_step : float
        In s.
    steps : int
        Fewest in a time constant.

    Examples
    --------
    >>> [step_for(tau, time_step=0.05, steps=4) for tau in (0.2, 0.12, 0.05)]
    [0.05, 0.025, 0.0125]
    """
    return time_step / max(1, math.ceil(steps * time_step / tau * (1 - 1e-9)))


def _rounded(value: np.ndarray) -> float:
    return float(f"{float(value):.{DIGITS}g}")
