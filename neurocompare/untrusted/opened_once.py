"""HDF5 files of which each object is opened once: h5netcdf asks for every variable by its path many times over."""

from __future__ import annotations

from typing import Any

import h5py


class OpenedOnce(h5py.File):
    """An HDF5 file that remembers the objects it gave, by their paths; to be handed to `h5netcdf.File`.

    Reading or writing a small netCDF file takes half the time so. What is moved, or deleted from a group of it, is not
    seen: for files that are read, or written once.

    Examples
    --------
    >>> import io
    >>> with OpenedOnce(io.BytesIO(), "w") as file:
    ...     file["x"] = [1, 2]
    ...     file["x"] is file["x"]
    True
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._given: dict[str, Any] = {}
        super().__init__(*arguments, **options)

    def __getitem__(self, name: Any) -> Any:
        """Return the object at a path, or what a reference leads to."""
        if not isinstance(name, str):
            return super().__getitem__(name)
        if name == "/":
            return self  # so that what is deleted through the root is known here
        if name not in self._given:
            self._given[name] = super().__getitem__(name)
        return self._given[name]

    def __delitem__(self, name: Any) -> None:
        """Delete an object; others may have been reached through it."""
        self._given.clear()
        super().__delitem__(name)
