r"""The network: N rate units with recurrent weights J, input weights U and readout R.

.. math::

    x_{t+1} = (1 - a) x_t + a (g J \phi(x_t) / \sqrt N + U I_t / \sqrt D),  \quad  y_t = R \phi(x_t),  \quad  x_0 = 0

with a = time_step / tau and R = V / (N gamma). Within this room arrays are time-major, (time, condition, unit): one
time step is then one contiguous block.
"""

from __future__ import annotations

import math
from typing import final

import numpy as np
import torch

from neurocompare.models.nonlinearity import Nonlinearity, get_nonlinearity
from neurocompare.responses import Responses, make_responses
from neurocompare.settings import Family
from neurocompare.tasks.task import Task


def simulate(
    recurrent: torch.Tensor, drive: torch.Tensor, step_fraction: float, nonlinearity: Nonlinearity
) -> torch.Tensor:
    """Run the network from rest and return its rates.

    Parameters
    ----------
    recurrent : tensor, shape (unit, unit)
        g J / sqrt(N); row i holds the weights onto unit i.
    drive : tensor, shape (time, condition, unit)
        Everything that is not recurrent: U I_t / sqrt(D), and private noise where there is any.
    step_fraction : float
        a, in (0, 1].
    nonlinearity : Nonlinearity

    Returns
    -------
    tensor, shape (time, condition, unit)
        phi(x_t).
    """
    rates = []
    weights = recurrent.T
    preactivation = torch.zeros_like(drive[0])
    for step_drive in drive:
        rates.append(nonlinearity.rate(preactivation))
        current = torch.addmm(step_drive, rates[-1], weights)
        preactivation = (1 - step_fraction) * preactivation + step_fraction * current
    return torch.stack(rates)


def time_major(array: np.ndarray) -> torch.Tensor:
    """Return a (condition, time, channel) array as a contiguous float64 tensor (time, condition, channel).

    Always a copy, in memory that torch aligns: an array that came from another process may begin at any address, and
    MKL's products differ in their last bits with it.
    """
    return torch.tensor(np.ascontiguousarray(np.swapaxes(array, 0, 1)), dtype=torch.float64)


def scaled(inputs: torch.Tensor, family: Family) -> torch.Tensor:
    """Return what U multiplies, I / sqrt(D) at the family's scale.

    Parameters
    ----------
    inputs : tensor, shape (..., channel)
    family : Family

    Examples
    --------
    >>> scaled(torch.ones(1, 4), Family(input_scale=3.0))
    tensor([[1.5000, 1.5000, 1.5000, 1.5000]])
    """
    return inputs * (family.input_scale / math.sqrt(inputs.shape[-1]))


@final
class RateRNN(torch.nn.Module):
    """A rate network with its weights.

    Parameters
    ----------
    J : tensor, shape (unit, unit)
        Raw recurrent weights, of order one.
    U : tensor, shape (unit, channel)
        Raw input weights, of order one.
    R : tensor, shape (output, unit)
        Readout, V / (N gamma).
    g : float
    step_fraction : float
        a = time_step / tau, in (0, 1].
    nonlinearity : str
    input_scale : float
        Factor on the inputs.

    Examples
    --------
    >>> network = RateRNN(torch.randn(5, 5), torch.randn(5, 2), torch.randn(1, 5), g=1.5, step_fraction=0.5)
    >>> rates, outputs = network(torch.ones(3, 7, 2))
    >>> tuple(rates.shape), tuple(outputs.shape)
    ((3, 7, 5), (3, 7, 1))
    """

    def __init__(
        self,
        J: torch.Tensor,
        U: torch.Tensor,
        R: torch.Tensor,
        *,
        g: float,
        step_fraction: float,
        nonlinearity: str = "tanh",
        input_scale: float = 1.0,
    ) -> None:
        super().__init__()
        self.J, self.U, self.R = (torch.nn.Parameter(weights) for weights in (J, U, R))
        self.g = g
        self.step_fraction = step_fraction
        self.input_scale = input_scale
        self.nonlinearity = get_nonlinearity(nonlinearity)

    @classmethod
    def of(cls, J: torch.Tensor, U: torch.Tensor, R: torch.Tensor, family: Family, step_fraction: float) -> RateRNN:
        """Make the network of a family that has these weights."""
        rate, scale = family.nonlinearity, family.input_scale
        return cls(J, U, R, g=family.g, step_fraction=step_fraction, nonlinearity=rate, input_scale=scale)

    @property
    def recurrent(self) -> torch.Tensor:
        """The matrix g J / sqrt(N), shape (unit, unit), whose spectrum fills a circle of radius g without learning."""
        return self.J * (self.g / math.sqrt(len(self.J)))

    def drive(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the currents that inputs make, U I / sqrt(D) at the network's scale: (..., channel) to (..., unit)."""
        return inputs @ self.U.T * (self.input_scale / math.sqrt(self.U.shape[1]))

    def forward(
        self, inputs: torch.Tensor, private_noise: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Simulate from rest.

        Parameters
        ----------
        inputs : tensor, shape (condition, time, channel)
        private_noise : tensor, shape (condition, time, unit), optional
            Added to the currents; none when None.

        Returns
        -------
        rates : tensor, shape (condition, time, unit)
        outputs : tensor, shape (condition, time, output)
        """
        drive = self.drive(inputs.transpose(0, 1))
        if private_noise is not None:
            drive = drive + private_noise.transpose(0, 1)
        rates = simulate(self.recurrent, drive, self.step_fraction, self.nonlinearity).transpose(0, 1)
        return rates, rates @ self.R.T


@torch.no_grad()
def respond(
    network: RateRNN, task: Task, *, private_noise: torch.Tensor | None = None, source: str = ""
) -> tuple[Responses, float]:
    """Simulate a network on a task; return its responses and its loss.

    Parameters
    ----------
    network : RateRNN
    task : Task
    private_noise : tensor, shape (condition, time, unit), optional
        Added to the currents; none when None.
    source : str
        Where the responses come from, in words.

    Returns
    -------
    responses : Responses
        phi(x), on the task's conditions and times; keeps the task's condition coordinates.
    loss : float
        Half the mean squared error over trained samples and outputs.

    Examples
    --------
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> network = draw_reservoir(oscillation(), Family(n_units=12), generator=torch.Generator().manual_seed(0))
    >>> responses, loss = respond(network, oscillation())
    >>> responses.dims, loss < 0.5
    (('condition', 'time', 'unit'), True)
    """
    inputs = torch.tensor(task.inputs.values, dtype=network.J.dtype)
    noise = None if private_noise is None else private_noise.to(inputs.dtype)
    rates, outputs = (each.double().numpy() for each in network(inputs, noise))
    error = (outputs - task.targets.values)[task.trained.values]
    conditions = task.inputs["condition"]
    responses = make_responses(
        rates,
        condition=conditions.values,
        time=task.inputs["time"].values,
        source=source,
        coords={str(name): ("condition", c.values) for name, c in conditions.coords.items() if name != "condition"},
    )
    return responses, 0.5 * float((error**2).mean())
