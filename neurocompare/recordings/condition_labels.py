"""What a trial was, in one label: equal values give equal labels, different ones never do, missing ones give none."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

ROUNDING = 4 * float(np.finfo(np.float32).eps)
"""Numbers closer than this share of a column's largest are one: what computing in single precision leaves of them."""

TINY = 1e-12
"""A column of nothing larger is rounding, unless its numbers have few digits."""

ANGLES = re.compile(r"angle|dir|theta|heading|azimuth|orient|deg(?![a-z])|rad(?![a-z])", re.IGNORECASE)
"""Columns called so hold angles: in degrees where one exceeds a turn in radians, else in radians."""

MOST_TURNS = 10
"""Larger numbers are no angles, whatever their column is called: they number directions."""

MISSING = frozenset({"", "nan", "n/a", "na", "<na>", "nat", "null", "#n/a"})
"""What writers leave where there is no text, in any case; and ``None``, but not ``none``, which may be a condition."""


def condition_labels(trials: pd.DataFrame, columns: Sequence[str]) -> list[str | None]:
    """Join the values of `columns` into one label a trial; None where one is missing.

    Numbers are equal within rounding, -0 is 0, and angles a turn apart are one. Whole numbers are written out and
    padded, so that labels sort as their numbers do.

    Examples
    --------
    >>> condition_labels(pd.DataFrame({"object": ["Sphere", "Button"], "place": [45.0, np.nan]}), ["object", "place"])
    ['Sphere-45', None]
    >>> condition_labels(pd.DataFrame({"angle": [0.0, 2 * np.pi, -1e-16, 0.5]}), ["angle"])
    ['0', '0', '0', '0.5']
    >>> condition_labels(pd.DataFrame({"maze": [2000001, 2000002]}), ["maze"])
    ['2000001', '2000002']
    """
    parts = []
    beside = largest_of([trials[name].to_numpy() for name in columns])
    for name in columns:
        values = trials[name]
        turn = turn_of(name, values) if values.dtype.kind in "iuf" else None
        if values.dtype.kind == "f" or turn is not None:
            parts.append(_numbers(values.to_numpy(dtype=float), turn, beside))
        elif values.dtype.kind in "iub":
            parts.append(_whole([int(value) for value in values]))
        else:
            parts.append([None if is_missing(value) else str(value).strip() for value in values])
    return ["-".join(row) if None not in row else None for row in zip(*parts, strict=True)]


def is_missing(value: object) -> bool:
    """Whether a value stands for none: None, NaN, or what writers put in their place in a column of text.

    Examples
    --------
    >>> [is_missing(value) for value in (None, "None", " n/a", float("nan"), "none", 0)]
    [True, True, True, True, False, False]
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    if isinstance(value, float | np.floating):
        return not np.isfinite(value)
    return isinstance(value, str) and (value.strip() == "None" or value.strip().casefold() in MISSING)


def turn_of(name: str, values: pd.Series) -> float | None:
    """Return a full turn in the unit of a column of angles; None for a column of something else.

    Examples
    --------
    >>> turn_of("target_dir", pd.Series([0.0, 315.0])), turn_of("x", pd.Series([0.0, 1.0]))
    (360.0, None)
    """
    if not ANGLES.search(name) or not np.isfinite(values).any():
        return None
    largest = largest_of([values.to_numpy()])
    turn = 360.0 if largest > 2 * np.pi * (1 + ROUNDING) else 2 * np.pi
    return turn if largest <= MOST_TURNS * turn else None


def largest_of(columns: Sequence[np.ndarray]) -> float:
    """Return the largest size of a number in several columns; 0 where there are none."""
    numbers = [np.abs(each[np.isfinite(each)]).max(initial=0.0) for each in columns if each.dtype.kind in "iuf"]
    return float(max(numbers, default=0.0))


def equal_within_rounding(values: np.ndarray, turn: float | None = None, beside: float = 0.0) -> np.ndarray:
    """Put one number in the place of all that are equal to it within rounding, or a turn away; NaN stays NaN.

    Parameters
    ----------
    values : array, shape (trial,)
    turn : float, optional
        A full turn, of angles.
    beside : float
        Largest number of the columns this one belongs with: one coordinate of targets on a line is rounding throughout.

    Returns
    -------
    array, shape (trial,)
        Of each group of equal numbers the one nearest 0, and of those the largest.

    Examples
    --------
    >>> equal_within_rounding(np.array([0.0, -1e-17, 5.0, 5.000000001, np.nan]))
    array([ 0.,  0.,  5.,  5., nan])
    >>> equal_within_rounding(np.array([-180.0, 180.0, 360.0, 0.0]), 360.0)
    array([180., 180.,   0.,   0.])
    """
    result = np.asarray(values, dtype=np.float64).copy()
    known = np.isfinite(result)
    result[~known] = np.nan
    if not known.any():
        return result
    own = result[known]
    near = ROUNDING * np.abs(own).max()
    if np.abs(own).max() <= max(ROUNDING * beside, TINY) and not _neat(own):
        result[known] = 0.0
        return result
    if turn is None and (own == np.round(own)).all():
        result[known] = own + 0.0  # whole numbers carry no rounding; -0 becomes 0
        return result
    place = own if turn is None else np.mod(own, turn)
    order = np.argsort(place, kind="stable")
    group = np.empty(len(own), dtype=np.int64)
    group[order] = np.cumsum(np.diff(place[order], prepend=place[order][0]) > near)
    if turn is not None and turn - place[order][-1] + place[order][0] <= near:
        group[group == group.max()] = 0
    # The first of each group in this order stands for it.
    preferred = np.lexsort((-own, np.round(np.abs(own) / near) if near else own))
    first = np.unique(group[preferred], return_index=True)[1]
    result[known] = own[preferred[first]][np.unique(group, return_inverse=True)[1]] + 0.0
    return result


def _neat(values: np.ndarray) -> bool:
    """Whether numbers have few digits, as those that someone wrote down have, and rounding has not."""
    return all(abs(float(f"{value:.4g}") - value) <= ROUNDING * abs(value) for value in np.unique(values).tolist())


def _numbers(values: np.ndarray, turn: float | None, beside: float) -> list[str | None]:
    """Write numbers out, as many digits as are more than rounding."""
    one = equal_within_rounding(values, turn, beside)
    known = one[np.isfinite(one)]
    if not known.size:
        return [None] * len(one)
    near = ROUNDING * np.abs(known).max()
    if (np.abs(known - np.round(known)) <= min(near, 0.01)).all():
        return _whole([round(value) if np.isfinite(value) else None for value in one])
    digits = max(int(np.ceil(-np.log10(near))), 0)
    # Rounded first: what is -0.0000 is 0.
    texts = [None if np.isnan(value) else f"{round(value, digits) + 0.0:.{digits}f}" for value in one]
    return [None if text is None else text.rstrip("0").rstrip(".") for text in texts]


def _whole(values: list[int | None]) -> list[str | None]:
    known = [value for value in values if value is not None]
    width = len(str(max(known, default=0))) if min(known, default=0) >= 0 else 0
    return [None if value is None else str(value).zfill(width) for value in values]
