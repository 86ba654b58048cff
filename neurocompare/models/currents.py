r"""The exact posterior of a network's currents, with all weights integrated out: what chains move in.

Currents are written as eta = R z, see `NonCentred`. The Jacobian of z -> eta is det R^N, as R is triangular and its
diagonal at one time depends on earlier ones alone: it cancels the determinant in the density of the currents, and what
is left (Kingma & Welling 2014 call such coordinates non-centred) is

.. math:: p(z) \propto \exp(-|z|^2 / 2 - E(C)),

with E the energy of a `Likelihood` at the kernel. Without targets it is a standard Gaussian. Weights given the currents
are Gaussian and drawn in closed form: with F = (g phi / sqrt N, I / sqrt D) the rows of which are samples, and draws w0
and zeta0 of the prior,

.. math:: w = w_0 + F^T (F F^T + \sigma^2)^{-1} (\eta - F w_0 - \sigma \zeta_0).

Currents have a density only with a little noise of their own, sigma^2 = `JITTER` / (1 + b gamma^2) beside the family's
private noise. What it changes is put right where a chain accepts (`sample_chain`): by the energy of the network that
was drawn, run without the jitter. The more of it the better conditioned R is: a hundredth of it makes steps 2.6 times
shorter with three quarters as many samples as units, and it matters more the more samples there are. But the stiffer
targets are, the more does it change energies, and the more networks are refused. Samples that are at most half as many
as units need hardly any (`LEAST`): steps are as long with it.
"""

from __future__ import annotations

import math
from typing import final

import torch

from neurocompare.models.law import Likelihood
from neurocompare.models.noncentred import NonCentred
from neurocompare.models.observables import Observables
from neurocompare.models.posterior import WeightPosterior, observe
from neurocompare.models.rate_rnn import scaled, time_major
from neurocompare.settings import Family
from neurocompare.tasks.task import Task

JITTER = 1e-6
"""Variance of the noise that currents are given in addition to the family's, where targets ask for little."""

LEAST = 1e-8
"""The same where samples are at most half as many as units."""


@final
class CurrentPosterior:
    """exp(-|z|^2 / 2 - E(z)) for one task, family and gamma.

    A state is z, shape (sample that has a current, unit), one row after another; samples are in time-major order and
    those of the last time step have none.

    Parameters
    ----------
    task : Task
    family : Family
    gamma : float
        >= 0. At 0 the targets leave the recurrent and input weights alone.
    gradient_dtype : torch.dtype
        Precision of what is as large as samples times units, in gradients.
    device : str or torch.device
        Where states live and everything is computed.
    jitter : float, optional
        Variance; as above where None.
    infinite : bool
        Whether the units stand for infinitely many: the readout's own entropy, of order 1 / N, is left out then.
    """

    def __init__(
        self,
        task: Task,
        family: Family,
        gamma: float,
        *,
        gradient_dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
        jitter: float | None = None,
        infinite: bool = False,
    ) -> None:
        self.family = family
        self.device = torch.device(device)
        self.likelihood = Likelihood.of(task, family, gamma, infinite=infinite, device=self.device)
        inputs = time_major(task.inputs.values).to(self.device)
        self._n_times, self._n_conditions, _ = inputs.shape
        self._drive = scaled(inputs[:-1].flatten(0, 1), family)
        self.n_samples = self._n_times * self._n_conditions
        self._shape = (len(self._drive), family.n_units)
        if jitter is None:
            few = 2 * self.n_samples <= family.n_units
            jitter = LEAST if few else JITTER / (1 + self.likelihood.stiffness)
        self.noise = family.private_noise**2 + jitter
        self.dimension = math.prod(self._shape)
        self._input_kernel = self._drive @ self._drive.T
        self._input_kernel.diagonal().add_(self.noise)
        self._step_fraction = family.step_fraction(task.time_step)
        self._gradient_dtype = gradient_dtype
        self._gradients = self._engine(gradient_dtype)
        self._energies = self._gradients if gradient_dtype == torch.float64 else self._engine(torch.float64)

    def _engine(self, dtype: torch.dtype) -> NonCentred:
        return NonCentred(
            self._input_kernel,
            n_conditions=self._n_conditions,
            n_units=self.family.n_units,
            g=self.family.g,
            step_fraction=self._step_fraction,
            nonlinearity=self.family.nonlinearity,
            dtype=dtype,
        )

    def rates(self, state: torch.Tensor) -> torch.Tensor:
        """Run the network; rates of shape (time, condition, unit), float64."""
        return self._energies.simulate(state.view(self._shape)).clone().unflatten(0, (self._n_times, -1))

    def kernel(self, state: torch.Tensor) -> torch.Tensor:
        """Run the network; its kernel, shape (M, M), float64."""
        self._energies.simulate(state.view(self._shape))
        return self._energies.symmetric_kernel()

    def evaluate(self, state: torch.Tensor) -> tuple[float, Observables]:
        """Return E(z) and the observables, in float64."""
        self._energies.simulate(state.view(self._shape))
        return observe(self._energies.symmetric_kernel(), self.likelihood)

    def gradient(self, state: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        """Return dE / dz, in the gradient's dtype; `kernel` is then that of the state."""
        gradient = torch.empty_like(state, dtype=self._gradient_dtype) if out is None else out
        self._gradients.simulate(state.view(self._shape))
        kernel = self._gradients.kernel.to(self._gradient_dtype)  # whose lower triangle is enough
        field = self.likelihood.field(kernel)
        self._gradients.backpropagate(field, out=gradient.view(self._shape))
        return gradient

    def draw_weights(
        self, state: torch.Tensor, weights: WeightPosterior, *, generator: torch.Generator
    ) -> torch.Tensor:
        """Draw the weights of a network that has these currents, as a state of `weights`.

        Parameters
        ----------
        state : tensor, shape (dimension,)
        weights : WeightPosterior
            Of the same task, family and gamma.
        generator : torch.Generator
            On the device of the state.

        Returns
        -------
        tensor, shape (weights.dimension,)
            J, U and, where the family has private noise, zeta, drawn from their posterior given the currents.
        """
        family, (n_currents, n) = self.family, self._shape
        rates = self._energies.simulate(state.view(self._shape))[:n_currents]
        factor = self._energies.factor
        design = torch.cat([rates * family.coupling, self._drive], dim=1)  # F; R R^T = F F^T + noise

        def normal(*shape: int) -> torch.Tensor:
            return torch.randn(*shape, generator=generator, dtype=torch.float64, device=self.device)

        prior = normal(design.shape[1], n)
        currents = factor @ state.view(self._shape)
        surprise = (currents - design @ prior).sub_(normal(n_currents, n), alpha=math.sqrt(self.noise))
        drawn = prior.addmm_(design.T, torch.cholesky_solve(surprise, factor))
        if family.private_noise == 0:
            return weights.join(drawn[:n].T, drawn[n:].T)
        # What the weights leave of the currents is private noise and jitter: Gaussian again, given their sum.
        zeta = normal(self._n_times * self._n_conditions, n)
        own = family.private_noise / self.noise
        left = math.sqrt(max(0.0, 1 - family.private_noise * own))
        zeta[:n_currents].mul_(left).add_(currents.addmm_(design, drawn, alpha=-1), alpha=own)
        return weights.join(drawn[:n].T, drawn[n:].T, zeta)
