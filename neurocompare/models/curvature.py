"""The largest curvature of a misfit: how long a step may be."""

from __future__ import annotations

import math

import torch

from neurocompare.models.fit import Fit, Weights
from neurocompare.streams import Purpose, torch_stream

PROBE = 0.1
"""Length of the finite difference, in units of one weight's prior s.d.; all weights together move by that much."""


def largest_curvature(fit: Fit, weights: Weights, *, seed: int, iterations: int = 12, recurrent: bool = True) -> float:
    """Estimate the largest eigenvalue of the Hessian of the misfit by power iteration.

    Each product of the Hessian with a direction is a difference of two gradients. Power iteration approaches the
    eigenvalue from below, and fast where it matters: when one direction is much stiffer than the others.

    Parameters
    ----------
    fit : Fit
    weights : Weights
    seed : int
        Of the first direction.
    iterations : int
        Gradients to spend.
    recurrent : bool
        Whether W and zeta move, or V alone.

    Returns
    -------
    float
        Infinite if a gradient is not finite.
    """
    here, there, direction, image = (fit.zeros() for _ in range(4))
    fit.simulate(weights)
    fit.gradient(weights, here, recurrent=recurrent)
    generator = torch_stream(Purpose.CURVATURE, seed)
    for part in _moving(direction, recurrent):
        part.copy_(torch.randn(part.shape, generator=generator))
    _normalise(direction)
    curvature = 0.0
    for _ in range(iterations):
        for spot, part, towards in zip(there.parts(), weights.parts(), direction.parts(), strict=True):
            torch.add(part, towards, alpha=PROBE, out=spot)
        fit.gradient(there, image, recurrent=recurrent)
        for part, base in zip(_moving(image, recurrent), _moving(here, recurrent), strict=True):
            part.sub_(base).div_(PROBE)
        curvature = _normalise(image)
        if not 0 < curvature < math.inf:
            break
        direction, image = image, direction
    fit.simulate(weights)
    return curvature if math.isfinite(curvature) else math.inf


def _moving(weights: Weights, recurrent: bool) -> tuple[torch.Tensor, ...]:
    return weights.parts() if recurrent else (weights.V,)


def _normalise(weights: Weights) -> float:
    length = math.sqrt(sum(float((part.double() ** 2).sum()) for part in weights.parts()))
    if 0 < length < math.inf:
        for part in weights.parts():
            part.div_(length)
    return length
