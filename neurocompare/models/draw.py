"""From current trajectories back to weights: exact draws from their Gaussian posterior, in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from neurocompare.models.collapsed import TrajectoryPosterior
from neurocompare.models.law import draw_readout
from neurocompare.models.rate_rnn import RateRNN, time_major
from neurocompare.tasks.task import Task


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
    readout = draw_readout(
        rates,
        posterior.targets,
        posterior.trained,
        gamma=posterior.gamma,
        precision=posterior.precision,
        generator=generator,
    )
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
