"""Random recurrent and input weights, and a readout that does all the learning: exact at gamma = 0, frozen above it."""

from __future__ import annotations

import torch

from neurocompare.models.posterior import WeightPosterior
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.settings import Family
from neurocompare.tasks.task import Task


def random_state(posterior: WeightPosterior, *, generator: torch.Generator) -> torch.Tensor:
    """Draw J, U and the private noise from their prior, shape (dimension,), float64."""
    return torch.randn(posterior.dimension, generator=generator, dtype=torch.float64)


@torch.no_grad()
def draw_reservoir(task: Task, family: Family, *, generator: torch.Generator, gamma: float = 0.0) -> RateRNN:
    """Draw a network whose J and U are random, with a readout drawn from its posterior given the activity.

    Parameters
    ----------
    task : Task
    family : Family
    generator : torch.Generator
    gamma : float
        Of the readout. At 0 it is ridge regression with ridge N / b, and the network is an exact member of the family;
        above, a member would have learned weights, and this is what it is with them frozen.

    Returns
    -------
    RateRNN

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> family = Family(n_units=50, beta=100.0)
    >>> draw_reservoir(oscillation(), family, generator=torch.Generator().manual_seed(0)).J.shape
    torch.Size([50, 50])
    """
    posterior = WeightPosterior(task, family, gamma)
    return posterior.network(random_state(posterior, generator=generator), generator=generator)
