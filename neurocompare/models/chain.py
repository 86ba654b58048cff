"""One chain: from random weights to samples of the posterior, with the trace that judges it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.currents import CurrentPosterior
from neurocompare.models.delayed_acceptance import NetworkState, draw_network, next_network
from neurocompare.models.heartbeat import Counted
from neurocompare.models.hmc import HMCState, adapt_step, start_state, trajectory
from neurocompare.models.posterior import OBSERVABLES, Potential, WeightPosterior
from neurocompare.models.sampling import Sampling
from neurocompare.models.trajectory_length import adapt_length
from neurocompare.settings import Family
from neurocompare.tasks.task import Task


@dataclass(frozen=True)
class Chain:
    """What a chain leaves behind, and all that is needed to go on with it.

    Attributes
    ----------
    members : tuple of tensor
        States of `WeightPosterior`, spaced evenly over the last segment but its first quarter, the last of them the
        network of the last sample.
    trace : array, shape (trajectory, observable)
        `OBSERVABLES` along all segments.
    acceptance : array, shape (trajectory,)
        Acceptance probabilities along all segments.
    position : tensor, shape (dimension,)
        The last network that was accepted, a state of `WeightPosterior`.
    accepted : tensor
        The white noise of its currents, a state of `CurrentPosterior`.
    currents : tensor
        The white noise where the chain stands.
    step : float
        Angle of one rotation, radians.
    angle : float
        Length of the longest trajectories, radians.
    gradients : int
        Gradients taken from start to end.
    generator_state : tensor of uint8
        Of the random numbers to come.
    """

    members: tuple[torch.Tensor, ...]
    trace: np.ndarray
    acceptance: np.ndarray
    position: torch.Tensor
    accepted: torch.Tensor
    currents: torch.Tensor
    step: float
    angle: float
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
    beat: Callable[[], None] | None = None,
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
    start : tensor, optional
        `Chain.currents` to start from, without the ramp; white noise and the ramp when None.
    step : float
        The step that adaptation begins with.
    earlier : Chain, optional
        A shorter chain of the same settings to go on with, as if it had never stopped.
    gradient_dtype : torch.dtype
        See `CurrentPosterior`.
    save : callable, optional
        Called with the chain so far every `save_every` seconds.
    beat : callable, optional
        Called after every gradient.
    save_every : float
        In s.

    Returns
    -------
    Chain

    Raises
    ------
    InputError
        If there are fewer trajectories than members.

    Examples
    --------
    >>> from neurocompare.models import Sampling
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> brief = Sampling(ramp=1, adaptation=4, trajectories=8, max_leapfrogs=5)
    >>> generator = torch.Generator().manual_seed(0)
    >>> chain = sample_chain(oscillation(), Family(n_units=8), 0.1, members=2, generator=generator, sampling=brief)
    >>> len(chain.members)
    2
    """
    sampling = sampling or Sampling()
    each, sampled = sampling.trajectories, sampling.most_members
    if not 1 <= members <= sampled:
        message = f"expected 1 to {sampled} members of a chain of {each} trajectories, found {members}; ask for more"
        raise InputError(message)
    keep = {each - sampled + round(sampled * (k + 1) / members) for k in range(members)}
    options = {"gradient_dtype": gradient_dtype, "device": generator.device}
    networks = WeightPosterior(task, family, gamma, device=generator.device)
    posterior = CurrentPosterior(task, family, gamma, **options)
    tick = beat or (lambda: None)
    counted = Counted(posterior, tick)
    if earlier is None:
        ramp = range(sampling.ramp if start is None else 0, 0, -1)
        lower = (Counted(CurrentPosterior(task, family, gamma / math.sqrt(2) ** k, **options), tick) for k in ramp)
        state, angle = _burn_in(counted, lower, start, step, sampling, generator)
        network = draw_network(posterior, networks, state, generator=generator)
        trace: list[list[float]] = []
        acceptance: list[float] = []
        kept: list[torch.Tensor] = []
    else:
        generator.set_state(earlier.generator_state)
        angle = earlier.angle
        accepted, state = (
            replace(start_state(posterior, z, step=earlier.step), gradients=earlier.gradients)
            for z in (earlier.accepted, earlier.currents)
        )
        network = NetworkState(accepted, earlier.position, networks.evaluate(earlier.position)[0])
        trace, acceptance = earlier.trace.tolist(), earlier.acceptance.tolist()
        kept = list(earlier.members)

    def so_far() -> Chain:
        return Chain(
            members=tuple(kept),
            trace=np.array(trace),
            acceptance=np.array(acceptance),
            position=network.weights,
            accepted=network.currents.position,
            currents=state.position,
            step=state.step,
            angle=angle,
            gradients=state.gradients,
            generator_state=generator.get_state(),
        )

    lengths = {"angle": angle, "max_leapfrogs": sampling.max_leapfrogs, "generator": generator}
    saved = time.monotonic()
    while len(trace) < segments * each:
        if len(trace) % each == 0:
            kept = []  # of this segment
        state = trajectory(counted, state, **lengths)
        trace.append([getattr(state.observables, name) for name in OBSERVABLES])
        acceptance.append(state.acceptance)
        if (len(trace) - 1) % each + 1 in keep:
            network = next_network(posterior, networks, network, state, generator=generator)
            state = network.currents
            kept.append(network.weights)
        if save and time.monotonic() > saved + save_every:
            save(so_far())
            saved = time.monotonic()
    return so_far()


def _burn_in(
    posterior: Potential,
    lower: Iterable[Potential],
    start: torch.Tensor | None,
    step: float,
    sampling: Sampling,
    generator: torch.Generator,
) -> tuple[HMCState, float]:
    """Climb through the posteriors at lower gammas, adapt step and length; return a state at gamma, and the length."""
    if start is None:
        start = torch.randn(posterior.dimension, generator=generator, device=generator.device, dtype=torch.float64)
    most = {"max_leapfrogs": sampling.max_leapfrogs, "generator": generator}
    half, short = sampling.adaptation // 2, min(1.0, sampling.angle)
    position, gradients = start, 0
    for each in lower:
        state = replace(start_state(each, position, step=step), gradients=gradients)
        state = adapt_step(each, state, half, angle=short, **most)
        for _ in range(sampling.ramp_trajectories):
            state = trajectory(each, state, angle=sampling.angle, **most)
        position, step, gradients = state.position, state.step, state.gradients
    state = replace(start_state(posterior, position, step=step), gradients=gradients)
    state = adapt_step(posterior, state, half, angle=short, **most)
    # Long trajectories are accepted less often than short ones of the same step.
    state = adapt_step(posterior, state, half, angle=sampling.angle, gain=0.4, **most)
    if not sampling.length_trajectories:
        return state, sampling.angle
    state, angle = adapt_length(posterior, state, sampling.length_trajectories, longest=2 * sampling.angle, **most)
    return adapt_step(posterior, state, half, angle=angle, gain=0.4, **most), angle
