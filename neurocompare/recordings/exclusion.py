"""Trials that are not to be used, with the reason in their table."""

from __future__ import annotations

import numpy as np
import pandas as pd


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
