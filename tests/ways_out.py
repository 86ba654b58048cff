"""Every way in which an object of an HDF5 file can lie in another file."""

from __future__ import annotations

import os
from pathlib import Path

import h5py
import numpy as np

SECRET = 31415926.5
"""The number that must not be read."""


def write_outside(folder: Path) -> Path:
    """Write the file that must not be opened, with a number and a text at every path that is asked for."""
    path = folder / "outside.h5"
    with h5py.File(path, "w") as file:
        file["number"] = np.full(8, SECRET)
        file["text"] = "the secret text"
        file["group/number"] = np.full(8, SECRET)
    (folder / "outside.raw").write_bytes(np.full(8, SECRET).tobytes())
    return path


def link(group, name, to):
    """Make a link unless it is there, from another place of the same file."""
    if name not in list(group):
        group[name] = to


def external_link(file, place, outside):
    file[place] = h5py.ExternalLink(str(outside), "/number")


def link_to_external_link(file, place, outside):
    link(file, "way", h5py.ExternalLink(str(outside), "/"))
    file[place] = h5py.SoftLink("/way/number")


def link_through_external_link(file, place, outside):
    """Only a step in the middle of the path leads out."""
    link(file.require_group("general"), "way", h5py.ExternalLink(str(outside), "/"))
    file[place] = h5py.SoftLink("/general/way/group/number")


def relative_link(file, place, outside):
    parent = file.require_group(place.rpartition("/")[0] or "/")
    link(parent, "way", h5py.ExternalLink(str(outside), "/group"))
    parent[place.rpartition("/")[2]] = h5py.SoftLink("way/number")


def chain_of_links(file, place, outside):
    link(file, "first", h5py.SoftLink("/second"))
    link(file, "second", h5py.SoftLink("third"))
    link(file, "third", h5py.ExternalLink(str(outside), "/number"))
    file[place] = h5py.SoftLink("/first")


def external_storage(file, place, outside):
    file.create_dataset(place, (8,), "f8", external=[(str(outside.with_suffix(".raw")), 0, 64)])


def virtual(file, place, outside):
    layout = h5py.VirtualLayout((8,), "f8")
    layout[:] = h5py.VirtualSource(str(outside), "number", (8,))
    file.create_virtual_dataset(place, layout)


def unlimited_virtual(file, place, outside):
    """Even asking its shape opens the other file."""
    layout = h5py.VirtualLayout((8,), "f8", maxshape=(None,))
    source = h5py.VirtualSource(str(outside), "number", (8,), maxshape=(None,))
    layout[: h5py.h5s.UNLIMITED] = source[: h5py.h5s.UNLIMITED]
    file.create_virtual_dataset(place, layout)


def virtual_of_inside_external(file, place, outside):
    """A virtual dataset of this very file, of an object that lies outside."""
    link(file, "way", h5py.ExternalLink(str(outside), "/number"))
    layout = h5py.VirtualLayout((8,), "f8")
    layout[:] = h5py.VirtualSource(".", "way", (8,))
    file.create_virtual_dataset(place, layout)


WAYS = [
    external_link,
    link_to_external_link,
    link_through_external_link,
    relative_link,
    chain_of_links,
    external_storage,
    virtual,
    unlimited_virtual,
    virtual_of_inside_external,
]


def write_pipe(folder: Path) -> Path:
    """Write a pipe where the outside file would be: whoever opens it waits for ever."""
    for name in ("outside.h5", "outside.raw"):
        os.mkfifo(folder / name)
    return folder / "outside.h5"
