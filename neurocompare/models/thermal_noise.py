r"""Noise for Langevin steps, cheap: odd numbers of one random byte each instead of Gaussian ones.

A step of the Euler-Maruyama scheme has weak order one whatever the law of its noise, as long as the noise is
independent and its mean is 0, its variance 1 and its third moment 0 (the simplified Euler scheme; Kloeden and Platen
1992, Numerical Solution of Stochastic Differential Equations, 14.1): averages have the same error in ds as with
Gaussian noise, and what a weight has seen after many steps is Gaussian anyway. Ours is uniform on the 128 odd numbers
-127, -125, ..., 127 over its s.d.: mean, variance and all odd moments exactly those. A Gaussian number takes six times
as long, more than a third of a step at 1024 units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import final

import torch

ODD = 0x0101010101010101
"""Sets the lowest bit of each byte of a word."""

UNIT = 1 / math.sqrt((128**2 - 1) / 3)
"""One over the s.d. of a number drawn uniformly from -127, -125, ..., 127."""


@final
class ThermalNoise:
    """A stream of noise for tensors of fixed shapes.

    Parameters
    ----------
    parts : sequence of tensor
        What noise will be added to: shapes and device are taken from them.
    generator : torch.Generator
        On the same device; its state is all there is to save.

    Examples
    --------
    >>> weights = torch.zeros(300, 300)
    >>> ThermalNoise([weights], torch.Generator().manual_seed(0)).add_to([weights], scale=2.0)
    >>> round(float(weights.std()), 1)
    2.0
    """

    def __init__(self, parts: Sequence[torch.Tensor], generator: torch.Generator) -> None:
        self.generator = generator
        sizes = [part.numel() for part in parts]
        self._words = torch.empty(-(-sum(sizes) // 8), dtype=torch.int64, device=parts[0].device)
        levels = self._words.view(torch.int8)[: sum(sizes)].split(sizes)
        self._levels = [level.view(part.shape) for level, part in zip(levels, parts, strict=True)]

    def add_to(self, parts: Sequence[torch.Tensor], *, scale: float) -> None:
        """Add independent noise of s.d. `scale` to every number of every part."""
        self._words.random_(-(2**63), None, generator=self.generator).bitwise_or_(ODD)
        for part, levels in zip(parts, self._levels, strict=True):
            part.add_(levels, alpha=scale * UNIT)
