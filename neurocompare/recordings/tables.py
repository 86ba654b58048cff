"""The tables of an NWB file: units with their spikes and electrodes, and trials."""

from __future__ import annotations

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.candidates import BOUNDS
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


def read_units(file: Group) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Read spike times, their ends, and the table of units; wide columns (waveforms) are not touched.

    Spikes come in the file's order, which need not ascend.

    Raises
    ------
    InputError
        If there are no units with spike times, or their table is not valid.
    """
    table = file.group("units")
    if (
        table is None
        or "id" not in table
        or "spike_times" not in table
        or "spike_times_index" not in table
        or not len(table["id"])
    ):
        message = "expected units with spike times, found none; give a file with sorted units"
        raise InputError(message)
    spike_times = read_values(table["spike_times"]).astype(np.float64, copy=False)
    # The index is stored in the smallest unsigned integer that fits, which wraps around when subtracted.
    spike_ends = read_values(table["spike_times_index"]).astype(np.int64)
    ids = read_ids(table, "units")
    if (
        spike_times.ndim != 1
        or len(spike_ends) != len(ids)
        or spike_ends[-1] != len(spike_times)
        or (np.diff(spike_ends, prepend=0) < 0).any()
    ):
        message = "expected an index that divides the spike times among the units, found one that does not"
        raise InputError(message)
    check_times("spike times", spike_times)
    if len(set(ids.tolist())) != len(ids):
        message = "expected unique unit ids, found some more than once"
        raise InputError(message)
    columns: dict[str, np.ndarray] = {}
    for name in column_names(table):
        if table[name].shape == (len(ids),) and f"{name}_index" not in table and name != "electrodes":
            columns.setdefault(printable(name), read_values(table[name]))
    units = pd.DataFrame(columns | electrode_columns(file, len(ids)), index=pd.Index(ids, name="unit"))
    return spike_times, spike_ends, units


def read_ids(table: Group, what: str) -> np.ndarray:
    """Read the ids of a table's rows, whole numbers or texts.

    Raises
    ------
    InputError
        If they are numbers that are not whole, or missing.
    """
    ids = read_values(table["id"])
    if ids.dtype.kind == "f" and (np.isfinite(ids) & (ids == np.round(ids)) & (np.abs(ids) < 2**53)).all():
        ids = ids.astype(np.int64)
    if ids.dtype.kind not in "iuO" or ids.ndim != 1:
        message = f"expected whole numbers as ids of {what}, found others, such as {printable(ids.ravel()[:1], 60)}"
        raise InputError(message)
    return ids


def electrode_columns(file: Group, n_units: int) -> dict[str, np.ndarray]:
    """Read what the file says of each unit's first electrode, as far as it says it.

    Returns
    -------
    dict
        ``electrode_group``: the name of its group; ``electrode_location``: where it is said to lie;
        ``group_text``: description and location of its group.
    """
    table = file.group("general/extracellular_ephys/electrodes")
    rows = first_electrodes(file, n_units)
    columns: dict[str, np.ndarray] = {}
    if table is not None and rows is not None:
        for name, column in (("electrode_group", "group_name"), ("electrode_location", "location")):
            if column in table and rows.max() < len(table[column]):
                columns[name] = read_values(table[column])[rows].astype(str)
    if "electrode_group" not in columns and "electrode_group" in file["units"]:
        columns["electrode_group"] = group_names(file)
    if "electrode_group" in columns:
        texts = {name: group_text(file, name) for name in set(columns["electrode_group"].tolist())}
        columns["group_text"] = np.array([texts[name] for name in columns["electrode_group"].tolist()])
    return columns


def group_names(file: Group) -> np.ndarray:
    """Name of the group that each unit's reference leads to, shape (unit,); empty where it leads to none."""
    groups = file.group("general/extracellular_ephys")
    names = {} if groups is None else {groups[name].address: printable(name) for name in groups if name in groups}
    return np.array([names.get(address, "") for address in file["units/electrode_group"].addresses().tolist()])


def first_electrodes(file: Group, n_units: int) -> np.ndarray | None:
    """Row of each unit's first electrode; None where a unit has none."""
    region = file.dataset("units/electrodes")
    if region is None:
        return None
    rows = read_values(region)
    if "electrodes_index" in file["units"]:
        ends = read_values(file["units/electrodes_index"]).astype(np.int64)
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
    said = [group.attrs.get(key, "") for key in ("description", "location")]
    said += [read_text(group, key) for key in ("description", "location") if key in group]
    return " ".join(map(printable, said))


def read_trials(file: Group) -> pd.DataFrame:
    """Read the table of trials, in the file's order; a ragged or matrix column holds one array a trial.

    Raises
    ------
    InputError
        If there is none, or its times are not usable.
    """
    table = file.group("intervals/trials")
    if (
        table is None
        or "id" not in table
        or "start_time" not in table
        or "stop_time" not in table
        or not len(table["start_time"])
    ):
        message = "expected a table of trials with start and stop times, found none; give a file divided into trials"
        raise InputError(message)
    if len(table["start_time"]) > MOST_TRIALS:
        message = f"expected at most {MOST_TRIALS:,} trials, found {len(table['start_time']):,}; check the file"
        raise InputError(message)
    index = pd.Index(read_ids(table, "trials"), name="trial")
    columns: dict[str, np.ndarray | pd.Series] = {}
    for name in column_names(table):
        column = read_column(table, name)
        if column is not None and len(column) == len(index):
            kept = column if isinstance(column, np.ndarray) else pd.Series(column, index, dtype=object)
            columns.setdefault(printable(name), kept)
    trials = pd.DataFrame(columns, index=index)
    for name in ("start_time", "stop_time"):
        if name not in trials or trials[name].dtype.kind not in "iuf":
            message = f"expected {name} as one number a trial, found something else"
            raise InputError(message)
        check_times(f"{name} of trials", trials[name].to_numpy(dtype=float))
    if not (trials["stop_time"] > trials["start_time"]).any():
        message = f"expected trials that last longer than 0 s, found {len(trials):,} that do not"
        raise InputError(message)
    return trials


def check_times(what: str, times: np.ndarray, *, missing: bool = False) -> None:
    """Refuse times that are missing, unless that is allowed, or that no clock shows.

    Raises
    ------
    InputError
        If one is not finite, or beyond 30 years.
    """
    if not times.size or max(times.max(), -times.min()) < LONGEST_SESSION:  # false where one is NaN
        return
    if missing:
        check_times(what, times[~np.isnan(times)])
        return
    if count := int((~np.isfinite(times)).sum()):
        message = f"expected finite {what}, found {count} that are not"
    else:
        message = f"expected {what} in s, found {times[np.abs(times).argmax()]:g}; check the file"
    raise InputError(message)


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
    found = {name: table.dataset(name) for name in names[:MOST_COLUMNS]}
    return [name for name, column in found.items() if column is not None and (column.is_text or column.is_number)]


def read_column(table: Group, name: str) -> np.ndarray | list[np.ndarray] | None:
    """Read one column: an array, a list of arrays where it is ragged or a matrix, or None where it is wider."""
    width = int(np.prod(table[name].shape[1:], dtype=float))
    if f"{name}_index_index" in table or width > WIDEST_COLUMN:
        return None
    values = read_values(table[name])
    if f"{name}_index" in table:
        return np.split(values, read_values(table[f"{name}_index"])[:-1].astype(np.int64))
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
