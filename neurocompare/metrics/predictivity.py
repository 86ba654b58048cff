"""Predictivity: how much of each unit's response the other population predicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics.matched import axes_of, check_matched, check_units_vary
from neurocompare.metrics.ridge import PENALTIES, Predictor, Regression, predict_left_out, predictor_of, regress
from neurocompare.responses import Responses


@dataclass(frozen=True)
class Predictivity:
    r"""Correlation of each unit with what ridge regression on the other population predicts for conditions left out.

    For every left-out condition c, weights :math:`W_c` are fitted to the others, about their own means,

    .. math:: W_c = \arg\min_W |Y_{-c} - X_{-c} W|^2 + \lambda_c \bar v |W|^2, \qquad
              r_u = \frac{\sum_c \hat y_{cu} \cdot y_{cu}}{\sqrt{\sum_c |\hat y_{cu}|^2 \sum_c |y_{cu}|^2}},
              \quad \hat Y_c = X_c W_c

    with :math:`\bar v` the mean eigenvalue of :math:`X_{-c}^T X_{-c}`. The penalty :math:`\lambda_c`, one for all
    units, is the one among powers of ten from 1e-4 to 1e3 that predicts best when of the *other* conditions each in
    turn is left out as well: c has no part in its choice. The score is the median of :math:`r_u` over units [1]_, each
    way, and the mean of both ways: a population that contains the other and much besides predicts it well and is
    predicted badly. Not squared, and not divided by a reliability.

    Unrelated populations score near zero, not exactly zero: where predictions are better by chance they are larger as
    well, so that the ratio averages -0.05 (8 conditions of 20 bins, smoothed with 5 bins, 30 units). A null that
    permutes conditions has the same offset.

    Parameters
    ----------
    penalties : tuple of float
        Tried; ascending.

    Raises
    ------
    InputError
        If there is no penalty, or one is not positive and finite.

    References
    ----------
    .. [1] Schrimpf, Kubilius, Hong, Majaj, Rajalingham, Issa, ... & DiCarlo (2018). Brain-Score: which artificial
       neural network for object recognition is most brain-like? bioRxiv 407007.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(size=(6, 10, 4))
    >>> x = make_responses(values, condition=range(6), time=np.arange(10.0))
    >>> round(Predictivity().score(x, x.copy(data=values @ rng.normal(size=(4, 4)))), 3)
    1.0
    """

    penalties: tuple[float, ...] = PENALTIES

    name: ClassVar[str] = "predictivity"
    direction: ClassVar[str] = "higher is more similar"
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    invariances: ClassVar[frozenset[str]] = frozenset({"translation", "scale", "permutation"})
    symmetric: ClassVar[bool] = True
    needs: ClassVar[str] = "4 conditions; units that all vary; equal unit counts"
    citation: ClassVar[str] = "Schrimpf et al. (2018), bioRxiv 407007; ridge: Hoerl & Kennard (1970), Technometrics 12"

    def __post_init__(self) -> None:
        if not self.penalties or not all(0 < penalty < np.inf for penalty in self.penalties):
            raise InputError(f"expected positive penalties, found {self.penalties}")

    def score(self, x: Responses, y: Responses) -> float:
        """Score two populations with the same conditions, times and number of units.

        Returns
        -------
        float
            1 where each predicts every unit of the other without error; about 0 for unrelated ones.

        Raises
        ------
        InputError
            If conditions, times, unit counts or centring differ, a unit is constant, or there are fewer than 4
            conditions.
        """
        return self.compare(self.prepare(x), self.prepare(y))

    def prepare(self, responses: Responses) -> Predictor:
        """Do once what depends on one population only."""
        axes = axes_of(responses, conditions=4)
        check_units_vary(responses)
        return predictor_of(responses.values, axes)

    def compare(self, x: Predictor, y: Predictor) -> float:
        """Score two prepared populations; `score` does both steps."""
        check_matched(x.axes, y.axes)
        return float(np.mean([np.median(self._correlations(*pair)) for pair in ((x, y), (y, x))]))

    def by_unit(self, x: Responses, y: Responses) -> np.ndarray:
        """Correlation of each unit of `y` with its prediction from `x`, shape (unit,): one way."""
        prepared = self.prepare(x), self.prepare(y)
        check_matched(*(side.axes for side in prepared))
        return self._correlations(*prepared)

    def fit(self, x: Responses, y: Responses) -> Regressions:
        """Fit the weights of both ways to all responses there are; the result's `score` judges them on others."""
        x_all, y_all = self.prepare(x), self.prepare(y)
        check_matched(x_all.axes, y_all.axes)
        return Regressions(regress(x_all, y_all, self.penalties), regress(y_all, x_all, self.penalties))

    def _correlations(self, x: Predictor, y: Predictor) -> np.ndarray:
        return _by_unit(*predict_left_out(x, y, self.penalties))


@dataclass(frozen=True, eq=False)
class Regressions:
    """What `fit` of `Predictivity` returns: y from x, and x from y."""

    forward: Regression
    backward: Regression

    def score(self, x: Responses, y: Responses) -> float:
        """Score responses of the same units, to other conditions say, by the weights as they were fitted.

        Raises
        ------
        InputError
            If the two do not match each other, or the units fitted to.
        """
        check_matched(axes_of(x), axes_of(y))
        for responses in (x, y):
            if responses.sizes["unit"] != len(self.forward.source_mean):
                raise InputError(
                    f"expected the {len(self.forward.source_mean)} units fitted to, found {responses.sizes['unit']}; "
                    "select the same"
                )
        ways = ((self.forward, x, y), (self.backward, y, x))
        medians = [
            np.median(_by_unit(way.predict(source.values), target.values - way.target_mean))
            for way, source, target in ways
        ]
        return float(np.mean(medians))


def _by_unit(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Correlation about zero of each unit with its prediction; 0 for a unit of which nothing is predicted."""
    size = np.sqrt((predicted**2).sum(axis=(0, 1)) * (target**2).sum(axis=(0, 1)))
    return np.divide((predicted * target).sum(axis=(0, 1)), size, out=np.zeros_like(size), where=size > 0)
