"""Open an NWB file as a `Recording`, or say in a line what it is instead."""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from pathlib import Path

import h5py
import numpy as np

from neurocompare.errors import InputError
from neurocompare.files import sha256_of
from neurocompare.recordings.binned import ENDINGS, read_binned
from neurocompare.recordings.cache import check_same
from neurocompare.recordings.catalogue import find, known_recordings, recording_path
from neurocompare.recordings.chosen import as_chosen
from neurocompare.recordings.contents import read_contents
from neurocompare.recordings.door import Door
from neurocompare.recordings.entry import CatalogueEntry
from neurocompare.recordings.layouts import LAYOUTS, layout_of
from neurocompare.recordings.recording import Provenance, Recording
from neurocompare.recordings.roles import with_roles
from neurocompare.recordings.stored_series import text_of
from neurocompare.recordings.tables import read_text
from neurocompare.settings import Choices
from neurocompare.untrusted.hdf5 import Group, open_hdf5
from neurocompare.untrusted.plain_file import check_plain
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.zarr_store import LEFT_OUT, is_store

STARTS = (
    (b"MATLAB", "a MATLAB file", "if it holds binned trials, call it .mat"),
    (b"PK\x03\x04", "a zip archive, such as .npz", "if it holds binned trials, call it .npz; else unpack it"),
    (b"\x93NUMPY", "a numpy array", "spike times of trials are read from NWB"),
    (b"\x1f\x8b", "a file packed with gzip", "unpack it"),
    (b"<", "a web page", "fetch the file itself, with `neurocompare fetch` where the catalogue has it"),
)
"""First bytes, what they are of, and what to do."""


def open_recording(recording: str | os.PathLike[str], choices: Choices | None = None) -> Recording:
    """Read an NWB file, given by its path or by its name in the catalogue.

    Only units, trials, the behaviour that networks are to produce, and descriptions are read: never voltages, waveforms
    or what else makes files large. The columns decide the layout, see `layouts`. A file that the catalogue knows by its
    SHA-256 gets its name, version, licence, citation and `Reading` from there; any other is first looked through by a
    process of its own, since a damaged file can crash or hang the HDF5 library, see `door`.

    Parameters
    ----------
    recording : str or path-like
        An HDF5 file in NWB 2 format, or a name of the catalogue whose file is on this computer; the folder of NWB in a
        Zarr store, whose digest is that of what was read of it; or binned trials in ``.npz`` or ``.mat``,
        see `binned`.
    choices : Choices, optional
        What not to leave to the layout.

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        If the file is missing, is not HDF5, is cut short or damaged, is not the one that the catalogue knows by the
        name, has no units with spike times or no trials, or lacks what was chosen.

    Examples
    --------
    >>> synthetic = open_recording("synthetic")
    >>> len(synthetic.units), len(synthetic.trials), dict(synthetic.planted)["gamma"]
    (160, 240, 0.2)
    >>> open_recording("nowhere.nwb")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected an NWB file at nowhere.nwb, found nothing there; check the path
    """
    path, choices = recording_path(recording), choices or Choices()
    if is_store(path):
        return _of_store(path, choices)
    entry = None if path == Path(recording) else find(os.fspath(recording))
    check_plain(path, "an NWB file")
    known = {entry.sha256: entry for entry in known_recordings() if entry.sha256}
    try:
        if path.suffix.lower() in ENDINGS:
            return named(read_binned(path, choices), str(path), sha256_of(path), path.stem, choices)
        if not h5py.is_hdf5(path):
            kind, advice = what_file(path)
            raise InputError(f"expected an NWB file, found {kind}; {advice}")
        with Door(path) as door:
            sha256 = sha256_of(path)  # while the child looks
            if entry is not None:
                check_same(entry, "sha256", sha256)
            catalogued = known.get(sha256)
            if catalogued is None:
                door.check()
        opened = read_recording(path, choices)
    except InputError as error:
        raise InputError(str(error) if str(error).startswith(str(path)) else f"{path}: {error}") from error
    return named(opened, str(path), sha256, path.stem, choices, entry or catalogued)


