"""Centring: which mean a comparison is blind to."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from neurocompare.errors import check_among
from neurocompare.responses import Responses

Centring = Literal["unit", "condition-mean"]
"""Remove each unit's mean, or each unit's mean over conditions at each time."""


def centre(responses: Responses, centring: Centring = "unit") -> Responses:
    r"""Remove a mean that does not tell conditions, or times, apart.

    .. math:: x_{ctu} - \frac{1}{CT} \sum_{c't'} x_{c't'u} \quad \text{or} \quad
              x_{ctu} - \frac{1}{C} \sum_{c'} x_{c'tu}

    ``"unit"`` removes each unit's baseline. ``"condition-mean"`` removes as well what a unit does at each time in
    every condition alike: in motor cortex the largest part of the activity, and the same for circuits that differ.
    A held-out metric given the result repeats the removal inside every fold (`leave_one_out_means`), for a mean
    that contains the held-out condition would betray it.

    Parameters
    ----------
    responses : Responses
        In any unit of activity.
    centring : {"unit", "condition-mean"}

    Returns
    -------
    Responses
        Same labels, same unit of activity.

    Raises
    ------
    InputError
        If `centring` is neither of the two.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> rates = make_responses([[[1.0, 5.0]], [[3.0, 5.0]]], condition=["left", "right"], time=[0.0])
    >>> centre(rates, "condition-mean").values.squeeze().tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """
    check_among("a centring", centring, get_args(Centring))
    values = responses.values
    mean = values.mean(axis=(0, 1)) if centring == "unit" else values.mean(axis=0)
    return responses.copy(deep=False, data=values - mean)


def lacks_condition_mean(values: np.ndarray) -> bool:
    """Say whether the mean over conditions is the same at all times, to rounding: nothing is shared but a baseline.

    It is read off the numbers, so that it holds however the mean was removed.

    Parameters
    ----------
    values : array, shape (condition, time, unit)

    Examples
    --------
    >>> lacks_condition_mean(np.array([[[1.0], [2.0]], [[-1.0], [-2.0]]]))
    True
    """
    means = values.mean(axis=0)
    return bool(np.ptp(means, axis=0).max() <= 1e-10 * np.ptp(values, axis=(0, 1)).max())


def leave_one_out_means(values: np.ndarray) -> np.ndarray:
    """Means that centre each fold of leave-one-condition-out, from the training conditions alone.

    Fold f leaves condition f out. Its mean is that of each unit over the other conditions and all times, or,
    where the mean over conditions was removed before (`lacks_condition_mean`), that of the other conditions at each
    time: the removed mean held the left-out condition, and subtracting the others' mean undoes exactly that.

    Parameters
    ----------
    values : array, shape (condition, time, unit)

    Returns
    -------
    array, shape (fold, time, unit)

    Examples
    --------
    >>> leave_one_out_means(np.array([[[1.0], [3.0]], [[5.0], [9.0]]])).squeeze().tolist()
    [[7.0, 7.0], [2.0, 2.0]]
    """
    means = (values.sum(axis=0) - values) / (len(values) - 1)
    if not lacks_condition_mean(values):
        means = np.broadcast_to(means.mean(axis=1, keepdims=True), means.shape)
    return means
