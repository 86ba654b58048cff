"""Figure over nuisance settings: every setting's scores along gamma, their profile and their marginal."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from neurocompare.ranking.nuisance import MetricNuisance
from neurocompare.report.figures.style import BLUE, INK, MUTED, ORANGE, PURPLE, GammaAxis, panels, shorten, title


def nuisance_curves(name: str, result: MetricNuisance, *, planted: float | None = None) -> Figure:
    """Draw adjusted scores at every setting (thin), with the highest of them and their mean at each gamma.

    Parameters
    ----------
    name : str
        Of the metric.
    result : MetricNuisance
        With a profile. The first setting is the run's own.
    planted : float, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = panels()
    axis = axes[0, 0]
    first, *others = result.settings
    grid = GammaAxis(tuple(score.gamma for score in first.judged))
    if planted is not None:
        axis.axvline(grid.at([planted])[0], color=PURPLE, lw=1.6, ls=(0, (5, 2)))
    for setting in others:
        grid.draw(axis, [score.mean for score in setting.judged], color=MUTED, lw=0.8)
    profile, marginal = result.profile, result.marginal
    if profile is None or marginal is None:
        message = f"expected {name} with a profile over settings, found none"
        raise ValueError(message)
    mean, low, high = np.array([(score.mean, score.low, score.high) for score in profile.judged]).T
    places = grid.at([score.gamma for score in profile.judged])
    axis.errorbar(places, mean, yerr=[mean - low, high - mean], fmt="none", ecolor=INK, elinewidth=1.2)
    grid.draw(axis, mean, color=INK, lw=1.6, marker="o", ms=4)
    grid.draw(axis, [score.mean for score in marginal.judged], color=ORANGE, lw=1.4, ls="--", marker="s", ms=3)
    grid.draw(axis, [score.mean for score in first.judged], color=BLUE, lw=1.3)
    foot = axis.get_xaxis_transform()
    axis.plot(grid.at(profile.gamma_interval), [0.035, 0.035], color=INK, lw=3.2, transform=foot)
    grid.dress(axis)
    axis.margins(y=0.12)
    axis.set_ylabel("adjusted score" if first.adjusted else "score (higher: more similar)")
    title(axis, shorten(name))
    return figure
