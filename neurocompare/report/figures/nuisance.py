"""Figure over nuisance settings: every setting's scores along gamma, their profile and their marginal."""

from __future__ import annotations

import numpy as np

from neurocompare.ranking.nuisance import MetricNuisance
from neurocompare.report.figures.style import BLUE, INK, MUTED, ORANGE, GammaAxis, Given, legend, panels, shorten, title


def nuisance_curves(
    name: str, result: MetricNuisance, *, planted: float | None = None, axes: Given = None
) -> np.ndarray:
    """Draw adjusted scores at every setting (thin), with the highest of them and their mean at each gamma.

    Parameters
    ----------
    name : str
        Of the metric.
    result : MetricNuisance
        With a profile. The first setting is the run's own.
    planted : float, optional
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no profile.

    Examples
    --------
    >>> from neurocompare.ranking import GammaScore
    >>> from neurocompare.ranking.nuisance import Combined, SettingAnswer, Shift
    >>> scores = (GammaScore(0.2, 0.5, 0.4, 0.6), GammaScore(0.4, 0.7, 0.6, 0.8))
    >>> names, none = ("g = 1.5", "g = 1.8"), Shift(0, 0, 0)
    >>> settings = tuple(SettingAnswer(name, 0.4, (0.2, 0.4), "tied", scores, none) for name in names)
    >>> over = Combined(scores, 0.4, 0.4, (0.2, 0.4))
    >>> axes = nuisance_curves("cka", MetricNuisance(settings, profile=over, marginal=over))
    >>> axes[0, 0].get_title(loc="left"), axes[0, 0].get_ylabel()
    ('cka', 'score (higher: more similar)')
    """
    _, axes = panels(height=3.6, axes=axes)
    axis = axes[0, 0]
    first, *others = result.settings
    grid = GammaAxis(tuple(score.gamma for score in first.judged))
    grid.mark_planted(axis, planted)
    for setting in others:
        grid.draw(axis, [score.mean for score in setting.judged], color=MUTED, lw=0.8, label="another setting")
    profile, marginal = result.profile, result.marginal
    if profile is None or marginal is None:
        raise ValueError(f"expected {name} with a profile over settings, found none")
    grid.draw_scores(axis, profile.judged, color=INK, label="highest of all settings")
    averages = [score.mean for score in marginal.judged]
    grid.draw(axis, averages, color=ORANGE, lw=1.4, ls="--", marker="s", ms=3, label="mean of settings")
    grid.draw(axis, [score.mean for score in first.judged], color=BLUE, lw=1.3, label="the run's own setting")
    foot = axis.get_xaxis_transform()
    axis.plot(grid.at(profile.gamma_interval), [0.035, 0.035], color=INK, lw=3.2, transform=foot)
    grid.dress(axis)
    axis.margins(y=0.12)
    axis.set_ylabel("adjusted score" if first.adjusted else "score (higher: more similar)")
    title(axis, shorten(name))
    legend(axes[:, 0])
    return axes
