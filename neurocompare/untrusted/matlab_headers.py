"""What a MATLAB file of version 5 to 7.2 declares, looked at before a library reads it.

The format is MathWorks' "MAT-File Format" (R2024a): elements of a tag (type and size, 4 bytes each) and their content;
a compressed element holds one other. The library that reads them believes every size, and cells inside cells, of which
a file of 10 kB can hold thousands, overflow its stack. So only plain arrays, cells of such, structs of these, and
arrays of structs, few inside one another, are given to it. However large, an element is passed by piece by piece.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from neurocompare.errors import InputError
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.printable import printable

PIECE = 2**20
"""In bytes: what is held of a variable at once while it is passed by."""

MOST_INSIDE = 1_000_000
"""Cells, or fields, of one variable."""

DEEPEST = 4
"""Structs inside one another are read so far down."""

LONGEST_NAME = 255
MOST_VARIABLES = 10_000

HEADER = 128
"""In bytes, of a file."""

_ORDERS = {b"IM": "<", b"MI": ">"}

_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _TEXT = 1, 2, 4
_PLAIN = {_TEXT, *range(6, 16)}
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
        Of a struct; of an array of several structs, the fields that are plain in all of them, as cells.
    begins, ends : int
        Where a variable lies in its file.
    """

    shape: tuple[int, ...]
    size: int
    is_cells: bool = False
    is_struct: bool = False
    fields: Mapping[str, Declared] = field(default_factory=dict)
    begins: int = 0
    ends: int = 0


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
    ValueError
        If it is no such file.
    """
    with path.open("rb") as file:
        order = byte_order(file.read(HEADER))
        by_name: dict[str, Declared] = {}
        for _ in range(MOST_VARIABLES):
            begins = file.tell()
            tag = file.read(8)
            if len(tag) < 8:
                return by_name
            kind, size = struct.unpack(f"{order}II", tag)
            ends = file.tell() + size
            inflated = kind == _COMPRESSED
            source = _Source(_inflated(file, size, budget) if inflated else _kept(file, tag, size))
            name, declared = _Variable(source, order).declared()
            if inflated:  # a reader would inflate it to its end
                source.drain()
            file.seek(ends)
            if declared is not None and name not in by_name and not is_reserved(name):
                by_name[name] = replace(declared, begins=begins, ends=ends)
    raise InputError(f"expected at most {MOST_VARIABLES:,} variables in {path}, found more; save fewer")


def byte_order(header: bytes) -> str:
    """Return the order of bytes that a header tells, ``"<"`` or ``">"``."""
    mark = header[126:128]
    if mark not in _ORDERS:
        raise ValueError("another header than MATLAB's")
    return _ORDERS[mark]


def header_of(order: str) -> bytes:
    """Return a header that tells an order of bytes."""
    return b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(f"{order}H", 0x0100) + (b"IM" if order == "<" else b"MI")


def is_reserved(name: str) -> bool:
    """Whether a reader keeps something of its own under a name."""
    return not name or name.startswith("__")


def _kept(file: BinaryIO, tag: bytes, size: int) -> Iterator[bytes]:
    yield tag
    while size > 0 and (piece := file.read(min(size, PIECE))):
        size -= len(piece)
        yield piece


def _inflated(file: BinaryIO, size: int, budget: Budget) -> Iterator[bytes]:
    """Inflate an element piece by piece, and count all of it."""
    inflating, total = zlib.decompressobj(), 0
    while size > 0 and (piece := file.read(min(size, 2**16))):
        size -= len(piece)
        while piece and not inflating.eof:
            inflated = inflating.decompress(piece, PIECE)
            piece = inflating.unconsumed_tail
            total += len(inflated)
            if total > budget.left:
                budget.take(total, "a compressed variable")
            if inflated:
                yield inflated


class _Cut(Exception):
    """There is less than was declared."""


class _Source:
    """Bytes that come in pieces, read or passed by in order."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._piece, self._place = pieces, b"", 0

    def read(self, count: int) -> bytes:
        """Return the next bytes, all of them."""
        content = bytearray()
        for part in self._parts(count):
            content += part
        return bytes(content)

    def skip(self, count: int) -> None:
        """Pass by the next bytes."""
        for _ in self._parts(count):
            pass

    def drain(self) -> None:
        """Pass by all that is left."""
        for _ in self._pieces:
            pass

    def _parts(self, count: int) -> Iterator[memoryview]:
        while count:
            if self._place == len(self._piece):
                self._piece, self._place = next(self._pieces, b""), 0
                if not self._piece:
                    raise _Cut("less than is declared: it is cut off")
            part = memoryview(self._piece)[self._place : self._place + count]
            self._place += len(part)
            count -= len(part)
            yield part


