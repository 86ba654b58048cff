r"""The exact posterior of a network's weights, with the readout integrated out.

Given a task, gamma and the settings of the family, the recurrent and input weights (and, where asked for, a frozen
private noise) are a sample of ``exp(-|w|^2 / 2 - E(w))`` with w = (J, U, zeta), where E is the energy of a `Likelihood`
at the kernel the network produces when it is run. It holds at any number of units and samples, it is stiff neither in
the readout nor in the private noise (which may be zero), and at E = 0 it is a standard Gaussian: what a sampler has to
find out is only what the targets add.

Chains move in other coordinates (`CurrentPosterior`), and each network they propose is judged by its energy here, in
double precision.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch

from neurocompare.models.law import Likelihood
from neurocompare.models.observables import Observables
from neurocompare.models.rate_rnn import RateRNN, scaled, time_major
from neurocompare.models.through_time import ThroughTime
from neurocompare.settings import Family
from neurocompare.tasks.task import Task


def observe(kernel: torch.Tensor, likelihood: Likelihood) -> tuple[float, Observables]:
    """Return the energy of a kernel, shape (sample, sample), and what else is to be seen of it."""
    terms = likelihood.terms(kernel)
    trace = float(kernel.trace())
    observables = Observables(
        energy=terms.energy / likelihood.n_units,
        loss=terms.loss,
        expected_loss=terms.expected_loss,
        activity=trace / len(kernel),
        participation_ratio=trace**2 / float((kernel * kernel).sum()),
    )
    return terms.energy, observables


class Potential(Protocol):
    """A density ``exp(-|w|^2 / 2 - E(w))`` to be sampled; E = 0 is a standard Gaussian."""

    dimension: int

    def evaluate(self, state: torch.Tensor) -> tuple[float, Observables]:
        """Return E, in float64, and the observables of a state, shape (dimension,)."""
        ...

    def gradient(self, state: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        """Return dE / dw, shape (dimension,), in `out` if given. Need not be exact: acceptance corrects it."""
        ...


class WeightPosterior:
    """``exp(-|w|^2 / 2 - E(w))`` over w = (J, U, zeta) for one task, family and gamma.

    A state is W = (J, U) row by row, shape (unit, unit + channel), and then zeta, shape (time, condition, unit).

    Parameters
    ----------
    task : Task
    family : Family
    gamma : float
        >= 0. At 0 the targets leave J and U alone.
    device : str or torch.device
        Where states live and everything is computed.

    Examples
    --------
    >>> from neurocompare.tasks import oscillation
    >>> posterior = WeightPosterior(oscillation(), Family(n_units=8), 0.1)
    >>> state = torch.randn(posterior.dimension, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    >>> J, U, _ = posterior.split(state)
    >>> posterior.dimension, tuple(J.shape), tuple(U.shape), bool((posterior.join(J, U) == state).all())
    (80, (8, 8), (8, 2), True)
    """

    def __init__(self, task: Task, family: Family, gamma: float, *, device: str | torch.device = "cpu") -> None:
        self.family = family
        self.device = torch.device(device)
        self.likelihood = Likelihood.of(task, family, gamma, device=self.device)
        self.step_fraction = family.step_fraction(task.time_step)
        self._inputs = scaled(time_major(task.inputs.values).to(self.device), family)
        n, (n_times, n_conditions, n_channels) = family.n_units, self._inputs.shape
        self._weights = (n, n + n_channels)
        self._noise = (n_times, n_conditions, n) if family.private_noise > 0 else (0, n_conditions, n)
        self.dimension = math.prod(self._weights) + math.prod(self._noise)

    def _new_engine(self, dtype: torch.dtype) -> ThroughTime:
        return ThroughTime(
            self._inputs.to(dtype),
            n_units=self.family.n_units,
            coupling=self.family.coupling,
            step_fraction=self.step_fraction,
            nonlinearity=self.family.nonlinearity,
            private_noise=self.family.private_noise,
        )

    def _parts(self, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return W (unit, unit + channel) and zeta (time, condition, unit; None without private noise)."""
        size = math.prod(self._weights)
        return state[:size].view(self._weights), state[size:].view(self._noise) if len(state) > size else None

    def split(self, state: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Return J (unit, unit), U (unit, channel) and zeta (time, condition, unit; None without private noise)."""
        weights, noise = self._parts(state)
        return weights[:, : self.family.n_units], weights[:, self.family.n_units :], noise

    def join(self, J: torch.Tensor, U: torch.Tensor, noise: torch.Tensor | None = None) -> torch.Tensor:
        """Make the state of raw weights J and U, and zeta where there is private noise: what `split` undoes."""
        weights = torch.cat([J, U], dim=1).ravel()
        return weights if noise is None else torch.cat([weights, noise.ravel()])

    def network(self, state: torch.Tensor, *, generator: torch.Generator) -> RateRNN:
        """Make the network a state stands for, with a readout drawn from its posterior given the activity."""
        J, U, _ = self.split(state)
        readout = self.likelihood.draw_readout(self.rates(state).flatten(0, 1), generator=generator)
        return RateRNN.of(J.clone(), U.clone(), readout, self.family, self.step_fraction)

    def rates(self, state: torch.Tensor) -> torch.Tensor:
        """Run the network; rates of shape (time, condition, unit), in the dtype of `state`."""
        weights, noise = self._parts(state)
        return self._new_engine(state.dtype).simulate(weights, noise)

    def evaluate(self, state: torch.Tensor) -> tuple[float, Observables]:
        """Return E(w) and the observables, in float64."""
        flat = self.rates(state).flatten(0, 1)
        return observe(flat @ flat.T / flat.shape[1], self.likelihood)


def random_state(posterior: WeightPosterior, *, generator: torch.Generator) -> torch.Tensor:
    """Draw J, U and the private noise from their prior, shape (dimension,), float64."""
    return torch.randn(posterior.dimension, generator=generator, dtype=torch.float64)


@torch.no_grad()
def draw_reservoir(task: Task, family: Family, *, generator: torch.Generator, gamma: float = 0.0) -> RateRNN:
    """Draw a network whose J and U are random, with a readout drawn from its posterior given the activity.

    Parameters
    ----------
    task : Task
    family : Family
    generator : torch.Generator
    gamma : float
        Of the readout. At 0 it is ridge regression with ridge N / b, and the network is an exact member of the family;
        above, a member would have learned weights, and this is what it is with them frozen.

    Returns
    -------
    RateRNN

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> family = Family(n_units=50, beta=100.0)
    >>> draw_reservoir(oscillation(), family, generator=torch.Generator().manual_seed(0)).J.shape
    torch.Size([50, 50])
    """
    posterior = WeightPosterior(task, family, gamma)
    return posterior.network(random_state(posterior, generator=generator), generator=generator)
