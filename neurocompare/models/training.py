"""How a network is trained, and what comes of it: the settings and the result of `langevin.train`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neurocompare.settings import Checked, setting

if TYPE_CHECKING:
    import numpy as np
    import torch

    from neurocompare.models.rate_rnn import RateRNN


@dataclass(frozen=True)
class Training(Checked):
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
    neurocompare.errors.InputError: expected steps to be a whole number at least 1, found 0
    """

    steps: int = setting(20_000, "Steps of each training.", least=1)
    step: float | None = setting(None, "Step of the dynamics; chosen by the curvature where none.", above=0)
    warm_up: int = setting(200, "Steps of descent on the misfit before the dynamics.", least=0)
    noise: bool = setting(True, "Thermal noise: without it, plain gradient descent.")
    train_recurrent: bool = setting(True, "Whether recurrent and input weights learn, or the readout alone.")
    record_every: int = setting(50, "Steps between records.", least=1)

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
        `langevin.HISTORY`; the first record is the state the dynamics started from.
    step : float
        ds at the end.
    curvature : float
        Largest curvature at the last check.
    checks : array, shape (check, 3)
        The step at which each was made, the curvature that was found, and the ds from then on.
    equilibrated : bool
    why : str
        The verdict in one sentence.
    method : str
        See `Training.method`.
    notes : tuple of str
        What happened on the way: the warm-up, a step that was shortened.
    private_noise : tensor, shape (condition, time, unit), or None
        What the network was trained with, as `RateRNN.forward` takes it; None in a family without.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import train
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> brief, generator = Training(steps=40, warm_up=0, record_every=20), torch.Generator().manual_seed(0)
    >>> trained = train(oscillation(), Family(n_units=10), 0.5, generator=generator, training=brief)
    >>> trained.method, len(trained.history), trained.equilibrated
    ('langevin', 3, False)
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
