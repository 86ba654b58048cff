"""What a MATLAB file of version 7.2 or older declares, looked at before a library reads it.

The format is MathWorks' "MAT-File Format" (R2024a): elements of a tag (type and size, 4 bytes each) and their content;
a compressed element holds one other. The library that reads them believes every size, and cells inside cells, of which
a file of 10 kB can hold thousands, overflow its stack. So only plain arrays, and cells of such, are given to it.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from neurocompare.errors import InputError
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.printable import printable

KEPT = 64 * 2**20
"""In bytes: what is looked at of one variable. Cells of labels are smaller."""

LONGEST_NAME = 255
MOST_VARIABLES = 10_000

_MATRIX, _COMPRESSED = 14, 15
_CELL, _PLAIN = 1, {4, *range(6, 16)}
"""Classes: cells; text and numbers. The others are structs, objects, sparse arrays and functions."""

_COMPLEX = 0x800


def variables(path: Path, budget: Budget) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the plain arrays, and of the cells of plain arrays, by their names.

    Parameters
    ----------
    path : path-like
    budget : Budget
        What all variables together may inflate to.

    Raises
    ------
    InputError
        If they inflate to more, or there are too many.
    """
    with path.open("rb") as file:
        header = file.read(128)
        if header[126:128] not in (b"IM", b"MI"):
            return _of_version_4(path)
        order = "<" if header[126:128] == b"IM" else ">"
        found: dict[str, tuple[int, ...]] = {}
        for _ in range(MOST_VARIABLES):
            tag = file.read(8)
            if len(tag) < 8:
                return found
            kind, size = struct.unpack(f"{order}II", tag)
            content = _inflated(file, size, budget) if kind == _COMPRESSED else _kept(file, tag, size)
            name, shape = _Variable(content, order).declared()
            if shape is not None and name not in found:
                found[name] = shape
    message = f"expected at most {MOST_VARIABLES:,} variables in {path}, found more; save fewer"
    raise InputError(message)


def _of_version_4(path: Path) -> dict[str, tuple[int, ...]]:
    """Read the headers of a version without compression and cells: nothing in it is larger than the file."""
    from scipy.io import whosmat

    return {name: shape for name, shape, _ in whosmat(path)[:MOST_VARIABLES]}


def _kept(file: BinaryIO, tag: bytes, size: int) -> bytes:
    begins = file.tell()
    content = tag + file.read(min(size, KEPT))
    file.seek(begins + size)
    return content


def _inflated(file: BinaryIO, size: int, budget: Budget) -> bytes:
    """Inflate an element piece by piece, count all of it, and keep its beginning."""
    inflating, kept, total = zlib.decompressobj(), bytearray(), 0
    while size > 0 and (piece := file.read(min(size, 2**16))):
        size -= len(piece)
        while piece and not inflating.eof:
            inflated = inflating.decompress(piece, 2**20)
            piece = inflating.unconsumed_tail
            total += len(inflated)
            if total > budget.left:
                budget.take(total, "a compressed variable")
            kept += inflated[: max(0, KEPT - len(kept))]
    return bytes(kept)


class _Variable:
    """Goes through the elements of one variable, in the order in which a reader would."""

    def __init__(self, content: bytes, order: str) -> None:
        self._content, self._order, self._place = content, order, 0

    def declared(self) -> tuple[str, tuple[int, ...] | None]:
        """Name and shape; no shape for what is not given to a reader."""
        kind, _, shape, name = self._header()
        if kind in _PLAIN:
            return name, shape
        if kind != _CELL:
            return name, None
        try:
            plain = all(self._is_plain() for _ in range(min(math.prod(shape), KEPT)))
        except struct.error:  # cut off, or larger than what is kept
            return name, None
        return name, shape if plain else None

    def _header(self) -> tuple[int, int, tuple[int, ...], str]:
        """Class, flags, shape and name of a matrix."""
        kind, _ = self._unpack("II")
        if kind != _MATRIX:
            message = f"an element of type {kind} where a variable belongs"
            raise ValueError(message)
        _, size = self._unpack("II")
        flags, _ = struct.unpack_from(f"{self._order}II", self._content, self._place)
        self._place += size + -size % 8
        dims = self._element()
        shape = struct.unpack(f"{self._order}{len(dims) // 4}i", dims)
        name = self._element()
        if len(name) > LONGEST_NAME or len(shape) > 32 or min(shape, default=0) < 0:
            message = f"a variable with a name of {len(name)} characters and {len(shape)} dims"
            raise ValueError(message)
        return flags & 0xFF, flags, shape, printable(name)

    def _is_plain(self) -> bool:
        """Pass a cell; whether it is a plain array."""
        if self._content[self._place + 4 : self._place + 8] == bytes(4):  # an empty cell
            self._place += 8
            return True
        kind, flags, _, _ = self._header()
        if kind not in _PLAIN:
            return False
        for _ in range(2 if flags & _COMPLEX else 1):
            self._element()
        return True

    def _element(self) -> bytes:
        kind, size = self._unpack("II")
        if kind >> 16:  # a small one: type, size and content share 8 bytes
            return self._content[self._place - 4 : self._place - 4 + min(kind >> 16, 4)]
        content = self._content[self._place : self._place + size]
        self._place += size + -size % 8
        return content

    def _unpack(self, form: str) -> tuple[int, ...]:
        found = struct.unpack_from(self._order + form, self._content, self._place)
        self._place += 8
        return found
