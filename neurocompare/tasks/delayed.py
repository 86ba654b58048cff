"""What every delayed movement shares: the sample grid, and cues until go."""

from __future__ import annotations

import numpy as np
import xarray as xr

from neurocompare.errors import InputError

# Grid times are multiples of a decimal step: an event that falls on a sample must not miss it by a rounding error.
ROUNDING = 1e-9

MOST_TIMES = 100_000
"""Samples of one condition: more than any network of the family can be trained on."""


def sample_times(stop: float, *, time_step: float) -> np.ndarray:
    """Return sample times 0, time_step, 2 time_step, ... up to and including `stop`, in s.

    Parameters
    ----------
    stop : float
        In s.
    time_step : float
        In s.

    Raises
    ------
    InputError
        If `time_step` is not positive or fewer than three samples fit.

    Examples
    --------
    >>> len(sample_times(0.95, time_step=0.05)), float(sample_times(0.95, time_step=0.05)[-1])
    (20, 0.95)
    """
    if not time_step > 0:
        raise InputError(f"expected a positive time step in s, found {time_step}")
    if not stop >= 2 * time_step - ROUNDING:
        raise InputError(f"expected room for at least three samples, found {stop} s in steps of {time_step} s")
    if stop / time_step > MOST_TIMES:
        raise InputError(
            f"expected at most {MOST_TIMES} samples in time, found {stop:g} s in steps of {time_step:g} s; "
            "choose a longer time step"
        )
    # Rounded so that grids of the same step agree to the last bit whatever their stop was computed from.
    return np.round(np.arange(int(np.floor(stop / time_step + ROUNDING)) + 1) * time_step, 9)


def delay_cues(
    code: xr.DataArray, time: np.ndarray, *, go: float, on: float = -np.inf, off: float | None = None
) -> xr.DataArray:
    """Return the inputs of a movement on cue: a hold cue of 1 until `go`, and a static condition code for a while.

    Parameters
    ----------
    code : xarray.DataArray, dims (condition, channel)
        What tells the conditions apart, such as (cos, sin) of the target's angle.
    time : array, shape (time,)
        In s from target on.
    go : float
        In s; the sample at `go` has no hold cue.
    on, off : float
        From when until when the code is given, in s; the sample at `off` has none. Until `go` where `off` is None: the
        movement is prepared in a delay. With `on` at `go`, it is not.

    Returns
    -------
    xarray.DataArray, dims (condition, time, channel)
        The channel ``"hold"``, then those of `code`.

    Examples
    --------
    >>> code = direction_code(np.array([0.0, np.pi]), condition=["right", "left"])
    >>> delay_cues(code, np.array([0.0, 0.1, 0.2]), go=0.2).sel(condition="left").values.round(3) + 0.0
    array([[ 1., -1.,  0.],
           [ 1., -1.,  0.],
           [ 0.,  0.,  0.]])
    """
    off = go if off is None else off
    waiting = xr.DataArray((time < go - ROUNDING).astype(float), dims="time", coords={"time": time})
    shown = ((time >= on - ROUNDING) & (time < off - ROUNDING)).astype(float)
    hold = xr.ones_like(code.isel(channel=[0]), dtype=float).assign_coords(channel=["hold"])
    cues = xr.concat([hold * waiting, code * waiting.copy(data=shown)], dim="channel")
    return cues.transpose("condition", "time", "channel")


def with_trigger(cues: xr.DataArray, *, go: float, lasts: float) -> xr.DataArray:
    """Return inputs with a channel ``"trigger"`` more: 1 from `go` on for a while, in all conditions.

    Parameters
    ----------
    cues : xarray.DataArray, dims (condition, time, channel)
    go, lasts : float
        In s.

    Examples
    --------
    >>> code = direction_code(np.array([0.0, np.pi]), condition=["right", "left"])
    >>> cues = delay_cues(code, np.array([0.0, 0.1, 0.2]), go=0.1)
    >>> with_trigger(cues, go=0.1, lasts=0.1).sel(channel="trigger").values.tolist()
    [[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]
    """
    time = cues["time"]
    given = ((time >= go - ROUNDING) & (time < go + lasts - ROUNDING)).astype(float)
    pulse = (xr.ones_like(cues.isel(channel=[0])) * given).assign_coords(channel=["trigger"])
    return xr.concat([cues, pulse], dim="channel").transpose("condition", "time", "channel")


def direction_code(angles: np.ndarray, *, condition: list | np.ndarray) -> xr.DataArray:
    """Return the (cos, sin) code of each condition's direction.

    Parameters
    ----------
    angles : array, shape (condition,)
        In rad.
    condition : sequence
        Labels.

    Returns
    -------
    xarray.DataArray, dims (condition, channel)
        With the angle kept as the condition coordinate ``target_angle``.
    """
    angles = np.asarray(angles, float)
    labels = {"condition": np.asarray(condition), "channel": ["cos", "sin"]}
    target = ("condition", angles, {"unit": "rad"})
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return xr.DataArray(directions, dims=tuple(labels), coords=labels | {"target_angle": target})
