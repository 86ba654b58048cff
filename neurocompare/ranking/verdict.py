"""Verdict: what a metric's scores allow one to say, in one word and one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from neurocompare.ranking.axis import GAMMA, Axis
from neurocompare.ranking.ceiling import Ceiling, null_reached
from neurocompare.ranking.contrast import LEVEL, Contrast, Differences
from neurocompare.ranking.null import Null

Verdict = Literal["resolved", "edge", "at most", "at least", "tied", "unreliable"]

BOUNDING: tuple[Verdict, ...] = ("at most", "at least")
"""Verdicts that leave one side open."""


@dataclass(frozen=True)
class Bounds:
    """Between which gammas of the grid the best may be: those outside score significantly lower than the best one.

    A model confidence set without its gaps: p is corrected for all pairs, so that the gamma of highest expected score
    is left out in at most 5 % of experiments.

    Attributes
    ----------
    low, high : float or None
        None where the grid ends before anything is significantly worse.
    below, above : float or None
        The nearest gammas outside.

    References
    ----------
    Hansen, Lunde & Nason (2011). The model confidence set. Econometrica 79.
    """

    low: float | None = None
    high: float | None = None
    below: float | None = None
    above: float | None = None


def bounds_of(gammas: Sequence[float], best: int, apart: Differences) -> Bounds:
    """Leave out what scores significantly lower than the best, from both ends of the grid inwards.

    Parameters
    ----------
    gammas : sequence of float
        The grid, ascending.
    best : int
        Place of the gamma of highest mean score.
    apart : Differences
        Of all gammas, and what else was compared after them.

    Returns
    -------
    Bounds

    Examples
    --------
    >>> import numpy as np
    >>> from neurocompare.ranking.contrast import differences
    >>> noise = np.random.default_rng(0).standard_normal((4000, 4))
    >>> bounds_of([0.0, 0.1, 0.4, 1.6], 1, differences(np.array([5.0, 6.0, 5.5, 0.0]), noise))
    Bounds(low=None, high=0.4, below=None, above=1.6)
    """
    open_ = [place for place in range(len(gammas)) if place == best or apart.p[best, place] >= LEVEL]
    first, last = open_[0], open_[-1]
    return Bounds(
        low=gammas[first] if first else None,
        high=gammas[last] if last < len(gammas) - 1 else None,
        below=gammas[first - 1] if first else None,
        above=gammas[last + 1] if last < len(gammas) - 1 else None,
    )


NO_BOUNDS = Bounds()


def worse(bounds: Bounds, verdict: Literal["at most", "at least"], gammas: Sequence[float]) -> str:
    """Say which gammas score significantly lower, on the side that a verdict speaks of.

    Examples
    --------
    >>> bounds, gammas = Bounds(below=0.0, above=1.6), [0.0, 0.4, 1.6, 3.2]
    >>> worse(bounds, "at most", gammas), worse(bounds, "at least", gammas)
    ('1.6 and above', '0')
    """
    if verdict == "at most":
        return f"{bounds.above:g}" if bounds.above == max(gammas) else f"{bounds.above:g} and above"
    return f"{bounds.below:g}" if bounds.below == min(gammas) else f"{bounds.below:g} and below"


def rival(against: str, axis: Axis = GAMMA) -> str:
    """Say in a sentence what the best gamma is held against.

    Examples
    --------
    >>> rival("largest"), rival("smallest", Axis("decay", "decay", "log"))
    ('the largest gamma', 'the smallest value of decay')
    """
    if against == "kinematic":
        return "units that only follow the movement"
    return f"the {against} {axis.noun}" if against in ("smallest", "largest") else f"the {against}"


def verdict_of(
    *,
    gammas: Sequence[float],
    best: float,
    interval: tuple[float, float],
    ceiling: Ceiling,
    nulls: Mapping[str, Null],
    contrasts: Sequence[Contrast],
    bounds: Bounds = NO_BOUNDS,
    axis: Axis = GAMMA,
) -> tuple[Verdict, str]:
    """Judge what the scores of one metric say about gamma.

    unreliable: the recording's own ceiling reaches down to a null, or no null says anything. resolved: every null that
    says something is beaten; the best gamma scores higher than both ends of the grid and than kinematic tuning, each
    with a corrected p below 0.05; and its interval leaves out at least one grid point on each side. edge: the same, but
    the best gamma is an end of the grid. at most, at least: nulls and kinematic tuning are beaten, and larger (smaller)
    gammas score significantly lower than the best, though those at the other end of the grid do not. tied: otherwise.
    The nulls ask whether there is any likeness, the contrasts whether gamma matters to it.

    Parameters
    ----------
    gammas : sequence of float
        The grid, ascending.
    best : float
        The gamma of highest mean score.
    interval : tuple of (float, float)
        Of the best gamma.
    ceiling : Ceiling
    nulls : mapping of name to Null
    contrasts : sequence of Contrast
        Of the best gamma, against what `rival` can name.
    bounds : Bounds
        Beyond which gammas score significantly lower.
    axis : Axis
        How its values are called.

    Returns
    -------
    tuple of (str, str)
        The verdict, and why in a sentence.

    Examples
    --------
    >>> nulls = {"conditions": Null(mean=0.1, high=0.2, p=0.01)}
    >>> found = {"gammas": [0.0, 0.1, 0.4, 1.6, 6.4], "best": 0.4, "nulls": nulls, "ceiling": Ceiling(0.7, 0.9)}
    >>> sure = [Contrast("reservoir", 0.2, 0.1, 0.3, 0.001), Contrast("largest", 0.2, 0.1, 0.3, 0.001)]
    >>> verdict_of(interval=(0.1, 1.6), contrasts=sure, **found)[0]
    'resolved'
    >>> verdict_of(interval=(0.1, 1.6), contrasts=[Contrast("largest", 0.01, -0.1, 0.12, 0.4)], **found)
    ('tied', 'gamma 0.4 does not score significantly higher than the largest gamma (corrected p = 0.4)')
    >>> half = [Contrast("reservoir", 0.01, -0.1, 0.12, 0.4), sure[1]]
    >>> verdict_of(interval=(0.0, 0.5), contrasts=half, bounds=Bounds(high=0.4, above=1.6), **found)[0]
    'at most'
    """
    low, high = interval
    saying = {name: null for name, null in nulls.items() if null.says}
    if not saying:
        return "unreliable", "no null says anything about it: scores are the same when what matches is broken"
    if name := null_reached(ceiling, nulls):
        return "unreliable", (
            f"two halves of the recording score {ceiling.low:.3g} to {ceiling.high:.3g} against each other, which "
            f"reaches down to the null '{name}' at {nulls[name].mean:.3g}"
        )
    for name, null in saying.items():
        if null.p >= LEVEL:
            return "tied", f"the best score does not stand out from the null '{name}' (max-corrected p = {null.p:.2g})"
    unsure = [contrast for contrast in contrasts if contrast.difference < 0 or contrast.p >= LEVEL]
    if unsure and all(contrast.against != "kinematic" for contrast in unsure):
        if bounds.low is None and bounds.above is not None:
            return "at most", _one_side(unsure[0], best, worse(bounds, "at most", gammas), axis)
        if bounds.high is None and bounds.below is not None:
            return "at least", _one_side(unsure[0], best, worse(bounds, "at least", gammas), axis)
    if unsure:
        return "tied", _unsure(unsure[0], best, axis)
    ends = zip(("low", "high"), (gammas[0], gammas[-1]), interval, strict=True)
    reached = [f"the {side} end" for side, end, bound in ends if end == bound]
    beaten = f"every null is beaten (largest p = {max(null.p for null in saying.values()):.2g})"
    if contrasts:
        rivals = " and ".join(rival(contrast.against, axis) for contrast in contrasts)
        beaten += f", the best {axis.noun} beats {rivals} (largest p = {max(contrast.p for contrast in contrasts):.2g})"
    within = f"the 95 % interval of the best {axis.noun}, {low:.3g} to {high:.3g},"
    if not reached:
        return "resolved", f"{beaten} and {within} leaves out both ends of the grid"
    if best in (gammas[0], gammas[-1]) and len(reached) == 1:
        return "edge", f"{beaten}, but the best {axis.noun}, {best:g}, is {reached[0]} of the grid"
    return "tied", f"{within} reaches {' and '.join(reached)} of the grid"


def _unsure(contrast: Contrast, best: float, axis: Axis) -> str:
    if contrast.difference < 0:
        return f"{axis.name} {best:g} scores no higher than {rival(contrast.against, axis)}"
    return (
        f"{axis.name} {best:g} does not score significantly higher than {rival(contrast.against, axis)} "
        f"(corrected p = {contrast.p:.2g})"
    )


def _one_side(contrast: Contrast, best: float, lower: str, axis: Axis) -> str:
    lower = f"networks at {axis.name} {lower} score significantly lower than {best:g}"
    return f"every null is beaten, and {lower}, but {_unsure(contrast, best, axis)}"
