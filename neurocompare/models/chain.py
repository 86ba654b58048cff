"""One chain: from random weights to samples of the posterior, with the trace that judges it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.hmc import HMCState, adapt_paces, adapt_step, start_state, trajectory
from neurocompare.models.posterior import OBSERVABLES, WeightPosterior
from neurocompare.models.sampling import Sampling
from neurocompare.settings import Family
from neurocompare.tasks.task import Task


@dataclass(frozen=True)
class Chain:
    """What a chain leaves behind, and all that is needed to go on with it.

    Attributes
    ----------
    members : tuple of tensor
        States spaced evenly over the last segment but its first quarter, the last of them the last sample.
    trace : array, shape (trajectory, observable)
        `OBSERVABLES` along all segments.
    acceptance : array, shape (trajectory,)
        Acceptance probabilities along all segments.
    position : tensor, shape (dimension,)
        The last state.
    step : float
        Angle of one rotation, radians.
    paces : tuple of float
        See `HMCState`.
    gradients : int
        Gradients taken from start to end.
    generator_state : tensor of uint8
        Of the random numbers to come.
    """

    members: tuple[torch.Tensor, ...]
    trace: np.ndarray
    acceptance: np.ndarray
    position: torch.Tensor
    step: float
    paces: tuple[float, ...]
    gradients: int
    generator_state: torch.Tensor


@torch.no_grad()
def sample_chain(
    task: Task,
    family: Family,
    gamma: float,
    *,
    members: int,
    generator: torch.Generator,
    sampling: Sampling | None = None,
    segments: int = 1,
    start: torch.Tensor | None = None,
    step: float = 0.2,
    earlier: Chain | None = None,
    gradient_dtype: torch.dtype = torch.float32,
    save: Callable[[Chain], None] | None = None,
    save_every: float = 60.0,
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
    segments : int
        Segments in all.
    start : tensor, shape (dimension,), optional
        A state to start from, without the ramp; random weights and the ramp when None.
    step : float
        The step that adaptation begins with.
    earlier : Chain, optional
        A shorter chain of the same settings to go on with, as if it had never stopped.
    gradient_dtype : torch.dtype
        See `WeightPosterior`.
    save : callable, optional
        Called with the chain so far every `save_every` seconds.

    Returns
    -------
    Chain

    Raises
    ------
    InputError
        If there are fewer trajectories than members.
    """
    sampling = sampling or Sampling()
    each, sampled = sampling.trajectories, sampling.most_members
    if not 1 <= members <= sampled:
        message = f"expected 1 to {sampled} members of a chain of {each} trajectories, found {members}; ask for more"
        raise InputError(message)
    length = segments * each
    keep = {length - sampled + round(sampled * (k + 1) / members) for k in range(members)}
    options = {"gradient_dtype": gradient_dtype, "device": generator.device}
    posterior = WeightPosterior(task, family, gamma, **options)
    if earlier is None:
        ramp = range(sampling.ramp if start is None else 0, 0, -1)
        lower = [WeightPosterior(task, family, gamma / math.sqrt(2) ** k, **options) for k in ramp]
        state = _climb([*lower, posterior], start, step, sampling, generator)
        trace: list[list[float]] = []
        acceptance: list[float] = []
        kept: list[torch.Tensor] = []
    else:
        generator.set_state(earlier.generator_state)
        state = start_state(posterior, earlier.position, step=earlier.step, paces=earlier.paces)
        state = replace(state, gradients=earlier.gradients)
        trace, acceptance = earlier.trace.tolist(), earlier.acceptance.tolist()
        kept = list(earlier.members) if len(trace) > length - each else []

    def so_far() -> Chain:
        return Chain(
            members=tuple(kept),
            trace=np.array(trace),
            acceptance=np.array(acceptance),
            position=state.position,
            step=state.step,
            paces=state.paces,
            gradients=state.gradients,
            generator_state=generator.get_state(),
        )

    saved = time.monotonic()
    for k in range(len(trace) + 1, length + 1):
        state = trajectory(posterior, state, **_lengths(sampling, state.step, generator))
        trace.append([getattr(state.observables, name) for name in OBSERVABLES])
        acceptance.append(state.acceptance)
        if k in keep:
            kept.append(state.position)
        if save and time.monotonic() > saved + save_every:
            save(so_far())
            saved = time.monotonic()
    return so_far()


def _lengths(sampling: Sampling, step: float, generator: torch.Generator) -> dict[str, Any]:
    """Say how long: longer where a small step tells of a stiff posterior, which has soft modes too."""
    longer = min(4.0, max(1.0, 0.025 / step))
    return {"angle": sampling.angle * longer, "max_leapfrogs": sampling.max_leapfrogs, "generator": generator}


def _climb(
    posteriors: list[WeightPosterior],
    start: torch.Tensor | None,
    step: float,
    sampling: Sampling,
    generator: torch.Generator,
) -> HMCState:
    """Go through the posteriors in turn, and adapt paces and step in each; return a state of the last."""
    if start is None:
        options = {"generator": generator, "device": generator.device, "dtype": torch.float64}
        start = torch.randn(posteriors[-1].dimension, **options)
    position, gradients = start, 0
    short = {"angle": min(1.0, sampling.angle), "max_leapfrogs": sampling.max_leapfrogs, "generator": generator}
    for posterior in posteriors:
        state = replace(start_state(posterior, position, step=step), gradients=gradients)
        last = posterior is posteriors[-1]
        state = adapt_step(posterior, adapt_paces(posterior, state), sampling.adaptation // 2, **short)
        if last:
            # Long trajectories are accepted less often than short ones of the same step.
            long = _lengths(sampling, state.step, generator)
            state = adapt_step(posterior, adapt_paces(posterior, state), sampling.adaptation // 2, gain=0.4, **short)
            state = adapt_step(posterior, state, sampling.adaptation // 2, gain=0.4, **long)
        for _ in range(0 if last else sampling.ramp_trajectories):
            state = trajectory(posterior, state, **_lengths(sampling, state.step, generator))
        position, step, gradients = state.position, state.step, state.gradients
    return state
