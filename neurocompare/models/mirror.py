r"""Mirror images: moves between states that break a symmetry of the task, which no trajectory crosses.

A task is its own mirror image where an order P of its conditions, of which two are an identity, leaves what networks
are told as it is, and changes what they are to do by no more than a reflection Q of their outputs, but for little:
y* is near P y* Q. Reaches are, in every direction's axis. The posterior then is nearly symmetric, and at large gamma a
population is not: it shares its variance unevenly between directions, in one of two ways that are images of each other
(as a magnet points one way). A chain stays where it is, another may be in the other, and the two differ for ever.

The image of a network is hardly ever accepted, as its outputs are off by how far the task is from symmetric, and large
gammas fit outputs closely. So targets are changed on the way, as slowly as it takes for the currents to follow: along
a trajectory to :math:`y_h = (y^* + P y^* Q) / 2`, which is its own image; there the network is replaced by its image,
free of charge; then back along another one. With H the energies of position and momentum, each for the targets at
that time, the whole is accepted with

.. math:: \min(1, e^{-W}), \qquad W = [H_{y_h} - H_{y^*}]_{there} + [H_{y^*} - H_{y_h}]_{back},

which leaves the posterior as it is (nonequilibrium candidate Monte Carlo; Nilmeier, Crooks, Minh & Chodera 2011, PNAS
108, E1009). Networks that are like their own image already are left alone, and none may become one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import torch

from neurocompare.models.currents import CurrentPosterior, in_order
from neurocompare.models.hmc import HMCState, kinetic, rotate, start_state

ALIKE = 0.95
"""Cosine of a network's kernel with that of its image from which on the network is its own image."""

FARTHEST = 0.05
"""How far targets may be from their image, as a share of them, for a mirror to be tried."""

EXACT = 1e-6
"""How far what networks are told may be from its image, as a share of it."""


@dataclass(frozen=True)
class Mirror:
    """A symmetry that a task nearly has.

    Attributes
    ----------
    conditions : tensor of int, shape (condition,)
        The image of each.
    halfway : tensor, shape (sample, output)
        Targets that are their own image, between the task's and theirs; time-major.
    """

    conditions: torch.Tensor
    halfway: torch.Tensor


def mirrors_of(posterior: CurrentPosterior) -> tuple[Mirror, ...]:
    """Find the mirrors of a posterior's task: reflections that exchange at least two of its conditions.

    Parameters
    ----------
    posterior : CurrentPosterior

    Returns
    -------
    tuple of Mirror

    Examples
    --------
    Eight directions have eight axes, four of which go through two of them:

    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import ideal_reach
    >>> found = mirrors_of(CurrentPosterior(ideal_reach(directions=8), Family(n_units=20), 1.0))
    >>> len(found), sorted(sum(int(image == each) for each, image in enumerate(one.conditions)) for one in found)
    (8, [0, 0, 0, 0, 2, 2, 2, 2])
    """
    told, targets = posterior.told, posterior.likelihood.targets
    times, found = len(targets) // len(told), {}
    trained = torch.zeros(len(targets), dtype=torch.bool, device=told.device)
    trained[posterior.likelihood.trained] = True
    for one, other in combinations(range(len(told)), 2):
        conditions = _reflected(told, one, other)
        if conditions is None or tuple(conditions.tolist()) in found:
            continue
        samples = in_order(conditions, times)
        image = targets[samples]
        values, axes = torch.linalg.eigh(image.T @ targets + targets.T @ image)
        halfway = (targets + image @ (axes * torch.where(values < 0, -1.0, 1.0)) @ axes.T) / 2
        near = float((targets - halfway).norm()) <= FARTHEST * float(targets.norm())
        if near and bool((trained == trained[samples]).all()):
            found[tuple(conditions.tolist())] = Mirror(conditions, halfway)
    return tuple(found.values())


