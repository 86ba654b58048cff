"""gamma, which alone sets the members of a family apart: what may be one, and which of them is the reservoir."""

from __future__ import annotations

import math
from collections.abc import Iterable

from neurocompare.errors import InputError
from neurocompare.settings.networks import each_once

SMALLEST_GAMMA, LARGEST_GAMMA = 1e-30, 1e4
"""Of gammas above 0: beyond them nothing that is computed has a digit left."""


def is_reservoir(gamma: float) -> bool:
    """Whether networks of this gamma have random recurrent and input weights, with only the readout learned.

    Parameters
    ----------
    gamma : float
        The structure parameter.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_reservoir(0.0), is_reservoir(0.1)
    (True, False)
    """
    return gamma == 0


def check_gamma(gamma: float) -> float:
    """Return gamma as a float if it is a number >= 0.

    Parameters
    ----------
    gamma : float
        The structure parameter.

    Returns
    -------
    float

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_gamma(-1)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected gamma to be a number >= 0, found -1
    """
    try:
        value = float(gamma)
    except (TypeError, ValueError):
        value = math.nan
    if not value >= 0:
        raise InputError(f"expected gamma to be a number >= 0, found {gamma}")
    if value and not SMALLEST_GAMMA <= value <= LARGEST_GAMMA:
        raise InputError(f"expected gamma to be 0, or from {SMALLEST_GAMMA:g} to {LARGEST_GAMMA:g}, found {gamma}")
    return value


def check_gammas(gammas: Iterable[float]) -> tuple[float, ...]:
    """Return a grid of gammas, ascending, each checked and none repeated.

    Parameters
    ----------
    gammas : iterable of float
        In any order.

    Returns
    -------
    tuple of float

    Raises
    ------
    InputError
        If there is no value, one is not a number >= 0, or one is repeated.

    Examples
    --------
    >>> check_gammas([0.4, 0])
    (0.0, 0.4)
    """
    return each_once(map(check_gamma, gammas))
