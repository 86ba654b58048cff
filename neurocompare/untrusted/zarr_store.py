"""NWB in a Zarr store (version 2, as hdmf-zarr writes it): what the reader needs of it, copied into an HDF5 file.

Zarr is a folder: a folder in it is a group, or an array in chunks of a file each, described by JSON. The copy is then
read through the one door for such files. Nothing outside the folder is opened: links of the file system are left out,
and links of hdmf-zarr to other stores as well. Objects that were pickled are never opened.
"""

from __future__ import annotations

import json
import math
import os
import re
import struct
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from neurocompare.errors import InputError
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.zarr_codecs import MOST_ARRAY, NotRead, decoded

LEFT_OUT = "left out of the Zarr store"
"""Attribute of the copy: what was not copied, a sentence each."""

PLACES = ("units", "intervals", "processing", "acquisition", "analysis", "general")
"""Groups that are copied, with all arrays beside them; nothing else is read."""

MOST_TEXT = 64 * 2**20
MOST_JSON = 2**20
"""In bytes, of one chunk of text, and of one description."""

MOST_CHUNKS = 100_000
MOST_OBJECTS = 100_000
DEEPEST = 10

_PLAIN = re.compile(r"[<>|][iufbSU]\d{1,4}")


def is_store(path: Path) -> bool:
    """Whether a folder is a Zarr store of version 2."""
    return (path / ".zgroup").is_file()


