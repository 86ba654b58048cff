"""One chain: from random weights to samples of the posterior, with the trace that judges it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.family import Family
from neurocompare.models.hmc import adapt_step, start_state, trajectory
from neurocompare.models.posterior import Observables, WeightPosterior
from neurocompare.tasks.task import Task

OBSERVABLES = tuple(field.name for field in fields(Observables))


@dataclass(frozen=True)
class Sampling:
    """How long and how a chain runs.

    Attributes
    ----------
    ramp : int
        Doublings of gamma on the way up from gamma / 2^ramp. Random weights are the solution at gamma = 0, and far
        from the one at large gamma: climbing takes the long steps that small gammas allow.
    ramp_trajectories : int
        Trajectories at each gamma of the ramp, of half the length.
    burn_in : int
        Trajectories at gamma itself that adapt the step; not samples.
    trajectories : int
        Samples.
    angle : float
        Length of a trajectory, radians; see `trajectory`. The slowest modes are softer than the Gaussian, so half a
        turn forgets them where a quarter turn does not: few long trajectories beat many short ones of equal cost.
    max_leapfrogs : int
        Most gradients in a trajectory.

    Raises
    ------
    InputError
        If there are too few trajectories to judge: halves of chains are compared, so at least 4.
    """

    ramp: int = 5
    ramp_trajectories: int = 2
    burn_in: int = 10
    trajectories: int = 30
    angle: float = 3.0
    max_leapfrogs: int = 600

    def __post_init__(self) -> None:
        if self.trajectories < 4:
            message = f"expected at least 4 trajectories a chain, found {self.trajectories}; halves are compared"
            raise InputError(message)


@dataclass(frozen=True)
class Chain:
    """What a chain leaves behind.

    Attributes
    ----------
    members : tuple of tensor
        States spaced evenly over the samples, the last of them the last sample.
    trace : array, shape (trajectory, observable)
        `OBSERVABLES` along the samples.
    acceptance : float
        Mean acceptance probability of the samples.
    step : float
        Angle of one rotation, radians.
    """

    members: tuple[torch.Tensor, ...]
    trace: np.ndarray
    acceptance: float
    step: float


@torch.no_grad()
def sample_chain(
    task: Task,
    family: Family,
    gamma: float,
    *,
    members: int,
    generator: torch.Generator,
    sampling: Sampling | None = None,
    start: torch.Tensor | None = None,
) -> Chain:
    """Sample weights at one gamma > 0.

    Parameters
    ----------
    task : Task
    family : Family
    gamma : float
        > 0; at gamma = 0 networks are drawn directly, see `reservoir`.
    members : int
        States to keep.
    generator : torch.Generator
    sampling : Sampling, optional
    start : tensor, shape (dimension,), optional
        A state to start from, without the ramp; random weights and the ramp when None.

    Returns
    -------
    Chain
    """
    sampling = sampling or Sampling()
    posterior = WeightPosterior(task, family, gamma)
    lengths = {"angle": sampling.angle, "max_leapfrogs": sampling.max_leapfrogs, "generator": generator}
    if start is None:
        start, step = _climb(posterior, task, sampling, lengths)
    else:
        step = 0.2
    state = start_state(posterior, start, step=step)
    state = adapt_step(posterior, state, sampling.burn_in, **lengths)
    keep = {round(sampling.trajectories * (k + 1) / members) - 1 for k in range(members)}
    kept, trace, acceptance = [], [], []
    for k in range(sampling.trajectories):
        state = trajectory(posterior, state, **lengths)
        trace.append([getattr(state.observables, name) for name in OBSERVABLES])
        acceptance.append(state.acceptance)
        if k in keep:
            kept.append(state.position)
    return Chain(tuple(kept), np.array(trace), float(np.mean(acceptance)), state.step)


def _climb(posterior: WeightPosterior, task: Task, sampling: Sampling, lengths: dict) -> tuple[torch.Tensor, float]:
    """Double gamma from gamma / 2^ramp up; return the state and a step for gamma itself."""
    lengths = lengths | {"angle": sampling.angle / 2}
    position = torch.randn(posterior.dimension, generator=lengths["generator"], dtype=torch.float64)
    step = 0.2
    for doubling in range(sampling.ramp, 0, -1):
        gamma = posterior.gamma / 2**doubling
        lower = WeightPosterior(task, posterior.family, gamma)
        state = start_state(lower, position, step=step)
        state = adapt_step(lower, state, sampling.ramp_trajectories, **lengths)
        position, step = state.position, state.step
    return position, step
