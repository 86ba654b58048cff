"""Responses: what a population did, the one currency between rooms.

A `Responses` is an `xarray.DataArray` with dims ``("condition", "time", "unit")``. Recordings, networks and
theory all end in it; metrics and ranking read nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.files import write_netcdf
from neurocompare.untrusted.netcdf import open_netcdf
from neurocompare.untrusted.printable import printable

Responses = xr.DataArray
"""``("condition", "time", "unit")``; `time` in s; ``attrs["unit"]`` is ``"spikes/s"`` (data) or ``"1"`` (models)."""

DIMS = ("condition", "time", "unit")


def between_samples(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Interpolate linearly along time at places counted in samples; beyond the ends the nearest sample holds.

    Parameters
    ----------
    values : array, shape (condition, time, ...)
    places : array, shape (place,)

    Returns
    -------
    array, shape (condition, place, ...)

    Examples
    --------
    >>> between_samples(np.array([[0.0, 2.0, 6.0]]), np.array([-1.0, 0.5, 1.25])).tolist()
    [[0.0, 1.0, 3.0]]
    """
    places = np.clip(places, 0, values.shape[1] - 1)
    before = np.minimum(places.astype(int), values.shape[1] - 2)
    share = (places - before).reshape(-1, *(1,) * (values.ndim - 2))
    return (1 - share) * values[:, before] + share * values[:, before + 1]


def make_responses(
    values: np.ndarray,
    *,
    condition: Sequence | np.ndarray,
    time: Sequence[float] | np.ndarray,
    unit: Sequence | np.ndarray | None = None,
    activity_unit: str = "1",
    source: str = "",
    coords: Mapping[str, tuple[str, Sequence | np.ndarray]] | None = None,
) -> Responses:
    """Label an array as `Responses` and check it.

    Parameters
    ----------
    values : array, shape (condition, time, unit)
        Activity, in `activity_unit`.
    condition : sequence
        Unique condition labels.
    time : sequence of float
        Sample times in s, ascending; 0 is the aligned event.
    unit : sequence, optional
        Unique unit labels; 0, 1, 2, ... when None.
    activity_unit : str
        ``"spikes/s"`` for recordings, ``"1"`` for networks.
    source : str
        Where the activity came from, for people.
    coords : mapping of name to (dim, values), optional
        Descriptive coordinates, such as ``{"target_angle": ("condition", angles)}``.

    Returns
    -------
    Responses

    Raises
    ------
    InputError
        If the result is not valid; see `check_responses`.

    Examples
    --------
    >>> make_responses(np.ones((2, 3, 4)), condition=["left", "right"], time=[0.0, 0.1, 0.2]).sizes["unit"]
    4
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 3:
        raise InputError(f"expected an array of shape (condition, time, unit), found shape {values.shape}")
    units = np.arange(values.shape[2]) if unit is None else np.asarray(unit)
    for name, labels, size in zip(DIMS, (condition, time, units), values.shape, strict=True):
        if len(labels) != size:
            raise InputError(f"expected one label a {name}, found {len(labels)} labels for {size} along {name}")
    array = xr.DataArray(
        values,
        dims=DIMS,
        coords={
            "condition": np.asarray(condition),
            "time": ("time", np.asarray(time, float), {"unit": "s"}),
            "unit": units,
            **(coords or {}),
        },
        attrs={"unit": activity_unit, "source": source},
        name="responses",
    )
    return check_responses(array)


def check_responses(responses: Responses) -> Responses:
    """Return `responses` unchanged if it is valid; the one check, made at the door.

    Raises
    ------
    InputError
        If dims are not (condition, time, unit), a value is not finite, time does not ascend, labels repeat,
        or there are fewer than two conditions or two units.

    Examples
    --------
    >>> check_responses(xr.DataArray(np.zeros((2, 3)), dims=("condition", "time")))
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected dims ('condition', 'time', 'unit'), found ('condition', 'time')
    """
    if not isinstance(responses, xr.DataArray):
        raise InputError(f"expected an xarray.DataArray with dims {DIMS}, found {type(responses).__name__}")
    if responses.dims != DIMS:
        raise InputError(f"expected dims {DIMS}, found {responses.dims}")
    for dim in DIMS:
        if dim not in responses.coords:
            raise InputError(f"expected a coordinate along {dim}, found none; label the {dim}s")
    for dim, least in (("condition", 2), ("time", 1), ("unit", 2)):
        if responses.sizes[dim] < least:
            raise InputError(f"expected at least {least} along {dim}, found {responses.sizes[dim]}")
    for dim in ("condition", "unit"):
        labels = responses.get_index(dim)
        if not labels.is_unique:
            raise InputError(f"expected unique {dim} labels, found {labels[labels.duplicated()][0]!r} more than once")
    time = responses.get_index("time").to_numpy()
    if not (np.issubdtype(time.dtype, np.floating) and np.all(np.diff(time) > 0)):
        raise InputError("expected ascending sample times in seconds, found times that do not ascend")
    bad = ~np.isfinite(responses.values)
    if bad.any():
        first = responses[tuple(int(i[0]) for i in np.nonzero(bad))]
        raise InputError(
            f"expected finite activity, found {int(bad.sum())} values that are not "
            f"(first at condition {first['condition'].item()}, unit {first['unit'].item()})"
        )
    return responses


def save_responses(responses: Responses, path: str | os.PathLike[str]) -> Path:
    """Write `responses` as netCDF, whole or not at all; returns the path.

    Parameters
    ----------
    responses : Responses
    path : path-like
        Of a netCDF file; one that is there is replaced.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    InputError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> responses = make_responses(np.zeros((2, 3, 4)), condition=["a", "b"], time=[0.0, 0.1, 0.2])
    >>> save_responses(responses, pathlib.Path(tempfile.mkdtemp()) / "responses.nc").name
    'responses.nc'
    """
    checked = check_responses(responses)
    write_netcdf(checked.to_dataset(name=checked.name or "responses"), path)
    return Path(path)


def load_responses(path: str | os.PathLike[str]) -> Responses:
    """Read what `save_responses` wrote, and check it.

    Parameters
    ----------
    path : path-like
        Of a netCDF file.

    Returns
    -------
    Responses

    Raises
    ------
    InputError
        If the file is missing, is not netCDF, or does not hold valid `Responses`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "responses.nc"
    >>> written = make_responses(np.eye(2)[:, :, None] * np.ones(3), condition=["a", "b"], time=[0.0, 0.1])
    >>> bool((load_responses(save_responses(written, path)) == written).all())
    True
    """
    path = Path(path)
    try:
        with open_netcdf(path) as opened:
            (name,) = opened.dims
            loaded = opened.load([name])[name]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"expected responses in netCDF at {path}, found {printable(error, 300)}") from error
    return check_responses(loaded.rename(None) if name.startswith("__xarray") else loaded)  # how no name is stored