def copy_store(folder: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Copy what the reader needs of a store into a new HDF5 file.

    Raises
    ------
    InputError
        If the store has too many objects, or more than may be read.
    """
    with h5py.File(target, "w") as file:
        copy = _Copy(Path(folder), Budget())
        copy.group(Path(), file)
        file.attrs[LEFT_OUT] = np.array(list(copy.left_out), dtype=h5py.string_dtype())


class _Copy:
    """Copies one store; notes what it leaves out."""

    def __init__(self, root: Path, budget: Budget) -> None:
        self.left_out: dict[str, None] = {}
        self._root, self._budget, self._objects = root, budget, 0

    def group(self, path: Path, into: h5py.Group, depth: int = 0) -> None:
        """Copy the attributes, links, arrays and groups of a group."""
        attributes = self._json(path / ".zattrs")
        _write_attributes(attributes, into)
        for link in attributes.get("zarr_link") or ():
            self._link(link, path, into)
        for name in self._names(path):
            inside = path / name
            if depth == 0 and name not in PLACES and not (self._root / inside / ".zarray").is_file():
                continue
            self._objects += 1
            if self._objects > MOST_OBJECTS or depth > DEEPEST:
                message = f"expected a store of at most {MOST_OBJECTS:,} objects, {DEEPEST} deep, found more in it"
                raise InputError(message)
            if (self._root / inside / ".zarray").is_file():
                self._try(self._array, inside, into)
            elif (self._root / inside / ".zgroup").is_file() and not self._is_voltage(inside):
                self.group(inside, into.create_group(name), depth + 1)

    def _is_voltage(self, path: Path) -> bool:
        return "Electrical" in str(self._json(path / ".zattrs").get("neurodata_type", ""))

    def _names(self, path: Path) -> Iterator[str]:
        """Yield the names of the folders in a folder; links of the file system lead anywhere, and are not taken."""
        with os.scandir(self._root / path) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if entry.is_symlink():
                    self._leave_out(path / entry.name, "is a link of the file system")
                elif entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                    yield entry.name

    def _link(self, link: Any, path: Path, into: h5py.Group) -> None:
        known = isinstance(link, dict) and all(isinstance(link.get(key), str) for key in ("name", "path", "source"))
        if not known or "/" in link["name"] or link["name"] in into:
            return
        if link["source"] in (".", ""):
            into[link["name"]] = h5py.SoftLink(link["path"])
        else:
            self._leave_out(path / link["name"], "is a link to another store")

    def _try(self, copy: Callable[[Path, h5py.Group], None], path: Path, into: h5py.Group) -> None:
        try:
            copy(path, into)
        except NotRead as error:
            self._leave_out(path, str(error))
        except (OSError, ValueError, TypeError, KeyError, LookupError, ArithmeticError, RecursionError) as error:
            self._leave_out(path, f"is damaged ({printable(error, 80) or type(error).__name__})")

    def _leave_out(self, path: Path, why: str) -> None:
        self.left_out[f"{printable(path.as_posix(), 100)} is not read: it {why}"] = None

    def _array(self, path: Path, into: h5py.Group) -> None:
        said = self._json(path / ".zarray")
        attributes = self._json(path / ".zattrs")
        shape, chunks = _sizes(said["shape"]), _sizes(said["chunks"])
        if said.get("zarr_format") != 2 or len(shape) != len(chunks) or min(chunks, default=1) < 1:
            message = "is no array of Zarr 2"
            raise NotRead(message)
        if math.prod(-(-n // c) for n, c in zip(shape, chunks, strict=True)) > MOST_CHUNKS:
            message = f"is in more than {MOST_CHUNKS:,} chunks"
            raise NotRead(message)
        texts = said["dtype"] == "|O"
        if not texts and not (isinstance(said["dtype"], str) and _PLAIN.fullmatch(said["dtype"])):
            message = "holds neither numbers nor text"
            raise NotRead(message)
        dtype = np.dtype(object) if texts else np.dtype(said["dtype"])
        size = math.prod(shape) * max(dtype.itemsize, 8)
        if size > MOST_ARRAY:
            message = f"is larger than {MOST_ARRAY / 2**30:.0f} GB"
            raise NotRead(message)
        self._budget.take(size, path.as_posix())
        filled = "" if texts else dtype.type(said.get("fill_value") or 0)
        values = np.full(shape, filled, dtype=dtype)
        for place in product(*(range(-(-n // c)) for n, c in zip(shape, chunks, strict=True))):
            content = self._chunk(path, place, said)
            if content is not None:
                where = tuple(slice(p * c, (p + 1) * c) for p, c in zip(place, chunks, strict=True))
                part = values[where]
                block = _texts(content, said, chunks) if texts else _numbers(content, said, dtype, chunks)
                part[...] = block[tuple(slice(0, n) for n in part.shape)]
        _write_array(values, path.name, attributes, into)

    def _chunk(self, path: Path, place: tuple[int, ...], said: dict[str, Any]) -> bytes | None:
        """Read the file of a chunk; None where there is none, which means that it holds nothing but the fill value."""
        separator = "/" if said.get("dimension_separator") == "/" else "."
        file = self._root / path / (separator.join(map(str, place)) or "0")
        steps = [self._root / path / part for part in ((str(place[0]),) if separator == "/" and place else ())]
        if any(os.path.islink(step) for step in (*steps, file)):
            message = "has a link of the file system for a chunk"
            raise NotRead(message)
        if not os.path.isfile(file):
            return None
        if file.stat().st_size > MOST_ARRAY:
            message = "has a chunk that is too large"
            raise NotRead(message)
        return file.read_bytes()

    def _json(self, path: Path) -> dict[str, Any]:
        """Read a description; empty where there is none."""
        file = self._root / path
        if os.path.islink(file) or not os.path.isfile(file) or file.stat().st_size > MOST_JSON:
            return {}
        try:
            found = json.loads(file.read_bytes())
        except (ValueError, RecursionError):
            self._leave_out(path, "is no JSON")
            return {}
        return found if isinstance(found, dict) else {}


def _sizes(sizes: Any) -> tuple[int, ...]:
    if not isinstance(sizes, list) or len(sizes) > 32 or not all(type(n) is int and 0 <= n < 2**48 for n in sizes):
        message = "says no shape"
        raise NotRead(message)
    return tuple(sizes)


def _numbers(content: bytes, said: dict[str, Any], dtype: np.dtype, chunks: tuple[int, ...]) -> np.ndarray:
    most = math.prod(chunks) * dtype.itemsize
    if most > MOST_ARRAY:
        message = "has chunks that are too large"
        raise NotRead(message)
    for codec in (said.get("compressor"), *reversed(said.get("filters") or [])):
        content = decoded(content, codec, most)
    # Filters come after the compressor: what they leave is the array itself.
    return np.frombuffer(content, dtype=dtype, count=math.prod(chunks)).reshape(chunks, order=_order(said))


def _order(said: dict[str, Any]) -> str:
    return "F" if said.get("order") == "F" else "C"


def _texts(content: bytes, said: dict[str, Any], chunks: tuple[int, ...]) -> np.ndarray:
    *others, last = said.get("filters") or [{}]
    content = decoded(content, said.get("compressor"), MOST_TEXT)
    kind = last.get("id") if isinstance(last, dict) and not others else None
    if kind in ("vlen-utf8", "vlen-bytes"):
        found = _of_lengths(content)
    elif kind == "json2":
        found = [each if isinstance(each, str) else "" for each in json.loads(content)[:-2]]
    else:
        message = "holds pickled objects, which are never opened" if kind == "pickle" else f"is coded as {kind}"
        raise NotRead(printable(message, 100))
    block = np.full(math.prod(chunks), "", dtype=object)
    block[: len(found)] = found[: len(block)]
    return block.reshape(chunks, order=_order(said))


def _of_lengths(content: bytes) -> list[str]:
    """Read texts, each after its length in 4 bytes; before them, how many there are."""
    (count,), place, found = struct.unpack_from("<I", content), 4, []
    for _ in range(min(count, len(content) // 4)):
        (length,) = struct.unpack_from("<I", content, place)
        found.append(content[place + 4 : place + 4 + length].decode("utf-8", "replace"))
        place += 4 + length
    return found


def _write_array(values: np.ndarray, name: str, attributes: dict[str, Any], into: h5py.Group) -> None:
    if attributes.get("zarr_dtype") == "scalar" and values.size == 1:
        values = values.reshape(())
    if values.dtype.kind in "OU":
        texts = (
            np.vectorize(lambda text: str(text).replace("\0", ""), otypes=[object])(values) if values.size else values
        )
        dataset = into.create_dataset(name, data=texts.astype(object), dtype=h5py.string_dtype())
    else:
        dataset = into.create_dataset(name, data=values.astype(values.dtype.newbyteorder("=")))
    _write_attributes(attributes, dataset)


def _write_attributes(attributes: dict[str, Any], into: Any) -> None:
    """Write what is text, a number, or a list of one of them; references to other objects are not needed."""
    for name, value in list(attributes.items())[:1000]:
        each = value if isinstance(value, list) else [value]
        if name == "zarr_link" or not each or len(each) > 1000:
            continue
        if all(isinstance(one, str) for one in each):
            value = np.array([one.replace("\0", "") for one in each], dtype=object)
            into.attrs.create(
                name, value if isinstance(attributes[name], list) else value[0], dtype=h5py.string_dtype()
            )
        elif all(isinstance(one, bool | int | float) for one in each):
            into.attrs[name] = np.asarray(value, dtype=np.float64 if any(type(one) is float for one in each) else None)
