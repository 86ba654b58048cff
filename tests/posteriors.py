r"""The posterior of current trajectories, with every weight integrated out: the second route to the same networks.

With M samples and N units, the currents eta (sample x unit) of a network with private noise sigma_0 have the density
``exp(-N F)``,

.. math::

    F = \tfrac12 \log\det\Sigma + \tfrac12 \mathrm{tr}\, \Sigma^{-1} S
        + \tfrac{\gamma^2}{2} \sum_o y_o^{*T} (C + 1/b)^{-1} y^*_o + \tfrac{O}{2N} \log\det(1 + b C),

    \Sigma = g^2 C + K, \quad K = I I^T / D + \sigma_0^2, \quad C = \phi \phi^T / N, \quad S = \eta \eta^T / N.

It is exact, but its curvature grows as 1 / sigma_0^2, so `CurrentPosterior` is what zoos are drawn with; this one
serves for agreement between two routes, for many more units than samples, and for the theory of N -> infinity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from neurocompare.errors import InputError
from neurocompare.models.law import Likelihood, TargetTerms
from neurocompare.models.nonlinearity import get_nonlinearity
from neurocompare.models.posterior import Observables, WeightPosterior
from neurocompare.models.rate_rnn import RateRNN, time_major
from neurocompare.models.through_time import empty_weights
from neurocompare.settings import Family
from neurocompare.tasks.task import Task
from neurocompare.theory.single_unit import leak_matrix


class TrajectoryPosterior:
    """exp(-N F) over currents, in coordinates z whitened once by a fixed reference covariance: eta = R_ref z.

    Parameters
    ----------
    task : Task
    family : Family
        Its private noise, sigma_0, must be above 0.
    gamma : float
    reference_kernel : tensor, shape (sample, sample), float64
        A kernel C of an *independent* network or of theory, which fixes Sigma_ref = g^2 C_ref + K. It must never come
        from the chain's own state: the whitening would then follow the state, and the samples would be biased.
    finite : bool
        Keep the last term of F, which vanishes as N -> infinity.
    targets_count : bool
        Keep the terms of the targets; without them the density is that of random networks.
    """

    def __init__(
        self,
        task: Task,
        family: Family,
        gamma: float,
        *,
        reference_kernel: torch.Tensor,
        finite: bool = True,
        targets_count: bool = True,
    ) -> None:
        self.family = family
        self.likelihood = Likelihood.of(task, family, gamma)
        self.private_noise = family.private_noise
        if not self.private_noise > 0:
            message = "expected a family with private_noise above 0: without it trajectories have no density; found 0"
            raise InputError(message)
        self.finite = finite
        self.targets_count = targets_count
        self._nonlinearity = get_nonlinearity(family.nonlinearity)
        inputs = time_major(task.inputs.values)
        n_times, n_conditions, n_channels = inputs.shape
        flat = inputs.flatten(0, 1)
        self.n_samples = len(flat)
        self.leak = leak_matrix(n_times, family.step_fraction(task.time_step))
        self._times_first = (n_times, n_conditions * family.n_units)
        noise = self.private_noise**2 * torch.eye(self.n_samples, dtype=torch.float64)
        self.input_kernel = family.input_scale**2 * (flat @ flat.T) / n_channels + noise
        self.reference = torch.linalg.cholesky(family.g**2 * reference_kernel + self.input_kernel)
        self.dimension = self.n_samples * family.n_units

    def currents(self, state: torch.Tensor) -> torch.Tensor:
        """Return eta, shape (sample, unit), of a state z."""
        return self.reference @ state.view(self.n_samples, -1)

    def whiten(self, currents: torch.Tensor) -> torch.Tensor:
        """Return the state z of currents eta, shape (sample, unit)."""
        return torch.linalg.solve_triangular(self.reference, currents, upper=False).ravel()

    def rates(self, currents: torch.Tensor) -> torch.Tensor:
        """Return phi(L eta), shape (sample, unit)."""
        preactivations = self.leak @ currents.reshape(self._times_first)
        return self._nonlinearity.rate(preactivations).view_as(currents)

    def _kernel_terms(self, rates: torch.Tensor) -> tuple[torch.Tensor, TargetTerms]:
        kernel = rates @ rates.T / rates.shape[1]
        return kernel, self.likelihood.terms(kernel)

    def _log_determinant(self, kernel: torch.Tensor) -> float:
        """Return (O / 2) log det(1 + b C) over trained samples."""
        trained = self.likelihood.trained
        seen = kernel[trained][:, trained]
        identity = torch.eye(len(seen), dtype=seen.dtype)
        return 0.5 * self.likelihood.readouts * float(torch.logdet(identity + self.likelihood.precision * seen))

    def free_energy(self, currents: torch.Tensor) -> float:
        """Return F of currents eta, shape (sample, unit)."""
        kernel, terms = self._kernel_terms(self.rates(currents))
        factor = torch.linalg.cholesky(self.family.g**2 * kernel + self.input_kernel)
        white = torch.linalg.solve_triangular(factor, currents, upper=False)
        n = self.family.n_units
        energy = float(torch.log(torch.diagonal(factor)).sum() + 0.5 * (white * white).sum() / n)
        if self.targets_count:
            energy += terms.energy / n
            if not self.finite:
                energy -= self._log_determinant(kernel) / n
        return energy

    def evaluate(self, state: torch.Tensor) -> tuple[float, Observables]:
        """Return ``N F - |z|^2 / 2`` and the observables."""
        currents = self.currents(state)
        free_energy = self.free_energy(currents)
        kernel, terms = self._kernel_terms(self.rates(currents))
        trace = float(kernel.trace())
        observables = Observables(
            energy=free_energy,
            loss=terms.loss,
            expected_loss=terms.expected_loss,
            activity=trace / self.n_samples,
            participation_ratio=trace**2 / float((kernel * kernel).sum()),
        )
        return self.family.n_units * free_energy - 0.5 * float(state @ state), observables

    def gradient(self, state: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        r"""Return the gradient of `evaluate`'s energy.

        d(N F)/d eta_i = Sigma^-1 eta_i + L^T D_i G phi_i with G = g^2 (Sigma^-1 - Sigma^-1 S Sigma^-1) + Gamma, where
        Gamma is the field of the targets. With Sigma = R R^T and Z = R^-1 eta the first part of G is
        R^-T (1 - Z Z^T / N) R^-1, which does not cancel.
        """
        currents = self.currents(state)
        rates = self.rates(currents)
        n = self.family.n_units
        kernel, terms = self._kernel_terms(rates)
        factor = torch.linalg.cholesky(self.family.g**2 * kernel + self.input_kernel)
        white = torch.linalg.solve_triangular(factor, currents, upper=False)
        identity = torch.eye(self.n_samples, dtype=torch.float64)
        inverse = torch.linalg.solve_triangular(factor, identity, upper=False)
        field = self.family.g**2 * inverse.T @ (identity - white @ white.T / n) @ inverse
        if self.targets_count:
            field += terms.field
            if not self.finite:
                field -= self._finite_field(kernel)
        pull = self._nonlinearity.slope(rates) * (field @ rates)
        back = (self.leak.T @ pull.view(self._times_first)).view_as(currents)
        return torch.sub((self.reference.T @ (inverse.T @ white + back)).ravel(), state, out=out)

    def _finite_field(self, kernel: torch.Tensor) -> torch.Tensor:
        """Return (O / N) A^-1, padded to all samples."""
        trained = self.likelihood.trained
        seen = kernel[trained][:, trained]
        seen = seen + torch.eye(len(seen), dtype=seen.dtype) / self.likelihood.precision
        whole = torch.zeros_like(kernel)
        scale = self.likelihood.readouts / self.family.n_units
        whole[trained[:, None], trained] = scale * torch.linalg.inv(seen)
        return whole


def random_currents(task: Task, family: Family, *, generator: torch.Generator) -> torch.Tensor:
    """Simulate a random network; its currents, shape (sample, unit), are exact draws at gamma = 0.

    Parameters
    ----------
    task : Task
    family : Family
    generator : torch.Generator

    Returns
    -------
    tensor, shape (sample, unit)
        float64.
    """
    inputs = time_major(task.inputs.values)
    n_times, n_conditions, n_channels = inputs.shape
    n = family.n_units
    options = {"generator": generator, "dtype": torch.float64}
    recurrent = torch.randn(n, n, **options) * (family.g / math.sqrt(n))
    weights = torch.randn(n, n_channels, **options) * (family.input_scale / math.sqrt(n_channels))
    drive = inputs @ weights.T + family.private_noise * torch.randn(n_times, n_conditions, n, **options)
    nonlinearity, fraction = get_nonlinearity(family.nonlinearity), family.step_fraction(task.time_step)
    preactivation = torch.zeros(n_conditions, n, dtype=torch.float64)
    currents = torch.empty_like(drive)
    for t in range(n_times):
        currents[t] = drive[t] + nonlinearity.rate(preactivation) @ recurrent.T
        preactivation = (1 - fraction) * preactivation + fraction * currents[t]
    return currents.flatten(0, 1)


@dataclass(frozen=True)
class DrawnNetwork:
    """A network drawn from trajectories, and the noise it needs to repeat them exactly.

    Attributes
    ----------
    network : RateRNN
    private_noise : tensor, shape (condition, time, unit)
        What the weights leave of the currents; adding it to the drive gives the trajectories back. Zero in the last
        time step, whose current drives nothing.
    """

    network: RateRNN
    private_noise: torch.Tensor


@torch.no_grad()
def draw_from_trajectories(
    posterior: TrajectoryPosterior,
    currents: torch.Tensor,
    task: Task,
    *,
    generator: torch.Generator,
    noisy: bool = True,
) -> DrawnNetwork:
    r"""Draw weights given the currents of all units.

    The rows w_i = (J_i, U_i) are Gaussian under F w_i + sigma_0 zeta_i = eta_i with F = (g phi / sqrt N, I / sqrt D):
    with prior draws w0 and zeta0, w = w0 + F^T (F F^T + sigma_0^2)^-1 (eta - F w0 - sigma_0 zeta0).

    Parameters
    ----------
    posterior : TrajectoryPosterior
        The settings the currents were sampled with.
    currents : tensor, shape (sample, unit)
        eta, samples in time-major order.
    task : Task
    generator : torch.Generator
    noisy : bool
        Draw zeta0; without it the weights are a slightly better noise-free fit, but no posterior draw.

    Returns
    -------
    DrawnNetwork
    """
    family = posterior.family
    n = family.n_units
    inputs = time_major(task.inputs.values)
    n_times, n_conditions, n_channels = inputs.shape
    rates = posterior.rates(currents)
    constrained = (n_times - 1) * n_conditions  # the last current of each condition is unused
    input_scale = family.input_scale / math.sqrt(n_channels)
    design = torch.cat([rates * (family.g / math.sqrt(n)), inputs.flatten(0, 1) * input_scale], dim=1)[:constrained]
    options = {"generator": generator, "dtype": torch.float64}
    prior = torch.randn(n + n_channels, n, **options)
    surprise = currents[:constrained] - design @ prior
    if noisy:
        surprise -= posterior.private_noise * torch.randn(constrained, n, **options)
    gram = design @ design.T
    gram.diagonal().add_(posterior.private_noise**2)
    weights = prior + design.T @ torch.cholesky_solve(surprise, torch.linalg.cholesky(gram))
    noise = torch.zeros_like(currents)
    noise[:constrained] = currents[:constrained] - design @ weights
    readout = posterior.likelihood.draw_readout(rates, generator=generator)
    network = RateRNN(
        weights[:n].T.contiguous(),
        weights[n:].T.contiguous(),
        readout,
        g=family.g,
        step_fraction=family.step_fraction(task.time_step),
        nonlinearity=family.nonlinearity,
        input_scale=family.input_scale,
    )
    return DrawnNetwork(network, noise.view(n_times, n_conditions, n).transpose(0, 1))


class WeightPotential(WeightPosterior):
    """The posterior of the weights with its gradient: one forward and one backward pass, O(M N^2).

    float32 halves the cost of gradients, and acceptance uses energies in float64, so the distribution sampled is the
    same.
    """

    def __init__(
        self, task: Task, family: Family, gamma: float, *, gradient_dtype: torch.dtype = torch.float32
    ) -> None:
        super().__init__(task, family, gamma)
        self._gradient_dtype = gradient_dtype
        self._engine = self._new_engine(gradient_dtype)
        n_channels = self._inputs.shape[2]
        self._low_weights = empty_weights(family.n_units, n_channels, dtype=gradient_dtype, device=self.device)

    def currents(self, state: torch.Tensor) -> torch.Tensor:
        """Return eta, what drives the units, shape (time, condition, unit)."""
        J, U, noise = self.split(state)
        currents = self._inputs.to(state.dtype) @ U.T + self.rates(state) @ J.T * self.family.coupling
        return currents if noise is None else currents + self.family.private_noise * noise

    def gradient(self, state: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        """Return dE / dw by one backward pass through time, in the gradient's dtype."""
        gradient = torch.empty_like(state, dtype=self._gradient_dtype) if out is None else out
        weights, noise = self._parts(state)
        self._low_weights.copy_(weights)
        low_noise = None if noise is None else noise.to(self._gradient_dtype)
        rates = self._engine.simulate(self._low_weights, low_noise)
        flat = rates.flatten(0, 1)
        pull = self.likelihood.field((flat @ flat.T).div_(flat.shape[1])) @ flat
        currents = self._engine.backpropagate(self._low_weights, pull.view(rates.shape))
        weight_gradient, noise_gradient = self._parts(gradient)
        self._engine.weight_gradient(weight_gradient)
        if noise_gradient is not None:
            torch.mul(currents, self.family.private_noise, out=noise_gradient)
        return gradient
