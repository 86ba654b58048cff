"""A small task for the tests of this room."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from neurocompare.tasks.task import Task, make_task


def small_task(conditions: int = 2, times: int = 4, outputs: int = 2, trained: np.ndarray | None = None) -> Task:
    rng = np.random.default_rng(3)
    coords = {"condition": np.arange(conditions), "time": 0.05 * np.arange(times)}
    inputs = xr.DataArray(
        rng.standard_normal((conditions, times, 2)), dims=("condition", "time", "channel"), coords=coords
    )
    targets = rng.standard_normal((conditions, times, outputs))
    targets[:, 0] = 0
    targets = xr.DataArray(targets, dims=("condition", "time", "output"), coords=coords)
    if trained is not None:
        trained = xr.DataArray(trained, dims=("condition", "time"), coords=coords)
    return make_task(inputs, targets, name="small", trained=trained)


@pytest.fixture
def task() -> Task:
    return small_task()


@pytest.fixture(scope="session")
def small() -> Task:
    """The same, for fixtures that outlive a test."""
    return small_task()


@pytest.fixture
def partly_trained() -> Task:
    trained = np.ones((2, 4), bool)
    trained[0, 1] = trained[1, 3] = False
    return small_task(trained=trained)
