"""One chain: from random weights to samples of the posterior, with the trace that judges it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.diagnosis import Diagnosis, diagnose
from neurocompare.models.family import Family
from neurocompare.models.hmc import HMCState, adapt_paces, adapt_step, start_state, trajectory
from neurocompare.models.posterior import OBSERVABLES, WeightPosterior
from neurocompare.tasks.task import Task


@dataclass(frozen=True)
class Sampling:
    """How long and how a chain runs.

    Attributes
    ----------
    ramp : int
        Doublings of gamma on the way up from gamma / 2^ramp. Random weights are the solution at gamma = 0, and far
        from the one at large gamma: climbing takes the long steps that small gammas allow.
    ramp_trajectories : int
        Trajectories at each gamma of the ramp.
    burn_in : int
        Trajectories at gamma itself that adapt the step; not samples.
    trajectories : int
        Samples; more if these are not enough, see `doublings`.
    doublings : int
        How often a chain that is not converged by its own halves is made twice as long.
    angle : float
        Length of a trajectory, radians; see `trajectory`. The slowest modes are softer than the Gaussian, so a whole
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
    burn_in: int = 8
    trajectories: int = 24
    doublings: int = 2
    angle: float = 5.0
    max_leapfrogs: int = 1000

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
    gradients : int
        Gradients taken from start to end.
    diagnosis : Diagnosis
        By the chain's own halves. Several chains of one posterior are judged together by `diagnose`.
    """

    members: tuple[torch.Tensor, ...]
    trace: np.ndarray
    acceptance: float
    step: float
    gradients: int
    diagnosis: Diagnosis


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
    gradient_dtype: torch.dtype = torch.float32,
    progress: Callable[[int, int], None] | None = None,
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
        Its device is where the chain runs.
    sampling : Sampling, optional
    start : tensor, shape (dimension,), optional
        A state to start from, without the ramp; random weights and the ramp when None.
    gradient_dtype : torch.dtype
        See `WeightPosterior`.
    progress : callable, optional
        Called with (samples taken, samples expected) after each.

    Returns
    -------
    Chain

    Raises
    ------
    InputError
        If there are fewer trajectories than members.
    """
    sampling = sampling or Sampling()
    if not 1 <= members <= sampling.trajectories:
        message = f"expected 1 member or more, at most one a trajectory ({sampling.trajectories}), found {members}"
        raise InputError(message)
    posteriors = [
        WeightPosterior(task, family, gamma / 2**k, gradient_dtype=gradient_dtype, device=generator.device)
        for k in range(sampling.ramp + 1 if start is None else 1)
    ]
    posterior = posteriors[0]
    lengths = {"angle": sampling.angle, "max_leapfrogs": sampling.max_leapfrogs, "generator": generator}
    state = _climb(posteriors[::-1], start, sampling, lengths)
    keep: list[torch.Tensor] = []
    trace: list[list[float]] = []
    acceptance: list[float] = []
    length = sampling.trajectories
    while True:
        for k in range(len(trace), length):
            state = trajectory(posterior, state, **lengths)
            trace.append([getattr(state.observables, name) for name in OBSERVABLES])
            acceptance.append(state.acceptance)
            if k + 1 in {round(length * (j + 1) / members) for j in range(members)}:
                keep.append(state.position)
            if progress:
                progress(k + 1, length)
        diagnosis = diagnose([np.array(trace)], spacing=length / members)
        if diagnosis.converged or length == sampling.trajectories * 2**sampling.doublings:
            break
        # Twice as far apart, every other member is one already.
        keep, length = keep[1::2], 2 * length
    return Chain(tuple(keep), np.array(trace), float(np.mean(acceptance)), state.step, state.gradients, diagnosis)


def _climb(
    posteriors: list[WeightPosterior], start: torch.Tensor | None, sampling: Sampling, lengths: dict
) -> HMCState:
    """Go through the posteriors in turn, and adapt the step in each; return a state of the last."""
    if start is None:
        generator = lengths["generator"]
        options = {"generator": generator, "device": generator.device, "dtype": torch.float64}
        start = torch.randn(posteriors[-1].dimension, **options)
    position, step, gradients = start, 0.2, 0
    for posterior in posteriors:
        count = sampling.burn_in if posterior is posteriors[-1] else sampling.ramp_trajectories
        state = start_state(posterior, position, step=step)
        state = replace(adapt_paces(posterior, state), gradients=gradients)
        state = adapt_step(posterior, state, (count + 1) // 2, **lengths)
        state = adapt_paces(posterior, state)
        state = adapt_step(posterior, state, count // 2, **lengths)
        position, step, gradients = state.position, state.step, state.gradients
    return state
