"""How a chain runs: the settings of `chain.sample_chain`."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neurocompare.settings import Checked, setting

SMALL_STEP, LONGEST = 0.05, 3.0
"""Radians below which trajectories are longer, with the root of the step, and how many times as long at most."""


@dataclass(frozen=True)
class Sampling(Checked):
    """How long and how a chain runs.

    Attributes
    ----------
    ramp : int
        Steps of sqrt(2) in gamma on the way up. White noise is the solution at gamma = 0, and far from the one at large
        gamma: climbing takes the long strides that small gammas allow, and arrives nearer than a start at gamma.
    adaptation : int
        Trajectories that adapt the step: half as many short ones at each gamma of the ramp and at gamma, then all of
        more than full length; not samples.
    trajectories : int
        Samples of the first segment; no members are taken from a segment's first quarter. At least 8, to see how
        long one is felt in the next.
    segments : int
        Most segments of a chain. Chains that are still too short go on with another, as long as all before it, and are
        judged by that one; those of one segment by all but its first quarter.
    angle : float
        Length of the longest trajectories, radians, where the step is not small; see `longest` and `trajectory`.
    max_leapfrogs : int
        Most gradients in a trajectory.

    Raises
    ------
    InputError
        If a number is out of bounds.

    Examples
    --------
    >>> Sampling(trajectories=20).most_members
    15
    """

    ramp: int = setting(6, "Steps of sqrt(2) in gamma on the way up.", least=0, most=100)
    adaptation: int = setting(16, "Trajectories that adapt the step.", least=0)
    trajectories: int = setting(40, "Samples of a chain, at first: more where that is too few.", least=8)
    segments: int = setting(6, "Most of a chain: each doubles it, where it is too short.", least=1, most=30)
    angle: float = setting(2.0, "Longest trajectories, where steps are not small.", unit="radians", above=0)
    max_leapfrogs: int = setting(4000, "Most gradients in a trajectory.", least=1)

    def longest(self, step: float) -> float:
        """Return the length of the longest trajectories of a chain with this step, radians.

        The slowest modes of networks move as by diffusion along a trajectory, coupled to many fast ones: little is won
        by following them further than it takes to pay for the energy at the end. But the stiffer a posterior, the
        softer are some of them (such as how a population shares its variance between directions of movement, where
        the symmetry between directions breaks): what leaves them behind is followed for longer there.

        Examples
        --------
        >>> [round(Sampling(angle=2.0).longest(step), 2) for step in (0.1, 0.0125, 0.001)]
        [2.0, 4.0, 6.0]
        """
        return self.angle * min(LONGEST, max(1.0, math.sqrt(SMALL_STEP / step)))

    @property
    def most_members(self) -> int:
        """Most states that can be kept: those of the first segment but its first quarter."""
        return self.trajectories - self.trajectories // 4

    def length(self, segments: int) -> int:
        """Return how many samples a chain of so many segments has: every segment doubles it.

        Examples
        --------
        >>> [Sampling(trajectories=20).length(segments) for segments in (0, 1, 2, 3)]
        [0, 20, 40, 80]
        """
        return self.trajectories * 2 ** (segments - 1) if segments else 0

    def segments_of(self, length: int) -> int:
        """Return how many whole segments so many samples are.

        Examples
        --------
        >>> [Sampling(trajectories=20).segments_of(length) for length in (19, 20, 39, 40, 80)]
        [0, 1, 1, 2, 3]
        """
        return (length // self.trajectories).bit_length()
