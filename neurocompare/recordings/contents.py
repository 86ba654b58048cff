"""What an NWB file holds, read with h5py before any layout gives it meaning: tables and behavioural series."""

from __future__ import annotations

import re
from dataclasses import dataclass

import h5py
import numpy as np
import pandas as pd

from neurocompare.errors import InputError


@dataclass(frozen=True)
class StoredSeries:
    """A behavioural time series as stored: `values` times `conversion` is in `unit`."""

    name: str
    times: np.ndarray
    values: np.ndarray
    columns: tuple[str, ...]
    unit: str
    conversion: float


@dataclass(frozen=True)
class Contents:
    """The parts of an NWB file that a recording is made of.

    Attributes
    ----------
    spike_times, spike_ends : arrays
        As in `Recording`.
    units : pandas.DataFrame
        Columns with one value a unit, indexed by unit id; ``electrode_area`` is the brain area its first electrode
        is said to lie in, where the file says so.
    trials : pandas.DataFrame
        All columns, in time order; a ragged or matrix column holds one array a trial.
    series : tuple of StoredSeries
    """

    spike_times: np.ndarray
    spike_ends: np.ndarray
    units: pd.DataFrame
    trials: pd.DataFrame
    series: tuple[StoredSeries, ...]


def read_contents(file: h5py.File) -> Contents:
    """Read units, trials and behaviour.

    Raises
    ------
    InputError
        If there are no units with spike times or no trials, or their tables are not valid.
    """
    spike_times, spike_ends, units = read_units(file)
    return Contents(spike_times, spike_ends, units, read_trials(file), read_behavior(file))


