"""Verdict: what a metric's scores allow one to say, in one word and one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from neurocompare.ranking.null import Null

Verdict = Literal["resolved", "edge", "tied", "unreliable"]

SIGNIFICANCE = 0.05
"""The max-corrected p of every null stays below this before any gamma is named."""


def verdict_of(
    *,
    gammas: Sequence[float],
    best: float,
    interval: tuple[float, float],
    ceiling: tuple[float, float],
    nulls: Mapping[str, Null],
) -> tuple[Verdict, str]:
    """Judge what the scores of one metric say about gamma.

    unreliable: the recording's own ceiling reaches down to a null. resolved: every null is beaten and the interval of
    the best gamma leaves out at least one grid point on each side. edge: the same, but the best gamma is an end of the
    grid, so that a point is left out on the other side only. tied: otherwise.

    Parameters
    ----------
    gammas : sequence of float
        The grid, ascending.
    best : float
        The gamma of highest mean score.
    interval : tuple of (float, float)
        Of the best gamma, grid values.
    ceiling : tuple of (float, float)
        Interval of the score between two halves of the recording.
    nulls : mapping of name to Null

    Returns
    -------
    tuple of (str, str)
        The verdict, and why in a sentence.

    Examples
    --------
    >>> nulls = {"conditions": Null(mean=0.1, high=0.2, p=0.01)}
    >>> grid = [0.0, 0.1, 0.4, 1.6, 6.4]
    >>> verdict_of(gammas=grid, best=0.4, interval=(0.1, 1.6), ceiling=(0.7, 0.9), nulls=nulls)[0]
    'resolved'
    >>> verdict_of(gammas=grid, best=0.4, interval=(0.0, 1.6), ceiling=(0.7, 0.9), nulls=nulls)
    ('tied', 'the 95 % interval of the best gamma, 0 to 1.6, reaches the low end of the grid')
    """
    ends = (gammas[0], gammas[-1])
    low, high = interval
    for name, null in nulls.items():
        if ceiling[0] <= null.mean:
            return "unreliable", (
                f"two halves of the recording score {ceiling[0]:.3g} to {ceiling[1]:.3g} against each other, which "
                f"reaches down to the null '{name}' at {null.mean:.3g}"
            )
    for name, null in nulls.items():
        if null.p >= SIGNIFICANCE:
            return "tied", f"the best score does not stand out from the null '{name}' (max-corrected p = {null.p:.2g})"
    if not low <= best <= high:
        return "tied", f"gamma {best:g} scores highest on average but is rarely best in single draws"
    reached = [f"the {side} end" for side, end in zip(("low", "high"), ends, strict=True) if end in interval]
    beaten = f"every null is beaten (largest p = {max(null.p for null in nulls.values()):.2g})"
    within = f"the 95 % interval of the best gamma, {low:g} to {high:g},"
    if not reached:
        return "resolved", f"{beaten} and {within} leaves out both ends of the grid"
    if best in ends and len(reached) == 1:
        return "edge", f"{beaten}, but the best gamma, {best:g}, is {reached[0]} of the grid"
    return "tied", f"{within} reaches {' and '.join(reached)} of the grid"
