"""The grid of nuisance settings: a family for each combination."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import replace

from neurocompare.errors import InputError
from neurocompare.settings import Family

NUISANCES = ("g", "tau", "beta", "input_scale", "private_noise")
"""Settings of a family that a grid may run over: what is not known of a circuit, and not what is asked of it."""


def families_of(family: Family, grid: Mapping[str, Iterable[float]] | None = None) -> tuple[Family, ...]:
    """Return a family for every combination of the grid's values, `family` itself where there is no grid.

    Parameters
    ----------
    family : Family
        Gives every setting that the grid leaves alone.
    grid : mapping of str to iterable of float, optional
        Values of some of `NUISANCES`.

    Raises
    ------
    InputError
        If a name is not one of `NUISANCES`, or a value is missing, repeated or impossible.

    Examples
    --------
    >>> [(each.g, each.tau) for each in families_of(Family(), {"g": (1.2, 1.5), "tau": (0.1,)})]
    [(1.2, 0.1), (1.5, 0.1)]
    """
    axes = []
    for name, values in (grid or {}).items():
        if name not in NUISANCES:
            message = f"expected a grid over some of {', '.join(NUISANCES)}, found {name!r}"
            raise InputError(message)
        values = [float(value) for value in values]
        if not values or len(set(values)) < len(values):
            message = f"expected values of {name}, each once, found {values}"
            raise InputError(message)
        axes.append([(name, value) for value in values])
    return tuple(replace(family, **dict(point)) for point in itertools.product(*axes))
