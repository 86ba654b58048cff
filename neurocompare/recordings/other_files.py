"""What a file is that is no NWB file in HDF5: a line that says so, and what to do."""

from __future__ import annotations

from pathlib import Path

from neurocompare.untrusted.plain_file import check_plain

STARTS = (
    (b"MATLAB", "a MATLAB file", "if it holds binned trials, call it .mat"),
    (b"PK\x03\x04", "a zip archive, such as .npz", "if it holds binned trials, call it .npz; else unpack it"),
    (b"\x93NUMPY", "a numpy array", "spike times of trials are read from NWB"),
    (b"\x1f\x8b", "a file packed with gzip", "unpack it"),
    (b"<", "a web page", "fetch the file itself, with `neurocompare fetch` where the catalogue has it"),
)
"""First bytes, what they are of, and what to do."""


def check_nwb(path: Path) -> None:
    """Refuse a path at which there is no plain file.

    Raises
    ------
    InputError
    """
    check_plain(path, "an NWB file")


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
