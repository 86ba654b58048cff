r"""Hamiltonian Monte Carlo for a density exp(-|w|^2 / 2 - E(w)), with the Gaussian part solved exactly.

A trajectory alternates kicks by dE/dw with rotations of position and momentum, which solve the Gaussian part exactly
(Strang splitting; Beskos et al. 2011, Stochastic Processes and their Applications 121, 2201). The number of
dimensions that the targets do not touch then costs nothing in acceptance: at E = 0 every trajectory is accepted
whatever its length. A rotation is done as three shears, of which two merge with the kicks, so that a step is three
passes over memory, in place:

.. math:: p \leftarrow p - \tfrac h2 \nabla E(q) - \tan\tfrac h2\, q, \quad
          q \leftarrow q + \sin h\, p, \quad
          p \leftarrow p - \tan\tfrac h2\, q - \tfrac h2 \nabla E(q).

Kicks may be computed in low precision: they keep volume and are reversible whatever the vector
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
    gradients : int
        Gradients taken so far.
    """

    position: torch.Tensor
    energy: float
    gradient: torch.Tensor
    observables: Observables
    step: float
    acceptance: float = math.nan
    gradients: int = 0


def start_state(potential: Potential, position: torch.Tensor, *, step: float, gradients: int = 0) -> HMCState:
    """Evaluate `position` under `potential`, which takes one gradient more than were taken before."""
    energy, observables = potential.evaluate(position)
    return HMCState(position, energy, potential.gradient(position), observables, step, gradients=gradients + 1)


def trajectory(
    potential: Potential, state: HMCState, *, angle: float, max_leapfrogs: int, generator: torch.Generator
) -> HMCState:
    """Run one trajectory and accept or reject it.

    Parameters
    ----------
    potential : Potential
    state : HMCState
    angle : float
        Length aimed at, in radians of the Gaussian's rotation; pi / 2 forgets a free Gaussian at once. The number of
        steps is drawn between a quarter of ``angle / step`` and all of it: no mode is periodic, and each finds
        trajectories of about the length that suits it.
    max_leapfrogs : int
        Most steps in a trajectory.
    generator : torch.Generator
        On the device of the state.

    Returns
    -------
    HMCState
    """
    most = most_steps(angle, state.step, max_leapfrogs)
    draw = {"generator": generator, "device": state.position.device}
    count = int(torch.randint((most + 3) // 4, most + 1, (1,), **draw))
    momentum = torch.randn(state.position.shape, dtype=state.position.dtype, **draw)
    threshold = math.log1p(-float(torch.rand(1, dtype=torch.float64, **draw)))
    position, slope = state.position.clone(), state.gradient.clone()
    spent = state.gradients + count
    before = state.energy + _kinetic(position, momentum)
    h = state.step
    try:
        for i in range(count + 1):
            ends = 0.5 if i in (0, count) else 1.0  # the kicks of neighbouring steps are done as one
            momentum.sub_(slope, alpha=ends * h).sub_(position, alpha=2 * ends * math.tan(h / 2))
            if i < count:
                position.add_(momentum, alpha=math.sin(h))
                potential.gradient(position, out=slope)
        energy, observables = potential.evaluate(position)
        change = energy + _kinetic(position, momentum) - before
    except torch.linalg.LinAlgError:  # a step far too long left the finite numbers
        change = math.nan
    if not math.isfinite(change):
        return replace(state, acceptance=0.0, gradients=spent)
    here = replace(state, acceptance=math.exp(min(0.0, -change)), gradients=spent)
    if threshold >= -change:
        return here
    return replace(here, position=position, energy=energy, gradient=slope, observables=observables)


def most_steps(angle: float, step: float, max_leapfrogs: int) -> int:
    """Return how many steps the longest trajectories have.

    Examples
    --------
    >>> most_steps(4.0, 0.1, 1000)
    40
    """
    return max(1, min(max_leapfrogs, math.ceil(angle / step)))


def _kinetic(position: torch.Tensor, momentum: torch.Tensor) -> float:
    """Return the Gaussian's energy, |q|^2 / 2 + |p|^2 / 2."""
    return 0.5 * float(position @ position + momentum @ momentum)


def adapt_step(
    potential: Potential,
    state: HMCState,
    trajectories: int,
    *,
    angle: float,
    max_leapfrogs: int,
    generator: torch.Generator,
    gain: float = 1.0,
    target_acceptance: float = 0.7,
) -> HMCState:
    """Run trajectories while moving the step towards the acceptance aimed at (Robbins-Monro on its logarithm).

    The first move is `gain` times what the acceptance is off by, later ones are smaller: near the right step a small
    gain finds it more reliably.

    The states on the way are not samples of the posterior. Returns the last one, with the average of the later steps.
    """
    log_steps = [math.log(state.step)]
    for k in range(trajectories):
        state = trajectory(potential, state, angle=angle, max_leapfrogs=max_leapfrogs, generator=generator)
        log_step = log_steps[-1] + gain * (state.acceptance - target_acceptance) / (k + 1) ** 0.6
        log_steps.append(min(log_step, math.log(math.pi / 2)))
        state = replace(state, step=math.exp(log_steps[-1]))
    later = log_steps[len(log_steps) // 2 :]
    return replace(state, step=math.exp(sum(later) / len(later)))
