"""Positions in mm and velocities in mm/s, whatever a file stores and whatever it declares."""

from __future__ import annotations

import numpy as np

from neurocompare.errors import InputError
from neurocompare.recordings.stored_series import StoredSeries

MILLIMETRES = {"mm": 1.0, "millimeters": 1.0, "cm": 10.0, "centimeters": 10.0, "m": 1000.0, "meters": 1000.0}
NAMES = {1.0: "mm", 10.0: "cm", 1000.0: "m"}
PLAUSIBLE_SPAN = (10.0, 2000.0)
"""A monkey's reach, in mm."""


def declared_scale(series: StoredSeries) -> float:
    """Factor from stored numbers to mm (or mm/s), as the file declares; NaN where it declares nothing usable.

    Examples
    --------
    >>> declared_scale(StoredSeries("hand_vel", np.zeros(2), np.zeros((2, 1)), ("x",), "m/s", 0.001))
    1.0
    """
    return MILLIMETRES.get(series.unit.split("/")[0].strip().lower(), np.nan) * series.conversion


def scale_to_millimetres(position: StoredSeries, *, stored: float) -> tuple[float, str]:
    """Factor from a file's stored lengths to mm, judged by how far the hand moves.

    The declared unit and conversion are followed if they make positions span between 1 cm and 2 m. If they do not, or
    declare nothing usable (a conversion that is NaN), `stored` is, if that is plausible.

    Parameters
    ----------
    position : StoredSeries
    stored : float
        mm in one stored unit, as the experiment's files are known to store positions.

    Returns
    -------
    scale : float
    note : str
        What was done, for people.

    Raises
    ------
    InputError
        If neither reading is plausible.
    """
    # Column by column: numpy is slow along the first of two axes.
    span = max(float(np.ptp(column)) for column in position.values.T) if len(position.values) else 0.0
    declared = declared_scale(position)
    low, high = PLAUSIBLE_SPAN
    unit = f"{position.unit or 'no unit'}, conversion {position.conversion:g}"
    if low <= span * declared <= high:
        return declared, f"Positions are in mm, by the declared unit ({unit}): factor {declared:g}."
    if low <= span * stored <= high:
        why = "which no hand spans" if np.isfinite(declared) else "which says nothing"
        return stored, f"Positions are in mm, taken as stored in {NAMES.get(stored, stored)}; declared: {unit}, {why}."
    raise InputError(
        f"expected {position.name} to span 10 to 2000 mm, found {span * declared:.3g} mm by the declared unit "
        f"{position.unit!r} and conversion {position.conversion:g}; correct them in the file"
    )
