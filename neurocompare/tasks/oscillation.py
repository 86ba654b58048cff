"""The oscillation: a small task with published reference values for the whole family."""

from __future__ import annotations

import numpy as np
import xarray as xr

from neurocompare.tasks.continuation import Continuation
from neurocompare.tasks.delayed import direction_code
from neurocompare.tasks.task import Task, make_task


def oscillation(*, time_step: float = 0.015) -> Task:
    """Make the task of answering a brief cue with a sine wave of the cued sign.

    Two conditions c with angle theta = 0 and pi, 30 samples. Inputs: (cos theta, sin theta) for the first 8 samples,
    zero afterwards. Target: ``cos(theta) sin(2 pi (k - 5) / 20)`` at sample k >= 5, zero before.

    Like every task it is scaled to unit mean square. A network sees only gamma times the target, so a gamma for the raw
    targets corresponds to gamma times `Task.target_scale` (the square root of 0.4) here.

    Parameters
    ----------
    time_step : float
        In s. The default makes a = time_step / tau = 0.3 at tau = 0.05 s.

    Returns
    -------
    Task

    Examples
    --------
    >>> task = oscillation()
    >>> task.n_samples, round(task.target_scale, 3)
    (60, 0.632)
    """
    sample = np.arange(30)
    time = np.round(sample * time_step, 9)
    code = direction_code(np.array([0.0, np.pi]), condition=["plus", "minus"])
    cue = xr.DataArray((sample < 8).astype(float), dims="time", coords={"time": time})
    wave = np.where(sample >= 5, np.sin(2 * np.pi * (sample - 5) / 20), 0.0)
    targets = xr.DataArray(
        np.array([1.0, -1.0])[:, None, None] * wave[:, None],
        dims=("condition", "time", "output"),
        coords={"condition": code["condition"], "time": time, "output": ["wave"]},
    )
    return make_task(
        (code * cue).transpose("condition", "time", "channel"),
        targets,
        name="oscillation",
        notes=("A gamma for raw targets (a sine wave of amplitude 1) is gamma times the target scale here.",),
        events={"cue_on": 0.0, "cue_off": float(time[8])},
        continuation=Continuation("repeat", round(20 * time_step, 9)),
    )
