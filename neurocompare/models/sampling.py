"""How a chain runs: the settings of `chain.sample_chain`."""

from __future__ import annotations

from dataclasses import dataclass

from neurocompare.settings import Checked, setting


@dataclass(frozen=True)
class Sampling(Checked):
    """How long and how a chain runs.

    Attributes
    ----------
    ramp : int
        Steps of sqrt(2) in gamma on the way up. White noise is the solution at gamma = 0, and far from the one at large
        gamma: climbing takes the long strides that small gammas allow, and arrives nearer than a start at gamma.
    adaptation : int
        Half as many trajectories adapt the step at each gamma of the ramp, and twice at gamma: short ones, then those
        of `angle`; not samples.
    trajectories : int
        Samples of the first segment; no members are taken from a segment's first quarter. Halves of chains are
        compared, so at least 8.
    segments : int
        Most segments of a chain. Chains that do not agree yet go on with another, as long as all before it, and are
        judged by all of them but the first quarter.
    angle : float
        Length of the longest trajectories, radians; see `trajectory`. The slowest modes of networks move as by
        diffusion along a trajectory, coupled to many fast ones, so that little is won by following them for long.
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
    trajectories: int = setting(40, "Samples of a chain, at first: more where chains do not agree.", least=8)
    segments: int = setting(6, "Most of a chain: each doubles it, where chains do not agree.", least=1, most=30)
    angle: float = setting(2.0, "Length of the longest trajectories.", unit="radians", above=0)
    max_leapfrogs: int = setting(4000, "Most gradients in a trajectory.", least=1)

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
