"""The time series of an NWB file as stored: found by name, read only when wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass

import h5py
import numpy as np

from neurocompare.errors import InputError
from neurocompare.recordings.tables import LONGEST_SESSION, read_values
from neurocompare.recordings.time_units import declared_factor

PLACES = ("processing/behavior", "acquisition", "processing", "analysis")
"""Where behaviour lies, the usual places first."""

BRAIN = re.compile(r"ecephys|ophys|icephys|lfp|spik|units", re.IGNORECASE)
"""Modules called so hold what is recorded from the brain and are not looked through."""

MOST_COLUMNS = 64


@dataclass(frozen=True)
class StoredSeries:
    """A behavioural time series as stored: `values` times `conversion` is in `unit`, an offset being in `values`."""

    name: str
    times: np.ndarray
    values: np.ndarray
    columns: tuple[str, ...]
    unit: str
    conversion: float
    notes: tuple[str, ...] = ()


def series_paths(file: h5py.File) -> tuple[str, ...]:
    """Paths of the time series of behaviour, also those inside containers such as Position; none is read.

    Voltages (electrical series) are not behaviour and not looked at.
    """
    found: list[str] = []
    for place in PLACES:
        module = file.get(place)
        if isinstance(module, h5py.Group):
            look_through(module, place, found, depth=4 if place == "processing" else 3)
    return tuple(dict.fromkeys(found))


def look_through(group: h5py.Group, path: str, found: list[str], *, depth: int) -> None:
    """Add the paths of the time series below `group` to `found`, without opening their data."""
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue  # a link leads to what is found where it lies
        item = group[name]
        if path == "processing" and BRAIN.search(name):
            continue
        if not isinstance(item, h5py.Group) or "Electrical" in str(item.attrs.get("neurodata_type", "")):
            continue
        if "data" in item and ("timestamps" in item or "starting_time" in item):
            found.append(f"{path}/{name}")
        elif depth > 1:
            look_through(item, f"{path}/{name}", found, depth=depth - 1)


class SeriesReader:
    """Reads series of an open file; times that several series share are read once.

    Parameters
    ----------
    file : h5py.File
        Open as long as series are to be read.
    """

    def __init__(self, file: h5py.File) -> None:
        self._file = file
        self._times: dict[object, np.ndarray] = {}

    def __call__(self, path: str) -> StoredSeries:
        """Read the series at `path`, in the file's order of samples.

        Raises
        ------
        InputError
            If its data are not numbers over time and columns, or times and samples differ in number.
        """
        group, name = self._file[path], path.rsplit("/", 1)[-1]
        data = group["data"]
        wide = data.ndim == 2 and min(data.shape) > MOST_COLUMNS
        if data.dtype.kind not in "iufb" or data.ndim not in (1, 2) or wide or not data.size:
            message = f"expected {name} as numbers over time and columns, found {data.dtype} of shape {data.shape}"
            raise InputError(message)
        values = read_values(data).astype(np.float64, copy=False).reshape(len(data), -1)
        if values.shape[1] > MOST_COLUMNS or values.shape[1] == group.get("timestamps", values).size != len(values):
            values = values.T  # columns over time, as MatNWB writes what is not turned round before
        times = self._times_of(group, len(values))
        if len(times) != len(values):
            message = f"expected one time for each sample of {name}, found {len(times)} times for {len(values)} samples"
            raise InputError(message)
        conversion, offset = (
            number_in(data.attrs, key, usual) for key, usual in (("conversion", 1.0), ("offset", 0.0))
        )
        return StoredSeries(
            name=name,
            times=times,
            values=with_offset(values, conversion, offset, name),
            columns=series_columns(values.shape[1], str(group.attrs.get("comments", ""))),
            unit=text_of(data.attrs.get("unit", "")),
            conversion=conversion,
        )

    def _times_of(self, group: h5py.Group, n_samples: int) -> np.ndarray:
        if "timestamps" in group:
            stamps = group["timestamps"]
            # Series that share their times link to one dataset: the same object in the file.
            key = h5py.h5o.get_info(stamps.id).addr
            if key not in self._times:
                self._times[key] = read_values(stamps).astype(np.float64, copy=False).ravel()
                if (factor := declared_factor(stamps)) != 1:
                    self._times[key] = self._times[key] * factor
                check_times(f"times of {group.name.rsplit('/', 1)[-1]}", self._times[key])
            return self._times[key]
        start = group["starting_time"]
        key = (
            float(np.ravel(start[()])[0]) * declared_factor(start),
            number_in(start.attrs, "rate", np.nan),
            n_samples,
        )
        if not (np.isfinite(key[:2]).all() and key[1] > 0):
            message = f"expected a start in s and a rate above 0 Hz of {group.name}, found {key[0]:g} and {key[1]:g}"
            raise InputError(message)
        if key not in self._times:
            self._times[key] = key[0] + np.arange(n_samples) / key[1]
        return self._times[key]


def check_times(what: str, times: np.ndarray) -> None:
    """Refuse times that no clock shows; missing ones are left to whoever puts them in order.

    Raises
    ------
    InputError
        If one is infinite, or beyond 30 years.
    """
    if times.size and not max(times.max(), -times.min()) < LONGEST_SESSION:  # also true where one is NaN
        far = times[np.abs(times) >= LONGEST_SESSION]
        if far.size:
            message = f"expected {what} in s, found {far[0]:g}; check the file"
            raise InputError(message)


def with_offset(values: np.ndarray, conversion: float, offset: float, name: str) -> np.ndarray:
    r"""Add a series' offset, in stored units.

    What is meant by a stored number x is :math:`a x + b`, with conversion a and offset b (NWB 2.5, TimeSeries); that is
    :math:`a (x + b / a)`. An offset that is not a number is none.

    Examples
    --------
    >>> with_offset(np.array([0.0, 20000.0]), 1e-4, -1.0, "hand_vel") * 1e-4
    array([-1.,  1.])
    """
    if not np.isfinite(offset) or offset == 0:
        return values
    if not np.isfinite(conversion) or conversion == 0:
        message = (
            f"expected a conversion beside the offset {offset:g} of {name}, found {conversion:g}; correct the file"
        )
        raise InputError(message)
    return values + offset / conversion


def number_in(attributes: h5py.AttributeManager, key: str, usual: float) -> float:
    """Return an attribute that is one number, perhaps in an array of one; `usual` where there is none."""
    value = np.ravel(attributes.get(key, usual))
    return float(value[0]) if value.size == 1 and value.dtype.kind in "iufb" else np.nan


def text_of(attribute: object) -> str:
    """Return an attribute that is one text, perhaps in an array of one, or in bytes."""
    value = np.ravel(attribute)
    one = value[0] if value.size == 1 else ""
    return one.decode("latin-1") if isinstance(one, bytes) else str(one)


def series_columns(n_columns: int, comments: str) -> tuple[str, ...]:
    """Name a series' columns from a comment ``columns=[x,y]`` if there is one, else x, y, z.

    Examples
    --------
    >>> series_columns(2, "columns=[x,y]"), series_columns(1, ""), series_columns(4, "")
    (('x', 'y'), ('x',), ('0', '1', '2', '3'))
    """
    said = re.search(r"columns=\[([^\]]*)\]", comments)
    if said and len(names := [name.strip(" '\"") for name in said[1].split(",")]) == n_columns:
        return tuple(names)
    return ("x", "y", "z")[:n_columns] if n_columns <= 3 else tuple(map(str, range(n_columns)))
