"""NWB in a Zarr store (as hdmf-zarr writes it, or of version 3): what the reader needs of it, copied into HDF5.

Zarr is a folder: a folder in it is a group, or an array in chunks of a file each, described by JSON. The copy is then
read through the one door for such files. Nothing outside the folder is opened: links of the file system are left out,
and links of hdmf-zarr to other stores as well. Objects that were pickled are never opened.
"""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from neurocompare.errors import InputError
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.plain_file import what_is
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.zarr_description import MOST_ARRAY, Described, NotRead, decoded, described

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


def is_store(path: Path) -> bool:
    """Whether a folder is a Zarr store."""
    return any(what_is(path / name) == "a file" for name in (".zgroup", "zarr.json"))


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
        attributes = self._node(path)[1]
        _write_attributes(attributes, into)
        for link in attributes.get("zarr_link") or ():
            self._link(link, path, into)
        for name in self._names(path):
            inside = path / name
            kind, attributes, description = self._node(inside)
            if depth == 0 and name not in PLACES and kind != "array":
                continue
            self._objects += 1
            if self._objects > MOST_OBJECTS or depth > DEEPEST:
                message = f"expected a store of at most {MOST_OBJECTS:,} objects, {DEEPEST} deep, found more in it"
                raise InputError(message)
            if kind == "array":
                self._try(inside, attributes, description, into)
            elif kind == "group" and "Electrical" not in str(attributes.get("neurodata_type", "")):
                self.group(inside, into.create_group(name), depth + 1)

    def _node(self, path: Path) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Return whether a folder is a group or an array, its attributes, and its description."""
        description = self._json(path / "zarr.json")
        if description.get("zarr_format") == 3:
            attributes = description.get("attributes")
            return str(description.get("node_type")), attributes if isinstance(attributes, dict) else {}, description
        for kind, name in (("array", ".zarray"), ("group", ".zgroup")):
            if (self._root / path / name).is_file():
                return kind, self._json(path / ".zattrs"), self._json(path / name)
        return "", {}, {}

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

    def _try(self, path: Path, attributes: dict[str, Any], description: dict[str, Any], into: h5py.Group) -> None:
        try:
            _write_array(self._array(path, described(description)), path.name, attributes, into)
        except NotRead as error:
            self._leave_out(path, str(error))
        except (OSError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError) as error:
            self._leave_out(path, f"is damaged ({printable(error, 80) or type(error).__name__})")

    def _leave_out(self, path: Path, why: str) -> None:
        self.left_out[f"{printable(path.as_posix(), 100)} is not read: it {why}"] = None

    def _array(self, path: Path, array: Described) -> np.ndarray:
        """Read an array, chunk by chunk."""
        grid = [-(-n // c) for n, c in zip(array.shape, array.chunks, strict=True)]
        if math.prod(grid) > MOST_CHUNKS:
            raise NotRead(f"is in more than {MOST_CHUNKS:,} chunks")
        size = math.prod(array.shape) * max(array.dtype.itemsize, 8)
        if size > MOST_ARRAY or math.prod(array.chunks) * max(array.dtype.itemsize, 8) > MOST_ARRAY:
            raise NotRead(f"is larger than {MOST_ARRAY / 2**30:.0f} GB")
        self._budget.take(size, path.as_posix())
        values = np.full(array.shape, array.fill, dtype=array.dtype)
        for place in product(*map(range, grid)):
            content = self._chunk(path, array.chunk(place))
            if content is not None:
                where = tuple(slice(p * c, (p + 1) * c) for p, c in zip(place, array.chunks, strict=True))
                part = values[where]
                block = _texts(content, array) if array.text else _numbers(content, array)
                part[...] = block[tuple(slice(0, n) for n in part.shape)]
        return values

    def _chunk(self, path: Path, name: Path) -> bytes | None:
        """Read the file of a chunk; None where there is none, which means that it holds nothing but the fill value."""
        step = self._root / path
        for part in name.parts:
            step = step / part
            if os.path.islink(step):
                raise NotRead("has a link of the file system for a chunk")
        if not os.path.isfile(step):
            return None
        if step.stat().st_size > MOST_ARRAY:
            raise NotRead("has a chunk that is too large")
        return step.read_bytes()

    def _json(self, path: Path) -> dict[str, Any]:
        """Read a description; empty where there is none."""
        file = self._root / path
        if os.path.islink(file) or not os.path.isfile(file) or file.stat().st_size > MOST_JSON:
            return {}
        try:
            document = json.loads(file.read_bytes())
        except (ValueError, RecursionError):
            self._leave_out(path, "is no JSON")
            return {}
        return document if isinstance(document, dict) else {}


def _numbers(content: bytes, array: Described) -> np.ndarray:
    count = math.prod(array.chunks)
    for codec in reversed(array.codecs):
        content = decoded(content, codec, count * array.dtype.itemsize)
    return np.frombuffer(content, dtype=array.dtype, count=count).reshape(array.chunks, order=array.order)


def _texts(content: bytes, array: Described) -> np.ndarray:
    for codec in reversed(array.codecs):
        content = decoded(content, codec, MOST_TEXT)
    if array.text in ("vlen-utf8", "vlen-bytes"):
        texts = _of_lengths(content)
    elif array.text == "json2":
        texts = [each if isinstance(each, str) else "" for each in json.loads(content)[:-2]]
    else:
        pickled = "holds pickled objects, which are never opened"
        raise NotRead(pickled if array.text == "pickle" else f"is coded as {array.text}")
    block = np.full(math.prod(array.chunks), "", dtype=object)
    block[: len(texts)] = texts[: len(block)]
    return block.reshape(array.chunks, order=array.order)


def _of_lengths(content: bytes) -> list[str]:
    """Read texts, each after its length in 4 bytes; before them, how many there are."""
    (count,), place, texts = struct.unpack_from("<I", content), 4, []
    for _ in range(min(count, len(content) // 4)):
        (length,) = struct.unpack_from("<I", content, place)
        texts.append(content[place + 4 : place + 4 + length].decode("utf-8", "replace"))
        place += 4 + length
    return texts


def _write_array(values: np.ndarray, name: str, attributes: dict[str, Any], into: h5py.Group) -> None:
    if attributes.get("zarr_dtype") == "scalar" and values.size == 1:
        values = values.reshape(())
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
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
