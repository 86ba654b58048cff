"""The values of HDF5 datasets and attributes, read within a budget whatever the file declares of itself."""

from __future__ import annotations

import math
import zlib
from typing import Any

import h5py
import numpy as np

from neurocompare.errors import InputError
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.stored import native

MOST_COMPRESSION = 1100
"""HDF5's deflate filter cannot make data smaller than by a factor of 1032."""

MOST_TEXT = 256 * 2**20
"""In bytes: text read of one dataset. Many rows can share one long text, so that the file is much smaller."""

MOST_ATTRIBUTE = 16 * 2**20
"""In bytes, of one attribute."""

MOST_SHARED = 2**30
"""In bytes: what the texts of an attribute may take if each were as long as the file."""

TEXTS_AT_ONCE = 256
OVERHEAD = 60
"""In bytes: what a text takes in memory besides its letters."""

CHECKED_CHUNK = 2**20
"""In bytes: a compressed chunk up to it cannot grow beyond a gigabyte; a larger one is tried in small pieces first."""

_READ = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_LZF, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
"""Filters that are read. Of others, what is stored says how much memory they take, or a file of code is needed."""


def check_stored(dataset: h5py.Dataset, name: str, budget: Budget) -> None:
    """Refuse a dataset that declares more than is stored of it, or than may be read, before it is read.

    That its chunks inflate to no more than they hold is looked at by `check_chunks`, which takes as long as reading.

    Raises
    ------
    InputError
    """
    declared = float(np.prod(dataset.shape or (0,), dtype=float)) * dataset.dtype.itemsize
    stored = dataset.id.get_storage_size()
    if declared > MOST_COMPRESSION * stored + 1e6:
        raise InputError(
            f"expected {printable(name, 100)} to hold what it declares, found {stored:,} bytes for {declared:,.0f}; "
            "the file is damaged"
        )
    if dataset.chunks is None:
        return
    chunk = float(np.prod(dataset.chunks, dtype=float)) * dataset.dtype.itemsize
    if chunk > budget.left:
        budget.take(chunk, name)
    filters = dataset.id.get_create_plist()
    used = [filters.get_filter(place) for place in range(filters.get_nfilters())]
    kinds = [kind for kind, *_ in used]
    # The filter LZF makes room in steps of its third value, until there is enough.
    sized = all(values[2:] == (chunk,) for kind, _, values, _ in used if kind == h5py.h5z.FILTER_LZF)
    deflated = h5py.h5z.FILTER_DEFLATE in kinds
    last = [kind for kind in kinds if kind != h5py.h5z.FILTER_FLETCHER32][-1:] == [h5py.h5z.FILTER_DEFLATE]
    if set(kinds) - _READ or len(set(kinds)) < len(kinds) or (deflated and not last) or not sized:
        message = f"expected {printable(name, 100)} plain or deflated, found filters that are not read; write it anew"
        raise InputError(message)


def check_chunks(dataset: h5py.Dataset, name: str) -> None:
    """Refuse a chunk that would inflate to more than a chunk holds; the HDF5 library would let it.

    Raises
    ------
    InputError
    """
    if dataset.chunks is None or dataset.compression != "gzip" or dataset.id.get_storage_size() <= CHECKED_CHUNK:
        return
    size = float(np.prod(dataset.chunks, dtype=float)) * dataset.dtype.itemsize
    large: list[tuple[tuple[int, ...], int]] = []

    def note(chunk: Any) -> None:
        if chunk.size > CHECKED_CHUNK:
            large.append((chunk.chunk_offset, chunk.filter_mask))

    dataset.id.chunk_iter(note)
    for offset, mask in large:
        if not mask and not _inflates_to(dataset.id.read_direct_chunk(offset)[1], size + 2**20):
            raise InputError(
                f"expected chunks of {size:,.0f} bytes in {printable(name, 100)}, found one that is none; the file is "
                "damaged"
            )


def _inflates_to(content: bytes, most: float) -> bool:
    """Whether deflated bytes are such, and inflate to at most so many; of which few are held at a time."""
    tried, inflated = zlib.decompressobj(), 0
    try:
        while content and not tried.eof and inflated <= most:
            inflated += len(tried.decompress(content, 2**20))
            content = tried.unconsumed_tail
    except zlib.error:
        return False
    return inflated <= most


