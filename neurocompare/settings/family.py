"""The family of networks: the settings that all its members share; gamma alone sets them apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from neurocompare.errors import InputError
from neurocompare.settings.declare import Checked, setting


@dataclass(frozen=True)
class Family(Checked):
    """What all members share; gamma alone sets them apart.

    Raises
    ------
    InputError
        If a number is out of bounds, or the nonlinearity is not known.

    Examples
    --------
    >>> Family(tau=0.1).step_fraction(time_step=0.05)
    0.5
    """

    PANEL: ClassVar[str] = "Network family"

    g: float = setting(
        1.5,
        "Strength of the disorder: without learning, the spectrum of g J / sqrt(N) fills a circle of this radius.",
        above=0,
        most=100,
    )
    tau: float = setting(0.1, "Membrane time constant.", unit="s", above=0, most=1000)
    beta: float = setting(400.0, "Inverse temperature: how much the fit counts against the prior.", above=0, most=1e9)
    n_units: int = setting(400, "Units of a network.", least=1, most=1_000_000, option="units")
    nonlinearity: Literal["tanh", "relu", "linear"] = setting(
        "tanh", "What turns a unit's preactivation into its rate."
    )
    input_scale: float = setting(1.0, "Factor on the task's inputs.", above=0, most=1e6)
    private_noise: float = setting(
        0.0,
        "Standard deviation of a frozen current noise, one number a unit and sample, that is part of every network.",
        least=0,
        most=1e3,
        option="noise",
    )

    @property
    def coupling(self) -> float:
        """The factor g / sqrt(N), called kappa, by which recurrent weights of order one are multiplied."""
        return self.g / math.sqrt(self.n_units)

    def step_fraction(self, time_step: float) -> float:
        """Euler step as a fraction of the time constant, a = time_step / tau, in (0, 1].

        Raises
        ------
        InputError
        """
        fraction = time_step / self.tau
        if not 0 < fraction <= 1 + 1e-12:
            raise InputError(
                f"expected a time step of at most tau = {self.tau:g} s, found {time_step:g} s; "
                "choose a longer tau, or a task in shorter time steps"
            )
        return min(fraction, 1.0)
