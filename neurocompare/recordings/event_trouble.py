"""Why a trial column is no event, as far as its numbers tell: another unit, another origin."""

from __future__ import annotations

import numpy as np
import pandas as pd

from neurocompare.recordings.candidates import BOUNDS, MOSTLY, inside_trials
from neurocompare.recordings.time_units import likely_unit

SHORT = 0.1
"""In s: events that all lie so close to their trial's start are not told from numbers of another kind."""


def trouble_with(trials: pd.DataFrame, name: str) -> str:
    """Say what the numbers of a column look to be if they are no times inside their trials; empty if nothing known.

    Examples
    --------
    >>> start = 10.0 + 3 * np.arange(5)
    >>> trials = pd.DataFrame({"start_time": start, "stop_time": start + 2})
    >>> trials["go"], trials["lift"] = 1000 * (start + 0.5), 0.5 + 0.1 * np.arange(5)
    >>> trouble_with(trials, "go")
    '; go looks to be in ms: convert it to s'
    >>> trouble_with(trials, "lift")
    '; lift lies inside trials if it counts from their start: if so, name it with --relative too'
    """
    if name not in trials or trials[name].dtype.kind not in "iuf":
        return ""
    values = trials[name].to_numpy(dtype=float)
    known = np.isfinite(values)
    if not known.any():
        return f"; {name} is missing in every trial"
    start, stop = (trials[bound].to_numpy(dtype=float) for bound in BOUNDS)

    def fits(times: np.ndarray) -> bool:
        return bool(inside_trials(trials, times)[known].mean() >= MOSTLY)

    def within(lags: np.ndarray) -> bool:
        inside = (lags >= 0) & (lags <= stop - start)
        return bool(inside[known].mean() >= MOSTLY and np.quantile(lags[known], MOSTLY) > SHORT)

    if (unit := likely_unit(lambda factor: fits(values * factor))) is not None:
        return f"; {name} looks to be in {unit}: convert it to s"
    if within(values):
        return f"; {name} lies inside trials if it counts from their start: if so, name it with --relative too"
    continuous = len(np.unique(values[known])) > known.sum() / 2
    if continuous and (unit := likely_unit(lambda factor: factor < 1 and within(values * factor))) is not None:
        return f"; {name} lies inside trials if it counts from their start in {unit}: convert it to s"
    share = 1 - inside_trials(trials, values)[known].mean()
    return f"; {share:.0%} of {name} lies outside its trials"
