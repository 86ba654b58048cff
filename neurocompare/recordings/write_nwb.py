"""Write a recording as an NWB file in the layout of MC_Maze."""

# pyright: reportCallIssue=false, reportAttributeAccessIssue=false, reportArgumentType=false
# The classes of pynwb are made at run time.

from __future__ import annotations

import io
import json
import os
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.recordings.bin_edges import needs_spikes
from neurocompare.recordings.layouts.maze import AREAS, EVENTS, condition_label
from neurocompare.recordings.recording import Recording, Series

if TYPE_CHECKING:
    from pynwb import NWBFile

ARRAYS = {"PMd": "Dorsal premotor cortex", "M1": "Primary motor cortex"}
CHANNELS = 96
PITCH = 400.0
"""Distance between neighbouring electrodes of a Utah array, in µm."""

COLUMNS = {
    "target_on_time": "Time the targets appear, in seconds",
    "go_cue_time": "Time of the go cue, in seconds",
    "move_onset_time": "Time of movement onset, in seconds",
    "rt": "Reaction time from go cue to movement onset, in milliseconds",
    "delay": "Delay from target appearance to go cue, in milliseconds",
    "success": "Whether the trial was successful",
    "split": "Which part of the data the trial belongs to",
    "trial_type": "Number of the maze",
    "trial_version": "Version of the maze: which targets and barriers it shows",
    "maze_id": "Number of the maze across sessions, all versions together",
    "num_targets": "Number of targets shown",
    "num_barriers": "Number of barriers shown",
    "target_pos": "Position (x, y) of each target, in millimetres",
    "active_target": "Index into target_pos of the target that can be reached",
    "barrier_pos": "Centre (x, y), half-width and half-height of each barrier, in millimetres",
}
RAGGED = ("target_pos", "barrier_pos")
COMPRESSED = {"compression": "gzip", "compression_opts": 9, "shuffle": True}
"""How long arrays are stored: bytes of equal weight together, which makes rounded numbers small."""


def write_maze_nwb(
    recording: Recording,
    path: str | os.PathLike[str],
    *,
    session_start_time: datetime = datetime(2000, 1, 1, tzinfo=UTC),
    species: str = "Macaca mulatta",
    sex: str = "U",
    age: str = "P5Y",
    subject_description: str = "",
) -> Path:
    """Write a recording of delayed reaches as NWB, with the columns and units of the published MC_Maze files.

    The same recording and arguments give the same file, byte for byte with the same libraries: no clock and no random
    identifier enters. Reading it back with `open_recording` gives the recording.

    Parameters
    ----------
    recording : Recording
        Unit ids as `maze_units` makes them. Trial columns ``start_time``, ``stop_time``, the three events,
        ``trial_type`` and ``trial_version`` (integers that name the condition), and ``target_x``, ``target_y`` in mm
        unless there are ``target_pos`` and ``active_target``; other columns of the layout are written if present and
        else follow from these (one target, no barriers, all successful, all in the ``train`` split). Behaviour in mm
        and mm/s, which is stored so with a conversion to m. `planted` settings go into the notes as JSON.
    path : path-like
    session_start_time : datetime
        With a time zone.
    species, sex, age, subject_description : str
        Of the subject, as NWB wants them (`age` as an ISO 8601 duration).

    Returns
    -------
    pathlib.Path

    Raises
    ------
    InputError
        If ids, columns, conditions or units of behaviour are not as described, or the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from neurocompare.recordings import open_recording
    >>> recording = open_recording("synthetic")
    >>> path = write_maze_nwb(recording, pathlib.Path(tempfile.mkdtemp()) / "copy.nwb")
    >>> len(open_recording(path).units) == len(recording.units)
    True
    """
    from pynwb import NWBHDF5IO, NWBFile
    from pynwb.file import Subject

    needs_spikes(recording, "an NWB file")
    check_units(recording)
    trials = maze_trials(recording)
    about = recording.provenance
    file = NWBFile(
        session_description=about.description or "Delayed reaches",
        identifier=about.identifier or recording.name,
        session_start_time=session_start_time,
        file_create_date=session_start_time,
        session_id=about.session or recording.name,
        experiment_description="Delayed reaching task in the layout of MC_Maze",
        keywords=["motor cortex", "premotor cortex", "reaching"],
        notes=json.dumps({"planted": dict(recording.planted)}) if recording.planted else None,
        subject=Subject(
            subject_id=about.subject or recording.name,
            species=species,
            sex=sex,
            age=age,
            description=subject_description or None,
        ),
    )
    add_electrodes(file)
    add_units(file, recording, trials)
    add_trials(file, trials)
    add_behavior(file, recording.behavior)
    made = io.BytesIO()  # as netCDF is, see `write_netcdf`
    with h5py.File(made, "w") as opened, NWBHDF5IO(file=opened, mode="w") as writer:
        writer.write(file)
    fix_object_ids(made, file.identifier)
    path = Path(path)
    with atomic(path) as temporary:
        temporary.write_bytes(made.getbuffer())
    return path


