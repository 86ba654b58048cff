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
    ramp_trajectories : int
        Trajectories at each gamma of the ramp, after the step is adapted.
    adaptation : int
        Half as many trajectories adapt the step at each gamma of the ramp, and three times at gamma: of short ones, of
        those of `angle`, and of those that turned out best; not samples.
    length_trajectories : int
        Of the longest trajectories, that find out how long all should be; not samples.
    trajectories : int
        Samples of a segment; no members are taken from its first quarter. Halves of chains are compared, so at least 8.
    segments : int
        Most segments of a chain. Chains that do not agree yet go on with another, and are judged by all of them but the
        first quarter.
    angle : float
        Length of the longest trajectories, radians, until it is known how long they should be. Up to twice that is
        tried; see `adapt_length`.
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

    ramp: int = setting(8, "Steps of sqrt(2) in gamma on the way up.", least=0, most=100)
    ramp_trajectories: int = setting(3, "Trajectories at each gamma on the way up.", least=0)
    adaptation: int = setting(16, "Trajectories that adapt the step.", least=0)
    length_trajectories: int = setting(6, "Trajectories that find out how long they should be.", least=0)
    trajectories: int = setting(40, "Samples of each chain: more where chains have not converged.", least=8)
    segments: int = setting(3, "How often as long a chain may become where chains do not agree.", least=1)
    angle: float = setting(3.0, "Length of the longest trajectories.", unit="radians", above=0)
    max_leapfrogs: int = setting(4000, "Most gradients in a trajectory.", least=1)

    @property
    def most_members(self) -> int:
        """Most states that can be kept: those of a segment but its first quarter."""
        return self.trajectories - self.trajectories // 4
