"""Open an NWB file as a `Recording`."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import h5py

from neurocompare.errors import InputError
from neurocompare.files import sha256_of
from neurocompare.recordings.catalogue import known_recordings
from neurocompare.recordings.choices import Choices
from neurocompare.recordings.chosen import as_chosen
from neurocompare.recordings.contents import read_contents
from neurocompare.recordings.door import Door
from neurocompare.recordings.entry import CatalogueEntry
from neurocompare.recordings.layouts import LAYOUTS, layout_of
from neurocompare.recordings.other_files import what_file, what_folder, what_version
from neurocompare.recordings.recording import Provenance, Recording
from neurocompare.recordings.roles import with_roles
from neurocompare.recordings.stored_series import text_of
from neurocompare.recordings.tables import read_text


def open_recording(
    path: str | os.PathLike[str], choices: Choices | None = None, *, entry: CatalogueEntry | None = None
) -> Recording:
    """Read an NWB file.

    Only units, trials, the behaviour that networks are to produce, and descriptions are read: never voltages, waveforms
    or what else makes files large. The columns decide the layout, see `layouts`. A file that the catalogue knows by its
    SHA-256 gets its name, version, licence and citation from there; any other is first looked through by a process of
    its own, since a damaged file can crash or hang the HDF5 library, see `door`.

    Parameters
    ----------
    path : path-like
        An HDF5 file in NWB 2 format.
    choices : Choices, optional
        What not to leave to the layout.
    entry : CatalogueEntry, optional
        What the catalogue says of the file, where it is known by its name; looked up by the file's SHA-256 where None.

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        If the file is missing, is not HDF5, is cut short or damaged, has no units with spike times or no trials, or
        lacks what was chosen.

    Examples
    --------
    >>> open_recording("nowhere.nwb")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected an NWB file at nowhere.nwb, found nothing there; check the path
    """
    path = Path(path)
    check_path(path)
    known = {entry.sha256: entry for entry in known_recordings() if entry.sha256}
    try:
        if not h5py.is_hdf5(path):
            found, advice = what_file(path)
            message = f"expected an NWB file, found {found}; {advice}"
            raise InputError(message)
        with Door(path) as door:
            sha256 = sha256_of(path)  # while the child looks
            whole = known.get(sha256)
            if whole is None:
                door.check()
        recording = read_recording(path, choices or Choices())
    except InputError as error:
        message = f"{path}: {error}"
        raise InputError(message) from error
    provenance = dataclasses.replace(recording.provenance, path=str(path), sha256=sha256)
    recording = dataclasses.replace(recording, name=path.stem, provenance=provenance)
    entry = entry or whole
    return recording if entry is None else as_catalogued(recording, entry)


def as_catalogued(recording: Recording, entry: CatalogueEntry) -> Recording:
    """Give a recording what the catalogue says of it: name, version, licence, citation, and how to read it."""
    provenance = dataclasses.replace(
        recording.provenance, version=entry.version, licence=entry.licence, citation=entry.citation
    )
    return dataclasses.replace(recording, name=entry.name, provenance=provenance, reading=entry.reading)


def check_path(path: Path) -> None:
    """Refuse what is no file, or none that can be read.

    Raises
    ------
    InputError
    """
    if not path.is_file():
        found = what_folder(path) if path.is_dir() else "nothing there"
        message = f"expected an NWB file at {path}, found {found}; check the path"
        raise InputError(message)
    if not os.access(path, os.R_OK):
        message = (
            f"expected an NWB file that can be read at {path}, found one without permission; change its permissions"
        )
        raise InputError(message)


def read_recording(opened: object, choices: Choices) -> Recording:
    """Read a recording from a path, or from an open file object such as a remote one.

    Raises
    ------
    InputError
        If the file is cut short or damaged, has no units or trials, or lacks what was chosen.
    """
    try:
        with h5py.File(opened, "r") as file:
            if old := what_version(read_text(file, "nwb_version") or text_of(file.attrs.get("nwb_version", ""))):
                message = f"expected an NWB file of version 2, {old}"
                raise InputError(message)
            contents = with_roles(read_contents(file, units=choices.units, trials=choices.trials), choices)
            layout = layout_of(contents, choices.layout)
            recording = LAYOUTS[layout].recording_from(contents, choices)
            recording = dataclasses.replace(recording, provenance=read_provenance(file), planted=read_planted(file))
        recording = dataclasses.replace(recording, notes=(f"Layout: {layout}.", *recording.notes))
        return as_chosen(recording, choices)
    except InputError:
        raise
    except Exception as error:  # a damaged file makes h5py, and what works with its tables, raise almost anything
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        message = f"expected a whole NWB file, found one cut short or damaged ({reason}); get it again"
        raise InputError(message) from error


def read_provenance(file: h5py.File) -> Provenance:
    """Read who and what was recorded."""
    return Provenance(
        identifier=read_text(file, "identifier"),
        subject=read_text(file, "general/subject/subject_id"),
        session=read_text(file, "general/session_id"),
        description=read_text(file, "session_description"),
    )


def read_planted(file: h5py.File) -> tuple[tuple[str, float], ...]:
    """Read the settings of the network behind a simulated recording, kept as JSON in the notes by `write_maze_nwb`."""
    try:
        notes = json.loads(read_text(file, "general/notes"))
    except ValueError:
        return ()
    planted = notes.get("planted") if isinstance(notes, dict) else None
    return tuple((name, float(value)) for name, value in planted.items()) if isinstance(planted, dict) else ()
