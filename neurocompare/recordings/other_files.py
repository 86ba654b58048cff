"""What a file is that is no NWB file in HDF5: a line that says so, and what to do."""

from __future__ import annotations

from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.untrusted.plain_file import check_plain, what_is
from neurocompare.untrusted.printable import printable

ZARR = ("zarr.json", ".zgroup", ".zattrs")
"""Files in a Zarr store's folder."""

STARTS = (
    (b"MATLAB", "a MATLAB file", "if it holds binned trials, call it .mat"),
    (b"PK\x03\x04", "a zip archive, such as .npz", "if it holds binned trials, call it .npz; else unpack it"),
    (b"\x93NUMPY", "a numpy array", "spike times of trials are read from NWB"),
    (b"\x1f\x8b", "a file packed with gzip", "unpack it"),
    (b"<", "a web page", "fetch the file itself, with `neurocompare fetch` where the catalogue has it"),
)
"""First bytes, what they are of, and what to do."""


def check_nwb(path: Path) -> None:
    """Refuse a path at which there is no plain file; of a folder, say what it is.

    Raises
    ------
    InputError
    """
    if what_is(path) == "a folder":
        message = f"expected an NWB file at {printable(path, 300)}, found {what_folder(path)}; check the path"
        raise InputError(message)
    check_plain(path, "an NWB file")


def what_folder(path: Path) -> str:
    """Say what a folder is in place of a file.

    Examples
    --------
    >>> import tempfile
    >>> what_folder(Path(tempfile.mkdtemp()))
    'a folder'
    """
    if any((path / name).is_file() for name in ZARR):
        return "a Zarr store of another version than 2, which is not read: export it (pynwb: NWBHDF5IO(...).export)"
    return "a folder"


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
