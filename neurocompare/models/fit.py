r"""All weights of a network, and how its misfit pulls on each of them.

The Langevin way keeps the readout V among the weights. The misfit is then

.. math:: \beta N \gamma^2 L = (b N \gamma^2 / 2) \sum |y - y^*|^2,  \quad  y = V \phi / (N \gamma),

over trained samples and outputs, and its gradient one pass through time and back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import torch

from neurocompare.models.law import Likelihood, fit_weight, readout_scale
from neurocompare.models.rate_rnn import RateRNN, scaled, time_major
from neurocompare.models.through_time import ThroughTime, empty_weights
from neurocompare.settings import Family
from neurocompare.tasks.task import Task

OBSERVABLES = ("loss", "activity", "participation_ratio", "expected_loss")

RATE = 2e-3
"""Most a weight moves in a step, in units of its prior s.d."""


@dataclass(frozen=True, eq=False)
class Weights:
    """The raw weights of one network, all of order one, or anything of their shape.

    Attributes
    ----------
    W : tensor, shape (unit, unit + channel)
        Row i = (J_i, U_i).
    V : tensor, shape (output, unit)
    zeta : tensor, shape (time, condition, unit), or None
        The frozen private noise, of unit variance.
    """

    W: torch.Tensor
    V: torch.Tensor
    zeta: torch.Tensor | None = None

    def parts(self) -> tuple[torch.Tensor, ...]:
        """W, V and, where there is one, zeta."""
        return (self.W, self.V) if self.zeta is None else (self.W, self.V, self.zeta)

    def finite(self) -> bool:
        """Whether every weight is a finite number."""
        return all(bool(part.isfinite().all()) for part in self.parts())


@final
class Fit:
    """The misfit of networks on one task, for one family and gamma.

    Parameters
    ----------
    task : Task
    family : Family
    gamma : float
        > 0.
    dtype : torch.dtype
    device : torch.device or str
    """

    def __init__(
        self,
        task: Task,
        family: Family,
        gamma: float,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        self.family, self.gamma, self.dtype, self.device = family, gamma, dtype, device
        self.step_fraction = family.step_fraction(task.time_step)
        self._likelihood = Likelihood.of(task, family, gamma, device=device)
        self.scale = readout_scale(gamma, family.n_units)
        self.weight = fit_weight(gamma, self._likelihood.precision, family.n_units)
        inputs = time_major(task.inputs.values)
        self.engine = ThroughTime(
            scaled(inputs, family).to(device, dtype),
            n_units=family.n_units,
            coupling=family.g / math.sqrt(family.n_units),
            step_fraction=self.step_fraction,
            nonlinearity=family.nonlinearity,
            private_noise=family.private_noise,
        )
        self._targets = self._likelihood.targets.to(dtype)
        trained = torch.from_numpy(task.trained.values.T.ravel())
        self._mask = None if bool(trained.all()) else trained.to(device, dtype)[:, None]
        self._n_errors = len(self._likelihood.trained) * self._targets.shape[1]
        self._rates = self.engine.rates.flatten(0, 1)
        self._error = torch.zeros_like(self._targets)
        self._pull = torch.zeros(*self.engine.rates.shape, dtype=dtype, device=device)

    def zeros(self) -> Weights:
        """Make weights that are all zero."""
        n_times, n_conditions, n_sources = self.engine.sources.shape
        n, options = self.family.n_units, {"dtype": self.dtype, "device": self.device}
        return Weights(
            empty_weights(n, n_sources - n, **options).zero_(),
            torch.zeros(self._targets.shape[1], n, **options),
            torch.zeros(n_times, n_conditions, n, **options) if self.family.private_noise > 0 else None,
        )

    def draw(self, generator: torch.Generator) -> Weights:
        """Draw weights from their prior, N(0, 1); the same on every device."""
        weights = self.zeros()
        for part in weights.parts():
            part.copy_(torch.randn(part.shape, generator=generator, dtype=torch.float64))
        return weights

    def network(self, weights: Weights) -> RateRNN:
        """Make the network that weights stand for, in float64 on the processor."""
        W, V = weights.W.double().cpu(), weights.V.double().cpu()
        n = self.family.n_units
        return RateRNN.of(W[:, :n].clone(), W[:, n:].clone(), V * self.scale, self.family, self.step_fraction)

    def recurrent(self, weights: Weights) -> torch.Tensor:
        """Return g J / sqrt(N), shape (unit, unit)."""
        return weights.W[:, : self.family.n_units] * self.engine.coupling

    def simulate(self, weights: Weights) -> None:
        """Run the network; its rates stay in the engine until the next run."""
        self.engine.simulate(weights.W, weights.zeta)

    def gradient(
        self, weights: Weights, out: Weights, *, keep: float = 0.0, scale: float = 1.0, recurrent: bool = True
    ) -> Weights:
        """Set `out` to ``keep * out + scale * gradient`` of the misfit.

        Parameters
        ----------
        weights, out : Weights
            May be the same: a step down the gradient then needs no second set.
        keep, scale : float
        recurrent : bool
            When False only V is touched, and the rates are those of the last `simulate`.

        Returns
        -------
        Weights
            `out`.
        """
        if recurrent:
            self.simulate(weights)
        slope = self.weight * self.scale
        self._misfit(weights.V)
        if recurrent:
            self._pull.view_as(self._rates).addmm_(self._error, weights.V, beta=0, alpha=slope)
            currents = self.engine.backpropagate(weights.W, self._pull)
            self.engine.weight_gradient(out.W, keep=keep, scale=scale)
            if out.zeta is not None:
                out.zeta.mul_(keep).add_(currents, alpha=scale * self.family.private_noise)
        out.V.addmm_(self._error.T, self._rates, beta=keep, alpha=scale * slope)
        return out

    def observe(self, weights: Weights) -> tuple[float, float, float, float]:
        """Return `OBSERVABLES`: the loss of this network, and tr C / M, participation ratio and E[L | C]."""
        self.simulate(weights)
        self._misfit(weights.V)
        loss = 0.5 * float((self._error.double() ** 2).sum()) / self._n_errors
        if not math.isfinite(loss):
            return math.nan, math.nan, math.nan, math.nan
        kernel = (self._rates @ self._rates.T).double() / self.family.n_units
        trace = float(kernel.trace())
        ratio = trace**2 / float((kernel * kernel).sum()) if trace > 0 else math.nan
        return loss, trace / len(kernel), ratio, self._likelihood.terms(kernel).expected_loss

    def _misfit(self, V: torch.Tensor) -> None:
        torch.addmm(self._targets, self._rates, V.T, beta=-1, alpha=self.scale, out=self._error)
        if self._mask is not None:
            self._error.mul_(self._mask)


def warm_up(fit: Fit, weights: Weights, steps: int, *, recurrent: bool = True) -> str:
    r"""Descend on the misfit, each weight's gradient divided by its running root mean square (Adam).

    The decay is left out: it would first take away the disorder of the weights, which the noise then has to bring
    back. The law of the dynamics that follow does not depend on where they start.

    Parameters
    ----------
    fit : Fit
    weights : Weights
        Changed in place.
    steps : int
    recurrent : bool
        Whether W moves, or V alone. The private noise does not.

    Returns
    -------
    str
        What was done, for the record.

    References
    ----------
    Kingma and Ba 2015, Adam: a method for stochastic optimization, arXiv:1412.6980.
    """
    gradient, mean, square = (fit.zeros() for _ in range(3))
    fit.simulate(weights)
    before = fit.observe(weights)[0]
    for k in range(1, steps + 1):
        fit.gradient(weights, gradient, recurrent=recurrent)
        rate = RATE * math.sqrt(1 - 0.999**k) / (1 - 0.9**k)
        for part in ("W", "V") if recurrent else ("V",):
            slope, first, second = (getattr(each, part) for each in (gradient, mean, square))
            first.lerp_(slope, 0.1)
            second.mul_(0.999).addcmul_(slope, slope, value=0.001)
            getattr(weights, part).addcdiv_(first, second.sqrt().add_(1e-12), value=-rate)
    after = fit.observe(weights)[0]
    return f"warm-up: {steps} steps of preconditioned descent on the misfit, loss {before:.3g} to {after:.3g}"
