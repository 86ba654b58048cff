"""Arrays of ``.npy`` and ``.npz`` files, read only where they are wanted and hold what their headers declare."""

from __future__ import annotations

import contextlib
import math
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from neurocompare.errors import InputError
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.plain_file import reading
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.stored import Stored, native

MOST_MEMBERS = 10_000
"""Arrays in one file."""

PICKLED = (
    "expected plain numbers and text, found pickled objects, which can run anything and are never opened; save with "
    "numpy.save or numpy.savez"
)


@contextlib.contextmanager
def stored_arrays(path: Path) -> Iterator[dict[str, Stored]]:
    """Read the headers of the arrays of an ``.npz`` file, or of the one array of an ``.npy`` file (called ``""``).

    Raises
    ------
    InputError
        If there is something else in the file, or an array would have to be unpickled.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "model.npz"
    >>> np.savez(path, responses=np.zeros((2, 3)))
    >>> with stored_arrays(path) as arrays:
    ...     arrays["responses"].shape, arrays["responses"].read().sum()
    ((2, 3), np.float64(0.0))
    """
    budget = Budget()
    with reading(path, "numpy arrays"):
        with path.open("rb") as file:
            if file.read(4) != b"PK\x03\x04":
                file.seek(0)
                size = path.stat().st_size
                yield {"": Stored(_header(file, size)[0], partial(_read_plain, path, size, budget))}
                return
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if each.filename.endswith(".npy")]
            if len(members) > MOST_MEMBERS:
                message = f"expected at most {MOST_MEMBERS:,} arrays in {path}, found {len(members):,}; save fewer"
                raise InputError(message)
            yield {each.filename[: -len(".npy")]: _member(archive, each, budget) for each in members}


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget) -> Stored:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others inflate at once, to any size
        message = f"expected {printable(member.filename, 100)} plain or deflated, found another packing; save it anew"
        raise InputError(message)
    with archive.open(member) as file:
        shape, _ = _header(file, member.file_size, opened=False)
    return Stored(shape, partial(_read_member, archive, member, budget))


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget) -> np.ndarray:
    with archive.open(member) as file:
        shape, size = _header(file, member.file_size)
    budget.take(size, member.filename)
    with archive.open(member) as file:
        return np.asarray(native(npy.read_array(file, allow_pickle=False))).reshape(shape)


def _read_plain(path: Path, file_size: int, budget: Budget) -> np.ndarray:
    with path.open("rb") as file:
        budget.take(_header(file, file_size)[1], "the array")
        file.seek(0)
        return native(npy.read_array(file, allow_pickle=False))


def _header(file: IO[bytes], file_size: int, *, opened: bool = True) -> tuple[tuple[int, ...], float]:
    """Read a header; return the shape, and how much memory the array takes.

    Raises
    ------
    InputError
        If it declares another size than there is, and the array is to be opened.
    """
    first = file.read(1)
    if first == b"\x80":  # how every pickle begins
        raise InputError(PICKLED)
    magic = first + file.read(npy.MAGIC_LEN - 1)
    if magic[:-2] != npy.MAGIC_PREFIX:
        raise ValueError(f"no numpy array: it begins with {magic[:6]!r}")
    read = npy.read_array_header_1_0 if magic[-2] == 1 else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        raise InputError(PICKLED)
    count = math.prod(shape)
    declared, there = count * dtype.itemsize, file_size - file.tell()
    if opened and declared != there:
        raise InputError(
            f"expected an array that holds what it declares, found {there:,} bytes for {declared:,}; it is damaged"
        )
    return shape, float(count) * max(dtype.itemsize, 8)