def read_units(file: h5py.File) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Read spike times, their ends, and the table of units; wide columns (waveforms) are not touched."""
    table = file.get("units")
    if table is None or "spike_times" not in table or "spike_times_index" not in table or not len(table["id"]):
        message = "expected units with spike times, found none; give a file with sorted units"
        raise InputError(message)
    spike_times = table["spike_times"][:].astype(np.float64)
    # The index is stored in the smallest unsigned integer that fits, which wraps around when subtracted.
    spike_ends = table["spike_times_index"][:].astype(np.int64)
    ids = table["id"][:]
    if len(spike_ends) != len(ids) or spike_ends[-1] != len(spike_times) or (np.diff(spike_ends, prepend=0) < 0).any():
        message = "expected an index that divides the spike times among the units, found one that does not"
        raise InputError(message)
    if not np.isfinite(spike_times).all():
        message = f"expected finite spike times, found {int((~np.isfinite(spike_times)).sum())} that are not"
        raise InputError(message)
    if len(set(ids.tolist())) != len(ids):
        message = "expected unique unit ids, found some more than once"
        raise InputError(message)
    owners = np.repeat(np.arange(len(ids)), np.diff(spike_ends, prepend=0))
    if ((np.diff(spike_times) < 0) & (np.diff(owners) == 0)).any():
        spike_times = spike_times[np.lexsort((spike_times, owners))]
    units = pd.DataFrame(index=pd.Index(ids, name="unit"))
    for name in column_names(table):
        if table[name].shape == (len(ids),) and f"{name}_index" not in table:
            units[name] = read_values(table[name])
    areas = electrode_areas(file)
    if areas is not None:
        units["electrode_area"] = areas
    return spike_times, spike_ends, units


def electrode_areas(file: h5py.File) -> np.ndarray | None:
    """Brain area of each unit's first electrode, as the electrodes' groups and locations say; None if not said."""
    region, table = file.get("units/electrodes"), file.get("general/extracellular_ephys/electrodes")
    name = next((name for name in ("group_name", "location") if table is not None and name in table), None)
    if region is None or name is None:
        return None
    rows = region[:]
    if "electrodes_index" in file["units"]:
        ends = file["units/electrodes_index"][:].astype(np.int64)
        rows = rows[np.concatenate([[0], ends[:-1]])] if len(rows) and (np.diff(ends, prepend=0) > 0).all() else None
    if rows is None or rows.ndim != 1 or rows.max() >= len(table[name]):
        return None
    return read_values(table[name])[rows]


def read_trials(file: h5py.File) -> pd.DataFrame:
    """Read the table of trials, in time order."""
    table = file.get("intervals/trials")
    if table is None or "start_time" not in table or "stop_time" not in table or not len(table["start_time"]):
        message = "expected a table of trials with start and stop times, found none; give a file divided into trials"
        raise InputError(message)
    trials = pd.DataFrame(index=pd.Index(table["id"][:], name="trial"))
    for name in column_names(table):
        column = read_column(table, name)
        if column is not None and len(column) == len(trials):
            trials[name] = column if isinstance(column, np.ndarray) else pd.Series(column, trials.index, dtype=object)
    return trials.sort_values("start_time", kind="stable")


def column_names(table: h5py.Group) -> list[str]:
    """Names of a table's columns that are there and are not references, in the file's order."""
    listed = table.attrs.get("colnames", [name for name in table if name != "id" and not name.endswith("_index")])
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in listed]
    return [name for name in names if name in table and h5py.check_ref_dtype(table[name].dtype) is None]


def read_column(table: h5py.Group, name: str) -> np.ndarray | list[np.ndarray] | None:
    """Read one column: an array, a list of arrays where it is ragged or a matrix, or None where it nests deeper."""
    values = read_values(table[name])
    if f"{name}_index_index" in table:
        return None
    if f"{name}_index" in table:
        return np.split(values, table[f"{name}_index"][:-1].astype(np.int64))
    return values if values.ndim == 1 else list(values)


def read_values(dataset: h5py.Dataset) -> np.ndarray:
    """Read a dataset, text as str."""
    if h5py.check_string_dtype(dataset.dtype) is not None:
        return dataset.asstr()[()]
    return dataset[()]


def read_text(file: h5py.File, path: str) -> str:
    """Text at `path`, empty where there is none."""
    return str(read_values(file[path])) if path in file else ""


def read_behavior(file: h5py.File) -> tuple[StoredSeries, ...]:
    """Read every time series of ``processing/behavior``, also those inside containers such as Position."""
    module = file.get("processing/behavior")
    found: list[StoredSeries] = []

    def visit(path: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Group) and ("timestamps" in item or "starting_time" in item) and "data" in item:
            shared = found[-1].times if found else None
            series = read_series(path.rsplit("/", 1)[-1], item, shared)
            if series is not None:
                found.append(series)

    if module is not None:
        module.visititems(visit)
    return tuple(found)


def read_series(name: str, group: h5py.Group, shared: np.ndarray | None = None) -> StoredSeries | None:
    """Read a time series; None where its data are not numbers over time and columns.

    Samples with a missing value are left out, which makes a gap of them. If the times equal `shared`, that array is
    used instead of a copy.

    Raises
    ------
    InputError
        If its times do not ascend.
    """
    data = group["data"]
    if data.dtype.kind not in "iuf" or data.ndim > 2 or not len(data):
        return None
    values = data[:].astype(np.float64).reshape(len(data), -1)
    if "timestamps" in group:
        times = group["timestamps"][:].astype(np.float64)
    else:
        start = group["starting_time"]
        times = float(start[()]) + np.arange(len(values)) / float(start.attrs["rate"])
    if len(times) != len(values):
        message = f"expected one time for each sample of {name}, found {len(times)} times for {len(values)} samples"
        raise InputError(message)
    whole = np.isfinite(values).all(axis=1) & np.isfinite(times)
    if not whole.all():
        times, values = times[whole], values[whole]
    if (np.diff(times) <= 0).any():
        message = f"expected times of {name} that ascend, found {int((np.diff(times) <= 0).sum())} steps that do not"
        raise InputError(message)
    if shared is not None and np.array_equal(times, shared):
        times = shared
    return StoredSeries(
        name=name,
        times=times,
        values=values,
        columns=series_columns(values.shape[1], str(group.attrs.get("comments", ""))),
        unit=str(data.attrs.get("unit", "")),
        conversion=float(data.attrs.get("conversion", 1.0)),
    )


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