def read_dataset(dataset: h5py.Dataset, where: Any, name: str, budget: Budget, file_size: int) -> Any:
    """Read numbers, text (as str) or references.

    Parameters
    ----------
    dataset : h5py.Dataset
    where
        What of it, as an index; but for one row, all of it is counted.
    name : str
        What to call it in messages.
    budget : Budget
    file_size : int
        In bytes; no text stored in the file is longer.

    Raises
    ------
    InputError
        If it holds something else, declares more than is stored, or more than may be read.
    """
    is_text = h5py.check_string_dtype(dataset.dtype) is not None
    is_reference = h5py.check_ref_dtype(dataset.dtype) is not None
    if dataset.dtype.kind not in "iufbcSU" and not (is_text or is_reference):
        raise InputError(f"expected numbers or text in {printable(name, 100)}, found {printable(dataset.dtype, 80)}")
    check_stored(dataset, name, budget)
    each = dataset.dtype.itemsize + OVERHEAD if is_text or is_reference else max(dataset.dtype.itemsize, 8)
    if isinstance(where, int):
        budget.take(each * float(np.prod(dataset.shape[1:], dtype=float)), name)
        return _as_text(dataset[where]) if is_text else native(dataset[where])
    budget.take(each * float(np.prod(dataset.shape or (0,), dtype=float)), name)
    if not is_text:
        return native(dataset[where])
    if not dataset.shape or h5py.check_string_dtype(dataset.dtype).length is not None:
        return _as_text(dataset[where])
    return _read_texts(dataset, name, budget, file_size)[where]


def _read_texts(dataset: h5py.Dataset, name: str, budget: Budget, file_size: int) -> np.ndarray:
    """Read texts of any length, few at a time: no text is longer than its file, and the sum has an end."""
    rows = max(1, min(TEXTS_AT_ONCE, budget.left // max(file_size, 1)))
    width = max(1, int(np.prod(dataset.shape[1:], dtype=object)))
    rows = max(1, rows // width)
    texts = np.empty(dataset.shape, dtype=object)
    taken = 0
    for first in range(0, len(dataset), rows):
        part = dataset[first : first + rows]
        taken += sum(map(len, part.ravel()))
        if taken > MOST_TEXT:
            raise InputError(
                f"expected at most {MOST_TEXT / 2**20:.0f} MB of text in {printable(name, 100)}, found more; give a "
                "file with less in it"
            )
        texts[first : first + rows] = _as_text(part)
    budget.take(taken, name)
    return texts


def _as_text(values: Any) -> Any:
    """Turn bytes into str; those that are not UTF-8 are read as Latin-1."""
    if isinstance(values, np.ndarray):
        texts = np.empty(values.shape, dtype=object)
        texts[...] = np.frompyfunc(_decoded, 1, 1)(values) if values.size else ""
        return texts
    return _decoded(values)


def _decoded(value: Any) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def read_attribute(identifier: Any, name: str, what: str, budget: Budget, file_size: int) -> Any:
    """Read an attribute of bounded size.

    Parameters
    ----------
    identifier
        Of its object.
    name, what : str
        Its name, and what to call it in messages.
    budget : Budget
    file_size : int
        In bytes; 0 where texts need not be counted, because the file has been looked through.

    Raises
    ------
    InputError
        If it is larger.
    """
    attribute = h5py.h5a.open(identifier, name.encode("utf-8", "surrogateescape"))
    count, dtype = attribute.get_space().get_simple_extent_npoints(), attribute.dtype
    # An attribute cannot be read in parts, and texts of any length do not say theirs: many can be one long text.
    texts = count * _texts_of(dtype) if count else 0
    shared = texts * file_size if texts > 4 and file_size else 0
    if count * dtype.itemsize > MOST_ATTRIBUTE or shared > MOST_SHARED:
        raise InputError(
            f"expected an attribute of at most {MOST_ATTRIBUTE / 2**20:.0f} MB in {printable(what, 100)}, found one of "
            f"{count:,} values that can be larger; give a file with less in it"
        )
    budget.take(count * dtype.itemsize, what)
    return h5py.AttributeManager(_Holder(identifier))[name]


def _texts_of(dtype: np.dtype) -> float:
    """Count the texts, or lists of any length, in one value; without end where such lists are of such texts or lists.

    Examples
    --------
    >>> text = h5py.string_dtype()
    >>> _texts_of(np.dtype([("name", text), ("tags", text, (3,)), ("place", h5py.ref_dtype), ("size", "f8")]))
    4
    >>> _texts_of(h5py.vlen_dtype(text)), _texts_of(h5py.vlen_dtype(h5py.ref_dtype))
    (inf, 1)
    """
    if dtype.subdtype is not None:
        each, shape = dtype.subdtype
        return int(np.prod(shape, dtype=object)) * _texts_of(each)
    if dtype.names is not None:
        return sum(_texts_of(dtype[name]) for name in dtype.names)
    if dtype.kind != "O" or h5py.check_ref_dtype(dtype) is not None:
        return 0
    inner = h5py.check_vlen_dtype(dtype)
    return math.inf if isinstance(inner, np.dtype) and _texts_of(inner) else 1


class _Holder:
    """What h5py reads attributes of: anything that has an identifier."""

    def __init__(self, identifier: Any) -> None:
        self.id = identifier
