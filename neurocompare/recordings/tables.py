"""The tables of an NWB file, read with h5py: units with their spikes and electrodes, and trials."""

from __future__ import annotations

import h5py
import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.time_units import declared_factor

MOST_TRIALS = 1_000_000
"""No session has more trials; a table that says so is damaged, and reading it would take minutes."""

LONGEST_SESSION = 1e9
"""In s: 30 years. Times beyond it are not times."""

MOST_COMPRESSION = 1100
"""HDF5's deflate filter cannot make data smaller than by a factor of 1032."""

WIDEST_COLUMN = 64
"""A column with more numbers a row (a waveform, an image) is not read."""


def read_units(file: h5py.File, place: str = "units") -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Read spike times, their ends, and the table of units; wide columns (waveforms) are not touched.

    Spikes come in the file's order, which need not ascend.

    Raises
    ------
    InputError
        If there are no units with spike times, or their table is not valid.
    """
    table = file.get(place)
    if table is None or "spike_times" not in table or "spike_times_index" not in table or not table["id"].size:
        message = "expected units with spike times, found none; give a file with sorted units"
        raise InputError(message)
    spike_times = read_values(table["spike_times"]).astype(np.float64, copy=False).ravel()
    if (factor := declared_factor(table["spike_times"])) != 1:
        spike_times = spike_times * factor
    # The index is stored in the smallest unsigned integer that fits, which wraps around when subtracted.
    spike_ends = read_values(table["spike_times_index"]).astype(np.int64).ravel()
    ids = np.ravel(read_values(table["id"]))
    if (
        spike_times.ndim != 1
        or len(spike_ends) != len(ids)
        or spike_ends[-1] != len(spike_times)
        or (np.diff(spike_ends, prepend=0) < 0).any()
    ):
        message = "expected an index that divides the spike times among the units, found one that does not"
        raise InputError(message)
    if len(set(ids.tolist())) != len(ids):
        message = "expected unique unit ids, found some more than once"
        raise InputError(message)
    units = pd.DataFrame(index=pd.Index(ids, name="unit"))
    for name in column_names(table):
        if is_column(table[name].shape, len(ids)) and f"{name}_index" not in table and name != "electrodes":
            units[name] = np.ravel(read_values(table[name]))
    return spike_times, spike_ends, units.assign(**electrode_columns(file, place, len(ids)))


def electrode_columns(file: h5py.File, place: str, n_units: int) -> dict[str, np.ndarray]:
    """Read what the file says of each unit's first electrode, as far as it says it.

    Returns
    -------
    dict
        ``electrode_group``: the name of its group; ``electrode_location``: where it is said to lie;
        ``group_text``: description and location of its group.
    """
    table = file.get("general/extracellular_ephys/electrodes")
    rows = first_electrodes(file, place, n_units)
    columns: dict[str, np.ndarray] = {}
    if table is not None and rows is not None:
        for name, column in (("electrode_group", "group_name"), ("electrode_location", "location")):
            if column in table and rows.max() < table[column].size:
                columns[name] = np.ravel(read_values(table[column]))[rows].astype(str)
    if "electrode_group" not in columns and "electrode_group" in file[place]:
        reference = file[f"{place}/electrode_group"][:]
        columns["electrode_group"] = np.array([file[each].name.rsplit("/", 1)[-1] for each in reference])
    if "electrode_group" in columns:
        texts = {name: group_text(file, name) for name in set(columns["electrode_group"].tolist())}
        columns["group_text"] = np.array([texts[name] for name in columns["electrode_group"].tolist()])
    return columns


def first_electrodes(file: h5py.File, place: str, n_units: int) -> np.ndarray | None:
    """Row of each unit's first electrode; None where a unit has none."""
    region = file.get(f"{place}/electrodes")
    if region is None:
        return None
    rows = np.ravel(read_values(region))
    if "electrodes_index" in file[place]:
        ends = np.ravel(read_values(file[f"{place}/electrodes_index"])).astype(np.int64)
        if not len(rows) or (np.diff(ends, prepend=0) <= 0).any():
            return None
        rows = rows[np.concatenate([[0], ends[:-1]])]
    valid = rows.ndim == 1 and len(rows) == n_units and rows.dtype.kind in "iu" and rows.min() >= 0
    return rows.astype(np.int64) if valid else None


