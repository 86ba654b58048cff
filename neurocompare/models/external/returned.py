"""What a model returned: which of it is the activity of its units, and which its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from neurocompare.models.external.arrays import as_array, is_array
from neurocompare.models.external.tables import NAMES

OUTPUTS = ("outputs", "output", "readout", "prediction", "predictions", "y")
"""What outputs may be called in a dictionary."""


def activity_of(returned: Any, shape: tuple[int, ...]) -> Any:
    """Of (output, hidden), take the last element that has a value for every condition and time; else the first.

    Elements of the shape of the task's outputs are taken only where there are no others. Of a dictionary, the element
    that is called as activity is.

    Parameters
    ----------
    returned : object
    shape : tuple of int
        (condition, time, output) of the task.
    """
    if isinstance(returned, Mapping):
        return next((returned[key] for key in (*NAMES["activity"], "hidden_states") if key in returned), None)
    if not isinstance(returned, tuple | list):
        return returned
    fitting = [one for one in returned if getattr(one, "ndim", 0) == 3 and tuple(one.shape[:2]) == shape[:2]]
    fitting = [one for one in fitting if one.shape[2] != shape[2]] or fitting
    if not fitting and len(returned) == shape[0] and all(is_array(one) and one.ndim == 2 for one in returned):
        return as_array(returned)  # one array (time, unit) a condition
    return fitting[-1] if fitting else (returned[0] if returned else None)


def outputs_of(returned: Any, activity: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    """Find the task's outputs, of `shape` (condition, time, output), in what a model returned beside its activity.

    Of a dictionary, one that is called as outputs are; else the first that fits. None where there is none.

    Examples
    --------
    >>> activity, outputs = np.zeros((2, 3, 8)), np.ones((2, 3, 2))
    >>> outputs_of((outputs, activity), activity, (2, 3, 2)) is None
    False
    >>> outputs_of(activity, activity, (2, 3, 2)) is None
    True
    """
    if isinstance(returned, Mapping):
        parts = [returned[name] for name in OUTPUTS if name in returned] or list(returned.values())
    else:
        parts = list(returned) if isinstance(returned, tuple | list) else [returned]
    fitting = [one for one in parts if is_array(one) and tuple(one.shape) == shape and one is not activity]
    return as_array(fitting[0], "the model's outputs") if fitting else None


def first(output: Any) -> Any:
    """Return the first of several."""
    return output[0] if isinstance(output, tuple | list) else output


def swapped(value: Any) -> Any:
    """Swap the first two axes of everything that has three."""
    if isinstance(value, Mapping):
        return {key: swapped(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [swapped(one) for one in value]
    return value.swapaxes(0, 1) if getattr(value, "ndim", 0) == 3 else value
