"""Random networks for the tests of this room: drawn in no time, with nothing learned but the readout."""

from __future__ import annotations

import pytest
import torch

from neurocompare.models import Family, draw_reservoir
from neurocompare.tasks import oscillation


def reservoir(g: float = 1.5, n_units: int = 100, seed: int = 0, nonlinearity: str = "tanh"):
    family = Family(g=g, tau=0.05, beta=100.0, n_units=n_units, nonlinearity=nonlinearity)
    return draw_reservoir(oscillation(), family, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="session")
def random_network():
    """Returns a maker of networks by g, n_units, seed and nonlinearity."""
    return reservoir


@pytest.fixture(scope="session")
def task():
    return oscillation()
