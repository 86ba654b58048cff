"""gamma -> 0: random recurrent and input weights, and a readout that does all the learning."""

from __future__ import annotations

import torch

from neurocompare.models.family import Family
from neurocompare.models.posterior import WeightPosterior
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.tasks.task import Task


@torch.no_grad()
def draw_reservoir(task: Task, family: Family, *, generator: torch.Generator) -> RateRNN:
    """Draw a network at gamma = 0: J and U from their prior, the readout by ridge regression with ridge N / b.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> family = Family(n_units=50, beta=100.0)
    >>> draw_reservoir(oscillation(), family, generator=torch.Generator().manual_seed(0)).J.shape
    torch.Size([50, 50])
    """
    posterior = WeightPosterior(task, family, 0.0)
    state = torch.randn(posterior.dimension, generator=generator, dtype=torch.float64)
    return posterior.network(state, generator=generator)
