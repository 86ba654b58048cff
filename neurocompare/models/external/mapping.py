"""Activity condition by condition: mappings of labels to arrays, and objects of pynapple, which is not imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.models.external.arrays import as_array
from neurocompare.models.external.labels import labelled
from neurocompare.models.external.tables import NAMES, labels_named


def is_pynapple(model: Any) -> bool:
    """Whether an object has what pynapple's TsdFrame and TsdTensor have: times, values, and where they hold."""
    return all(hasattr(model, name) for name in ("t", "values", "time_support"))


def of_pynapple(model: Any) -> xr.DataArray:
    """Read a TsdTensor (time, condition, unit), or a TsdFrame whose columns are described by condition.

    A TsdFrame needs a column of metadata called ``condition``; its columns of one condition are the units, in order,
    or by the metadata column ``unit``.

    Raises
    ------
    InputError
        If a TsdFrame does not say what its columns are, or conditions differ in their units.
    """
    values, time = np.asarray(model.values), np.asarray(model.t)
    if values.ndim == 3:
        return labelled(values.swapaxes(0, 1), time=time, where="the TsdTensor")
    metadata = getattr(model, "metadata", None)
    if values.ndim != 2 or metadata is None or "condition" not in metadata:
        raise InputError(
            "expected a TsdTensor (time, condition, unit), or a TsdFrame with metadata condition and unit for its "
            f"columns, found {type(model).__name__} of shape {values.shape}; a mapping of condition labels to "
            "TsdFrames (time, unit) does as well"
        )
    conditions = np.asarray(metadata["condition"])
    units = np.asarray(metadata["unit"]) if "unit" in metadata else None
    by_label = {}
    for label in dict.fromkeys(conditions.tolist()):
        columns = np.nonzero(conditions == label)[0]
        if units is not None:
            columns = columns[np.argsort(units[columns], kind="stable")]
        by_label[label] = values[:, columns]
    return _stacked(by_label, time, "the TsdFrame")


def of_mapping(model: Mapping[Any, Any]) -> xr.DataArray:
    """Read a mapping of condition labels to activity (time, unit): arrays, or TsdFrames on the same times.

    A mapping that names its parts, ``responses`` (condition, time, unit) with ``condition`` and ``time``, is read so.

    Raises
    ------
    InputError
        If shapes or times differ between conditions.

    Examples
    --------
    >>> of_mapping({"left": np.zeros((3, 5)), "right": np.ones((3, 5))}).sizes["condition"]
    2
    """
    named = next((name for name in NAMES["activity"] if name in model and np.ndim(as_array(model[name])) == 3), None)
    if named is not None:
        labels = {dim: next((model[key] for key in NAMES[dim] if key in model), None) for dim in ("condition", "time")}
        return labels_named(as_array(model[named], "the mapping"), labels, "the mapping")
    times = [np.asarray(one.t) for one in model.values() if is_pynapple(one)]
    for time in times[1:]:
        if time.shape != times[0].shape or not np.allclose(time, times[0]):
            message = "expected the same times in every condition of the mapping, found different ones; resample them"
            raise InputError(message)
    values = {
        label: np.asarray(one.values) if is_pynapple(one) else as_array(one, "the mapping")
        for label, one in model.items()
    }
    return _stacked(values, times[0] if times else None, "the mapping")


def _stacked(values: Mapping[Any, np.ndarray], time: np.ndarray | None, where: str) -> xr.DataArray:
    shapes = {array.shape for array in values.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        listed = ", ".join(f"{label} {array.shape}" for label, array in list(values.items())[:4]) or "nothing"
        raise InputError(f"expected activity (time, unit) of one shape for every condition of {where}, found {listed}")
    return labelled(np.stack(list(values.values())), condition=list(values), time=time, where=where)
