"""Activity among arrays that have names, and the labels beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.models.external.arrays import as_array
from neurocompare.models.external.labels import labelled
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.stored import Stored

NAMES = {
    "activity": ("responses", "activity", "rates", "hidden"),
    "condition": ("condition", "conditions"),
    "time": ("time", "times", "t"),
}
"""What arrays may be called."""


def of_named(arrays: Mapping[str, Stored], where: str) -> xr.DataArray:
    """Read what is called as activity is, or the only array of three dims, with the labels beside it.

    The others are left where they are. One array (time, unit) a condition, in cells, does as well; and so does a struct
    that holds them all.

    Raises
    ------
    InputError
        If there is no activity, or several arrays could be it.
    """
    structs = [one for one in arrays.values() if one.fields]
    chosen = next((name for name in NAMES["activity"] if name in arrays), None)
    if chosen is None and len(structs) == 1:
        return of_named(structs[0].fields, where)
    read: dict[str, Any] = {}
    if chosen is None:
        fitting = [name for name, array in arrays.items() if len(array.shape) == 3]
        if not fitting:
            read = {name: array.read() for name, array in arrays.items() if array.cells}
            fitting = [name for name, cells in read.items() if cells and all(np.ndim(cell) == 2 for cell in cells)]
        if len(fitting) != 1:
            listed = printable(", ".join(f"{name} {array}" for name, array in arrays.items()), 300) or "nothing"
            raise InputError(
                f"expected an array called responses, of shape (condition, time, unit), in {where}, found {listed}; "
                "save it under that name, with condition and time beside it"
            )
        chosen = fitting[0]
    names = {dim: next((name for name in NAMES[dim] if name in arrays), None) for dim in ("condition", "time")}
    labels = {dim: None if name is None else arrays[name].read() for dim, name in names.items()}
    values = read[chosen] if chosen in read else arrays[chosen].read()
    return labels_named(as_array(values, where), labels, where)


def labels_named(values: np.ndarray, labels: Mapping[str, Any], where: str) -> xr.DataArray:
    """Label activity, with labels that may be in lists of single values, as MATLAB's cells are."""
    flat = {
        dim: np.array([np.ravel(one)[0] if np.size(one) == 1 else str(one) for one in each])
        if isinstance(each, list)
        else each
        for dim, each in labels.items()
    }
    return labelled(values, where=where, condition=flat.get("condition"), time=flat.get("time"))