class _Variable:
    """Goes through the elements of one variable, in the order in which a reader would."""

    def __init__(self, source: _Source, order: str) -> None:
        self._source, self._order = source, order

    def declared(self) -> tuple[str, Declared | None]:
        """Name, and what is declared; None for what is not given to a reader."""
        kind, _ = self._unpack("II")
        if kind != _MATRIX:
            raise ValueError(f"an element of type {kind} where a variable belongs")
        kind, flags, shape, name = self._header()
        if kind in _PLAIN:
            return name, Declared(shape, math.prod(shape))
        try:
            return name, self._inside(kind, flags, shape, DEEPEST)
        except _Cut:
            return name, None

    def _header(self) -> tuple[int, int, tuple[int, ...], str]:
        """Class, flags, shape and name of a matrix, whose tag has been read."""
        _, size = self._unpack("II")
        if size != 8:  # of which a reader is sure, and does not look
            raise ValueError(f"flags of {size} bytes where a variable begins")
        flags, _ = self._unpack("II")
        dims = self._element(most=32 * 4)
        shape = struct.unpack(f"{self._order}{len(dims) // 4}i", dims[: len(dims) // 4 * 4])
        name = self._element(most=LONGEST_NAME)
        if min(shape, default=0) < 0:
            raise ValueError(f"a variable of shape {shape}")
        return flags & 0xFF, flags, shape, printable(name)

    def _next(self, depth: int) -> Declared | None:
        """Pass a cell or a field."""
        kind, size = self._unpack("II")
        if size == 0:  # an empty one
            return Declared((0, 0), 0)
        if kind != _MATRIX:
            raise ValueError(f"an element of type {kind} where a variable belongs")
        kind, flags, shape, _ = self._header()
        return self._inside(kind, flags, shape, depth)

    def _inside(self, kind: int, flags: int, shape: tuple[int, ...], depth: int) -> Declared | None:
        """Pass what follows a header; None where something is not given to a reader."""
        if kind in _PLAIN:
            for _ in range(2 if flags & _COMPLEX and kind != _TEXT else 1):
                self._pass()
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
        """Pass a struct, or an array of several, whose elements follow one another, each with all fields."""
        length, text = struct.unpack(f"{self._order}i", self._element(most=4))[0], self._element(most=MOST_INSIDE)
        count = math.prod(shape)
        if not 0 < length <= LONGEST_NAME or count == 0 or len(text) // length * count > MOST_INSIDE:
            return None
        names = [printable(text[at : at + length].split(b"\0")[0]) for at in range(0, len(text) - length + 1, length)]
        if len(set(names)) < len(names):
            return None
        inside: dict[str, list[Declared]] = {name: [] for name in names}
        for _ in range(count):
            for name in names:
                element = self._next(depth - 1)
                if element is None:
                    return None
                inside[name].append(element)
        size = sum(one.size + _HELD for each in inside.values() for one in each)
        if count == 1:
            return Declared(shape, size, is_struct=True, fields={name: each[0] for name, each in inside.items()})
        fields = {
            name: Declared((count,), sum(one.size for one in each), is_cells=True)
            for name, each in inside.items()
            if not any(one.is_cells or one.is_struct for one in each)
        }
        return Declared(shape, size, is_struct=True, fields=fields)

    def _element(self, *, most: int) -> bytes:
        """Read an element that is at most so long."""
        size, small = self._tag()
        if small is not None:
            return small
        if size > most:
            raise ValueError(f"an element of {size:,} bytes where at most {most:,} belong")
        return self._source.read(size + -size % 8)[:size]

    def _pass(self) -> None:
        """Pass by an element."""
        size, small = self._tag()
        if small is None:
            self._source.skip(size + -size % 8)

    def _tag(self) -> tuple[int, bytes | None]:
        """Size of an element, and its content where type, size and content share 8 bytes."""
        tag = self._source.read(8)
        kind, size = struct.unpack(f"{self._order}II", tag)
        return (size, tag[4 : 4 + min(kind >> 16, 4)]) if kind >> 16 else (size, None)

    def _unpack(self, form: str) -> tuple[int, ...]:
        return struct.unpack(self._order + form, self._source.read(struct.calcsize(self._order + form)))
