"""The tables of an NWB file: units with their spikes and electrodes, and trials."""

from __future__ import annotations

from typing import TypeGuard

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.candidates import BOUNDS
from neurocompare.recordings.time_units import declared_factor
from neurocompare.untrusted.hdf5 import Dataset, Group
from neurocompare.untrusted.printable import printable

MOST_TRIALS = 1_000_000
"""No session has more trials; a table that says so is damaged, and reading it would take minutes."""

LONGEST_SESSION = 1e9
"""In s: 30 years. Times beyond it are not times."""

MOST_COLUMNS = 1000
"""No table has more; of one that does, the first are read."""

WIDEST_COLUMN = 64
"""A column with more numbers a row (a waveform, an image) is not read."""


def read_units(file: Group, place: str = "units") -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Read spike times, their ends, and the table of units; wide columns (waveforms) are not touched.

    Spikes come in the file's order, which need not ascend.

    Raises
    ------
    InputError
        If there are no units with spike times, or their table is not valid.
    """
    table = file.group(place)
    if not has_columns(table, "id", "spike_times", "spike_times_index") or not table["id"].size:
        raise InputError("expected units with spike times, found none; give a file with sorted units")
    spike_times = read_values(table["spike_times"]).astype(np.float64, copy=False).ravel()
    if (factor := declared_factor(table["spike_times"])) != 1:
        spike_times = spike_times * factor
    # The index is stored in the smallest unsigned integer that fits, which wraps around when subtracted.
    spike_ends = read_values(table["spike_times_index"]).astype(np.int64).ravel()
    ids = read_ids(table, "units")
    if (
        spike_times.ndim != 1
        or len(spike_ends) != len(ids)
        or spike_ends[-1] != len(spike_times)
        or (np.diff(spike_ends, prepend=0) < 0).any()
    ):
        raise InputError("expected an index that divides the spike times among the units, found one that does not")
    if len(set(ids.tolist())) != len(ids):
        raise InputError("expected unique unit ids, found some more than once")
    columns: dict[str, np.ndarray] = {}
    for name in column_names(table):
        if is_column(table[name].shape, len(ids)) and f"{name}_index" not in table and name != "electrodes":
            columns.setdefault(printable(name), np.ravel(read_values(table[name])))
    index = pd.Index(ids, name="unit")
    return spike_times, spike_ends, pd.DataFrame(columns | electrode_columns(file, place, len(ids)), index=index)


def has_columns(table: Group | None, *names: str) -> TypeGuard[Group]:
    """Whether there is a table with some columns that lie in its file."""
    return table is not None and all(table.dataset(name) is not None for name in names)


def read_ids(table: Group, what: str) -> np.ndarray:
    """Read the ids of a table's rows, whole numbers or texts.

    Raises
    ------
    InputError
        If they are numbers that are not whole, or missing.
    """
    ids = np.ravel(read_values(table["id"]))
    if ids.dtype.kind == "f" and (np.isfinite(ids) & (ids == np.round(ids)) & (np.abs(ids) < 2**53)).all():
        ids = ids.astype(np.int64)
    if ids.dtype.kind not in "iuO":
        raise InputError(f"expected whole numbers as ids of {what}, found others, such as {printable(ids[:1], 60)}")
    return ids


def electrode_columns(file: Group, place: str, n_units: int) -> dict[str, np.ndarray]:
    """Read what the file says of each unit's first electrode, as far as it says it.

    Returns
    -------
    dict
        ``electrode_group``: the name of its group; ``electrode_location``: where it is said to lie;
        ``group_text``: description and location of its group.
    """
    table = file.group("general/extracellular_ephys/electrodes")
    rows = first_electrodes(file, place, n_units)
    columns: dict[str, np.ndarray] = {}
    if table is not None and rows is not None:
        for name, column in (("electrode_group", "group_name"), ("electrode_location", "location")):
            if column in table and rows.max() < table[column].size:
                columns[name] = np.ravel(read_values(table[column]))[rows].astype(str)
    if "electrode_group" not in columns and f"{place}/electrode_group" in file:
        columns["electrode_group"] = group_names(file, place)
    if "electrode_group" in columns:
        texts = {name: group_text(file, name) for name in set(columns["electrode_group"].tolist())}
        columns["group_text"] = np.array([texts[name] for name in columns["electrode_group"].tolist()])
    return columns


def group_names(file: Group, place: str) -> np.ndarray:
    """Name of the group that each unit's reference leads to, shape (unit,); empty where it leads to none."""
    groups = file.group("general/extracellular_ephys")
    names = {} if groups is None else {groups[name].address: printable(name) for name in groups if name in groups}
    addresses = file[f"{place}/electrode_group"].addresses().ravel()
    return np.array([names.get(address, "") for address in addresses.tolist()])


