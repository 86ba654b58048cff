"""Draw: networks that are samples of the exact posterior, by Hamiltonian Monte Carlo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from neurocompare.models.observables import OBSERVABLES
from neurocompare.models.samplers.sampler import Sampler, Spread
from neurocompare.models.sampling import Sampling
from neurocompare.settings import kind, setting

if TYPE_CHECKING:
    from neurocompare.models.job import Job
    from neurocompare.models.tally import Tally


@dataclass(frozen=True)
class Draw(Sampler):
    """Samples of the exact posterior, by Hamiltonian Monte Carlo: the default.

    Attributes
    ----------
    sampling : Sampling

    Examples
    --------
    >>> Draw(Sampling(trajectories=20)).most_members, Draw().at(0.0).name
    (15, 'reservoir')
    """

    JUDGED_TOGETHER: ClassVar[bool] = True

    sampling: Sampling = setting(Sampling(), "How long and how chains run.")
    name: str = kind("draw")

    @property
    def settings(self) -> Sampling:
        """Its sampling."""
        return self.sampling

    @property
    def most_members(self) -> int:
        """States that can be kept of one chain."""
        return self.sampling.most_members

    @property
    def trace(self) -> tuple[str, ...]:
        """The observables of every sample."""
        return OBSERVABLES

    def cost(self, gamma: float) -> float:
        """Of a segment: the step that fits shrinks as 1 / gamma.

        Examples
        --------
        >>> round(Draw().cost(3.2) / Draw().cost(0.4), 1)
        6.6
        """
        return 1.0 + 10.0 * gamma

    def make(self, missing: Sequence[Job], jobs: Sequence[Job], tally: Tally, spread: Spread) -> list[str]:
        """Sample chains in rounds, until those of one gamma are long enough."""
        from neurocompare.models.rounds import draw_chains

        return draw_chains(missing, jobs, tally, spread)
