"""Rates: from outcomes of runs to shares with their intervals, by metric and planted gamma."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from neurocompare.ranking.recovery import GammaRates, GridRates, Rates, Share

VERDICTS = ("resolved", "edge", "at most", "at least", "tied", "unreliable")


def share(hits: Sequence[float] | np.ndarray | pd.Series) -> Share:
    """Count hits (1) among runs (0 or 1; NaN does not count), with the 95 % interval of their share after Wilson.

    Returns
    -------
    Share

    References
    ----------
    Wilson (1927). Probable inference, the law of succession, and statistical inference. Journal of the American
    Statistical Association 22.

    Examples
    --------
    >>> found = share([1] * 19 + [0])
    >>> print(found)
    19 of 20: 95 % (76 to 99 %)
    """
    hits = np.asarray(hits, dtype=np.float64)
    hits = hits[~np.isnan(hits)]
    count, runs = int(hits.sum()), len(hits)
    if not runs:
        return Share(0, 0, None, None, None)
    bounds = binomtest(count, runs).proportion_ci(method="wilson")
    return Share(count, runs, count / runs, float(bounds.low), float(bounds.high))


def rates_of(outcomes: pd.DataFrame, gammas: Sequence[float]) -> GridRates:
    """Summarise the outcomes of one metric, centring and size.

    Parameters
    ----------
    outcomes : pandas.DataFrame
        Rows of `run_all`.
    gammas : sequence of float
        The grid, ascending.

    Returns
    -------
    GridRates
    """
    grid = outcomes[outcomes["kind"] == "grid"]
    confusion = tuple(
        tuple(int(((grid["gamma"] == planted) & (grid["best_gamma"] == named)).sum()) for named in gammas)
        for planted in gammas
    )
    return GridRates(
        confusion=confusion,
        unnamed=tuple(int(((grid["gamma"] == planted) & grid["best_gamma"].isna()).sum()) for planted in gammas),
        exact=share(_within(grid, 0.0)),
        **vars(_rates(grid)),
        by_gamma=tuple(GammaRates(gamma=gamma, **vars(_rates(grid[grid["gamma"] == gamma]))) for gamma in gammas),
        between=tuple(
            GammaRates(gamma=float(rows["gamma"].iloc[0]), **vars(_rates(rows)))
            for _, rows in outcomes[outcomes["kind"] == "between"].groupby("gamma")
        ),
    )


def _rates(rows: pd.DataFrame) -> Rates:
    return Rates(
        within_step=share(_within(rows, 1.0)),
        coverage=share(rows["covered"]),
        in_ceiling=share(rows["in_ceiling"]),
        own_in_ceiling=share(rows["own_in_ceiling"]),
        verdicts={verdict: int((rows["verdict"] == verdict).sum()) for verdict in VERDICTS},
    )


def _within(rows: pd.DataFrame, steps: float) -> np.ndarray:
    # A metric that names nothing has not come within a step of anything.
    return (rows["steps"].to_numpy(float) <= steps + 1e-9).astype(float)