def _reflected(told: torch.Tensor, one: int, other: int) -> torch.Tensor | None:
    """Return the image of each condition under the reflection of what they are told that exchanges two of them."""
    across = told[one] - told[other]
    length, size = float(across.norm()), float(told.norm()) or 1.0
    if length <= EXACT * size:
        return None
    images = told - 2 * torch.outer(told @ across, across) / length**2
    apart = torch.cdist(images, told)
    nearest = apart.argmin(dim=1)
    exact = float(apart.min(dim=1).values.max()) <= EXACT * size
    involution = bool((nearest[nearest] == torch.arange(len(told), device=told.device)).all())
    return nearest if exact and involution else None


def cross(
    posterior: CurrentPosterior,
    state: HMCState,
    mirrors: Sequence[Mirror],
    *,
    steps: int,
    generator: torch.Generator,
    beat: Callable[[], None] = lambda: None,
) -> HMCState:
    """Move to the image of a state in one of the mirrors, drawn at random, or stay.

    Parameters
    ----------
    posterior : CurrentPosterior
    state : HMCState
    mirrors : sequence of Mirror
        At least one, of the posterior.
    steps : int
        Of the trajectory to the mirror, and of that back from it.
    generator : torch.Generator
        On the device of the state.
    beat : callable, optional
        Called after every gradient.
    """
    draw = {"generator": generator, "device": state.position.device}
    mirror = mirrors[int(torch.randint(len(mirrors), (1,), **draw))]
    threshold = math.log1p(-float(torch.rand(1, dtype=torch.float64, **draw)))
    if _is_own_image(posterior.kernel(state.position), mirror):
        return state
    targets, position, work, spent = posterior.likelihood.targets, state.position, 0.0, state.gradients
    ways: dict[str, Any] = {"step": state.step, "steps": steps, "generator": generator, "beat": beat}
    try:
        for begin, end in ((targets, mirror.halfway), (mirror.halfway, targets)):
            position, change = follow(posterior, position, begin, end, **ways)
            work, spent = work + change, spent + steps + 1
            if end is mirror.halfway:
                position = posterior.reordered(position, mirror.conditions)
        arrived = start_state(posterior, position, step=state.step, gradients=spent)
        beat()
        own = _is_own_image(posterior.kernel(position), mirror)
    except torch.linalg.LinAlgError:  # a step far too long left the finite numbers
        return replace(state, gradients=spent)
    if own or not math.isfinite(work) or threshold >= -work:
        return replace(state, gradients=arrived.gradients)
    return replace(arrived, acceptance=state.acceptance)


def follow(
    posterior: CurrentPosterior,
    position: torch.Tensor,
    begin: torch.Tensor,
    end: torch.Tensor,
    *,
    step: float,
    steps: int,
    generator: torch.Generator,
    beat: Callable[[], None] = lambda: None,
) -> tuple[torch.Tensor, float]:
    """Follow targets along a trajectory on which they change, as evenly as it goes.

    Parameters
    ----------
    posterior : CurrentPosterior
    position : tensor, shape (dimension,)
    begin, end : tensor, shape (sample, output)
        Targets.
    step : float
        Angle of one rotation, radians.
    steps : int
    generator : torch.Generator
        Of the momentum.
    beat : callable, optional
        Called after every gradient.

    Returns
    -------
    position : tensor, shape (dimension,)
    work : float
        By how much the energy of position and momentum has grown.
    """

    def towards(share: float) -> Callable[[torch.Tensor, torch.Tensor], None]:
        def gradient(where: torch.Tensor, out: torch.Tensor) -> None:
            posterior.aiming_at(torch.lerp(begin, end, share)).gradient(where, out)
            beat()

        return gradient

    position, momentum = position.clone(), torch.empty_like(position).normal_(generator=generator)
    before, after = posterior.aiming_at(begin), posterior.aiming_at(end)
    work = -before.evaluate(position)[0] - kinetic(position, momentum)
    slope = before.gradient(position)
    beat()
    rotate(position, momentum, slope, step=step, gradients=[towards((done + 1) / steps) for done in range(steps)])
    return position, work + after.evaluate(position)[0] + kinetic(position, momentum)


def _is_own_image(kernel: torch.Tensor, mirror: Mirror) -> bool:
    samples = in_order(mirror.conditions, len(kernel) // len(mirror.conditions))
    image = kernel[samples][:, samples]
    return float((kernel * image).sum()) >= ALIKE * float((kernel * kernel).sum())
