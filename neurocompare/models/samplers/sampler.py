"""What a sampler is: how networks of one law are made, as an object with its settings."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from neurocompare.models.family import is_reservoir
from neurocompare.models.sampling import Sampling
from neurocompare.models.training import Training
from neurocompare.records import OneOf
from neurocompare.settings import Checked

if TYPE_CHECKING:
    from neurocompare.models.job import Job
    from neurocompare.models.made import Made
    from neurocompare.models.posterior import WeightPosterior
    from neurocompare.models.tally import Tally

Spread = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
"""Calls a function of one argument on every item, on workers; results come in any order."""


class Sampler(Checked, OneOf):
    """How networks are made: a frozen record of settings. Every kind has a file of its own, and a line in `SAMPLERS`.

    Attributes
    ----------
    name : str
    JUDGED_TOGETHER : bool
        Whether the chains of one gamma are compared to say whether they have converged.
    INDEPENDENT : bool
        Whether networks are independent by construction: there is nothing to converge.

    Examples
    --------
    >>> sorted(Sampler.kinds())
    ['draw', 'gradient-descent', 'langevin', 'reservoir']
    >>> Sampler.kinds()["langevin"]().at(0.0).name
    'reservoir'
    """

    name: str

    JUDGED_TOGETHER: ClassVar[bool] = False
    INDEPENDENT: ClassVar[bool] = False

    @classmethod
    def kinds(cls) -> Mapping[str, type[Sampler]]:
        """Return every kind by its name."""
        from neurocompare.models.samplers import SAMPLERS

        return SAMPLERS

    @property
    def settings(self) -> Sampling | Training | None:
        """How long and how it goes on; None where there is nothing to set."""
        return None

    @property
    def most_members(self) -> int | None:
        """Most networks that one chain gives; None where there is no such bound."""
        return None

    @property
    def trace(self) -> tuple[str, ...]:
        """Columns of the trace that its networks keep."""
        return ()

    def at(self, gamma: float) -> Sampler:
        """Return the sampler in effect at a gamma: at 0 all give the exact reservoir."""
        from neurocompare.models.samplers.reservoir import Reservoir

        return Reservoir() if is_reservoir(gamma) else self

    def runs(self, chains: int, members: int) -> tuple[tuple[int, int], ...]:
        """Return the chains of one gamma and seed, and how many networks are kept of each."""
        return tuple((chain, members) for chain in range(chains))

    @abstractmethod
    def cost(self, gamma: float) -> float:
        """Rough relative work of one chain, of its first segment where it may have several."""

    @abstractmethod
    def make(self, missing: Sequence[Job], jobs: Sequence[Job], tally: Tally, spread: Spread) -> list[str]:
        """Make networks and write them.

        Parameters
        ----------
        missing : sequence of Job
            What to make, in this order.
        jobs : sequence of Job
            All of the zoo.
        tally : Tally
        spread : callable

        Returns
        -------
        list of str
            A sentence for every unfinished chain or training that could not be used.
        """


class OneByOne(Sampler):
    """A sampler whose jobs need nothing of each other."""

    def make(self, missing: Sequence[Job], jobs: Sequence[Job], tally: Tally, spread: Spread) -> list[str]:
        """Make the networks of each job by itself."""
        from neurocompare.models.made import fulfil

        dropped = []
        for cost, left in spread(fulfil, missing):
            dropped += left
            tally.add(cost)
        return dropped

    @abstractmethod
    def networks(self, job: Job, posterior: WeightPosterior) -> Iterator[Made]:
        """Yield the networks of one job, in order of member."""
