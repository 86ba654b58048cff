"""What a MATLAB file of version 7.2 or older declares, looked at before a library reads it.

The format is MathWorks' "MAT-File Format" (R2024a): elements of a tag (type and size, 4 bytes each) and their content;
a compressed element holds one other. The library that reads them believes every size, and cells inside cells, of which
a file of 10 kB can hold thousands, overflow its stack. So only plain arrays, cells of such, and structs of these, few
inside one another, are given to it.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from neurocompare.errors import InputError
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.printable import printable

KEPT = 64 * 2**20
"""In bytes: what is looked at of one variable. Cells of labels are smaller."""

MOST_INSIDE = 1_000_000
"""Cells, or fields, of one variable."""

DEEPEST = 4
"""Structs inside one another are read so far down."""

LONGEST_NAME = 255
MOST_VARIABLES = 10_000

_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _PLAIN = 1, 2, {4, *range(6, 16)}
"""Classes: cells; structs; text and numbers. The others are objects, sparse arrays and functions."""

_COMPLEX = 0x800

_HELD = 10
"""What an array takes in memory besides its numbers, in numbers."""


@dataclass(frozen=True)
class Declared:
    """What a variable says of itself.

    Attributes
    ----------
    shape : tuple of int
    size : int
        Numbers and letters in it, and in all that is inside.
    is_cells, is_struct : bool
    fields : mapping of str to Declared
        Of a struct.
    """

    shape: tuple[int, ...]
    size: int
    is_cells: bool = False
    is_struct: bool = False
    fields: Mapping[str, Declared] = field(default_factory=dict)


def variables(path: Path, budget: Budget) -> dict[str, Declared]:
    """Return the plain arrays, the cells of plain arrays, and the structs of such, by their names.

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
        found: dict[str, Declared] = {}
        for _ in range(MOST_VARIABLES):
            tag = file.read(8)
            if len(tag) < 8:
                return found
            kind, size = struct.unpack(f"{order}II", tag)
            content = _inflated(file, size, budget) if kind == _COMPRESSED else _kept(file, tag, size)
            name, declared = _Variable(content, order).declared()
            if declared is not None and name not in found:
                found[name] = declared
    message = f"expected at most {MOST_VARIABLES:,} variables in {path}, found more; save fewer"
    raise InputError(message)


def _of_version_4(path: Path) -> dict[str, Declared]:
    """Read the headers of a version without compression and cells: nothing in it is larger than the file."""
    from scipy.io import whosmat

    return {name: Declared(shape, math.prod(shape)) for name, shape, _ in whosmat(path)[:MOST_VARIABLES]}


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

    def declared(self) -> tuple[str, Declared | None]:
        """Name, and what is declared; None for what is not given to a reader."""
        kind, flags, shape, name = self._header()
        if kind in _PLAIN:
            return name, Declared(shape, math.prod(shape))
        try:
            return name, self._inside(kind, flags, shape, DEEPEST)
        except struct.error:  # cut off, or larger than what is kept
            return name, None

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

    def _next(self, depth: int) -> Declared | None:
        """Pass a cell or a field."""
        if self._content[self._place + 4 : self._place + 8] == bytes(4):  # an empty one
            self._place += 8
            return Declared((0, 0), 0)
        kind, flags, shape, _ = self._header()
        return self._inside(kind, flags, shape, depth)

    def _inside(self, kind: int, flags: int, shape: tuple[int, ...], depth: int) -> Declared | None:
        """Pass what follows a header; None where something is not given to a reader."""
        if kind in _PLAIN:
            for _ in range(2 if flags & _COMPLEX else 1):
                self._element()
            return Declared(shape, math.prod(shape))
        if depth == 0 or math.prod(shape) > MOST_INSIDE:
            return None
        if kind == _STRUCT:
            return self._struct(shape, depth)
        return self._cells(shape) if kind == _CELL else None

    def _cells(self, shape: tuple[int, ...]) -> Declared | None:
        size = count = math.prod(shape)
        for _ in range(count):
            cell = self._next(0)
            if cell is None:
                return None
            size += cell.size + _HELD
        return Declared(shape, size, is_cells=True)

    def _struct(self, shape: tuple[int, ...], depth: int) -> Declared | None:
        """Pass a struct; one of several elements is given to no reader."""
        length, names = struct.unpack(f"{self._order}i", self._element())[0], self._element()
        if not 0 < length <= LONGEST_NAME or len(names) > MOST_INSIDE or math.prod(shape) != 1:
            return None
        fields: dict[str, Declared] = {}
        for begins in range(0, len(names) - length + 1, length):
            name = printable(names[begins : begins + length].split(b"\0")[0])
            inside = self._next(depth - 1)
            if inside is None or name in fields:
                return None
            fields[name] = inside
        return Declared(shape, sum(each.size + _HELD for each in fields.values()), is_struct=True, fields=fields)

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
