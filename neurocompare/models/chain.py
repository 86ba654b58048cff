"""One chain: from random weights to samples of the posterior, with the trace that judges it."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.currents import CurrentPosterior
from neurocompare.models.delayed_acceptance import NetworkState, draw_network, next_network
from neurocompare.models.heartbeat import Counted
from neurocompare.models.hmc import HMCState, adapt_step, start_state, trajectory
from neurocompare.models.observables import OBSERVABLES
from neurocompare.models.posterior import Potential, WeightPosterior
from neurocompare.models.sampling import Sampling
from neurocompare.settings import Family
from neurocompare.tasks.task import Task

FIRST_STEP = 0.2
"""What adaptation begins with, radians."""

FARTHER = 2
"""The last trajectories of burning in are so many times as long as those that follow: they leave states behind that the
symmetry between directions of movement once held."""


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
    accepted : tensor, shape (current,)
        The white noise of its currents, a state of `CurrentPosterior`.
    currents : tensor, shape (current,)
        The white noise where the chain stands.
    step : float
        Angle of one rotation, radians.
    gradients : int
        Gradients taken from start to end, but for those that it takes to go on from what was kept.
    generator_state : tensor of uint8
        Of the random numbers to come.

    Examples
    --------
    >>> from neurocompare.models import Sampling
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> brief = Sampling(ramp=1, adaptation=4, trajectories=8, max_leapfrogs=5)
    >>> generator = torch.Generator().manual_seed(0)
    >>> chain = sample_chain(oscillation(), Family(n_units=8), 0.1, members=2, generator=generator, sampling=brief)
    >>> len(chain.acceptance), tuple(chain.members[0].shape)  # 8 x 8 recurrent weights and 8 x 2 of inputs
    (8, (80,))
    """

    members: tuple[torch.Tensor, ...]
    trace: np.ndarray
    acceptance: np.ndarray
    position: torch.Tensor
    accepted: torch.Tensor
    currents: torch.Tensor
    step: float
    gradients: int
    generator_state: torch.Tensor


@dataclass(frozen=True)
class Listener:
    """Who is told of a chain while it runs.

    Attributes
    ----------
    save : callable, optional
        Called with the chain so far, after a trajectory.
    every : float
        Seconds between two such calls.
    beat : callable, optional
        Called after every gradient.

    Examples
    --------
    >>> from neurocompare.models import Sampling
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> beats = []
    >>> chain = sample_chain(
    ...     oscillation(), Family(n_units=8), 0.1, members=2, generator=torch.Generator().manual_seed(0),
    ...     sampling=Sampling(ramp=1, adaptation=4, trajectories=8, max_leapfrogs=5),
    ...     listener=Listener(beat=lambda: beats.append("a gradient")),
    ... )
    >>> len(beats) == chain.gradients > 0
    True
    """

    save: Callable[[Chain], None] | None = None
    every: float = 60.0
    beat: Callable[[], None] | None = None


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
    start: Chain | None = None,
    earlier: Chain | None = None,
    gradient_dtype: torch.dtype = torch.float32,
    listener: Listener | None = None,
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
    start : Chain, optional
        One of other settings, to start from where it stands, without the ramp; white noise and the ramp when None.
    earlier : Chain, optional
        A shorter chain of the same settings to go on with, as if it had never stopped.
    gradient_dtype : torch.dtype
        See `CurrentPosterior`.
    listener : Listener, optional

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
    sampling, listener = sampling or Sampling(), listener or Listener()
    if not 1 <= members <= sampling.most_members:
        raise InputError(
            f"expected 1 to {sampling.most_members} members of a chain of {sampling.trajectories} trajectories, "
            f"found {members}; ask for more"
        )
    options = {"gradient_dtype": gradient_dtype, "device": generator.device}
    networks = WeightPosterior(task, family, gamma, device=generator.device)
    posterior = CurrentPosterior(task, family, gamma, **options)
    beat = listener.beat or (lambda: None)
    counted = Counted(posterior, beat)
    if earlier is None:
        ramp = range(0 if start else sampling.ramp, 0, -1)
        lower = (Counted(CurrentPosterior(task, family, gamma / math.sqrt(2) ** k, **options), beat) for k in ramp)
        state = _burn_in(counted, lower, start, sampling, generator)
        network = draw_network(posterior, networks, state, generator=generator)
        trace: list[list[float]] = []
        acceptance: list[float] = []
        kept: list[torch.Tensor] = []
    else:
        generator.set_state(earlier.generator_state)
        # What it takes to go on is not counted: a chain that was interrupted is the same as one that was not.
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
            gradients=state.gradients,
            generator_state=generator.get_state(),
        )

    lengths = {"angle": sampling.longest(state.step), "max_leapfrogs": sampling.max_leapfrogs, "generator": generator}
    saved = time.monotonic()
    begins = [sampling.length(k) for k in range(segments + 1)]
    keep = _kept(begins, members)
    while len(trace) < begins[-1]:
        if len(trace) in begins:
            kept = []  # of this segment
        state = trajectory(counted, state, **lengths)
        trace.append([getattr(state.observables, name) for name in OBSERVABLES])
        acceptance.append(state.acceptance)
        if len(trace) in keep:
            network = next_network(posterior, networks, network, state, generator=generator)
            state = network.currents
            kept.append(network.weights)
        if listener.save and time.monotonic() > saved + listener.every:
            listener.save(so_far())
            saved = time.monotonic()
    return so_far()


def _kept(begins: Sequence[int], members: int) -> set[int]:
    """Return how many samples a chain has where its members are: even over each segment but its first quarter."""
    kept = set()
    for begin, end in itertools.pairwise(begins):
        sampled = (end - begin) - (end - begin) // 4
        kept |= {end - sampled + round(sampled * (k + 1) / members) for k in range(members)}
    return kept


def _burn_in(
    posterior: Potential,
    lower: Iterable[Potential],
    start: Chain | None,
    sampling: Sampling,
    generator: torch.Generator,
) -> HMCState:
    """Climb through the posteriors at lower gammas, adapting the step; return a state at gamma."""
    if start is None:
        white = torch.randn(posterior.dimension, generator=generator, device=generator.device, dtype=torch.float64)
        position, step = white, FIRST_STEP
    else:
        position, step = start.currents, start.step
    most = {"max_leapfrogs": sampling.max_leapfrogs, "generator": generator}
    half, short = sampling.adaptation // 2, min(1.0, sampling.angle)
    gradients = 0
    for each in lower:
        state = start_state(each, position, step=step, gradients=gradients)
        state = adapt_step(each, state, half, angle=short, **most)
        position, step, gradients = state.position, state.step, state.gradients
    state = start_state(posterior, position, step=step, gradients=gradients)
    state = adapt_step(posterior, state, half, angle=short, **most)
    # Long trajectories are accepted less often than short ones of the same step.
    long = FARTHER * sampling.longest(state.step)
    return adapt_step(posterior, state, sampling.adaptation, angle=long, gain=0.4, **most)