def _of_store(path: Path, choices: Choices) -> Recording:
    """Read NWB in a Zarr store from a copy in HDF5, which a process of its own makes of what is needed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.nwb"
        try:
            with Door(path, copy_to=copy) as door:
                door.check()
            opened = read_recording(copy, choices)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        with open_hdf5(copy, looked_through=True) as file:
            notes = tuple(f"{sentence}." for sentence in np.ravel(file.attrs[LEFT_OUT]).tolist())
        opened = dataclasses.replace(opened, notes=(*opened.notes, *notes))
        return named(opened, str(path), sha256_of(copy), path.stem, choices)


def named(
    opened: Recording, path: str, sha256: str, name: str, choices: Choices, entry: CatalogueEntry | None = None
) -> Recording:
    """Say where a recording came from, and read it as the catalogue (name, licence, citation) and a user say."""
    provenance = dataclasses.replace(opened.provenance, path=path, sha256=sha256)
    if entry is not None:
        name, opened = entry.name, dataclasses.replace(opened, reading=entry.reading)
        about = {"version": entry.version, "licence": entry.licence, "citation": entry.citation}
        provenance = dataclasses.replace(provenance, **about)
    return dataclasses.replace(opened, name=name, provenance=provenance).read_with(choices)


def read_recording(opened: object, choices: Choices) -> Recording:
    """Read a recording from a path, or from an open file object such as a remote one.

    Raises
    ------
    InputError
        If the file is cut short or damaged, has no units or trials, or lacks what was chosen.
    """
    left_out: tuple[str, ...] = ()
    try:
        with open_hdf5(opened, looked_through=True) as file:
            try:
                if old := what_version(read_text(file, "nwb_version") or text_of(file.attrs.get("nwb_version", ""))):
                    raise InputError(f"expected an NWB file of version 2, {old}")
                contents = read_contents(file, units_table=choices.units, trials_table=choices.trials)
                contents = with_roles(contents, choices)
                layout = layout_of(contents, choices.layout)
                recording = LAYOUTS[layout].recording_from(contents, choices)
                recording = dataclasses.replace(recording, provenance=read_provenance(file), planted=read_planted(file))
            finally:
                left_out = file.left_out
        notes = tuple(f"{sentence}." for sentence in left_out)
        recording = dataclasses.replace(recording, notes=(f"Layout: {layout}.", *recording.notes, *notes))
        return as_chosen(recording, choices)
    except InputError as error:
        missing = [sentence for sentence in left_out if sentence not in str(error)]
        if not missing:
            raise
        raise InputError(f"{error} ({'; '.join(missing)[:400]})") from error
    except Exception as error:  # a damaged file makes h5py, and what works with its tables, raise almost anything
        reason = printable(f"{type(error).__name__}: {error}", 200)
        message = f"expected a whole NWB file, found one cut short or damaged ({reason}); get it again"
        raise InputError(message) from error


def read_provenance(file: Group) -> Provenance:
    """Read who and what was recorded."""
    return Provenance(
        identifier=read_text(file, "identifier"),
        subject=read_text(file, "general/subject/subject_id"),
        session=read_text(file, "general/session_id"),
        description=read_text(file, "session_description"),
    )


def read_planted(file: Group) -> tuple[tuple[str, float], ...]:
    """Read the settings of the network behind a simulated recording, kept as JSON in the notes by `write_maze_nwb`."""
    notes = file.dataset("general/notes")
    if notes is None or not notes.is_text:
        return ()
    try:
        planted = json.loads(str(notes[()]))["planted"]
        return tuple((printable(name), float(value)) for name, value in planted.items())
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return ()  # a person's remark


def what_file(path: Path) -> tuple[str, str]:
    """Say what a file is that is not HDF5, and what to do."""
    with path.open("rb") as file:
        start = file.read(16)
    return next(
        ((what, advice) for begins, what, advice in STARTS if start.startswith(begins)),
        ("a file that is not HDF5", "check what it is"),
    )


def what_version(version: str) -> str:
    """Say that a file is of NWB 1, where it is; empty otherwise.

    Examples
    --------
    >>> what_version("NWB-1.0.6")
    'found NWB 1 (NWB-1.0.6), whose files are laid out in another way; convert it to NWB 2'
    """
    if version.removeprefix("NWB-").startswith("1."):
        return f"found NWB 1 ({version}), whose files are laid out in another way; convert it to NWB 2"
    return ""
