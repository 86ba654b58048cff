"""Temporal generalisation: whether a network keeps doing its task after the window it was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.dynamics.network_map import after_trial, trial
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.tasks.continuation import Continuation, continued
from neurocompare.tasks.task import Task


@dataclass(frozen=True)
class Generalization:
    """The loss in the trained window and in windows of the same length after it.

    Attributes
    ----------
    trained : float
        Over the trained samples.
    windows : tuple of float
        Over each window after the trained one, infinite where a network has diverged.
    zero : float
        Of a zero output over the trained samples: the yardstick for all.
    window : float
        Length of a window, s.

    Examples
    --------
    >>> found = Generalization(trained=0.01, windows=(0.1, 0.2, 0.3), zero=0.4, window=1.0)
    >>> round(found.beyond, 6), round(found.relative, 6)
    (0.2, 0.5)
    """

    trained: float
    windows: tuple[float, ...]
    zero: float
    window: float

    @property
    def beyond(self) -> float:
        """Mean loss over the windows after the trained one."""
        return float(np.mean(self.windows))

    @property
    def relative(self) -> float:
        """`beyond` over the loss of a zero output in the trained window."""
        return self.beyond / self.zero


def generalization(
    network: RateRNN,
    task: Task,
    *,
    windows: int = 3,
    continuation: Continuation | None = None,
    private_noise: np.ndarray | None = None,
) -> Generalization:
    """Run a network on for some windows and take its loss against what the task goes on to ask.

    Parameters
    ----------
    network : RateRNN
    task : Task
    windows : int
        After the trained one, each as long as the task.
    continuation : Continuation, optional
        How targets go on; as the task says where None.
    private_noise : array, shape (condition, time, unit), optional
        Of the network's trials; there is none afterwards.

    Returns
    -------
    Generalization
        Losses are half mean squared errors over samples and outputs, at the scale of the task.

    Raises
    ------
    InputError
        If nothing says how the targets go on.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> network = draw_reservoir(task, Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> found = generalization(network, task, windows=2)
    >>> len(found.windows)
    2
    """
    length = task.targets.sizes["time"]
    longer = continued(task, (1 + windows) * length, continuation=continuation)
    states = trial(network, task, private_noise=private_noise)
    system = after_trial(network, task)
    after = system.run(states[-1], windows * length - 1) if windows else states[:0]
    readout = network.R.detach().double().numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        outputs = system.rate(np.concatenate([states[:-1], after])) @ readout.T
        squares = (outputs.swapaxes(0, 1) - longer.targets.values) ** 2
        losses = 0.5 * squares.reshape(len(squares), 1 + windows, -1).mean(axis=(0, 2))[1:]
    trained = task.trained.values
    return Generalization(
        0.5 * float(squares[:, :length][trained].mean()),
        tuple(float(loss) if np.isfinite(loss) else float("inf") for loss in losses),
        0.5 * float((task.targets.values[trained] ** 2).mean()),
        length * task.time_step,
    )
