r"""Hamiltonian Monte Carlo for a density exp(-|w|^2 / 2 - E(w)), with the Gaussian part solved exactly.

A trajectory alternates kicks by dE/dw with rotations of position and momentum, which solve the Gaussian part exactly
(Strang splitting; Beskos et al. 2011, Stochastic Processes and their Applications 121, 2201). The number of
dimensions that the targets do not touch then costs nothing in acceptance: at E = 0 every trajectory is accepted
whatever its length. Kicks may be computed in low precision: they keep volume and are reversible whatever the vector
field, and the acceptance step uses exact energies, so the law is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch

from neurocompare.models.posterior import Observables, Potential


@dataclass(frozen=True)
class HMCState:
    """Where a chain stands.

    Attributes
    ----------
    position : tensor, shape (dimension,), float64
    energy : float
        E(position).
    gradient : tensor, shape (dimension,)
    observables : Observables
    step : float
        Angle of one rotation, radians.
    acceptance : float
        Acceptance probability of the last trajectory.
    """

    position: torch.Tensor
    energy: float
    gradient: torch.Tensor
    observables: Observables
    step: float
    acceptance: float = math.nan


def start_state(potential: Potential, position: torch.Tensor, *, step: float) -> HMCState:
    """Evaluate `position` under `potential`."""
    energy, observables = potential.evaluate(position)
    return HMCState(position, energy, potential.gradient(position), observables, step)


def trajectory(
    potential: Potential, state: HMCState, *, angle: float, max_leapfrogs: int, generator: torch.Generator
) -> HMCState:
    """Run one trajectory and accept or reject it.

    Parameters
    ----------
    potential : Potential
    state : HMCState
    angle : float
        Length aimed at, in radians of the Gaussian's rotation; pi / 2 forgets a free Gaussian at once. The number
        of steps is drawn between half of ``angle / step`` and all of it, so that no mode is periodic.
    max_leapfrogs : int
        Most steps in a trajectory.
    generator : torch.Generator

    Returns
    -------
    HMCState
    """
    most = max(1, min(max_leapfrogs, math.ceil(angle / state.step)))
    count = int(torch.randint((most + 1) // 2, most + 1, (1,), generator=generator))
    cosine, sine = math.cos(state.step), math.sin(state.step)
    position, gradient = state.position, state.gradient
    # Fresh memory costs ten times the arithmetic on it, so the steps share these three.
    spare, other, slope = torch.empty_like(position), torch.empty_like(position), torch.empty_like(gradient)
    momentum = torch.randn(position.shape, generator=generator, dtype=position.dtype)
    before = state.energy + 0.5 * float(position @ position + momentum @ momentum)
    threshold = math.log1p(-float(torch.rand(1, generator=generator, dtype=torch.float64)))
    try:
        for i in range(count):
            momentum.sub_(gradient, alpha=state.step / 2 if i == 0 else state.step)
            torch.mul(position, cosine, out=spare).add_(momentum, alpha=sine)
            momentum.mul_(cosine).sub_(position, alpha=sine)
            position, spare, other = spare, other, spare
            gradient = potential.gradient(position, out=slope)
        momentum.sub_(gradient, alpha=state.step / 2)
        energy, observables = potential.evaluate(position)
        change = energy + 0.5 * float(position @ position + momentum @ momentum) - before
    except torch.linalg.LinAlgError:  # a step far too long left the finite numbers
        change = math.nan
    if not math.isfinite(change):
        return replace(state, acceptance=0.0)
    acceptance = math.exp(min(0.0, -change))
    if threshold >= -change:
        return replace(state, acceptance=acceptance)
    return HMCState(position, energy, gradient, observables, state.step, acceptance)


def adapt_step(
    potential: Potential,
    state: HMCState,
    trajectories: int,
    *,
    angle: float,
    max_leapfrogs: int,
    generator: torch.Generator,
    target_acceptance: float = 0.8,
) -> HMCState:
    """Run trajectories while moving the step towards the acceptance aimed at (Robbins-Monro on its logarithm).

    The states on the way are not samples of the posterior. Returns the last one, with the average of the later steps.
    """
    log_steps = [math.log(state.step)]
    for k in range(trajectories):
        state = trajectory(potential, state, angle=angle, max_leapfrogs=max_leapfrogs, generator=generator)
        log_step = log_steps[-1] + (state.acceptance - target_acceptance) / (k + 1) ** 0.6
        log_steps.append(min(log_step, math.log(math.pi / 2)))
        state = replace(state, step=math.exp(log_steps[-1]))
    later = log_steps[len(log_steps) // 2 :]
    return replace(state, step=math.exp(sum(later) / len(later)))
