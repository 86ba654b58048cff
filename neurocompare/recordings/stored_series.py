"""The time series of an NWB file as stored: found by name, read only when wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError
from neurocompare.recordings.tables import check_times, read_values
from neurocompare.untrusted.hdf5 import Group
from neurocompare.untrusted.printable import printable

PLACES = ("processing/behavior", "acquisition")
"""Where behaviour lies; nothing else is looked through, least of all what is recorded from the brain."""

MOST_COLUMNS = 64
MOST_SERIES = 1000
"""No file has more series of behaviour; of one that does, the first are found."""


@dataclass(frozen=True)
class StoredSeries:
    """A behavioural time series as stored: `values` times `conversion` is in `unit`."""

    name: str
    times: np.ndarray
    values: np.ndarray
    columns: tuple[str, ...]
    unit: str
    conversion: float


def series_paths(file: Group) -> dict[str, str]:
    """Paths of the time series of behaviour, also those inside containers such as Position; none is read.

    Voltages (electrical series) are not behaviour and not looked at.

    Returns
    -------
    dict
        The path as stored by the path as shown, from which hidden characters are gone.
    """
    found: dict[str, str] = {}
    for place in PLACES:
        module = file.group(place)
        if module is not None:
            look_through(module, place, found, depth=3)
    return found


def look_through(group: Group, path: str, found: dict[str, str], *, depth: int) -> None:
    """Add the paths of the time series below `group` to `found`, without opening their data."""
    for name in group:
        if group.is_link(name):
            continue  # a link leads to what is found where it lies
        item = group.group(name)
        if item is None or is_voltage(item):
            continue
        if len(found) >= MOST_SERIES:
            group.leave_out(f"Of the series of behaviour, the first {MOST_SERIES:,} are looked at")
            return
        if "data" in item and ("timestamps" in item or "starting_time" in item):
            found.setdefault(printable(f"{path}/{name}"), f"{path}/{name}")
        elif depth > 1:
            look_through(item, f"{path}/{name}", found, depth=depth - 1)


def is_voltage(group: Group) -> bool:
    """Whether a group is an electrical series, which nothing of the package reads."""
    return "Electrical" in printable(group.attrs.get("neurodata_type", ""))


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
        wide = data.ndim == 2 and data.shape[1] > MOST_COLUMNS
        if data.dtype.kind not in "iufb" or data.ndim not in (1, 2) or wide or not data.size:
            message = f"expected {name} as numbers over time and columns, found {data.dtype} of shape {data.shape}"
            raise InputError(message)
        values = read_values(data).astype(np.float64, copy=False).reshape(len(data), -1)
        times = self._times_of(group, len(values))
        if len(times) != len(values):
            message = f"expected one time for each sample of {name}, found {len(times)} times for {len(values)} samples"
            raise InputError(message)
        return StoredSeries(
            name=name,
            times=times,
            values=values,
            columns=series_columns(values.shape[1], printable(group.attrs.get("comments", ""))),
            unit=printable(data.attrs.get("unit", "")),
            conversion=float(data.attrs.get("conversion", 1.0)),
        )

    def _times_of(self, group: Group, n_samples: int) -> np.ndarray:
        if "timestamps" in group:
            stamps = group["timestamps"]
            # Series that share their times link to one dataset: the same object in the file.
            key = stamps.address
            if key not in self._times:
                self._times[key] = read_values(stamps).astype(np.float64, copy=False)
                check_times(f"times of {printable(group.name.rsplit('/', 1)[-1])}", self._times[key], missing=True)
            return self._times[key]
        start = group["starting_time"]
        key = (float(start[()]), float(start.attrs["rate"]), n_samples)
        if not (np.isfinite(key[:2]).all() and key[1] > 0):
            message = f"expected a start in s and a rate above 0 Hz of {group.name}, found {key[0]:g} and {key[1]:g}"
            raise InputError(message)
        if key not in self._times:
            self._times[key] = key[0] + np.arange(n_samples) / key[1]
        return self._times[key]


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
