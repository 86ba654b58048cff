"""The family of networks: what its members share, and gamma, which alone sets them apart."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from neurocompare.errors import InputError
from neurocompare.settings import Checked, setting

if TYPE_CHECKING:
    from neurocompare.tasks.task import Task

DEFAULT_GAMMAS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)


@dataclass(frozen=True)
class Family(Checked):
    """What all members share; gamma alone sets them apart. Which settings may be varied is in `grid.NUISANCES`.

    Attributes
    ----------
    g : float
        Strength of the disorder: without learning the spectrum of g J / sqrt(N) fills a disc of radius g.
    tau : float
        Membrane time constant, s.
    beta : float
        Inverse temperature: how much the fit counts against the prior.
    n_units : int
        N.
    nonlinearity : str
        ``"tanh"``, ``"relu"`` or ``"linear"``.
    input_scale : float
        Factor on the task's inputs.
    private_noise : float
        sigma_0, s.d. of a frozen current noise, one number a unit and sample, that is part of every network; 0 for
        networks without.

    Raises
    ------
    InputError
        If a number is not positive and finite, or the nonlinearity is not known.

    Examples
    --------
    >>> Family(tau=0.1).step_fraction(time_step=0.05)
    0.5
    """

    g: float = setting(1.5, "Strength of the disorder.", above=0)
    tau: float = setting(0.1, "Membrane time constant.", unit="s", above=0)
    beta: float = setting(400.0, "Inverse temperature: how much the fit counts against the prior.", above=0)
    n_units: int = setting(400, "Units of each network.", least=1, most=1_000_000)
    nonlinearity: Literal["tanh", "relu", "linear"] = setting("tanh", "Rate function of the units.")
    input_scale: float = setting(1.0, "Factor on the task's inputs.", above=0)
    private_noise: float = setting(0.0, "S.d. of a frozen noise of each unit's own.", least=0)

    @property
    def coupling(self) -> float:
        """The factor g / sqrt(N), called kappa, by which recurrent weights of order one are multiplied."""
        return self.g / math.sqrt(self.n_units)

    def step_fraction(self, time_step: float) -> float:
        """Euler step as a fraction of the time constant, a = time_step / tau, in (0, 1]."""
        fraction = time_step / self.tau
        if not 0 < fraction <= 1 + 1e-12:
            message = (
                f"expected a time step of at most tau = {self.tau:g} s, found {time_step:g} s; "
                "choose a longer tau or a finer task"
            )
            raise InputError(message)
        return min(fraction, 1.0)

    def precision(self, task: Task) -> float:
        """Weight of one trained sample in the exponent per unit and gamma^2: b = beta / (trained samples x outputs)."""
        return self.beta / (int(task.trained.sum()) * task.targets.sizes["output"])


def is_reservoir(gamma: float) -> bool:
    """Whether networks of this gamma have random recurrent and input weights, with only the readout learned.

    Examples
    --------
    >>> is_reservoir(0.0), is_reservoir(0.1)
    (True, False)
    """
    return gamma == 0


def check_gamma(gamma: float) -> float:
    """Return gamma as a float if it is a number >= 0.

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
    if not (math.isfinite(value) and value >= 0):
        message = f"expected gamma to be a number >= 0, found {gamma}"
        raise InputError(message)
    return value


def check_gammas(gammas: Iterable[float]) -> tuple[float, ...]:
    """Return a grid of gammas, ascending, each checked and none repeated.

    Raises
    ------
    InputError
        If there is no value, one is not a number >= 0, or one is repeated.

    Examples
    --------
    >>> check_gammas([0.4, 0])
    (0.0, 0.4)
    """
    values = tuple(sorted(check_gamma(gamma) for gamma in gammas))
    repeated = [a for a, b in itertools.pairwise(values) if a == b]
    if repeated:
        message = f"expected each gamma once, found {repeated[0]:g} more than once"
        raise InputError(message)
    if not values:
        message = "expected at least one gamma, found none"
        raise InputError(message)
    return values
