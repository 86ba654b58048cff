"""Nuisance settings: what is not known of a circuit and not asked of it, grids over them, and what results hold at."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from neurocompare.errors import InputError
from neurocompare.settings.choices import Choices
from neurocompare.settings.declare import declared
from neurocompare.settings.family import Family

T = TypeVar("T")


@dataclass(frozen=True)
class Nuisance:
    """A setting that networks are made with at several values; a field of `Family`, or what a task is made with.

    Attributes
    ----------
    name : str
        Of the field.
    option : str
        What the command line calls it.
    unit : str
    """

    name: str
    option: str
    unit: str = ""


def _of_family(name: str) -> Nuisance:
    about = declared(Family)[name][1]
    return Nuisance(name, (about.option or name).replace("_", "-"), about.unit)


_OF_FAMILY = tuple(map(_of_family, ("g", "tau", "input_scale", "beta", "private_noise")))

NUISANCES: Mapping[str, Nuisance] = {each.name: each for each in _OF_FAMILY}
"""Fields of `Family` that may be varied, by name; the only list of them."""

OPTIONS = ", ".join(each.option for each in _OF_FAMILY)
"""What the command line calls them, in a row."""

LAG = Nuisance("lag", "lag", "s")
"""How far the movement lags behind activity: a setting of the task."""


def in_words(name: str, value: float) -> str:
    """Return a value of a setting as people write it: times in ms.

    Examples
    --------
    >>> in_words("tau", 0.1234), in_words("input_scale", 1.5), in_words("beta", 1594)
    ('123 ms', '1.5', '1590')
    """
    timed = {each.name for each in (*_OF_FAMILY, LAG) if each.unit == "s"}
    return f"{float(f'{1000 * value:.3g}'):g} ms" if name in timed else f"{float(f'{value:.3g}'):g}"


def by_field(values: Mapping[str, T]) -> dict[str, T]:
    """Return values by the names of fields, where they may be given by those of options.

    Examples
    --------
    >>> by_field({"noise": 0.1, "g": 1.2})
    {'private_noise': 0.1, 'g': 1.2}
    """
    fields = {each.option.replace("-", "_"): name for name, each in NUISANCES.items()}
    return {fields.get(name, name): value for name, value in values.items()}


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
            raise InputError(f"expected a grid over some of {', '.join(NUISANCES)}, found {name!r}")
        values = [float(value) for value in values]
        if not values or len(set(values)) < len(values):
            raise InputError(f"expected values of {name}, each once, found {values}")
        axes.append([(name, value) for value in values])
    return tuple(replace(family, **dict(point)) for point in itertools.product(*axes))


def of_family(family: Family) -> dict[str, Any]:
    """Return every setting of a family, by the name that its option has.

    Parameters
    ----------
    family : Family

    Returns
    -------
    dict of str to float, int or str

    Examples
    --------
    >>> of_family(Family(private_noise=0.2))["noise"], list(of_family(Family()))[:4]
    (0.2, ['g', 'tau', 'beta', 'units'])
    """
    return {about.option or name: getattr(family, name) for name, (_, about) in declared(Family).items()}


def of_reading(choices: Choices) -> dict[str, Any]:
    """Return how a recording was read; the lag is not among it, since networks have a `LAG` of their own.

    Parameters
    ----------
    choices : Choices

    Returns
    -------
    dict of str to float or None

    Examples
    --------
    >>> of_reading(Choices(min_rate=2.0))
    {'bin_width': None, 'smoothing': None, 'min_rate': 2.0, 'time_step': None}
    """
    return {name: getattr(choices, name) for name in Choices.LATE if name != "lag"}


HELD = (*of_family(Family()), *of_reading(Choices()), LAG.name)
"""All names: two results of one family and recording have the same values of those that both have."""
