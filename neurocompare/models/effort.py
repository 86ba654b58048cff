"""Effort: how many gradients the chains of a zoo take, and how long one takes here, before any of them runs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from neurocompare.models.chain import FARTHER
from neurocompare.models.currents import CurrentPosterior
from neurocompare.models.family import is_reservoir
from neurocompare.models.hmc import adapt_step, most_steps, start_state
from neurocompare.models.sampling import Sampling
from neurocompare.parallel import one_thread
from neurocompare.settings import Family
from neurocompare.streams import Purpose, torch_stream
from neurocompare.tasks.task import Task

CALIBRATED_UNITS = 1.25
"""Units of the network whose steps are tried out, over the task's samples, where the family has as many. Fewer units
than samples take far shorter steps, more hardly longer ones: of 160 samples, 100 units a quarter of the step of 400 at
gamma 0.4, 200 units 0.7 of it."""

SHORT, LONG = 16, 8
"""Trajectories that find the step at each gamma."""

LEAST_SECONDS = 0.2
"""How long gradients are timed for."""


@dataclass(frozen=True)
class Pace:
    """Seconds of processor time that one worker of this machine needs.

    Attributes
    ----------
    gradient : float
        For a gradient, taken at every step of a trajectory.
    energy : float
        For an energy in float64, taken once a trajectory.
    """

    gradient: float
    energy: float


@one_thread()
@torch.no_grad()
def steps_that_fit(
    task: Task,
    family: Family,
    gammas: Sequence[float],
    *,
    units: int | None = None,
    sampling: Sampling | None = None,
    seed: int = 0,
    progress: Callable[[float, float], None] | None = None,
) -> dict[float, float]:
    """Find the step of a chain at each gamma > 0 by climbing through them with a small network.

    Parameters
    ----------
    task : Task
    family : Family
    gammas : sequence of float
    units : int, optional
        Of the small network; `CALIBRATED_UNITS` where None.
    sampling : Sampling, optional
        How long its trajectories are: fewer `max_leapfrogs` find a step sooner, and less surely.
    seed : int
    progress : callable, optional
        Called with (gammas done, in all).

    Returns
    -------
    dict of float to float
        Angle of one rotation, radians, by gamma; a gamma of 0 needs no chain and is left out.
    """
    generator = torch_stream(Purpose.CALIBRATION, seed)
    units = units or math.ceil(CALIBRATED_UNITS * task.n_samples)
    small = replace(family, n_units=min(units, family.n_units))
    position, step, steps = None, 0.2, {}
    sampling = sampling or Sampling()
    rising = sorted(gamma for gamma in gammas if not is_reservoir(gamma))
    for done, gamma in enumerate(rising, 1):
        posterior = CurrentPosterior(task, small, gamma)
        if position is None:
            position = torch.randn(posterior.dimension, generator=generator, dtype=torch.float64)
        options = {"max_leapfrogs": sampling.max_leapfrogs, "generator": generator}
        state = start_state(posterior, position, step=step)
        state = adapt_step(posterior, state, SHORT, angle=1.0, **options)
        state = adapt_step(posterior, state, LONG, angle=FARTHER * sampling.longest(state.step), gain=0.4, **options)
        position, step = state.position, state.step
        steps[gamma] = step
        if progress:
            progress(done, len(rising))
    return steps


def trajectories_of(gamma: float, sampling: Sampling, *, segments: int) -> int:
    """Return how many trajectories a chain runs, those of its ramp and adaptation included.

    Examples
    --------
    >>> trajectories_of(0.4, Sampling(), segments=1)
    112
    """
    if is_reservoir(gamma):
        return 0
    half = sampling.adaptation // 2
    return (sampling.ramp + 1) * half + sampling.adaptation + sampling.length(segments)


def gradients_of(gamma: float, steps: Mapping[float, float], sampling: Sampling, *, segments: int) -> float:
    """Return how many gradients a chain takes on average, from the steps that fit: `sample_chain`, counted.

    Steps at gammas between those given are interpolated in logarithms; below the smallest its step holds.

    Parameters
    ----------
    gamma : float
    steps : mapping of float to float
        See `steps_that_fit`.
    sampling : Sampling
    segments : int
        A chain goes on, up to `sampling.segments`, until it is long enough: that is not known before.

    Examples
    --------
    >>> round(gradients_of(0.4, {0.1: 0.125, 0.4: 0.05}, Sampling(), segments=1))
    2224
    """
    if is_reservoir(gamma):
        return 0.0
    places = np.log(sorted(steps))
    logs = np.log([steps[each] for each in sorted(steps)])

    def mean(at: float, times: float, most: float = math.inf) -> float:
        step = min(math.pi / 2, float(np.exp(np.interp(math.log(at), places, logs))))
        longest = most_steps(min(most, times * sampling.longest(step)), step, sampling.max_leapfrogs)
        return ((longest + 3) // 4 + longest) / 2

    half = sampling.adaptation // 2
    climb = half * sum(mean(gamma / math.sqrt(2) ** level, 1, most=1.0) for level in range(sampling.ramp + 1))
    return climb + sampling.adaptation * mean(gamma, FARTHER) + sampling.length(segments) * mean(gamma, 1)


def chain_effort(
    gamma: float, steps: Mapping[float, float], sampling: Sampling, pace: Pace, *, segments: int
) -> tuple[float, float]:
    """Return the gradients of a chain, and the seconds of processor time that it takes.

    Parameters
    ----------
    gamma : float
    steps : mapping of float to float
        See `steps_that_fit`.
    sampling : Sampling
    pace : Pace
    segments : int
        At most as many as `sampling` allows are counted.

    Examples
    --------
    >>> gradients, seconds = chain_effort(0.4, {0.4: 0.05}, Sampling(), Pace(0.01, 0.1), segments=1)
    >>> round(gradients), round(seconds - 0.01 * gradients, 9)  # 112 energies
    (2500, 11.2)
    """
    segments = min(segments, sampling.segments)
    gradients = gradients_of(gamma, steps, sampling, segments=segments)
    return gradients, gradients * pace.gradient + trajectories_of(gamma, sampling, segments=segments) * pace.energy


def hours_of(seconds: Sequence[float], *, chains: int, workers: int) -> float:
    """Return the hours of so many chains of each of these seconds, shared out among workers.

    Never shorter than the longest chain, which one worker does alone.

    Examples
    --------
    >>> hours_of([3600, 1800], chains=2, workers=2), hours_of([3600, 1800], chains=2, workers=8)
    (1.5, 1.0)
    """
    return max(chains * float(np.sum(seconds)) / workers, float(np.max(seconds))) / 3600


@one_thread()
@torch.no_grad()
def pace_of(task: Task, family: Family, *, gamma: float = 0.4, least: float = LEAST_SECONDS) -> Pace:
    """Time gradients and energies of one network on this machine, with one thread as a worker has.

    Parameters
    ----------
    task : Task
    family : Family
    gamma : float
        Does not matter to the time.
    least : float
        Time at least so many seconds of each, and at least one.
    """
    posterior = CurrentPosterior(task, family, gamma)
    state = torch.randn(posterior.dimension, generator=torch_stream(Purpose.CALIBRATION), dtype=torch.float64)
    slope = posterior.gradient(state)  # what is made once is not timed
    return Pace(
        gradient=_seconds(lambda: posterior.gradient(state, out=slope), least),
        energy=_seconds(lambda: posterior.evaluate(state), least),
    )


def _seconds(compute: Callable[[], object], least: float) -> float:
    # Of the processor: what else happens to run meanwhile is not the network's.
    start, count = time.process_time(), 0
    while not count or time.process_time() - start < least:
        compute()
        count += 1
    return (time.process_time() - start) / count
