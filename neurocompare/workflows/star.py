"""The star: nuisance settings one step up and down, one at a time, around the settings of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from neurocompare.errors import InputError
from neurocompare.settings import Family
from neurocompare.settings.nuisance import STEPPED


@dataclass(frozen=True)
class Arm:
    """One setting of the star.

    Attributes
    ----------
    name : str
        Such as ``"g = 1.2"``; its folder is called the same without spaces.
    family : Family
    lag : float
        How far the movement lags behind activity, s.
    """

    name: str
    family: Family
    lag: float

    @property
    def folder(self) -> str:
        """Name of the folder its networks and scores are in."""
        return self.name.replace(" ", "")

    @property
    def values(self) -> dict[str, float]:
        """Of every nuisance."""
        return {name: self.lag if name == "lag" else getattr(self.family, name) for name in STEPPED}


def steps_from(name: str, at: float) -> tuple[float, float]:
    """Return a nuisance's values one step down and up.

    Examples
    --------
    >>> steps_from("g", 1.5), steps_from("beta", 400.0)
    ((1.2, 1.8), (200.0, 800.0))
    """
    return STEPPED[name].around(at)


def star(family: Family, lag: float, nuisances: Iterable[str], *, time_step: float) -> tuple[Arm, ...]:
    """Return the star's arms, two for each nuisance; its centre is not among them.

    Parameters
    ----------
    family : Family
    lag : float
        In s.
    nuisances : iterable of str
        Some of `STEPPED`.
    time_step : float
        Of the task, s: no tau may be shorter.

    Returns
    -------
    tuple of Arm

    Raises
    ------
    InputError
        If there is no room for a step.

    Examples
    --------
    >>> [arm.name for arm in star(Family(), 0.1, ["g", "tau", "lag"], time_step=0.05)]
    ['g = 1.2', 'g = 1.8', 'tau = 0.07071', 'tau = 0.1414', 'lag = 0.05', 'lag = 0.15']
    """
    arms = []
    for name in nuisances:
        at = lag if name == "lag" else getattr(family, name)
        for value in steps_from(name, at):
            least = time_step if name == "tau" else 0.0
            if name != "lag" and (value < least or value == 0):
                raise InputError(
                    f"expected room for a step of {name} down from {at:g}, found {value:g} where at least {least:g} "
                    f"is needed; leave {name} out of the nuisances, or begin higher"
                )
            stepped_family = family if name == "lag" else replace(family, **{name: value})
            arms.append(Arm(f"{name} = {value:g}", stepped_family, value if name == "lag" else lag))
    return tuple(arms)
