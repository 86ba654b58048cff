"""What a MATLAB file of version 4 declares, looked at before a library reads it.

Such a file has no header of its own: variables follow one another, each of 5 numbers, its name and its values
("MAT-File Format" of MathWorks, R2024a, appendix). The library that reads them goes on where they say, also backwards.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.untrusted.matlab_headers import LONGEST_NAME, MOST_VARIABLES, Declared, is_reserved
from neurocompare.untrusted.printable import printable

_WIDTHS = (8, 4, 4, 2, 2, 1)
"""In bytes, of a value of each type."""

_SPARSE = 2
_LARGEST_KIND = 5000
"""Kinds beyond it, or below 0, are in the other order of bytes."""


def is_version_4(path: Path) -> bool:
    """Whether a MATLAB file is of version 4: there is a zero among its first 4 bytes, where later ones have text."""
    with path.open("rb") as file:
        return 0 in file.read(4)


def variables(path: Path) -> dict[str, Declared]:
    """Return the arrays and texts by their names; sparse arrays are left out.

    Raises
    ------
    InputError
        If there are too many.
    ValueError
        If it is no such file.
    """
    by_name: dict[str, Declared] = {}
    size = path.stat().st_size
    with path.open("rb") as file:
        for _ in range(MOST_VARIABLES):
            begins = file.tell()
            numbers = file.read(20)
            if len(numbers) < 20:
                return by_name
            shape, width, sparse, length = _header(numbers)
            name = printable(file.read(length).split(b"\0")[0])
            ends = begins + 20 + length + math.prod(shape) * width
            if ends > size:
                raise ValueError(f"a variable of {math.prod(shape):,} values in {size:,} bytes")
            if not sparse and name not in by_name and not is_reserved(name):
                by_name[name] = Declared(shape, math.prod(shape), begins=begins, ends=ends)
            file.seek(ends)
    raise InputError(f"expected at most {MOST_VARIABLES:,} variables in {path}, found more; save fewer")


def _header(numbers: bytes) -> tuple[tuple[int, int], int, bool, int]:
    """Return shape, bytes of a value, whether it is sparse, and the length of its name."""
    (kind,) = struct.unpack_from("<i", numbers)
    order = "<" if 0 <= kind <= _LARGEST_KIND else ">"
    kind, rows, columns, complex_, length = struct.unpack(f"{order}5i", numbers)
    width, sort = kind // 10 % 10, kind % 10
    if not (0 <= kind <= _LARGEST_KIND and width < len(_WIDTHS) and sort <= _SPARSE):
        raise ValueError(f"a variable of the kind {kind}")
    if min(rows, columns) < 0 or not 0 < length <= LONGEST_NAME:
        raise ValueError(f"a variable of shape {(rows, columns)} and a name of {length} letters")
    sparse = sort == _SPARSE
    return (rows, columns), _WIDTHS[width] * (2 if complex_ == 1 and not sparse else 1), sparse, length
