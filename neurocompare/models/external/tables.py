"""Names that a user's arrays, variables and tables have for activity, conditions and times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np
import pandas as pd
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.models.external.arrays import as_array
from neurocompare.models.external.labels import labelled
from neurocompare.responses import DIMS
from neurocompare.untrusted.printable import printable
from neurocompare.untrusted.stored import Stored

CALLED = {
    "condition": ("condition", "conditions", "cond", "conds"),
    "time": ("time", "times", "t", "timestep", "step", "bin"),
    "unit": ("unit", "units", "neuron", "neurons", "cell", "cells", "hidden", "feature"),
}
"""What axes may be called."""

NAMES = {
    "activity": ("responses", "activity", "rates", "hidden"),
    "condition": ("condition", "conditions"),
    "time": ("time", "times", "t"),
}
"""What arrays may be called."""


def renamed(array: xr.DataArray) -> xr.DataArray:
    """Call the axes of an array condition, time and unit, where they are called like that.

    Examples
    --------
    >>> import numpy as np
    >>> renamed(xr.DataArray(np.zeros((2, 3, 4)), dims=("t", "cond", "neuron"))).dims
    ('time', 'condition', 'unit')
    """
    names = _axes(map(str, array.dims))
    return array.rename({old: new for old, new in names.items() if old != new and new not in array.coords})


def _axes(dims: Iterable[str]) -> dict[str, str]:
    """Which axis each dim is, of those that are told."""
    names = {}
    dims = tuple(dims)
    for axis, calls in CALLED.items():
        matching = [dim for dim in dims if dim.casefold() in calls]
        if len(matching) == 1:
            names[matching[0]] = axis
    return names


def chosen_variable(dims: Mapping[str, tuple[str, ...]], where: str) -> str:
    """Choose the one variable with three axes called condition, time and unit, or the one called responses.

    Parameters
    ----------
    dims : mapping of str to tuple of str
        Of each variable.
    where : str

    Raises
    ------
    InputError
        If there is none, or several.
    """
    fitting = [name for name, own in dims.items() if {_axes(own).get(dim, dim) for dim in own} == set(DIMS)]
    chosen = [name for name in NAMES["activity"] if name in fitting] or fitting
    if not chosen or (len(fitting) > 1 and chosen == fitting):
        listed = printable(", ".join(f"{printable(name, 100)} {own}" for name, own in dims.items())) or "nothing"
        message = f"expected one variable with dims {DIMS} in {where}, found {listed}; call the one to score responses"
        raise InputError(message)
    return chosen[0]


def of_dataset(dataset: xr.Dataset, where: str) -> xr.DataArray:
    """Take the one variable with three axes called condition, time and unit, or the one called responses.

    Raises
    ------
    InputError
        If there is none, or several.
    """
    dims = {str(name): tuple(map(str, array.dims)) for name, array in dataset.data_vars.items()}
    return renamed(dataset[chosen_variable(dims, where)])


def of_frame(frame: pd.DataFrame, where: str) -> xr.DataArray:
    """Read a table with a row for every condition and time, in two levels of its index or in columns, and unit columns.

    Raises
    ------
    InputError
        If conditions and times are not told, or a pair is missing or there twice.
    """
    frame = frame.reset_index() if any(frame.index.names) else frame
    keys = [next((c for c in frame if str(c).casefold() in CALLED[axis]), None) for axis in ("condition", "time")]
    if None in keys:
        raise InputError(
            f"expected a table with condition and time, in its index or in columns, and a column a unit from {where}, "
            f"found columns {', '.join(map(str, frame.columns[:6]))}; give an array (condition, time, unit)"
        )
    frame = frame.set_index(keys)
    index = cast(pd.MultiIndex, frame.index)
    if index.has_duplicates or len(frame) != index.levshape[0] * index.levshape[1]:
        message = f"expected one row for every condition and time of {where}, found some missing or more than once"
        raise InputError(message)
    conditions, times = (frame.index.get_level_values(level).unique() for level in (0, 1))
    times = times.sort_values()
    frame = frame.reindex(pd.MultiIndex.from_product([conditions, times]))
    values = frame.to_numpy().reshape(len(conditions), len(times), -1)
    return labels_named(values, {"condition": conditions.to_numpy(), "time": times.to_numpy()}, where)


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
