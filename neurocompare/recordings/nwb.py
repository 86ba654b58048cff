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
from neurocompare.recordings.contents import Contents, read_contents, read_text
from neurocompare.recordings.layouts import maze, plain
from neurocompare.recordings.recording import Provenance, Recording


def open_recording(path: str | os.PathLike[str]) -> Recording:
    """Read an NWB file.

    Only units, trials, behaviour and descriptions are read. The trial columns decide the layout: that of MC_Maze (see
    `layouts.maze`) or, failing that, the plain one (see `layouts.plain`). A file that the catalogue knows by its
    SHA-256 gets its name, version, licence and citation from there.

    Parameters
    ----------
    path : path-like
        An HDF5 file in NWB 2 format.

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        If the file is missing, is not HDF5, is cut short or damaged, or has no units with spike times or no trials.

    Examples
    --------
    >>> open_recording("nowhere.nwb")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected an NWB file at nowhere.nwb, found nothing there; check the path
    """
    path = Path(path)
    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing there"
        message = f"expected an NWB file at {path}, found {found}; check the path"
        raise InputError(message)
    if not os.access(path, os.R_OK):
        message = (
            f"expected an NWB file that can be read at {path}, found one without permission; change its permissions"
        )
        raise InputError(message)
    try:
        contents, provenance, planted = read_file(path)
        recording = (maze if maze.matches(contents) else plain).recording_from(contents)
    except InputError as error:
        message = f"{path}: {error}"
        raise InputError(message) from error
    entry = next((entry for entry in known_recordings() if entry.sha256 == provenance.sha256), None)
    if entry is not None:
        provenance = dataclasses.replace(
            provenance, version=entry.version, licence=entry.licence, citation=entry.citation
        )
    return dataclasses.replace(
        recording, name=entry.name if entry else path.stem, provenance=provenance, planted=planted
    )


def read_file(path: Path) -> tuple[Contents, Provenance, tuple[tuple[str, float], ...]]:
    """Read what is stored, where it came from, and the settings of the network it was simulated with, if it was.

    Raises
    ------
    InputError
        If the file is not HDF5, is cut short or damaged, or has no units or trials.
    """
    try:
        if not h5py.is_hdf5(path):
            message = "expected an NWB file, found a file that is not HDF5; check what it is"
            raise InputError(message)
        with h5py.File(path, "r") as file:
            return read_contents(file), read_provenance(file, path, sha256_of(path)), read_planted(file)
    except InputError:
        raise
    except Exception as error:  # a damaged file makes h5py raise almost anything
        reason = " ".join(str(error).split())
        message = f"expected a whole NWB file, found one cut short or damaged ({reason}); get it again"
        raise InputError(message) from error


def read_provenance(file: h5py.File, path: Path, sha256: str) -> Provenance:
    """Read who and what was recorded."""
    return Provenance(
        path=str(path),
        sha256=sha256,
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
