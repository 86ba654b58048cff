"""Populations that no network of the family is, each made beside one."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from neurocompare.ranking import Candidate, kinematic_candidates
from neurocompare.responses import Responses
from neurocompare.tasks.task import Task


def outside(network: Candidate, task: Task, *, seed: int) -> dict[str, Responses]:
    """Return one population of each kind, made beside a network that was trained for the task."""
    rng = np.random.default_rng([7, seed])
    own = network.responses
    following = kinematic_candidates(task, [network], seed=seed)[0].responses
    times = np.arange(own.sizes["time"])
    shared = gaussian_filter1d(rng.standard_normal((1, len(times), own.sizes["unit"])), 3, axis=1)
    half = own.sizes["unit"] // 2
    mixed = own.values.copy()
    at = following.interp(time=own["time"], kwargs={"fill_value": "extrapolate"}).values[:, :, :half]
    mixed[:, :, :half] = at * own.values.std() / at.std()
    return {
        "units that follow the movement": following,
        "a signal that all conditions share": own.copy(data=own.values + shared * own.values.std() / shared.std()),
        "half of the units follow the movement": own.copy(data=mixed),
        "units that have nothing to do with one another": own.copy(
            data=gaussian_filter1d(rng.standard_normal(own.shape), rng.uniform(1, 4), axis=1)
        ),
    }
