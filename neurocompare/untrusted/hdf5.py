"""HDF5 files from anyone, read without ever leaving them: the one way in which the package reads such files.

HDF5 lets an object lie in another file: through an external link, anywhere on a path; through a soft link that passes
one; as a dataset whose bytes are stored outside; as a virtual dataset. So a file that was handed to us could make us
read, and print, any file of this computer, or wait for ever at a pipe. Here every step of every path is looked at
before it is taken, and every object before it is used. What lies elsewhere is not opened; it is left out, and said.
"""

# pyright: reportAttributeAccessIssue=false
# The low-level modules of h5py are made at run time.

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import h5py
import numpy as np

from neurocompare.errors import InputError
from neurocompare.untrusted.budget import Budget
from neurocompare.untrusted.hdf5_values import check_chunks, check_stored, read_attribute, read_dataset
from neurocompare.untrusted.printable import printable

MOST_OBJECTS = 100_000
"""Objects opened of one file."""

MOST_ATTRIBUTES = 1000
"""Attributes of one object."""

MOST_LINKS = 16
"""Soft links followed on the way to one object; as many as the HDF5 library follows."""


class LeftOut(InputError):
    """An object that is not read, because it does not lie in its file."""


@dataclass
class _Opened:
    """One open file: its root, what may still be read of it, and what was left out."""

    root: h5py.h5g.GroupID
    budget: Budget
    size: int
    looked_through: bool
    objects: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def open_hdf5(opened: Any, budget: Budget | None = None, *, looked_through: bool = False) -> Iterator[Group]:
    """Open an HDF5 file and give its root group, through which nothing outside the file can be reached.

    Parameters
    ----------
    opened : path-like or binary file object
        Such as a remote file.
    budget : Budget, optional
        How much may be read.
    looked_through : bool
        Whether a process with little memory has read it before, or is reading it, and has called `Dataset.check` of
        all numbers and texts.

    Yields
    ------
    Group

    Raises
    ------
    OSError
        If it is no HDF5 file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.h5"
    >>> with h5py.File(path, "w") as file:
    ...     file["inside"] = [1, 2]
    ...     file["outside"] = h5py.ExternalLink("/etc/secret.h5", "/x")
    >>> with open_hdf5(path) as root:
    ...     print(root["inside"][()], root.get("outside"), root.left_out)
    [1 2] None ('outside is a link to another file and is not read',)
    """
    with h5py.File(opened, "r") as file:
        root = h5py.h5g.open(file.id, b"/")
        size = file.id.get_filesize()
        yield Group(_Opened(root, budget or Budget(), size, looked_through), root, "")


class Node:
    """An object of a file.

    Attributes
    ----------
    name : str
        The path it was reached by.
    """

    def __init__(self, opened: _Opened, identifier: Any, name: str) -> None:
        self._opened, self._id, self.name = opened, identifier, name

    @property
    def attrs(self) -> Attributes:
        """Its attributes."""
        return Attributes(self._opened, self._id, self.name)

    @property
    def address(self) -> int:
        """Where it lies in the file: equal for one object under several names."""
        return h5py.h5o.get_info(self._id).addr


class Attributes(Mapping[str, Any]):
    """Attributes of an object, each of bounded size."""

    def __init__(self, opened: _Opened, identifier: Any, name: str) -> None:
        self._opened, self._id, self._name = opened, identifier, name

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        shared = 0 if self._opened.looked_through else self._opened.size
        return read_attribute(self._id, name, f"{self._name}.{name}", self._opened.budget, shared)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and h5py.h5a.exists(self._id, name.encode("utf-8", "surrogateescape"))

    def __iter__(self) -> Iterator[str]:
        if len(self) > MOST_ATTRIBUTES:
            message = f"expected at most {MOST_ATTRIBUTES:,} attributes of an object, found {len(self):,}; check it"
            raise InputError(message)
        for place in range(len(self)):
            attribute = h5py.h5a.open(self._id, index=place)
            yield attribute.name.decode("utf-8", "surrogateescape")

    def __len__(self) -> int:
        return h5py.h5a.get_num_attrs(self._id)


