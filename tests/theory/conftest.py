"""Problems small enough to be solved by brute force."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import xarray as xr

from neurocompare.models.nonlinearity import Nonlinearity
from neurocompare.settings import Family
from neurocompare.tasks.task import Task, make_task
from neurocompare.theory.population import Population, population_of


def tiny_task(conditions: int = 1, times: int = 4, trained: np.ndarray | None = None) -> Task:
    rng = np.random.default_rng(5)
    coords = {"condition": np.arange(conditions), "time": 0.05 * np.arange(times)}
    inputs = xr.DataArray(
        rng.standard_normal((conditions, times, 2)), dims=("condition", "time", "channel"), coords=coords
    )
    targets = rng.standard_normal((conditions, times, 1))
    targets[:, 0] = 0
    targets = xr.DataArray(targets, dims=("condition", "time", "output"), coords=coords)
    if trained is not None:
        trained = xr.DataArray(trained, dims=("condition", "time"), coords=coords)
    return make_task(inputs, targets, name="tiny", trained=trained)


def tiny_family(nonlinearity: str = "tanh") -> Family:
    return Family(g=1.5, tau=0.1, beta=20.0, n_units=10, nonlinearity=nonlinearity, private_noise=0.1)


def tiny_population(nonlinearity: str = "tanh", **shape: int) -> Population:
    return population_of(tiny_task(**shape), tiny_family(nonlinearity))


class WeightedLaw:
    """Points of z, shape (noise, point), with weights that sum to one."""

    def __init__(self, points: torch.Tensor, weights: torch.Tensor, nonlinearity: Nonlinearity) -> None:
        self.points = points
        self.weights = weights
        self.nonlinearity = nonlinearity

    def start(self) -> Callable[[torch.Tensor], torch.Tensor]:
        past: list[torch.Tensor] = []

        def step(drive: torch.Tensor) -> torch.Tensor:
            reached = len(past) * len(drive)
            past.append(self.nonlinearity.rate(drive[:, :reached] @ self.points[:reached]))
            return (past[-1] * self.weights) @ torch.cat(past).T

        return step


@pytest.fixture
def tiny() -> Population:
    return tiny_population()
