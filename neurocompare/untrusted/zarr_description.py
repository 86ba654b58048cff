"""How an array of a Zarr store says it is stored, in version 2 and in version 3 of the format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.zarr_codecs import NotRead

_PLAIN = re.compile(r"[<>|][iufbSU]\d{1,4}")
_NAMED = re.compile(r"bool|u?int(8|16|32|64)|float(16|32|64)")
_LONGEST = 4000
"""Bytes of a text of fixed length."""


@dataclass(frozen=True)
class Described:
    """An array, as its description says.

    Attributes
    ----------
    shape, chunks : tuple of int
    dtype : numpy.dtype
        Of objects where it holds text of any length.
    codecs : tuple of mapping
        Of the bytes of a chunk, in the order in which they were written.
    text : str
        How texts of any length are put into bytes; empty where they are not.
    order : str
        ``"C"`` or ``"F"``.
    fill : object
        Where there is no chunk.
    prefix, separator : str
        Of the names of chunks.
    """

    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: np.dtype
    codecs: tuple[Any, ...]
    text: str = ""
    order: Literal["C", "F"] = "C"
    fill: Any = 0
    prefix: str = ""
    separator: str = "."

    def chunk(self, place: tuple[int, ...]) -> Path:
        """Return where a chunk lies below its array."""
        if self.prefix:
            return Path(self.separator.join([self.prefix, *map(str, place)]))
        return Path(self.separator.join(map(str, place)) or "0")


def described(description: dict[str, Any]) -> Described:
    """Read a description.

    Raises
    ------
    NotRead
        If the array is stored in a way that is not read.

    Examples
    --------
    >>> description = {"zarr_format": 2, "shape": [5], "chunks": [2], "dtype": "<f8", "compressor": None}
    >>> described(description).chunk((1,)).as_posix()
    '1'
    """
    array = _of_version_3(description) if description.get("zarr_format") == 3 else _of_version_2(description)
    if len(array.shape) != len(array.chunks) or min(array.chunks, default=1) < 1:
        raise NotRead("says no chunks that fit its shape")
    return array


def _of_version_2(description: dict[str, Any]) -> Described:
    filters, dtype, compressor = description.get("filters") or [], description["dtype"], description.get("compressor")
    compressors = () if compressor is None else (compressor,)
    shared = {
        "shape": sizes(description["shape"]),
        "chunks": sizes(description["chunks"]),
        "order": "F" if description.get("order") == "F" else "C",
        "separator": "/" if description.get("dimension_separator") == "/" else ".",
    }
    if dtype == "|O":
        text = filters[0].get("id") if len(filters) == 1 and isinstance(filters[0], dict) else None
        return Described(dtype=np.dtype(object), codecs=compressors, text=printable(str(text), 40), fill="", **shared)
    if not (isinstance(dtype, str) and _PLAIN.fullmatch(dtype)):
        raise NotRead("holds neither numbers nor text")
    fill = description.get("fill_value") or 0
    return Described(dtype=np.dtype(dtype), codecs=(*filters, *compressors), fill=fill, **shared)


def _of_version_3(description: dict[str, Any]) -> Described:
    grid, keys = description["chunk_grid"], description.get("chunk_key_encoding") or {}
    if grid["name"] != "regular":
        raise NotRead(f"is in chunks of the kind {printable(grid['name'], 40)}")
    first, *others = description["codecs"]
    settings, plain = keys.get("configuration") or {}, keys.get("name") == "v2"
    shared = {
        "shape": sizes(description["shape"]),
        "chunks": sizes(grid["configuration"]["chunk_shape"]),
        "codecs": tuple(_codec_of_version_3(each) for each in others),
        "prefix": "" if plain else "c",
        "separator": "." if settings.get("separator", "." if plain else "/") == "." else "/",
    }
    if first["name"] in ("vlen-utf8", "vlen-bytes"):
        return Described(dtype=np.dtype(object), text=first["name"], fill="", **shared)
    if first["name"] != "bytes":
        raise NotRead(f"is stored with {printable(first['name'], 40)}")
    end = ">" if (first.get("configuration") or {}).get("endian") == "big" else "<"
    fill = description.get("fill_value")
    dtype = _dtype_of_version_3(description["data_type"])
    return Described(dtype=dtype.newbyteorder(end), fill=np.nan if fill == "NaN" else fill or 0, **shared)


def _codec_of_version_3(codec: Any) -> dict[str, Any]:
    name = str(codec["name"]).removeprefix("numcodecs.")
    return {**(codec.get("configuration") or {}), "id": name}


def _dtype_of_version_3(data_type: Any) -> np.dtype:
    if isinstance(data_type, str) and _NAMED.fullmatch(data_type):
        return np.dtype(data_type)
    if isinstance(data_type, dict) and data_type.get("name") in ("fixed_length_utf32", "null_terminated_bytes"):
        length = data_type["configuration"]["length_bytes"]
        if type(length) is int and 0 < length <= _LONGEST:
            return np.dtype(f"U{length // 4}" if data_type["name"] == "fixed_length_utf32" else f"S{length}")
    raise NotRead("holds neither numbers nor text")


def sizes(shape: Any) -> tuple[int, ...]:
    """Return a shape.

    Raises
    ------
    NotRead
        If it is none.
    """
    if not isinstance(shape, list) or len(shape) > 32 or not all(type(n) is int and 0 <= n < 2**48 for n in shape):
        raise NotRead("says no shape")
    return tuple(shape)
