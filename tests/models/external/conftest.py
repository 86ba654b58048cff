"""A small task and the times of a recording of it."""

import numpy as np
import pytest

from neurocompare.tasks import ideal_reach


@pytest.fixture(scope="module")
def task():
    return ideal_reach(directions=3)


@pytest.fixture(scope="module")
def bins():
    """Bin centres and width, as `external_model` takes them."""
    return {"time": np.arange(0.01, 0.9, 0.02), "bin_width": 0.02}


@pytest.fixture
def activity(task):
    """Random activity of 6 units on the task's conditions and times."""
    shape = (task.inputs.sizes["condition"], task.inputs.sizes["time"], 6)
    return np.random.default_rng(0).standard_normal(shape)
