"""Whether a model keeps conditions apart: a recurrent module that takes them for time steps does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from neurocompare.errors import InputError

ROUNDING = 1e-5
"""Share of the activity's size that is no more than rounding in single precision."""

BEYOND_NOISE = 2.0
"""Changes must be so many times as large as those between two runs on the same inputs, where a model has noise."""


def moved_by_another(run: Callable[[np.ndarray], np.ndarray], inputs: np.ndarray, activity: np.ndarray) -> float:
    """Measure how far the activity of conditions moves when the inputs of another one change.

    The model is run once more on the same inputs, which shows the noise that no seed settles, and once with the inputs
    of the first condition mirrored. Time steps follow one another, conditions do not: where the first condition moves
    the others beyond that noise, they were taken for one another's past.

    Parameters
    ----------
    run : callable
        From inputs (condition, time, channel) to activity (condition, time, unit).
    inputs : array
    activity : array
        Of those inputs.

    Returns
    -------
    float
        Root mean square over conditions but the first, in units of the activity's; 0 where it is no more than rounding
        and noise, or there is one condition.

    Examples
    --------
    >>> inputs = np.random.default_rng(0).standard_normal((4, 5, 3))
    >>> moved_by_another(np.tanh, inputs, np.tanh(inputs))
    0.0
    >>> add_up = lambda inputs: np.cumsum(inputs, axis=0)
    >>> moved_by_another(add_up, inputs, add_up(inputs)) > 0.5
    True
    """
    if len(inputs) < 2:
        return 0.0
    changed = inputs.copy()
    changed[0] = 1.0 - 2.0 * changed[0]
    try:
        again, other = run(inputs), run(changed)
    except InputError:  # what was run once and now is not says nothing about axes
        return 0.0
    size = _size(activity)
    rounding = max(ROUNDING, 8 * float(np.finfo(activity.dtype).eps)) if activity.dtype.kind == "f" else ROUNDING
    noise, moved = _size((again - activity)[1:]), _size((other - activity)[1:])
    if not np.isfinite(moved) or moved <= max(rounding * size, BEYOND_NOISE * noise):
        return 0.0
    return moved / size if size else 1.0


def _size(values: np.ndarray) -> float:
    return float(np.sqrt((values.astype(np.float64) ** 2).mean())) if values.size else 0.0