def maze_units(areas: Sequence[str]) -> pd.DataFrame:
    """Make a table of units whose ids say array (1 PMd, 2 M1), channel (two digits) and unit on the channel.

    Parameters
    ----------
    areas : sequence of str
        ``"PMd"`` or ``"M1"``, one a unit; at most 864 of each.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit id, with column ``area``.

    Raises
    ------
    InputError
        If an area is neither, or has more units than ids.

    Examples
    --------
    >>> maze_units(["PMd", "PMd", "M1"]).index.tolist()
    [1011, 1021, 2011]
    """
    digits = {area: digit for digit, area in AREAS.items()}
    taken = dict.fromkeys(digits, 0)
    ids = []
    for area in areas:
        if area not in digits or taken[area] == 9 * CHANNELS:
            raise InputError(f"expected units in PMd or M1, at most {9 * CHANNELS} each, found one more in {area}")
        unit, channel = divmod(taken[area], CHANNELS)
        ids.append(1000 * digits[area] + 10 * (channel + 1) + unit + 1)
        taken[area] += 1
    return pd.DataFrame({"area": list(areas)}, index=pd.Index(ids, name="unit"))


def check_units(recording: Recording) -> None:
    """Raise `InputError` unless every unit's id says its area and a channel."""
    ids = recording.units.index.to_numpy()
    channels = ids // 10 % 100
    areas = [AREAS.get(array) for array in (ids // 1000).tolist()]
    if areas != recording.units["area"].tolist() or not ((channels >= 1) & (channels <= CHANNELS)).all():
        raise InputError(
            "expected unit ids that say area and channel, such as 1011 in PMd, found others; make them by maze_units"
        )


def maze_trials(recording: Recording) -> pd.DataFrame:
    """Complete the table of trials with the layout's columns, in its order.

    Raises
    ------
    InputError
        If a column is missing that nothing else implies, or the condition labels are not those of type and version.
    """
    trials = recording.trials
    needed = ["start_time", "stop_time", *EVENTS, "trial_type", "trial_version"]
    needed += [] if {"target_pos", "active_target"} <= set(trials) else ["target_x", "target_y"]
    missing = [name for name in needed if name not in trials]
    if missing:
        raise InputError(f"expected trial columns {', '.join(needed)}, found no {missing[0]}")
    labels = [condition_label(*row) for row in zip(trials["trial_type"], trials["trial_version"], strict=True)]
    if "condition" in trials and labels != trials["condition"].tolist():
        message = "expected conditions labelled by trial_type and trial_version, found others; use maze.condition_label"
        raise InputError(message)
    target_on, go, move = (trials[event] for event in EVENTS)
    n = len(trials)
    implied = {
        "rt": milliseconds(move - go),
        "delay": milliseconds(go - target_on),
        "success": np.ones(n, dtype=bool),
        "split": np.full(n, "train"),
        "maze_id": trials["trial_type"],
        "num_targets": np.ones(n, dtype=np.int64),
        "num_barriers": np.zeros(n, dtype=np.int64),
    }
    if "target_pos" not in trials:
        targets = trials[["target_x", "target_y"]].to_numpy(dtype=np.float64)
        implied["target_pos"] = pd.Series(list(targets[:, None, :]), trials.index, dtype=object)
        implied["active_target"] = np.zeros(n, dtype=np.int64)
    completed = trials.assign(**{name: values for name, values in implied.items() if name not in trials})
    return completed[["start_time", "stop_time", *(name for name in COLUMNS if name in completed)]]


def milliseconds(seconds: pd.Series) -> np.ndarray:
    """Round a duration in s to whole ms; -1 where it is missing, since the column holds integers."""
    return (1000 * seconds).round().fillna(-1).astype(np.int64).to_numpy()


def add_electrodes(file: NWBFile) -> None:
    """Add two Utah arrays and their electrodes; row 96 is the first of M1."""
    for column, description in (("imp", "Impedance of the channel, in ohms"), ("filtering", "Hardware filtering")):
        file.add_electrode_column(column, description)
    for area, location in ARRAYS.items():
        device = file.create_device(f"electrode_array_{area}", description=f"96-electrode Utah array in {area}")
        name, about = f"electrode_group_{area}", f"Electrodes of the array in {area}"
        group = file.create_electrode_group(name, description=about, location=location, device=device)
        wired = {"location": location, "group": group, "imp": 4e5, "filtering": "250 Hz to 7.5 kHz"}
        for channel in range(CHANNELS):
            row, column = divmod(channel, 10)
            file.add_electrode(x=column * PITCH, y=row * PITCH, z=0.0, **wired)


def add_units(file: NWBFile, recording: Recording, trials: pd.DataFrame) -> None:
    """Add spike times, observed in every trial, and the electrode of each unit."""
    from hdmf.backends.hdf5.h5_utils import H5DataIO

    file.add_unit_column("heldout", "Whether the unit is held out for testing")
    observed = trials[["start_time", "stop_time"]].to_numpy(dtype=np.float64)
    heldout = recording.units.get("heldout", pd.Series(False, recording.units.index))
    spikes = np.split(recording.spike_times, recording.spike_ends[:-1])
    for unit, held, times in zip(recording.units.index, heldout, spikes, strict=True):
        array, channel = divmod(int(unit) // 10, 100)
        electrode = (array - 1) * CHANNELS + channel - 1
        file.add_unit(
            id=int(unit), spike_times=times, obs_intervals=observed, electrodes=[electrode], heldout=bool(held)
        )
    for column in file.units.columns:
        if column.name in ("spike_times", "obs_intervals"):
            column.transform(lambda numbers: np.asarray(numbers))  # of a list pynwb looks at every number by itself
            column.set_data_io(H5DataIO, COMPRESSED)
    file.units.resolution = 1 / 30000


def add_trials(file: NWBFile, trials: pd.DataFrame) -> None:
    """Add the table of trials, column by column."""
    for start, stop in zip(trials["start_time"], trials["stop_time"], strict=True):
        file.add_trial(start_time=float(start), stop_time=float(stop))
    for name, values in trials.drop(columns=["start_time", "stop_time"]).items():
        if name in RAGGED:
            flat = np.concatenate([np.asarray(v, dtype=np.float64).reshape(len(v), -1) for v in values])
            index = np.cumsum([len(v) for v in values])
            if len(flat):
                file.add_trial_column(name, COLUMNS[name], data=flat, index=index)
        else:
            file.add_trial_column(name, COLUMNS[name], data=values.to_numpy())


def add_behavior(file: NWBFile, behavior: tuple[Series, ...]) -> None:
    """Add positions and velocities, stored in mm and mm/s, with explicit times that equal series share."""
    from hdmf.backends.hdf5.h5_utils import H5DataIO
    from pynwb import TimeSeries
    from pynwb.behavior import SpatialSeries

    if not behavior:
        return
    module = file.create_processing_module("behavior", "Kinematics of the hand and of the cursor")
    written: list[tuple[np.ndarray, TimeSeries]] = []
    for series in behavior:
        if series.unit not in ("mm", "mm/s"):
            raise InputError(f"expected {series.name} in mm or mm/s, found {series.unit!r}")
        same = next((stored for times, stored in written if np.array_equal(times, series.times)), None)
        stored = {
            "name": series.name,
            "data": H5DataIO(series.values, **COMPRESSED),
            "timestamps": same if same is not None else H5DataIO(series.times, **COMPRESSED),
            "conversion": 1e-3,
            "comments": f"columns=[{','.join(series.columns)}]",
        }
        if series.unit == "mm":
            frame = "Screen coordinates, the origin where a reach starts"
            made = SpatialSeries(unit="meters", description=f"{series.name} in mm", reference_frame=frame, **stored)
        else:
            made = TimeSeries(unit="meters/s", description=f"{series.name} in mm/s", **stored)
        module.add(made)
        written.append((series.times, made))


def fix_object_ids(file_like: io.BytesIO, identifier: str) -> None:
    """Replace the random object ids by ones that follow from the file's identifier and each object's place."""

    def replace(place: str, item: h5py.Group | h5py.Dataset) -> None:
        if "object_id" in item.attrs:
            item.attrs.modify("object_id", str(uuid.uuid5(uuid.NAMESPACE_URL, f"{identifier}/{place}")))

    with h5py.File(file_like, "r+") as file:
        replace("", file)
        file.visititems(replace)
