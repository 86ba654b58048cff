"""Touch all that the reader of NWB files touches, in a process that may crash: ``python look_through_file.py FILE``.

A program, not imported: it must start fast, so it loads nothing but h5py; for ``-`` also remfile, see `remote_file`.
Small datasets are read whole; of large ones, where their chunks lie is read, and the first and last rows.
"""

from __future__ import annotations

import faulthandler
import re
import socket
import sys

import h5py

PLACES = ("units", "intervals", "processing", "acquisition", "analysis", "general")
"""What the reader opens."""

WHOLE = ("units", "intervals", "processing", "acquisition", "analysis", "general")
"""Of these, everything below is looked at."""

SMALL = 1_000_000
"""In bytes: datasets up to it are read whole."""

MEMORY = 3 * 2**30
"""In bytes: more address space is not needed to look through any file."""

MOST_OBJECTS = 20_000
DEEPEST = 8


def look_through(group: h5py.Group, depth: int, seen: set[int]) -> None:
    """Open everything below a group, each object once."""
    list(group.attrs.items())
    for name in group:
        link = group.get(name, getlink=True)
        refuse_other_files(link)
        item = group[name] if isinstance(link, h5py.HardLink) else group.get(name)
        if item is None or isinstance(item, h5py.Datatype):
            continue
        address = h5py.h5o.get_info(item.id).addr
        if address in seen:
            continue
        seen.add(address)
        if len(seen) > MOST_OBJECTS:
            message = f"more than {MOST_OBJECTS:,} objects"
            raise ValueError(message)
        if isinstance(item, h5py.Dataset):
            if not name.startswith("waveform"):  # large, and never read
                look_at(item)
        elif depth < DEEPEST and "Electrical" not in str(item.attrs.get("neurodata_type", "")):
            look_through(item, depth + 1, seen)


def refuse_other_files(link: object) -> None:
    """Refuse a link that leads out of the file: it could lead anywhere on this computer."""
    if isinstance(link, h5py.ExternalLink):
        message = f"a link to another file, {link.filename}"
        raise ValueError(message)


def look_at(dataset: h5py.Dataset) -> None:
    """Read a small dataset whole, and the ends of a large one."""
    list(dataset.attrs.items())
    if dataset.external or dataset.is_virtual:
        message = f"{dataset.name} lies in another file"
        raise ValueError(message)
    if h5py.check_ref_dtype(dataset.dtype) is not None or not dataset.size:
        return
    if dataset.ndim == 0 or dataset.size * dataset.dtype.itemsize <= SMALL:
        dataset[()]
        return
    if dataset.chunks is not None:
        dataset.id.get_num_chunks()
        dataset.id.get_storage_size()
    for row in (0, len(dataset) - 1):
        dataset[row]


def remote_file() -> object:
    """Open the file whose address, patience in s, block in bytes and cache folder stand on stdin, a line each.

    What is fetched stays in the folder, so that the reader need not fetch it again.
    """
    import remfile

    address, patience, block, folder = sys.stdin.read().splitlines()
    socket.setdefaulttimeout(float(patience))
    return remfile.File(address, disk_cache=remfile.DiskCache(folder), _min_chunk_size=int(block))


def main(path: str) -> int:
    """Look through one file; what is wrong goes to stderr, without what follows ``?`` in an address."""
    faulthandler.disable()
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass  # a system without such limits still has the limit on time
    try:
        with h5py.File(remote_file() if path == "-" else path, "r") as file:
            list(file.attrs.items())
            for place in PLACES:
                refuse_other_files(file.get(place, getlink=True))
                item = file.get(place)
                if place in WHOLE and isinstance(item, h5py.Group):
                    look_through(item, 0, set())
    except Exception as error:
        sys.stderr.write(re.sub(r"\?\S*", "", f"{error}\n"))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
