"""Zarr stores of version 2 made of HDF5 files, as hdmf-zarr lays them out."""

import json
import zlib

import h5py
import numpy as np

REFERENCE = {"id": "pickle", "protocol": 5}


def as_store(source, folder, *, codec=None, chunk=4000):
    """Write the groups, arrays, attributes and links of an HDF5 file as a store; returns its folder.

    Parameters
    ----------
    source, folder : path-like
    codec : dict, optional
        ``{"id": "zlib"}``, or one of numcodecs; none where None.
    chunk : int
        Rows a chunk.
    """
    with h5py.File(source) as file:
        _group(file, folder, codec, chunk)
    return folder


def write_array(folder, values, *, codec=None, chunk=None, attributes=None, **said):
    """Write one array, numbers or texts."""
    folder.mkdir(parents=True)
    values = np.asarray(values)
    flat = values.reshape(1) if not values.shape else values
    chunks = (min(chunk or len(flat), len(flat)) or 1, *flat.shape[1:])
    texts = flat.dtype == object
    described = {
        "zarr_format": 2, "shape": flat.shape, "chunks": chunks, "order": "C", "fill_value": 0, "compressor": codec,
        "dtype": "|O" if texts else flat.dtype.str, "filters": [{"id": "vlen-utf8"}] if texts else None,
    }  # fmt: skip
    (folder / ".zarray").write_text(json.dumps(described | said))
    (folder / ".zattrs").write_text(json.dumps(attributes or {}))
    for place, first in enumerate(range(0, len(flat), chunks[0])):
        part = flat[first : first + chunks[0]]
        block = np.full(chunks, "" if texts else 0, dtype=flat.dtype)  # chunks at the end are whole
        block[: len(part)] = part
        content = _texts(block.ravel()) if texts else np.ascontiguousarray(block).tobytes()
        (folder / ".".join([str(place), *["0"] * (flat.ndim - 1)])).write_bytes(_encoded(content, codec))


def _encoded(content, codec):
    if codec is None:
        return content
    if codec["id"] == "zlib":
        return zlib.compress(content)
    import numcodecs

    return bytes(numcodecs.get_codec(codec).encode(content))


def _texts(values):
    coded = [str(each).encode() for each in values]
    return np.uint32(len(coded)).tobytes() + b"".join(np.uint32(len(each)).tobytes() + each for each in coded)


def _group(group, folder, codec, chunk):
    folder.mkdir()
    (folder / ".zgroup").write_text('{"zarr_format": 2}')
    attributes, links = _attributes(group), []
    for name in group:
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.SoftLink):
            links.append({"name": name, "path": link.path, "source": "."})
        elif isinstance(group[name], h5py.Group):
            _group(group[name], folder / name, codec, chunk)
        else:
            _dataset(group[name], folder / name, codec, chunk)
    (folder / ".zattrs").write_text(json.dumps(attributes | ({"zarr_link": links} if links else {})))


def _dataset(dataset, folder, codec, chunk):
    attributes = _attributes(dataset)
    if h5py.check_ref_dtype(dataset.dtype) is not None:
        empty = np.full(dataset.shape or (1,), "", dtype=object)
        write_array(folder, empty, attributes=attributes, filters=[REFERENCE])
        return
    values = dataset.asstr()[()] if h5py.check_string_dtype(dataset.dtype) else dataset[()]
    values = np.asarray(values, dtype=object) if h5py.check_string_dtype(dataset.dtype) else np.asarray(values)
    scalar = {} if dataset.shape else {"zarr_dtype": "scalar"}
    write_array(folder, values, codec=codec, chunk=chunk, attributes=attributes | scalar)


def _attributes(item):
    found = {}
    for name, value in item.attrs.items():
        if isinstance(value, h5py.Reference):
            found[name] = {"zarr_dtype": "object", "value": {"path": "/", "source": "."}}
        else:
            found[name] = value.tolist() if hasattr(value, "tolist") else value
    return found
