"""Matched: two populations can be compared only sample by sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics.centring import lacks_condition_mean
from neurocompare.responses import Responses, check_responses

SAME_TIME = 1e-9
"""In s: times this close are the same time, written by two programs."""


@dataclass(frozen=True, eq=False)
class Axes:
    """What two populations must share to be compared.

    Attributes
    ----------
    conditions : array, shape (condition,)
        Labels.
    times : array, shape (time,)
        In s.
    units : int
        How many.
    lacks_condition_mean : bool
        Whether the mean over conditions has been removed; see `centring`.
    """

    conditions: np.ndarray
    times: np.ndarray
    units: int
    lacks_condition_mean: bool


def axes_of(responses: Responses, *, conditions: int = 2) -> Axes:
    """Return the axes of `responses`, checked.

    Parameters
    ----------
    responses : Responses
    conditions : int
        The fewest a metric can work with.

    Raises
    ------
    InputError
        If `responses` is not valid, has fewer conditions than that, or does not vary at all.
    """
    values = check_responses(responses).values
    if len(values) < conditions:
        message = f"expected at least {conditions} conditions, found {len(values)}; give responses with more conditions"
        raise InputError(message)
    if not np.ptp(values, axis=(0, 1)).any():
        message = "expected units that vary over conditions and times, found none that does; check the responses"
        raise InputError(message)
    return Axes(
        conditions=responses.get_index("condition").to_numpy(),
        times=responses.get_index("time").to_numpy(),
        units=values.shape[2],
        lacks_condition_mean=lacks_condition_mean(values),
    )


def check_matched(x: Axes, y: Axes) -> None:
    """Refuse to compare populations whose samples do not correspond, or whose sizes differ.

    A larger population scores higher for the same shared signal, so unequal numbers of units are refused.

    Raises
    ------
    InputError
        If conditions or times differ (the first that does is named), unit counts differ, or the mean over
        conditions was removed from one population only.
    """
    if not np.array_equal(x.conditions, y.conditions):
        difference = _first_difference(x.conditions, y.conditions)
        raise InputError(
            f"expected the same conditions in the same order, found {difference}; select and order them alike"
        )
    if len(x.times) != len(y.times) or np.abs(x.times - y.times).max() > SAME_TIME:
        difference = _first_difference(np.round(x.times, 9), np.round(y.times, 9))
        message = f"expected the same times in s, found {difference}; interpolate one population onto the other's times"
        raise InputError(message)
    if x.units != y.units:
        raise InputError(
            f"expected as many units in both populations, found {x.units} and {y.units}; "
            "draw as many from the larger one, several times, and average"
        )
    if x.lacks_condition_mean != y.lacks_condition_mean:
        message = "expected both populations centred alike, found one without its mean over conditions; centre both"
        raise InputError(message)


def check_units_vary(responses: Responses) -> None:
    """Refuse units that never change, silent ones among them, for metrics that judge every unit.

    Raises
    ------
    InputError
        With their number, and the first.
    """
    values, units = responses.values, responses["unit"].values
    spread = np.ptp(values, axis=(0, 1))
    constant = np.flatnonzero(spread <= 1e-10 * spread.max())
    if len(constant):
        first = constant[0]
        silent = "" if values[:, :, first].any() else ", which is silent"
        raise InputError(
            f"expected units that vary over conditions and times, found {len(constant)} that do not "
            f"(first: unit {units[first]}{silent}); leave them out"
        )


def _first_difference(x: np.ndarray, y: np.ndarray) -> str:
    if len(x) != len(y):
        return f"{len(x)} and {len(y)} of them"
    index = next(index for index, pair in enumerate(zip(x, y, strict=True)) if pair[0] != pair[1])
    return f"{x[index]} and {y[index]} at position {index}"
