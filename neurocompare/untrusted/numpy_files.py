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
from neurocompare.untrusted.plain_file import check_plain
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.stored import Stored, native

MOST_MEMBERS = 10_000
"""Arrays in one file."""

PICKLED = (
    "holds pickled objects, which can run anything and are never opened; save plain numbers and text with numpy.save "
    "or numpy.savez"
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
    check_plain(path, "numpy arrays")
    budget = Budget()
    try:
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
    except InputError as error:
        raise InputError(str(error) if str(path) in str(error) else f"{path}: {error}") from error
    except _Pickled as error:
        raise InputError(f"{path} {PICKLED}") from error
    # zipfile, zlib and numpy raise errors of many kinds at a file that is none of theirs
    except Exception as error:
        message = f"expected numpy arrays in {path}, found {printable(error, 200) or type(error).__name__}"
        raise InputError(message) from error


class _Pickled(Exception):
    """An array is of objects."""


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
        raise _Pickled
    magic = first + file.read(npy.MAGIC_LEN - 1)
    if magic[:-2] != npy.MAGIC_PREFIX:
        raise ValueError(f"no numpy array: it begins with {magic[:6]!r}")
    read = npy.read_array_header_1_0 if magic[-2] == 1 else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        raise _Pickled
    count = math.prod(shape)
    declared, there = count * dtype.itemsize, file_size - file.tell()
    if opened and declared != there:
        raise InputError(
            f"expected an array that holds what it declares, found {there:,} bytes for {declared:,}; it is damaged"
        )
    return shape, float(count) * max(dtype.itemsize, 8)
