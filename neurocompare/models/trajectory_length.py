r"""How long trajectories should be: found while a chain burns in, and kept from then on.

Short trajectories move slow modes by a random walk, long ones turn round and come back, and cost more. Along a few
trajectories we watch by how much each observable f has moved after every length t. Flow and fresh momenta leave the
posterior as it is, so any two points of one trajectory will do:

.. math:: D(t) = \langle (f(s + t) - f(s))^2 \rangle = 2 \mathrm{var}(f) (1 - \rho(t)).

A chain of such trajectories has (1 - rho) / (1 + rho) effective samples of f each, if it forgets as an autoregressive
one, so what is maximal is

.. math:: \min_f \frac{1 - \rho_f(t)}{1 + \rho_f(t)} \Big/ t.

The slowest modes of networks move as by diffusion along a trajectory too, since they are coupled to many fast ones:
D(t) grows like t, and the maximum is flat. But the slowest are a small part of what is seen of any observable, and the
assumption flatters short trajectories: so the longest is taken that is nearly as good as the best.

The expected squared jump as a criterion is that of Pasarica & Gelman (2010, Statistica Sinica 20, 343); criteria of
one function made for a single chain of trajectories are in Hoffman et al. (2021, PMLR 130) and Sountsov & Hoffman
(2021, arXiv:2110.11576). Ours is about the observables that convergence is judged by.
"""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import torch

from neurocompare.models.hmc import HMCState, most_steps, trajectory
from neurocompare.models.posterior import Potential

POINTS = 24
"""Most points of a trajectory at which observables are taken."""

NEARLY = 0.85
"""A length is nearly as good as the best if it is worth so much of it."""

OVERHEAD = 2.0
"""What the energy at the end of a trajectory costs, in gradients."""


def adapt_length(
    potential: Potential,
    state: HMCState,
    trajectories: int,
    *,
    longest: float,
    max_leapfrogs: int,
    generator: torch.Generator,
) -> tuple[HMCState, float]:
    """Run some of the longest trajectories and return the last state, and the length that serves best.

    Parameters
    ----------
    potential : Potential
    state : HMCState
        Burnt in, with its step adapted.
    trajectories : int
    longest : float
        Length of the trajectories, radians, and the most that is returned.
    max_leapfrogs : int
    generator : torch.Generator

    Returns
    -------
    state : HMCState
    angle : float
        As `trajectory` takes it: the length of the longest, which is drawn between a quarter of it and all of it.
    """
    steps = most_steps(longest, state.step, max_leapfrogs)
    spacing = math.ceil(steps / POINTS)
    paths = []
    for _ in range(trajectories):
        path, count = [astuple(state.observables)], 0

        def watch(position: torch.Tensor, path: list[tuple[float, ...]] = path) -> None:
            nonlocal count
            count += 1
            if count % spacing == 0:
                path.append(astuple(potential.evaluate(position)[1]))

        state = trajectory(
            potential, state, angle=longest, max_leapfrogs=max_leapfrogs, generator=generator, watch=watch
        )
        if len(path) == 1 + steps // spacing and np.isfinite(path).all():
            paths.append(path)
    if not paths:
        return state, longest
    return state, best_length(np.array(paths), overhead=OVERHEAD / spacing) * spacing * state.step


def best_length(paths: np.ndarray, *, overhead: float = 0.0) -> int:
    """Return the length of the longest trajectories, in points, by which observables are forgotten at the least cost.

    Parameters
    ----------
    paths : array, shape (trajectory, point, observable)
        Observables along trajectories of one chain, at equal distances.
    overhead : float
        What a trajectory costs whatever its length, in points.

    Returns
    -------
    int
        At least 1, at most the number of points but one.

    Examples
    --------
    A mode that turns once in 16 points is best met with half a turn:

    >>> phase = np.random.default_rng(0).uniform(0, 6.3, (200, 1, 1))
    >>> 6 <= best_length(np.cos(phase + 2 * np.pi * np.arange(17)[:, None] / 16)) <= 13
    True
    """
    n_points = paths.shape[1]
    jumps = np.array([((paths[:, t:] - paths[:, : n_points - t]) ** 2).mean(axis=(0, 1)) for t in range(n_points)])
    variance = paths.var(axis=(0, 1))
    moving = variance > 0
    if not moving.any():
        return n_points - 1
    forgotten = jumps[:, moving] / (2 * variance[moving])  # 1 - rho

    def worst(longest: int) -> float:
        lengths = np.arange((longest + 3) // 4, longest + 1)
        gone = np.minimum(1.0, forgotten[lengths].mean(axis=0))
        return float((gone / (2 - gone)).min() / (lengths.mean() + overhead))

    worth = np.array([worst(longest) for longest in range(1, n_points)])
    return int(np.nonzero(worth >= NEARLY * worth.max())[0][-1]) + 1
