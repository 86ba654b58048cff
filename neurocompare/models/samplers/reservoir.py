"""Reservoir: networks of random recurrent and input weights, of which only the readout is learned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from neurocompare.models.samplers.sampler import OneByOne
from neurocompare.settings import kind

if TYPE_CHECKING:
    from neurocompare.models.job import Job
    from neurocompare.models.made import Made
    from neurocompare.models.posterior import WeightPosterior


@dataclass(frozen=True)
class Reservoir(OneByOne):
    """Random weights, a learned readout: exact at gamma = 0, and a control above.

    Examples
    --------
    >>> Reservoir().INDEPENDENT, Reservoir().settings is None  # there is nothing to choose
    (True, True)
    """

    INDEPENDENT: ClassVar[bool] = True

    name: str = kind("reservoir")

    def at(self, gamma: float) -> Reservoir:
        """Return itself."""
        return self

    def cost(self, gamma: float) -> float:
        """Return next to nothing."""
        return 0.1

    def networks(self, job: Job, posterior: WeightPosterior) -> Iterator[Made]:
        """Draw them one after another."""
        from neurocompare.models.made import Made
        from neurocompare.models.posterior import random_state

        generator = job.generator("cpu")
        for _ in range(job.members):
            state = random_state(posterior, generator=generator)
            yield Made(posterior.network(state, generator=generator), state, converged=True, why="drawn directly")
