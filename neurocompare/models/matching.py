"""How the temperature of equal fit is searched for: the settings of `find_beta`."""

from __future__ import annotations

from dataclasses import dataclass

from neurocompare.settings import Checked, setting


@dataclass(frozen=True)
class Matching(Checked):
    """How beta is searched for.

    Attributes
    ----------
    iterations : int
        Of log beta; the later half is averaged.
    trajectories : int
        At each of them, at least 8, of which the first quarter does not count.
    adaptation : int
        Short trajectories before those, in which the chain's step follows beta.
    check : int
        Trajectories at the beta that was found, to measure E[L] by.
    corrections : int
        How often beta is corrected by what a check found, and checked again.
    tolerance : float
        Relative miss of the level that counts as reached, beside two standard errors.
    widest : float
        Beta is looked for between the family's divided by this and multiplied by it.
    networks : int
        Random networks to average over where the recurrent weights do not depend on beta.

    Raises
    ------
    InputError
        If a number is out of bounds.

    Examples
    --------
    >>> Matching(widest=1)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected widest to be a number above 1, found 1
    """

    iterations: int = setting(12, "Steps of log beta.", least=1)
    trajectories: int = setting(8, "Trajectories at each of them.", least=8)
    adaptation: int = setting(10, "Short trajectories before those.", least=0)
    check: int = setting(40, "Trajectories that measure the fit at the end.", least=8)
    corrections: int = setting(2, "How often beta is corrected by what was measured.", least=0)
    tolerance: float = setting(0.05, "Relative miss of the level that counts as reached.", least=0)
    widest: float = setting(100.0, "Most that beta is changed by, a factor.", above=1)
    networks: int = setting(16, "Random networks to average over.", least=2)
