"""An array of a file, of which only the shape has been read so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neurocompare.errors import InputError


def _no_array() -> np.ndarray:
    raise InputError("expected an array, found a struct; save the array itself")


def native(values: Any) -> Any:
    """Return numbers in this machine's order of bytes, which pandas and torch insist on; others as they are.

    Examples
    --------
    >>> native(np.array([1, 2], ">i4")).dtype.isnative
    True
    """
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


@dataclass(frozen=True)
class Stored:
    """An array of a file, or several under one name.

    Attributes
    ----------
    shape : tuple of int
        As the file declares it.
    read : callable
        Reads it, within the budget of its file: an array, or of cells a list of arrays and texts. Works only while the
        file is open.
    cells : bool
        Whether it is of cells, which hold a text or an array each.
    fields : mapping of str to Stored
        What a struct holds; empty where it is none.
    """

    shape: tuple[int, ...] = ()
    read: Callable[[], Any] = _no_array
    cells: bool = False
    fields: Mapping[str, Stored] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"with {', '.join(self.fields)}" if self.fields else str(self.shape)
