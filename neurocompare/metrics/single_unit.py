"""Single units: whether two populations are made of the same kinds of units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal, get_args

import numpy as np
import pandas as pd

from neurocompare.errors import InputError, check_among
from neurocompare.metrics.distributions import energy, spread, wasserstein
from neurocompare.metrics.matched import Axes, axes_of, check_matched, check_units_vary
from neurocompare.metrics.unit_features import (
    CIRCULAR_FEATURES,
    DIRECTION_FEATURES,
    LEAST_DIRECTIONS,
    TEMPORAL_FEATURES,
    condition_share,
    direction_features,
    direction_tuning,
    temporal_features,
)
from neurocompare.responses import Responses

Distance = Literal["wasserstein", "energy"]


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
        The responses, for the features that need directions.
    angles : array, shape (condition,), or None
        Direction of each condition in rad, where known.
    """

    axes: Axes
    units: np.ndarray
    names: tuple[str, ...]
    values: np.ndarray
    centred: np.ndarray
    angles: np.ndarray | None

    def with_direction(self, angles: np.ndarray | None) -> tuple[tuple[str, ...], np.ndarray]:
        """Return names and values (feature, unit), those that need directions included where `angles` are given."""
        if angles is None:
            return self.names, self.values
        if (known := angles.tobytes()) not in self._directed:
            tuning = direction_tuning(self.centred, angles)
            self._directed[known] = np.vstack([self.values, direction_features(self.centred, angles), tuning])
        return (*self.names, *DIRECTION_FEATURES, "direction_tuning"), self._directed[known]

    @cached_property
    def _directed(self) -> dict[bytes, np.ndarray]:
        """Values by angles: a population is compared with many, of the same angles."""
        return {}


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
    root of their number. ``"energy"`` takes :math:`s_f` as one minus the energy coefficient instead, which weighs a few
    units far out more and many a little off less; two samples of one kind fall short of 1 as one over their number.

    The features (`neurocompare.metrics.unit_features`) are the same for any gain and baseline of each unit: peak time,
    modulation depth, complexity, temporal frequency, autocorrelation time, kurtosis, the share of variance between
    conditions (unless the mean over conditions has been removed), and, where either population's conditions have a
    ``target_angle`` in rad with at least four directions, preferred direction (an angle: its distances go around the
    circle), tuning width and direction tuning. Noise raises some of them: compare only populations recorded alike. A
    null that permutes conditions changes none but those of direction.

    Parameters
    ----------
    distance : {"wasserstein", "energy"}

    Raises
    ------
    InputError
        If `distance` is unknown.

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

    distance: Distance = "wasserstein"

    direction: ClassVar[str] = "higher is more similar"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    invariances: ClassVar[frozenset[str]] = frozenset({"translation", "scale", "permutation"})
    symmetric: ClassVar[bool] = True
    needs: ClassVar[str] = "2 conditions; 2 times; units that all vary; equal unit counts"
    citation: ClassVar[str] = (
        "features after Churchland & Shenoy (2007), J. Neurophysiol. 97; "
        "energy distance: Szekely & Rizzo (2013), J. Stat. Plan. Inference 143"
    )

    def __post_init__(self) -> None:
        check_among("a distance", self.distance, get_args(Distance))

    @property
    def name(self) -> str:
        """``single_unit``, and the distance where it is not Wasserstein's."""
        return "single_unit" if self.distance == "wasserstein" else f"single_unit-{self.distance}"

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

    def fit(self, x: Responses, y: Responses) -> SingleUnit:
        """Return itself: there is nothing to fit."""
        return self

    def prepare(self, responses: Responses) -> UnitFeatures:
        """Do once what depends on one population only.

        Raises
        ------
        InputError
            If there are fewer than two times, or no unit varies.
        """
        axes = axes_of(responses)
        if len(axes.times) < 2:
            raise InputError("expected at least 2 times for the features of single units, found 1; give more times")
        check_units_vary(responses)
        values, units = responses.values, responses["unit"].values
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
        """Features of every unit, one row a unit, indexed by its label; in s, Hz and rad where not plain numbers."""
        prepared = self.prepare(responses)
        names, values = prepared.with_direction(prepared.angles)
        return pd.DataFrame(values.T, index=pd.Index(prepared.units, name="unit"), columns=list(names))

    def table(self, x: Responses, y: Responses) -> pd.DataFrame:
        """Each feature, shown: both populations' quartiles and both distances.

        Returns
        -------
        pandas.DataFrame
            One row a feature; ``x_low``, ``x_median``, ``x_high`` and the same of y (quartiles) and ``wasserstein`` in
            the feature's unit, ``energy`` (coefficient, 0 to 1), ``likeness`` as in `by_feature`. Quartiles of an angle
            are taken about its population's mean direction.
        """
        prepared = self.prepare(x), self.prepare(y)
        likeness = self._likenesses(*prepared)
        rows = {}
        for name, first, second in _paired(*prepared):
            circular = name in CIRCULAR_FEATURES
            quartiles = [*_quartiles(first, circular), *_quartiles(second, circular)]
            apart = [distance(first, second, circular=circular) for distance in (wasserstein, energy)]
            rows[name] = [*quartiles, *apart, likeness[name]]
        columns = ["x_low", "x_median", "x_high", "y_low", "y_median", "y_high", "wasserstein", "energy", "likeness"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("feature")

    def _likenesses(self, x: UnitFeatures, y: UnitFeatures) -> dict[str, float]:
        check_matched(x.axes, y.axes)
        return {name: self._likeness(first, second, name in CIRCULAR_FEATURES) for name, first, second in _paired(x, y)}

    def _likeness(self, first: np.ndarray, second: np.ndarray, circular: bool) -> float:
        pooled = np.concatenate([first, second])
        apart = spread(pooled, circular=circular)
        # Rounding gives a feature that is the same for all units a spread of its own.
        if apart <= 1e-9 * np.abs(pooled).max():
            return 1.0
        if self.distance == "energy":
            return 1 - energy(first, second, circular=circular)
        return 1 - wasserstein(first, second, circular=circular) / (2 * apart)


def _paired(x: UnitFeatures, y: UnitFeatures) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Each feature's name and its values in both populations."""
    # The conditions are the same, so a direction known to one population is the other's as well.
    angles = x.angles if x.angles is not None else y.angles
    names, first = x.with_direction(angles)
    _, second = y.with_direction(angles)
    return zip(names, first, second, strict=True)


def _quartiles(values: np.ndarray, circular: bool) -> list[float]:
    if not circular:
        return np.quantile(values, (0.25, 0.5, 0.75)).tolist()
    mean = np.angle(np.exp(1j * values).mean())
    about = np.quantile(np.angle(np.exp(1j * (values - mean))), (0.25, 0.5, 0.75))
    return np.angle(np.exp(1j * (about + mean))).tolist()


def _directions(responses: Responses) -> np.ndarray | None:
    """Direction of each condition in rad, or None where unknown or too few to tell tuning from chance."""
    if "target_angle" not in responses.coords:
        return None
    angles = np.asarray(responses["target_angle"].values, dtype=np.float64)
    if not np.isfinite(angles).all():
        return None
    distinct = np.unique(np.round(np.exp(1j * angles), 6))
    return angles if len(distinct) >= LEAST_DIRECTIONS else None
