"""The time series of an NWB file as stored: found by name, read only when wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurocompare.errors import InputError
from neurocompare.recordings.look_through_file import is_voltage
from neurocompare.recordings.tables import LONGEST_SESSION, read_values
from neurocompare.recordings.time_units import declared_factor
from neurocompare.untrusted.hdf5 import Attributes, Group
from neurocompare.untrusted.printable import printable

PLACES = ("processing/behavior", "acquisition", "processing", "analysis")
"""Where behaviour lies, the usual places first."""

BRAIN = re.compile(r"ecephys|ophys|icephys|lfp|spik|units", re.IGNORECASE)
"""Modules called so hold what is recorded from the brain and are not looked through."""

MOST_COLUMNS = 64
MOST_SERIES = 1000
"""No file has more series of behaviour; of one that does, the first are found."""


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


def series_paths(file: Group) -> dict[str, str]:
    """Paths of the time series of behaviour, also those inside containers such as Position; none is read.

    Voltages (electrical series) are not behaviour and not looked at.

    Returns
    -------
    dict
        The path as stored by the path as shown, from which hidden characters are gone.
    """
    paths: dict[str, str] = {}
    seen: set[int] = set()
    for place in PLACES:
        module = file.group(place)
        if module is not None:
            look_through(module, place, paths, seen, depth=4 if place == "processing" else 3)
    return paths


def look_through(group: Group, path: str, paths: dict[str, str], seen: set[int], *, depth: int) -> None:
    """Add the paths of the time series below `group` to `paths`, without opening their data.

    What has several names in the file is one series, under the first of them; `seen` is where what was found lies.
    """
    seen.add(group.address)
    for name in group:
        if group.is_link(name):
            continue  # a link leads to what is found where it lies
        if path == "processing" and BRAIN.search(name):
            continue
        item = group.group(name)
        if item is None or item.address in seen or is_voltage(item):
            continue
        if len(paths) >= MOST_SERIES:
            group.leave_out(f"Of the series of behaviour, the first {MOST_SERIES:,} are looked at")
            return
        if "data" in item and ("timestamps" in item or "starting_time" in item):
            seen.add(item.address)
            paths.setdefault(printable(f"{path}/{name}"), f"{path}/{name}")
        elif depth > 1:
            look_through(item, f"{path}/{name}", paths, seen, depth=depth - 1)


class SeriesReader:
    """Reads series of an open file; times that several series share are read once.

    Parameters
    ----------
    file : Group
        Its root, open as long as series are to be read.
    stored : dict
        As `series_paths` returns.
    """

    def __init__(self, file: Group, stored: dict[str, str]) -> None:
        self._file, self._stored = file, stored
        self._times: dict[object, np.ndarray] = {}

    def __call__(self, path: str) -> StoredSeries:
        """Read the series at `path`, in the file's order of samples.

        Raises
        ------
        InputError
            If its data are not numbers over time and columns, or times and samples differ in number.
        """
        group, name = self._file[self._stored[path]], path.rsplit("/", 1)[-1]
        data = group["data"]
        wide = data.ndim == 2 and min(data.shape) > MOST_COLUMNS
        if data.dtype.kind not in "iufb" or data.ndim not in (1, 2) or wide or not data.size:
            message = f"expected {name} as numbers over time and columns, found {data.dtype} of shape {data.shape}"
            raise InputError(message)
        values = read_values(data).astype(np.float64, copy=False).reshape(len(data), -1)
        if values.shape[1] > MOST_COLUMNS or values.shape[1] == self._count_of(group, values) != len(values):
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
            columns=series_columns(values.shape[1], printable(group.attrs.get("comments", ""))),
            unit=text_of(data.attrs.get("unit", "")),
            conversion=conversion,
        )

    @staticmethod
    def _count_of(group: Group, values: np.ndarray) -> int:
        """Count the series' times; the numbers of its values where times are not stored."""
        stamps = group.dataset("timestamps")
        return values.size if stamps is None else stamps.size

    def _times_of(self, group: Group, n_samples: int) -> np.ndarray:
        if "timestamps" in group:
            stamps = group["timestamps"]
            # Series that share their times link to one dataset: the same object in the file.
            key = stamps.address
            if key not in self._times:
                self._times[key] = read_values(stamps).astype(np.float64, copy=False).ravel()
                if (factor := declared_factor(stamps)) != 1:
                    self._times[key] = self._times[key] * factor
                check_times(f"times of {printable(group.name.rsplit('/', 1)[-1])}", self._times[key])
            return self._times[key]
        start = group["starting_time"]
        key = (
            float(np.ravel(start[()])[0]) * declared_factor(start),
            number_in(start.attrs, "rate", np.nan),
            n_samples,
        )
        if not (np.isfinite(key[:2]).all() and key[1] > 0):
            raise InputError(
                f"expected a start in s and a rate above 0 Hz of {printable(group.name)}, found {key[0]:g} and "
                f"{key[1]:g}"
            )
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
            raise InputError(f"expected {what} in s, found {far[0]:g}; check the file")


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
        raise InputError(
            f"expected a conversion beside the offset {offset:g} of {name}, found {conversion:g}; correct the file"
        )
    return values + offset / conversion


def number_in(attributes: Attributes, key: str, usual: float) -> float:
    """Return an attribute that is one number, perhaps in an array of one; `usual` where there is none."""
    value = np.ravel(attributes.get(key, usual))
    return float(value[0]) if value.size == 1 and value.dtype.kind in "iufb" else np.nan


def text_of(attribute: Any) -> str:
    """Return an attribute that is one text, perhaps in an array of one, or in bytes."""
    value = np.ravel(attribute)
    return printable(value[0]) if value.size == 1 else ""


def series_columns(n_columns: int, comments: str = "") -> tuple[str, ...]:
    """Name a series' columns from a comment ``columns=[x,y]`` if there is one, else x, y, z.

    Examples
    --------
    >>> series_columns(2, "columns=[x,y]"), series_columns(1, ""), series_columns(4, "")
    (('x', 'y'), ('x',), ('0', '1', '2', '3'))
    """
    match = re.search(r"columns=\[([^\]]*)\]", comments)
    if match and len(names := [name.strip(" '\"") for name in match[1].split(",")]) == n_columns:
        return tuple(names)
    return ("x", "y", "z")[:n_columns] if n_columns <= 3 else tuple(map(str, range(n_columns)))
