"""Flags of trials, however they are stored: booleans, 0 and 1, or words."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.recordings.condition_labels import is_missing

TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0", "success", "successful", "hit", "correct", "rewarded", "good"})
FALSE = frozenset(
    {"false", "f", "no", "n", "0", "0.0", "failure", "failed", "fail", "miss", "incorrect", "error", "wrong"}
    | {"unsuccessful", "unrewarded", "not rewarded", "bad", "abort", "aborted"}
)
UNKNOWN = frozenset({"-1", "-1.0", "none"})
"""Beside what is missing in any column of text."""


def flag(trials: pd.DataFrame, name: str) -> np.ndarray:
    """Read a column as booleans, shape (trial,); a missing value is false, as are -1 and NaN.

    Raises
    ------
    InputError
        If a value is neither yes nor no: what it means is not for us to say.

    Examples
    --------
    >>> trials = pd.DataFrame({"hit": ["True", "miss", ""], "code": [1.0, -1.0, np.nan], "rank": [1, 2, 3]})
    >>> flag(trials, "hit").tolist(), flag(trials, "code").tolist()
    ([True, False, False], [True, False, False])
    >>> flag(trials, "rank")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected yes or no in the trial column 'rank', found 2, 3 too; say which trials
    count with --valid, as in "rank == 2", or correct the column
    """
    values = trials[name]
    if values.dtype.kind == "b":
        return values.to_numpy()
    if values.dtype.kind in "iuf":
        values = values.to_numpy(dtype=float)
        true, false = values == 1, np.isin(values, (0.0, -1.0)) | np.isnan(values)
    else:
        words = [_word(value) for value in values]
        true, false = (np.array([word in some for word in words], bool) for some in (TRUE, FALSE | UNKNOWN | {""}))
    other = ~(true | false)
    if other.any():
        others = list(dict.fromkeys(trials[name].to_numpy()[other].tolist()))
        named = ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in others[:4])
        example = repr(others[0]) if not isinstance(others[0], float) else f"{others[0]:g}"
        raise InputError(
            f"expected yes or no in the trial column {name!r}, found {named}{' and others' if others[4:] else ''} too; "
            f'say which trials count with --valid, as in "{name} == {example}", or correct the column'
        )
    return true


def with_success(trials: pd.DataFrame, valid: str | None) -> tuple[pd.DataFrame, list[str]]:
    """Make the column ``success`` one of booleans, and say so where it says nothing.

    What no flag can mean is left to the query that says which trials count, if that asks about it.

    Parameters
    ----------
    trials : pandas.DataFrame
    valid : str, optional
        The user's query, already applied.

    Returns
    -------
    trials : pandas.DataFrame
    notes : list of str

    Raises
    ------
    InputError
        If the column is no flag, and no query says what it means.

    Examples
    --------
    >>> with_success(pd.DataFrame({"success": ["True", "False"]}), None)[0]["success"].tolist()
    [True, False]
    """
    if "success" not in trials or trials["success"].dtype.kind == "b":
        return trials, []
    if all(is_missing(value) for value in trials["success"]):
        return trials.assign(success=True), ["The column success is empty: all trials are taken to have succeeded."]
    try:
        return trials.assign(success=flag(trials, "success")), []
    except InputError:
        if valid is None or not re.search(r"\bsuccess\b", valid):
            raise
        return trials.assign(success=True), [f"Which trials succeeded is as chosen: {valid}."]


def exclude(trials: pd.DataFrame, where: np.ndarray | pd.Series, reason: str) -> pd.DataFrame:
    """Give trials a reason not to be used, unless they have one already.

    Examples
    --------
    >>> exclude(exclude(pd.DataFrame(index=[0, 1, 2]), [True, False, False], "aborted"), [True, True, False], "late")
      excluded
    0  aborted
    1     late
    2
    """
    before = trials["excluded"].to_numpy(dtype=object) if "excluded" in trials else np.full(len(trials), "", object)
    return trials.assign(excluded=np.where(np.asarray(where, dtype=bool) & (before == ""), reason, before))


def _word(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if is_missing(value):
        return ""
    return str(value).strip().casefold()