def first_electrodes(file: Group, place: str, n_units: int) -> np.ndarray | None:
    """Row of each unit's first electrode; None where a unit has none."""
    region = file.dataset(f"{place}/electrodes")
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


def group_text(file: Group, name: str) -> str:
    """Read description and location of an electrode group."""
    group = file.group(f"general/extracellular_ephys/{name}")
    if group is None:
        return ""
    texts = [group.attrs.get(key, "") for key in ("description", "location")]
    texts += [read_text(group, key) for key in ("description", "location") if key in group]
    return " ".join(map(printable, texts))


def read_trials(file: Group, place: str = "intervals/trials") -> pd.DataFrame:
    """Read the table of trials, in the file's order; a ragged or matrix column holds one array a trial.

    Raises
    ------
    InputError
        If there is none, or its times are not usable.
    """
    table = file.group(place)
    if not has_columns(table, "id", "start_time", "stop_time") or not table["start_time"].size:
        message = "expected a table of trials with start and stop times, found none; give a file divided into trials"
        raise InputError(message)
    if table["start_time"].size > MOST_TRIALS:
        raise InputError(f"expected at most {MOST_TRIALS:,} trials, found {table['start_time'].size:,}; check the file")
    index = pd.Index(read_ids(table, "trials"), name="trial")
    columns: dict[str, np.ndarray | pd.Series] = {}
    for name in column_names(table):
        column = read_column(table, name, len(index))
        if isinstance(column, np.ndarray) and column.dtype.kind in "iuf":
            factor = declared_factor(table[name])
            column = column if factor == 1 else column * factor
        if column is not None and len(column) == len(index):
            kept = column if isinstance(column, np.ndarray) else pd.Series(column, index, dtype=object)
            columns.setdefault(printable(name), kept)
    trials = pd.DataFrame(columns, index=index)
    for name in ("start_time", "stop_time"):
        if name not in trials or trials[name].dtype.kind not in "iuf":
            raise InputError(f"expected {name} as one number a trial, found something else")
    if not (trials["stop_time"] > trials["start_time"]).any():
        raise InputError(f"expected trials that last longer than 0 s, found {len(trials):,} that do not")
    return trials


def column_names(table: Group) -> list[str]:
    """Names of a table's columns that are there and are not references, in the file's order; at most `MOST_COLUMNS`."""
    listed = table.attrs.get("colnames")
    if listed is None:
        listed = [name for name in table if name != "id" and not name.endswith("_index")]
    listed = np.ravel(listed)
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in listed.tolist()]
    if len(names) > MOST_COLUMNS:
        table.leave_out(f"Of the {len(names):,} columns of {table.name}, the first {MOST_COLUMNS:,} are read")
        names = [*(name for name in names if name in BOUNDS), *(name for name in names if name not in BOUNDS)]
    columns = {name: table.dataset(name) for name in names[:MOST_COLUMNS] if "/" not in name}  # a path leads elsewhere
    return [name for name, column in columns.items() if column is not None and (column.is_text or column.is_number)]


def is_column(shape: tuple[int, ...], n_rows: int) -> bool:
    """Whether a shape is that of one value a row, also lying or standing in a matrix, as MatNWB writes columns.

    Examples
    --------
    >>> is_column((5,), 5), is_column((5, 1), 5), is_column((1, 5), 5), is_column((5, 2), 5), is_column((), 1)
    (True, True, True, False, True)
    """
    return bool(np.prod(shape, dtype=float) == n_rows) and sum(size != 1 for size in shape) <= 1


def read_column(table: Group, name: str, n_rows: int) -> np.ndarray | list[np.ndarray] | None:
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


def read_values(dataset: Dataset) -> np.ndarray:
    """Read a dataset, text as str that is fit to be shown.

    Raises
    ------
    InputError
        If the dataset says it is far larger than what is stored of it, or is more than may be read of a file.
    """
    values = dataset[()]
    if not dataset.is_text:
        return values
    return np.asarray(np.frompyfunc(printable, 1, 1)(values), dtype=object)


def read_text(group: Group, path: str) -> str:
    """Text at `path`, empty where there is none."""
    dataset = group.dataset(path)
    return "" if dataset is None else str(read_values(dataset))
