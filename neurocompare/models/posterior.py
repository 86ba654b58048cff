r"""The exact posterior of a network's weights, with the readout integrated out.

Given a task, gamma and the settings of the family, the recurrent and input weights (and, where asked for, a frozen
private noise) are a sample of ``exp(-|w|^2 / 2 - E(w))`` with w = (J, U, zeta), where E is `target_terms` of the
kernel the network produces when it is run. It holds at any number of units and samples, it is stiff neither in the
readout nor in the private noise (which may be zero), and at E = 0 it is a standard Gaussian: what a sampler has to
find out is only what the targets add.

The gradient is one forward and one backward pass through the network: O(M N^2) for M samples and N units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, final

import torch

from neurocompare.models.family import Family, TargetTerms, check_gamma, draw_readout, target_terms
from neurocompare.models.nonlinearity import get_nonlinearity
from neurocompare.models.rate_rnn import RateRNN, simulate, time_major
from neurocompare.tasks.task import Task


@dataclass(frozen=True)
class Observables:
    """What a state of the sampler looks like, in numbers that judge convergence.

    Attributes
    ----------
    energy : float
        What is left of the negative log density beside the Gaussian, per unit.
    loss : float
        Half the mean squared error of the mean output.
    expected_loss : float
        E[L | C], with the thermal noise of the readout.
    activity : float
        tr C / M, the mean squared rate.
    participation_ratio : float
        (tr C)^2 / tr C^2 of the uncentred kernel.
    """

    energy: float
    loss: float
    expected_loss: float
    activity: float
    participation_ratio: float


class Potential(Protocol):
    """A density exp(-|w|^2 / 2 - E(w)) to be sampled; E = 0 is a standard Gaussian."""

    dimension: int

    def evaluate(self, state: torch.Tensor) -> tuple[float, Observables]:
        """Return E, in float64, and the observables of a state, shape (dimension,)."""
        ...

    def gradient(self, state: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        """Return dE / dw, shape (dimension,), in `out` if given. Need not be exact: acceptance corrects it."""
        ...


@final
class WeightPosterior:
    """exp(-|w|^2 / 2 - E(w)) over w = (J, U, zeta) for one task, family and gamma.

    Parameters
    ----------
    task : Task
    family : Family
    gamma : float
        >= 0. At 0 the targets leave J and U alone.
    gradient_dtype : torch.dtype
        Precision of gradients. float32 halves their cost, and acceptance uses energies in float64, so the
        distribution sampled is the same.
    """

    def __init__(
        self,
        task: Task,
        family: Family,
        gamma: float,
        *,
        gradient_dtype: torch.dtype = torch.float32,
    ) -> None:
        self.family = family
        self.gamma = check_gamma(gamma)
        self.private_noise = family.private_noise
        self.gradient_dtype = gradient_dtype
        self.step_fraction = family.step_fraction(task.time_step)
        self.precision = family.precision(task)
        self._nonlinearity = get_nonlinearity(family.nonlinearity)
        self._coupling = family.g / math.sqrt(family.n_units)
        inputs = time_major(task.inputs.values)
        self._inputs = inputs * (family.input_scale / math.sqrt(inputs.shape[-1]))
        self._inputs_low = self._inputs.to(gradient_dtype)
        self.targets = time_major(task.targets.values).flatten(0, 1)
        self.trained = torch.from_numpy(task.trained.values.T.ravel()).nonzero().squeeze(1)
        n, (n_times, n_conditions, n_channels) = family.n_units, inputs.shape
        n_noise = n_times * n_conditions * n if self.private_noise > 0 else 0
        self.n_samples = n_times * n_conditions
        self._sizes = (n * n, n * n_channels, n_noise)
        self.dimension = sum(self._sizes)
        # Work space of the gradient: fresh memory of this size costs more than the arithmetic on it.
        self._low = torch.empty(self.dimension, dtype=gradient_dtype)
        self._recurrent = torch.empty(n, n, dtype=gradient_dtype)

    def split(self, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Return J (unit, unit), U (unit, channel) and zeta (time, condition, unit; None without private noise)."""
        n = self.family.n_units
        J, U, noise = state.split(self._sizes)
        return J.view(n, n), U.view(n, -1), noise.view(*self._inputs.shape[:2], n) if len(noise) else None

    def network(self, state: torch.Tensor, *, generator: torch.Generator) -> RateRNN:
        """Make the network a state stands for, with a readout drawn from its posterior given the activity."""
        J, U, _ = self.split(state)
        readout = draw_readout(
            self.rates(state).flatten(0, 1),
            self.targets,
            self.trained,
            gamma=self.gamma,
            precision=self.precision,
            generator=generator,
        )
        return RateRNN(
            J.clone(),
            U.clone(),
            readout,
            g=self.family.g,
            step_fraction=self.step_fraction,
            nonlinearity=self.family.nonlinearity,
            input_scale=self.family.input_scale,
        )

    def rates(self, state: torch.Tensor) -> torch.Tensor:
        """Run the network; rates of shape (time, condition, unit), in the dtype of `state`."""
        recurrent, drive = self._recurrent_and_drive(state)
        return simulate(recurrent, drive, self.step_fraction, self._nonlinearity)

    def currents(self, state: torch.Tensor) -> torch.Tensor:
        """Return eta, what drives the units, shape (time, condition, unit)."""
        recurrent, drive = self._recurrent_and_drive(state)
        return drive + self.rates(state) @ recurrent.T

    def _recurrent_and_drive(
        self, state: torch.Tensor, out: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        J, U, noise = self.split(state)
        drive = (self._inputs if state.dtype == self._inputs.dtype else self._inputs_low) @ U.T
        if noise is not None:
            drive += self.private_noise * noise
        return torch.mul(J, self._coupling, out=out), drive

    def _terms(self, rates: torch.Tensor) -> tuple[torch.Tensor, TargetTerms]:
        flat = rates.flatten(0, 1)
        kernel = (flat @ flat.T).double() / flat.shape[1]
        terms = target_terms(
            kernel,
            self.targets,
            self.trained,
            gamma=self.gamma,
            precision=self.precision,
            n_units=self.family.n_units,
        )
        return kernel, terms

    def evaluate(self, state: torch.Tensor) -> tuple[float, Observables]:
        """Return E(w) and the observables, in float64."""
        kernel, terms = self._terms(self.rates(state))
        trace = float(kernel.trace())
        observables = Observables(
            energy=terms.energy / self.family.n_units,
            loss=terms.loss,
            expected_loss=terms.expected_loss,
            activity=trace / self.n_samples,
            participation_ratio=trace**2 / float((kernel * kernel).sum()),
        )
        return terms.energy, observables

    def gradient(self, state: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        """Return dE / dw by one backward pass through time, in the gradient's dtype."""
        self._low.copy_(state)
        recurrent, drive = self._recurrent_and_drive(self._low, out=self._recurrent)
        rates = simulate(recurrent, drive, self.step_fraction, self._nonlinearity)
        _, terms = self._terms(rates)
        flat = rates.flatten(0, 1)
        pull = (terms.field.to(flat.dtype) @ flat).view_as(rates)  # d E / d phi
        currents = _backward(recurrent, pull, self.step_fraction, self._nonlinearity.slope(rates))
        flat_currents = currents.flatten(0, 1)
        gradient = torch.empty_like(self._low) if out is None else out
        J, U, noise = self.split(gradient)
        torch.mm((flat_currents * self._coupling).T, flat, out=J)
        torch.mm(flat_currents.T, self._inputs_low.flatten(0, 1), out=U)
        if noise is not None:
            torch.mul(currents, self.private_noise, out=noise)
        return gradient


def _backward(recurrent: torch.Tensor, pull: torch.Tensor, step_fraction: float, slopes: torch.Tensor) -> torch.Tensor:
    """Carry dE/d(rates) back in time; return dE/d(currents), shape (time, condition, unit)."""
    currents = torch.empty_like(pull)
    later = torch.zeros_like(pull[0])  # dE / d x_{t+1}
    for t in range(len(pull) - 1, -1, -1):
        torch.mul(later, step_fraction, out=currents[t])
        later = (1 - step_fraction) * later + slopes[t] * torch.addmm(pull[t], currents[t], recurrent)
    return currents
