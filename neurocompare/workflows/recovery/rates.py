"""Rates: from outcomes of runs to shares with their intervals, by metric, planted gamma and nuisance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

VERDICTS = ("resolved", "edge", "tied", "unreliable")


def share(hits: Sequence[float] | np.ndarray | pd.Series) -> dict[str, float | int | None]:
    """Count hits (1) among runs (0 or 1; NaN does not count), with the 95 % interval of their share after Wilson.

    Returns
    -------
    dict
        ``count``, ``runs``, ``share``, ``low`` and ``high``; the last three None where there are no runs.

    References
    ----------
    Wilson (1927). Probable inference, the law of succession, and statistical inference. Journal of the American
    Statistical Association 22.

    Examples
    --------
    >>> found = share([1] * 19 + [0])
    >>> found["share"], round(found["low"], 3), round(found["high"], 3)
    (0.95, 0.764, 0.991)
    """
    hits = np.asarray(hits, dtype=np.float64)
    hits = hits[~np.isnan(hits)]
    count, runs = int(hits.sum()), len(hits)
    if not runs:
        return {"count": 0, "runs": 0, "share": None, "low": None, "high": None}
    bounds = binomtest(count, runs).proportion_ci(method="wilson")
    return {"count": count, "runs": runs, "share": count / runs, "low": float(bounds.low), "high": float(bounds.high)}


def rates_of(outcomes: pd.DataFrame, gammas: Sequence[float]) -> dict[str, Any]:
    """Summarise the outcomes of one metric, centring and size.

    Parameters
    ----------
    outcomes : pandas.DataFrame
        Rows of `run_all`.
    gammas : sequence of float
        The grid, ascending.

    Returns
    -------
    dict
        Of the gammas on the grid: ``confusion`` (row a planted gamma, column a named one; counts), ``unnamed`` (runs a
        planted gamma in which the metric could not be computed), ``by_gamma``; over all of them ``exact``,
        ``within_step``, ``coverage``, ``verdicts``, ``in_ceiling`` (of other networks of the planted gamma) and
        ``own_in_ceiling`` (of the recorded network itself, which is what the ceiling is about); the same, without
        `exact`, of what was planted ``between`` grid points and of each ``nuisance`` setting.
    """
    grid = outcomes[outcomes["kind"] == "grid"]
    confusion = [
        [int(((grid["gamma"] == planted) & (grid["best_gamma"] == named)).sum()) for named in gammas]
        for planted in gammas
    ]
    wrong = outcomes[~outcomes["kind"].isin(("grid", "between"))]
    return {
        "confusion": confusion,
        "unnamed": [int(((grid["gamma"] == planted) & grid["best_gamma"].isna()).sum()) for planted in gammas],
        "exact": share(_within(grid, 0.0)),
        **_rates(grid),
        "by_gamma": [{"gamma": gamma, **_rates(grid[grid["gamma"] == gamma])} for gamma in gammas],
        "between": [
            {"gamma": float(gamma), **_rates(rows)}
            for gamma, rows in outcomes[outcomes["kind"] == "between"].groupby("gamma")
        ],
        "nuisance": [
            {"plant": plant, "gamma": float(gamma), **_rates(rows)}
            for (plant, gamma), rows in wrong.groupby(["plant", "gamma"], sort=False)
        ],
    }


def _rates(rows: pd.DataFrame) -> dict[str, Any]:
    return {
        "within_step": share(_within(rows, 1.0)),
        "coverage": share(rows["covered"]),
        "in_ceiling": share(rows["in_ceiling"]),
        "own_in_ceiling": share(rows["own_in_ceiling"]),
        "verdicts": {verdict: int((rows["verdict"] == verdict).sum()) for verdict in VERDICTS},
    }


def _within(rows: pd.DataFrame, steps: float) -> np.ndarray:
    # A metric that names nothing has not come within a step of anything.
    return (rows["steps"].to_numpy(float) <= steps + 1e-9).astype(float)
