"""How a network is trained, and what comes of it: the settings and the result of `langevin.train`."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.fit import OBSERVABLES
from neurocompare.models.rate_rnn import RateRNN

HISTORY = ("step", *OBSERVABLES)
"""Columns of a history."""

CHECKS = ("step", "curvature", "ds")
"""Columns of the checks of the step: when, what was found, and the ds from then on."""


@dataclass(frozen=True)
class Training:
    """How long and how a network is trained.

    Attributes
    ----------
    steps : int
        Of the dynamics. A weight the task does not touch forgets in 1 / ds of them.
    step : float, optional
        ds. When None it is chosen, 0.3 over the largest curvature (0.8 without noise), anew at every check until
        half-way, later only shortened.
    warm_up : int
        Steps of descent on the misfit before the dynamics, see `warm_up`.
    noise : bool
        Without it, plain gradient descent on the loss, with no decay either: not a sample of the family.
    train_recurrent : bool
        When False only the readout learns, on a frozen reservoir.
    record_every : int
        Steps between records.

    Raises
    ------
    InputError

    Examples
    --------
    >>> Training(steps=0)
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected steps of at least 1, found 0
    """

    steps: int = 20_000
    step: float | None = None
    warm_up: int = 200
    noise: bool = True
    train_recurrent: bool = True
    record_every: int = 50

    def __post_init__(self) -> None:
        for name, least in (("steps", 1), ("warm_up", 0), ("record_every", 1)):
            value = getattr(self, name)
            if not (isinstance(value, int) and value >= least):
                message = f"expected {name} of at least {least}, found {value}"
                raise InputError(message)
        if self.step is not None and not (math.isfinite(self.step) and self.step > 0):
            message = f"expected step to be a positive number, or None to choose it, found {self.step}"
            raise InputError(message)

    @property
    def method(self) -> str:
        """``"langevin"``, or ``"gradient-descent"`` without noise."""
        return "langevin" if self.noise else "gradient-descent"


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network and how far it can be trusted.

    Attributes
    ----------
    network : RateRNN
        In float64 on the processor.
    history : array, shape (record, column)
        `HISTORY`; the first record is the state the dynamics started from.
    step : float
        ds at the end.
    curvature : float
        Largest curvature at the last check.
    checks : array, shape (check, 3)
        `CHECKS` along the run.
    equilibrated : bool
    why : str
        The verdict in one sentence.
    method : str
        See `Training.method`.
    notes : tuple of str
        What happened on the way: the warm-up, a step that was shortened.
    private_noise : tensor, shape (condition, time, unit), or None
        What the network was trained with, as `RateRNN.forward` takes it; None in a family without.
    """

    network: RateRNN
    history: np.ndarray
    step: float
    curvature: float
    checks: np.ndarray
    equilibrated: bool
    why: str
    method: str
    notes: tuple[str, ...] = ()
    private_noise: torch.Tensor | None = None
