"""Single units: whether two populations are made of the same kinds of units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.metrics.matched import Axes, axes_of, check_matched
from neurocompare.metrics.unit_features import (
    LEAST_DIRECTIONS,
    TEMPORAL_FEATURES,
    condition_share,
    direction_tuning,
    temporal_features,
)
from neurocompare.responses import Responses


@dataclass(frozen=True, eq=False)
class UnitFeatures:
    """The features of every unit of a population.

    Attributes
    ----------
    axes : Axes
    units : array, shape (unit,)
        Labels.
    names : tuple of str
        The features that need no directions; see `neurocompare.metrics.unit_features`.
    values : array, shape (feature, unit)
        Times in s, frequencies in Hz, the rest without unit.
    centred : array, shape (condition, time, unit)
        The responses, for the feature that needs directions.
    angles : array, shape (condition,), or None
        Direction of each condition in rad, where known.
    """

    axes: Axes
    units: np.ndarray
    names: tuple[str, ...]
    values: np.ndarray
    centred: np.ndarray
    angles: np.ndarray | None


@dataclass(frozen=True)
class SingleUnit:
    r"""Likeness of two populations' distributions of single-unit features.

    No unit is matched to any other and nothing is rotated, so this sees what the population metrics cannot (what single
    units do) and is blind to what they see (how units fit together). For each feature f, with the values of both
    populations pooled to standard deviation :math:`\sigma_f`, and sorted to :math:`a_{(i)}, b_{(i)}` of n units each,

    .. math:: W_f = \frac{1}{n} \sum_i |a_{(i)} - b_{(i)}|, \qquad s_f = 1 - \frac{W_f}{2 \sigma_f},
              \qquad s = \frac{1}{F} \sum_f s_f

    W is the Wasserstein (earth mover's) distance of the two distributions. It never exceeds :math:`2 \sigma_f` and
    reaches it when each population has one value and the two differ: :math:`s_f` runs from 0 to 1. A feature without
    spread scores 1. Two samples of 60 units of one kind score about 0.9, and fall short of 1 as one over the square
    root of their number.

    The features (`neurocompare.metrics.unit_features`) are the same for any gain and baseline of each unit: peak time,
    modulation depth, complexity, temporal frequency, autocorrelation time, kurtosis, the share of variance between
    conditions (unless the mean over conditions has been removed), and direction tuning where either population's
    conditions have a ``target_angle`` in rad with at least four directions. Noise raises some of them: compare only
    populations recorded alike. A null that permutes conditions changes none but direction tuning.

    References
    ----------
    .. [1] Churchland & Shenoy (2007). Temporal complexity and heterogeneity of single-neuron activity in premotor
       and motor cortex. Journal of Neurophysiology 97.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> values = np.random.default_rng(0).normal(size=(4, 10, 6))
    >>> x = make_responses(values, condition=range(4), time=np.arange(10.0))
    >>> round(SingleUnit().score(x, x.copy(data=7 + 2 * values[:, :, ::-1])), 6)
    1.0
    """

    name: ClassVar[str] = "single_unit"
    direction: ClassVar[str] = "higher is more similar"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    invariances: ClassVar[frozenset[str]] = frozenset({"translation", "scale", "permutation"})
    needs: ClassVar[str] = "2 conditions; 2 times; units that all vary; equal unit counts"
    citation: ClassVar[str] = "features after Churchland & Shenoy (2007), J. Neurophysiol. 97; Wasserstein distance"

    def score(self, x: Responses, y: Responses) -> float:
        """Score two populations with the same conditions, times and number of units.

        Returns
        -------
        float
            1 for the same distribution of every feature.

        Raises
        ------
        InputError
            If conditions, times, unit counts or centring differ, a unit is constant, or there is one time only.
        """
        return self.compare(self.prepare(x), self.prepare(y))

    def prepare(self, responses: Responses) -> UnitFeatures:
        """Do once what depends on one population only."""
        axes = axes_of(responses)
        if len(axes.times) < 2:
            message = "expected at least 2 times for the features of single units, found 1; give more times"
            raise InputError(message)
        values, units = responses.values, responses["unit"].values
        spread = np.ptp(values, axis=(0, 1))
        constant = units[spread <= 1e-10 * spread.max()]
        if len(constant):
            message = (
                f"expected units that vary over conditions and times, found {len(constant)} that do not "
                f"(first: unit {constant[0]}); leave them out"
            )
            raise InputError(message)
        centred = values - values.mean(axis=(0, 1))
        names, features = TEMPORAL_FEATURES, temporal_features(centred, axes.times)
        if not axes.lacks_condition_mean:
            names, features = (*names, "condition_share"), np.vstack([features, condition_share(centred)])
        return UnitFeatures(axes, units, names, features, centred, _directions(responses))

    def compare(self, x: UnitFeatures, y: UnitFeatures) -> float:
        """Score two prepared populations; `score` does both steps."""
        return float(np.mean(list(self._likenesses(x, y).values())))

    def by_feature(self, x: Responses, y: Responses) -> dict[str, float]:
        """Likeness of each feature's distribution, 0 to 1; `score` is their mean."""
        return self._likenesses(self.prepare(x), self.prepare(y))

    def features(self, responses: Responses) -> pd.DataFrame:
        """Features of every unit, one row a unit, indexed by its label; times in s, frequencies in Hz."""
        prepared = self.prepare(responses)
        names, values = _with_direction(prepared, prepared.angles)
        return pd.DataFrame(values.T, index=pd.Index(prepared.units, name="unit"), columns=list(names))

    def _likenesses(self, x: UnitFeatures, y: UnitFeatures) -> dict[str, float]:
        check_matched(x.axes, y.axes)
        # The conditions are the same, so a direction known to one population is the other's as well.
        angles = x.angles if x.angles is not None else y.angles
        names, first = _with_direction(x, angles)
        _, second = _with_direction(y, angles)
        apart = np.abs(np.sort(first, axis=1) - np.sort(second, axis=1)).mean(axis=1)
        pooled = np.hstack([first, second])
        spread = pooled.std(axis=1)
        # Rounding gives a feature that is the same for all units a spread of its own.
        varies = spread > 1e-9 * np.abs(pooled).max(axis=1)
        likeness = 1 - np.divide(apart, 2 * spread, out=np.zeros_like(apart), where=varies)
        return dict(zip(names, likeness.tolist(), strict=True))


def _directions(responses: Responses) -> np.ndarray | None:
    """Direction of each condition in rad, or None where unknown or too few to tell tuning from chance."""
    if "target_angle" not in responses.coords:
        return None
    angles = np.asarray(responses["target_angle"].values, dtype=np.float64)
    if not np.isfinite(angles).all():
        return None
    distinct = np.unique(np.round(np.exp(1j * angles), 6))
    return angles if len(distinct) >= LEAST_DIRECTIONS else None


def _with_direction(prepared: UnitFeatures, angles: np.ndarray | None) -> tuple[tuple[str, ...], np.ndarray]:
    if angles is None:
        return prepared.names, prepared.values
    tuning = direction_tuning(prepared.centred, angles)
    return (*prepared.names, "direction_tuning"), np.vstack([prepared.values, tuning])
