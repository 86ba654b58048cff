"""Codecs of Zarr chunks, each held to the size that its array declares."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from neurocompare.errors import InputError
from neurocompare.untrusted.printable import printable

MOST_ARRAY = 2**30
"""In bytes: larger arrays are voltages, which nothing reads."""

SLACK = 4096
"""In bytes: codecs add so much to what does not become smaller."""


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
    neurocompare.untrusted.zarr_codecs.NotRead: has a chunk of more than 6 bytes
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
