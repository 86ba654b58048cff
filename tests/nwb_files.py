"""NWB files written column by column with h5py: any layout, any fault."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

TEXT = h5py.string_dtype()


def write_nwb(path, *, ids, spikes, trials, series=None, electrodes=None, groups=None, unit_columns=None, **texts):
    """Write a file with units, trials, behaviour and electrodes.

    Parameters
    ----------
    path : path-like
    ids, spikes
        Unit ids, and one array of spike times a unit, written as they are.
    trials : mapping of name to values
        Arrays, lists of text, or lists of arrays (ragged columns).
    series : mapping of path to dict
        ``data``; ``timestamps``, or the path of the series they are shared with, or ``rate`` and ``start``; ``unit``,
        ``conversion``, ``offset``, ``comments``.
    electrodes : dict, optional
        Columns of the table of electrodes, and ``rows``: that of each unit.
    groups : mapping of name to description, optional
    unit_columns : mapping, optional
    texts
        Such as ``session_description``.
    """
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.4.0"
        for name, text in texts.items():
            file[name] = text
        units = file.create_group("units")
        units["id"] = np.asarray(ids)
        units["spike_times"] = np.concatenate([np.asarray(each, dtype=float) for each in spikes])
        units["spike_times_index"] = np.cumsum([len(each) for each in spikes]).astype(np.uint32)
        write_columns(units, unit_columns or {})
        if electrodes is not None:
            units["electrodes"] = np.asarray(electrodes["rows"])
            units["electrodes_index"] = np.arange(1, len(ids) + 1, dtype=np.uint8 if len(ids) < 256 else np.uint16)
            table = file.create_group("general/extracellular_ephys/electrodes")
            columns = {name: values for name, values in electrodes.items() if name != "rows"}
            table["id"] = np.arange(len(next(iter(columns.values()))))
            write_columns(table, columns)
        for name, description in (groups or {}).items():
            group = file.require_group(f"general/extracellular_ephys/{name}")
            group.attrs["description"] = description
        table = file.create_group("intervals/trials")
        table["id"] = np.arange(len(trials["start_time"]))
        write_columns(table, trials)
        for place, stored in (series or {}).items():
            write_series(file, place, **stored)
    return Path(path)


def write_columns(table, columns):
    """Write columns, ragged ones with an index."""
    table.attrs["colnames"] = np.array(list(columns), dtype=TEXT)
    for name, values in columns.items():
        if isinstance(values, list) and values and isinstance(values[0], np.ndarray):
            table[name] = np.concatenate(values)
            table[f"{name}_index"] = np.cumsum([len(each) for each in values]).astype(np.uint32)
        elif np.asarray(values).dtype.kind in "UO":
            table.create_dataset(name, data=np.asarray(values, dtype=object), dtype=TEXT)
        else:
            table[name] = np.asarray(values)


def write_series(
    file,
    place,
    *,
    data,
    timestamps=None,
    rate=None,
    start=0.0,
    unit="meters",
    conversion=1.0,
    offset=None,
    comments="",
    kind="TimeSeries",
):
    """Write a time series."""
    group = file.create_group(place)
    group.attrs["neurodata_type"] = kind
    group.attrs["comments"] = comments
    stored = group.create_dataset("data", data=data)
    stored.attrs["unit"] = unit
    stored.attrs["conversion"] = conversion
    if offset is not None:
        stored.attrs["offset"] = offset
    if isinstance(timestamps, str):
        group["timestamps"] = file[f"{timestamps}/timestamps"]
    elif timestamps is not None:
        group["timestamps"] = timestamps
    else:
        group["starting_time"] = start
        group["starting_time"].attrs["rate"] = rate
