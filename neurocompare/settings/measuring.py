"""How the dynamics of a network are measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from neurocompare.settings.declare import Checked, setting


@dataclass(frozen=True)
class Measuring(Checked):
    """How a network is measured.

    Raises
    ------
    InputError
        If a number makes no sense.

    Examples
    --------
    >>> Measuring(repeats=1)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected repeats to be a whole number at least 2, found 1
    """

    PANEL: ClassVar[str] = "How networks are measured"

    exponents: int = setting(6, "Lyapunov exponents.", least=1)
    duration: float = setting(1000.0, "Length of the runs for exponents, in time constants.", least=100)
    transient: float = setting(
        300.0, "What is left out before them, and before limit cycles, in time constants.", least=0
    )
    inputs: Literal["hold", "zero", "repeat"] = setting(
        "hold", "Inputs after the trial: the last value held, none, or the trial's over and over."
    )
    windows: int = setting(3, "Windows after the trained one, for the loss beyond it.", least=1)
    kick: float = setting(0.1, "Size of a kick, relative to the state.", above=0)
    silenced: tuple[float, ...] = setting((0.05, 0.2), "Fractions of units that are silenced.", metavar="F,F,...")
    noise: tuple[float, ...] = setting((0.05, 0.2), "Noise in weights, relative to g / sqrt(N).", metavar="S,S,...")
    repeats: int = setting(10, "Kicks, choices of silent units, and draws of noise.", least=2)
    path_states: int = setting(
        5, "States of the first condition's trial at which the Jacobian's spectrum is taken.", least=1
    )
    frequencies: int = setting(
        90, "Of a linear network's gain, from 0 to half the sampling rate, closest together at the slow end.", least=1
    )
    seed: int = setting(0, "Of everything random.", least=0)
