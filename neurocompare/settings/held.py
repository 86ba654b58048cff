"""What a result holds at: settings by the names that the files of results have for them."""

from __future__ import annotations

from typing import Any

from neurocompare.settings.choices import Choices
from neurocompare.settings.declare import declared
from neurocompare.settings.family import Family
from neurocompare.settings.nuisance import LAG


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