class Group(Node):
    """A group: a mapping of names to what lies in this file."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """What of the file was asked for and does not lie in it, a sentence each."""
        return tuple(self._opened.left_out.values())

    def __iter__(self) -> Iterator[str]:
        for name in self._id:
            yield name.decode("utf-8", "surrogateescape")

    def __len__(self) -> int:
        return self._id.get_num_objs()

    def __contains__(self, path: str) -> bool:
        return self.get(path) is not None

    def __getitem__(self, path: object) -> Any:
        """Open what lies at a path.

        Raises
        ------
        LeftOut
            If it does not lie in this file.
        KeyError
            If there is nothing.
        InputError
            If an array was to be read where there is this group.
        """
        if not isinstance(path, str):
            message = f"expected an array at {printable(self.name, 100) or 'the root'}, found a group; check the file"
            raise InputError(message)
        item = self._open(path)
        if item is None:
            reason = self._opened.left_out.get(self._path(path))
            if reason is not None:
                raise LeftOut(reason)
            raise KeyError(path)
        return item

    def get(self, path: str) -> Any:
        """Open what lies at a path; None where there is nothing in this file."""
        return self._open(path)

    def group(self, path: str) -> Group | None:
        """Open the group at a path; None where there is none."""
        item = self._open(path)
        return item if isinstance(item, Group) else None

    def dataset(self, path: str) -> Dataset | None:
        """Open the dataset at a path; None where there is none."""
        item = self._open(path)
        return item if isinstance(item, Dataset) else None

    def is_link(self, name: str) -> bool:
        """Whether a name stands for what lies elsewhere; what lies in another file is noted as left out."""
        kind = self._id.links.get_info(_encoded(name)).type
        if kind not in (h5py.h5l.TYPE_HARD, h5py.h5l.TYPE_SOFT):
            self._leave_out(name, "is a link to another file")
        return kind != h5py.h5l.TYPE_HARD

    def leave_out(self, sentence: str) -> None:
        """Note what is not read for another reason."""
        self._opened.left_out.setdefault(sentence, printable(sentence))

    def resolved(self, reference: h5py.Reference) -> Any:
        """Open what an object reference of this file leads to; None where it leads nowhere."""
        if not reference:
            return None
        return self._of(h5py.h5r.dereference(reference, self._opened.root), "a reference")

    def _path(self, path: str) -> str:
        return path.strip("/") if path.startswith("/") or not self.name else f"{self.name}/{path.strip('/')}"

    def _open(self, path: str) -> Any:
        """Take a path step by step; note where it leaves the file."""
        where = self._opened.root if path.startswith("/") else self._id
        steps = [_encoded(step) for step in reversed(path.split("/")) if step not in ("", ".")]
        followed = 0
        while steps:
            step = steps.pop()
            if not isinstance(where, h5py.h5g.GroupID) or not where.links.exists(step):
                return None
            kind = where.links.get_info(step).type
            if kind == h5py.h5l.TYPE_HARD:
                where = h5py.h5o.open(where, step)
                self._count()
            elif kind == h5py.h5l.TYPE_SOFT:
                followed += 1
                if followed > MOST_LINKS:
                    return self._leave_out(path, "leads from link to link without end")
                target = where.links.get_val(step)
                where = self._opened.root if target.startswith(b"/") else where
                steps += [each for each in reversed(target.split(b"/")) if each not in (b"", b".")]
            else:
                return self._leave_out(path, "is a link to another file")
        return self._of(where, self._path(path))

    def _of(self, identifier: Any, name: str) -> Any:
        if isinstance(identifier, h5py.h5g.GroupID):
            return Group(self._opened, identifier, name)
        if not isinstance(identifier, h5py.h5d.DatasetID):
            return None  # a named type
        layout = identifier.get_create_plist()
        if layout.get_layout() == h5py.h5d.VIRTUAL:
            return self._leave_out(name, "is put together from other datasets")
        if layout.get_external_count():
            return self._leave_out(name, "is stored in another file")
        return Dataset(self._opened, identifier, name)

    def _leave_out(self, path: str, why: str) -> None:
        name = self._path(path)
        if len(self._opened.left_out) < MOST_LINKS:
            self._opened.left_out.setdefault(name, f"{printable(name, 100)} {why} and is not read")

    def _count(self) -> None:
        self._opened.objects += 1
        if self._opened.objects > MOST_OBJECTS:
            raise InputError(
                f"expected a file of at most {MOST_OBJECTS:,} objects to read, found more; give one with less in it"
            )


class Dataset(Node):
    """An array that lies in its file."""

    def __init__(self, opened: _Opened, identifier: h5py.h5d.DatasetID, name: str) -> None:
        super().__init__(opened, identifier, name)
        self._dataset = h5py.Dataset(identifier)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self._dataset.shape or ()

    @cached_property
    def dtype(self) -> np.dtype:
        """What its values are."""
        return self._dataset.dtype

    @property
    def ndim(self) -> int:
        """Number of dims."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of values; 0 for one that declares to be empty."""
        return 0 if self._dataset.shape is None else int(np.prod(self.shape, dtype=object))

    def __len__(self) -> int:
        return self.shape[0] if self.shape else 0

    @property
    def is_text(self) -> bool:
        """Whether it holds text."""
        return h5py.check_string_dtype(self.dtype) is not None

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers or booleans."""
        return self.dtype.kind in "iufb"

    @property
    def is_reference(self) -> bool:
        """Whether it holds references to other objects."""
        return h5py.check_ref_dtype(self.dtype) is not None

    def check(self) -> None:
        """Look at how it is stored, without reading it.

        Raises
        ------
        InputError
            If it declares more than is stored, or than may be read, or a chunk of it inflates to more than it holds.
        """
        check_stored(self._dataset, self.name, self._opened.budget)
        check_chunks(self._dataset, self.name)

    def __getitem__(self, where: object) -> Any:
        """Read it whole (``[()]`` or ``[:]``), or a part of it; text as str.

        Raises
        ------
        InputError
            If it holds neither numbers, text nor references, declares more than is stored, or more than may be read.
        """
        if self.is_reference or not self._opened.looked_through:
            self.check()
        return read_dataset(self._dataset, where, self.name, self._opened.budget, self._opened.size)

    def addresses(self) -> np.ndarray:
        """Where the objects lie that its references lead to, of its shape; 0 for one that leads nowhere."""
        self.check()
        addresses = np.zeros(self.shape, dtype=np.uint64)
        self._id.read(h5py.h5s.ALL, h5py.h5s.ALL, addresses, mtype=h5py.h5t.STD_REF_OBJ)
        return addresses


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