def group_text(file: h5py.File, name: str) -> str:
    """Read description and location of an electrode group."""
    group = file.get(f"general/extracellular_ephys/{name}")
    if group is None:
        return ""
    said = [group.attrs.get(key, "") for key in ("description", "location")]
    said += [read_text(group, key) for key in ("description", "location") if key in group]
    return " ".join(text.decode() if isinstance(text, bytes) else str(text) for text in said)


def read_trials(file: h5py.File, place: str = "intervals/trials") -> pd.DataFrame:
    """Read the table of trials, in the file's order; a ragged or matrix column holds one array a trial.

    Raises
    ------
    InputError
        If there is none, or its times are not usable.
    """
    table = file.get(place)
    if table is None or "start_time" not in table or "stop_time" not in table or not table["start_time"].size:
        message = "expected a table of trials with start and stop times, found none; give a file divided into trials"
        raise InputError(message)
    if table["start_time"].size > MOST_TRIALS:
        message = f"expected at most {MOST_TRIALS:,} trials, found {table['start_time'].size:,}; check the file"
        raise InputError(message)
    trials = pd.DataFrame(index=pd.Index(np.ravel(read_values(table["id"])), name="trial"))
    for name in column_names(table):
        column = read_column(table, name, len(trials))
        if (
            isinstance(column, np.ndarray)
            and column.dtype.kind in "iuf"
            and (factor := declared_factor(table[name])) != 1
        ):
            column = column * factor
        if column is not None and len(column) == len(trials):
            trials[name] = column if isinstance(column, np.ndarray) else pd.Series(column, trials.index, dtype=object)
    for name in ("start_time", "stop_time"):
        if name not in trials or trials[name].dtype.kind not in "iuf":
            message = f"expected {name} as one number a trial, found something else"
            raise InputError(message)
    if not (trials["stop_time"] > trials["start_time"]).any():
        message = f"expected trials that last longer than 0 s, found {len(trials):,} that do not"
        raise InputError(message)
    return trials


def column_names(table: h5py.Group) -> list[str]:
    """Names of a table's columns that are there and are not references, in the file's order."""
    listed = table.attrs.get("colnames", [name for name in table if name != "id" and not name.endswith("_index")])
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in listed]
    names = [name for name in names if isinstance(table.get(name), h5py.Dataset)]
    return [name for name in names if h5py.check_ref_dtype(table[name].dtype) is None and table[name].dtype.kind != "V"]


def is_column(shape: tuple[int, ...], n_rows: int) -> bool:
    """Whether a shape is that of one value a row, also lying or standing in a matrix, as MatNWB writes columns.

    Examples
    --------
    >>> is_column((5,), 5), is_column((5, 1), 5), is_column((1, 5), 5), is_column((5, 2), 5), is_column((), 1)
    (True, True, True, False, True)
    """
    return bool(np.prod(shape, dtype=float) == n_rows) and sum(size != 1 for size in shape) <= 1


def read_column(table: h5py.Group, name: str, n_rows: int) -> np.ndarray | list[np.ndarray] | None:
    """Read one column: an array, a list of arrays where it is ragged or a matrix, or None where it is wider."""
    if is_column(table[name].shape, n_rows) and f"{name}_index" not in table:
        return np.ravel(read_values(table[name]))
    width = int(np.prod(table[name].shape[1:], dtype=float))
    if f"{name}_index_index" in table or width > WIDEST_COLUMN:
        return None
    values = read_values(table[name])
    if f"{name}_index" in table:
        ends = np.ravel(read_values(table[f"{name}_index"])).astype(np.int64)
        return np.split(np.ravel(values) if is_column(values.shape, values.size) else values, ends[:-1])
    return values if values.ndim == 1 else list(values)


def read_values(dataset: h5py.Dataset) -> np.ndarray:
    """Read a dataset, text as str.

    Raises
    ------
    InputError
        If the dataset says it is far larger than what is stored of it, which would fill the memory.
    """
    stored = dataset.id.get_storage_size()
    if dataset.size * dataset.dtype.itemsize > MOST_COMPRESSION * stored + 1e6:
        message = (
            f"expected {dataset.name} to hold what it declares, found {stored:,} bytes for {dataset.size:,} values; "
            "the file is damaged"
        )
        raise InputError(message)
    if h5py.check_string_dtype(dataset.dtype) is not None:
        return dataset.asstr()[()]
    return dataset[()]


def read_text(group: h5py.Group, path: str) -> str:
    """Text at `path`, empty where there is none."""
    return str(read_values(group[path])) if path in group else ""
