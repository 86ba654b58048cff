"""How an array of a Zarr store says it is stored, in version 2 and 3 of the format, and its chunks decoded."""

from __future__ import annotations

import bz2
import lzma
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from neurocompare.errors import InputError
from neurocompare.untrusted.printable import printable

_PLAIN = re.compile(r"[<>|][iufbSU]\d{1,4}")
_NAMED = re.compile(r"bool|u?int(8|16|32|64)|float(16|32|64)")
_LONGEST = 4000
"""Bytes of a text of fixed length."""

MOST_ARRAY = 2**30
"""In bytes: larger arrays are voltages, which nothing reads."""

SLACK = 4096
"""In bytes: codecs add so much to what does not become smaller."""


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


class NotRead(Exception):
    """An array is stored in a way that is not read."""


def decoded(content: bytes, codec: Any, most: int) -> bytes:
    """Decode the bytes of a chunk, which holds at most so many: few more are ever made, whatever they say.

    Parameters
    ----------
    content : bytes
    codec : mapping or None
        As the store describes it.
    most : int

    Raises
    ------
    NotRead
        If it is another codec, or there are more bytes in it.

    Examples
    --------
    >>> decoded(zlib.compress(b"spikes"), {"id": "zlib", "level": 1}, 6)
    b'spikes'
    >>> decoded(zlib.compress(bytes(10**7)), {"id": "zlib"}, 6)
    Traceback (most recent call last):
    ...
    neurocompare.untrusted.zarr_description.NotRead: has a chunk of more than 6 bytes
    """
    if codec is None:
        return content
    name, limit = codec.get("id") if isinstance(codec, dict) else None, most + SLACK
    if name == "crc32c":  # a sum at the end; what it guards is checked by what it means
        return content[:-4]
    if name == "shuffle":
        return _unshuffled(content, codec.get("elementsize"))
    if name in ("zlib", "gzip"):
        decompressed = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(content, limit)
    elif name == "bz2":
        decompressed = bz2.BZ2Decompressor().decompress(content, limit)
    elif name == "lzma":
        decompressed = lzma.LZMADecompressor(memlimit=MOST_ARRAY).decompress(content, limit)
    elif name in ("blosc", "lz4", "zstd"):
        declared = _declared(content, str(name))
        if not 0 <= declared <= limit:
            raise NotRead(f"has a chunk that declares {declared:,} bytes for {most:,}")
        decompressed = bytes(_codec(str(name))(content))
    else:
        raise NotRead(f"is stored with {printable(name, 40)}")
    if len(decompressed) >= limit:
        raise NotRead(f"has a chunk of more than {most:,} bytes")
    return decompressed


def _declared(content: bytes, name: str) -> int:
    """Return how many bytes a frame says that it holds; -1 where it does not."""
    if name == "blosc":
        return struct.unpack_from("<I", content, 4)[0]
    if name == "lz4":
        return struct.unpack_from("<I", content)[0]
    descriptor = content[4]
    single, coded = bool(descriptor & 0x20), descriptor >> 6
    width = (1 if single else 0, 2, 4, 8)[coded]
    if not width:
        return -1
    place = 5 + (0 if single else 1) + (0, 1, 2, 4)[descriptor & 3]
    return int.from_bytes(content[place : place + width], "little") + (256 if width == 2 else 0)


def _codec(name: str) -> Callable[[bytes], Any]:
    try:
        import numcodecs
    except ImportError:
        raise InputError(
            f"expected numcodecs to read a Zarr store with {name} compression, found it is not installed; "
            "pip install 'neurocompare[zarr]'"
        ) from None
    return numcodecs.get_codec({"id": name}).decode


def _unshuffled(content: bytes, size: Any) -> bytes:
    if type(size) is not int or not 1 <= size <= 64:
        raise NotRead(f"is shuffled by {printable(size, 40)}")
    length = len(content) // size * size
    swapped = np.frombuffer(content[:length], np.uint8).reshape(size, -1).T.tobytes()
    return swapped + content[length:]
