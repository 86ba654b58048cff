"""An array of a file, of which only the shape has been read so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Stored:
    """An array of a file.

    Attributes
    ----------
    shape : tuple of int
        As the file declares it.
    read : callable
        Reads it, within the budget of its file. Works only while the file is open.
    """

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]
