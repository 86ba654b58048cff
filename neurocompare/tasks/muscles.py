"""Muscle activity as something to produce: above rest, each muscle at unit size."""

from __future__ import annotations

import numpy as np
import xarray as xr

from neurocompare.errors import InputError

UNIT = "root mean square of the muscle"

NOTE = (
    "Muscles: the mean before go, over all conditions, is taken as rest and subtracted; each muscle is then divided by "
    "its root mean square from go on over all conditions, because recorded sizes depend on the electrode."
)


def above_rest(activity: xr.DataArray, resting: np.ndarray) -> xr.DataArray:
    """Subtract each muscle's rest, and divide by its root mean square over the other times and all conditions.

    Parameters
    ----------
    activity : xarray.DataArray, dims (condition, time, output)
    resting : array of bool, shape (time,)
        Times at rest; the first time alone where there are none.

    Returns
    -------
    xarray.DataArray, dims (condition, time, output)
        Zero at rest.

    Raises
    ------
    InputError
        If a muscle does not change.

    Examples
    --------
    >>> activity = xr.DataArray([[[1.0], [1.0], [4.0]], [[3.0], [3.0], [-1.0]]], dims=("condition", "time", "output"))
    >>> above_rest(activity, np.array([True, True, False])).values.ravel().round(3).tolist()
    [0.0, 0.0, 0.784, 0.0, 0.0, -1.177]
    """
    quiet = resting if resting.any() else np.arange(len(resting)) == 0
    rest = activity.values[:, quiet].mean(axis=(0, 1))
    values = np.where(resting[:, None], 0.0, activity.values - rest)
    sizes = np.sqrt((values[:, ~resting] ** 2).mean(axis=(0, 1)))
    # Rounding alone leaves a size of about 1e-16 of the level.
    still = ~(sizes > 1e-9 * np.abs(activity.values).max())
    if still.any():
        names = activity["output"].values if "output" in activity.coords else np.arange(activity.sizes["output"])
        message = f"expected every muscle to change in the window, found {names[still][0]!s} that does not"
        raise InputError(message)
    return activity.copy(data=values / sizes)
