"""Figures along gamma, or another axis: scores, how often each is best, where metrics agree, and how networks fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from neurocompare.ranking import Fit, GammaScore, MetricRanking
from neurocompare.ranking.axis import GAMMA, Axis
from neurocompare.ranking.sentence import NAMING
from neurocompare.ranking.theory_result import InfiniteScore
from neurocompare.report.figures.rows import LONGEST, name_rows, share_bars
from neurocompare.report.figures.style import (
    BLUE,
    GREEN,
    INK,
    LINE,
    MUTED,
    NULL_LINES,
    ORANGE,
    GammaAxis,
    Given,
    legend,
    panels,
    shorten,
    title,
)

SCORE = {"color": BLUE, "elinewidth": 1.6, "ms": 4.5, "label": "score", "zorder": 2.5}
"""How scores are drawn: on top, though they are drawn, and so named, first."""

CENTRED = {"unit": "each unit's mean removed", "condition-mean": "condition mean removed"}


def score_curve(
    name: str,
    result: MetricRanking,
    *,
    centred: MetricRanking | None = None,
    planted: float | None = None,
    theory: Sequence[InfiniteScore] = (),
    along: Axis = GAMMA,
    axes: Given = None,
) -> np.ndarray:
    """Score against gamma with ceiling and nulls, and below it the adjusted score, which gamma is read off.

    The lower panel has the smooth curve, the best gamma and its interval. Where there is no adjusted score they are in
    the upper one, which is then alone.

    Parameters
    ----------
    name : str
        Of the metric.
    result : MetricRanking
        Under per-unit centring; at least one score.
    centred : MetricRanking, optional
        Its mean scores with the mean over conditions removed as well: a second, dashed line.
    planted : float, optional
        The recording's true gamma, where it was made from a network.
    theory : sequence of InfiniteScore
        Scores of infinite networks, ascending in gamma: a thin line, crosses where it has not converged.
    along : Axis
        What was ranked along.
    axes : Axes or sequence of Axes, optional
        To draw in, two, one above the other, where there are adjusted scores; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.ranking import GammaScore
    >>> scores = (GammaScore(0.0, 0.5, 0.4, 0.6), GammaScore(0.4, 0.7, 0.6, 0.8), GammaScore(0.8, 0.6, 0.5, 0.7))
    >>> best = {"best_gamma": 0.4, "gamma_interval": (0.3, 0.8)}
    >>> found = MetricRanking("cka", (0, 1), 80, 0, "resolved", "", scores=scores, **best)
    >>> axes = score_curve("cka", found, planted=0.4)
    >>> axes[0, 0].get_title(loc="left"), axes[0, 0].get_xlabel(), axes[0, 0].get_ylabel()
    ('cka', 'structure parameter γ', 'score (higher: more similar)')
    """
    two = bool(result.adjusted)
    _, axes = panels(2, height=4.2, heights=(1.5, 1), axes=axes) if two else panels(height=3.3, axes=axes)
    grid = GammaAxis(tuple(each.gamma for each in result.scores), along)
    upper, lower = axes[0, 0], axes[-1, 0]
    _scores(upper, grid, result, centred, theory)
    for axis in axes[:, 0]:
        grid.mark_planted(axis, planted)
    if two:
        # The smooth curve joins them: gamma is read off it.
        grid.draw_scores(lower, result.adjusted, **SCORE, ls="" if result.curve else "-")
        lower.set_ylabel("adjusted score")
        upper.tick_params(labelbottom=False)
    _answer(lower, grid, result)
    for axis in axes[:, 0]:
        grid.dress(axis, label=axis is lower)
        axis.margins(y=0.12)
    upper.set_ylabel("score" if two else "score (higher: more similar)")
    title(upper, shorten(name))
    legend(axes[:, 0], columns=3)
    return axes


def _scores(
    axis: Axes, grid: GammaAxis, result: MetricRanking, centred: MetricRanking | None, theory: Sequence[InfiniteScore]
) -> None:
    """Draw likenesses, and what they are held against."""
    grid.draw_scores(axis, result.scores, **SCORE)
    if centred is not None and centred.scores:
        _, other, _, _ = _columns(centred.scores)
        grid.draw(axis, other, color=ORANGE, lw=1.3, ls="--", marker="s", ms=3, label="condition mean removed")
    if theory:
        _theory_line(axis, grid, theory)
    if ceiling := result.ceiling:
        axis.axhspan(ceiling.low, ceiling.high, color=GREEN, alpha=0.2, lw=0, label="noise ceiling")
        axis.axhline((ceiling.low + ceiling.high) / 2, color=GREEN, lw=1.2)
    for place, (null_name, null) in enumerate(result.nulls.items()):
        if null.says:
            axis.axhspan(null.mean, null.high, color=MUTED, alpha=0.1, lw=0)
            axis.axhline(null.high, color=MUTED, lw=1.1, ls=NULL_LINES[place % 3], label=f"null: {null_name}")


def _answer(axis: Axes, grid: GammaAxis, result: MetricRanking) -> None:
    """Draw the smooth curve, and mark the best gamma and its interval."""
    gammas, _, _, _ = _columns(result.judged)
    first = min(gammas[gammas > 0], default=0) if grid.axis.scale == "log" else gammas[0]
    smooth = [point for point in result.curve if point.gamma >= first]
    axis.plot(
        grid.at([point.gamma for point in smooth]), [point.score for point in smooth], color=INK, lw=1.1, zorder=3
    )
    mark_answer(axis, grid, result)


def mark_answer(axis: Axes, grid: GammaAxis, result: MetricRanking) -> None:
    """Mark the best gamma on its score, and its interval."""
    gammas, mean, _, _ = _columns(result.judged)
    best, interval = result.answer
    label = f"best {grid.axis.label}"
    axis.plot(grid.at([best]), mean[gammas == best], "o", ms=11, mfc="none", mec=INK, mew=1.4, label=label, zorder=3)
    # Just above the axis, out of the way of the scores.
    foot = axis.get_xaxis_transform()
    axis.plot(
        grid.at(interval), [0.035, 0.035], color=INK, lw=3.2, solid_capstyle="butt", transform=foot,
        label="its 95 % interval",
    )  # fmt: skip


def _theory_line(axis: Axes, grid: GammaAxis, theory: Sequence[InfiniteScore]) -> None:
    """Draw the scores of infinite networks, with their 95 % intervals as a band, within the zoo's range of gamma."""
    reach = [row for row in theory if grid.gammas[0] <= row.gamma <= grid.gammas[-1]]
    # 0 stands apart on this axis, so the line begins at the next gamma.
    positive = [row for row in reach if row.gamma > 0]
    if positive:
        gammas, mean, low, high = _columns(positive)
        axis.fill_between(grid.at(gammas), low, high, color=INK, alpha=0.1, lw=0)
        axis.plot(grid.at(gammas), mean, color=INK, lw=1, ls=(0, (1, 1)), label="infinite networks")
    for row in reach:
        marker = "." if row.converged else "x"
        axis.plot(grid.at([row.gamma]), [row.mean], marker, color=INK, ms=4)


def best_shares(results: Mapping[str, MetricRanking], *, along: Axis = GAMMA, axes: Given = None) -> np.ndarray:
    """How often each gamma scores highest over the resamples, one row of bars a metric.

    Parameters
    ----------
    results : mapping of metric name to MetricRanking
        At least one with scores; the others are left out.
    along : Axis
    axes : Axes or sequence of Axes, optional
        To draw in, one a metric; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.ranking import GammaScore
    >>> from neurocompare.ranking.metric_ranking import GammaShare
    >>> scores = GammaScore(0.4, 0.7, 0.6, 0.8), GammaScore(0.8, 0.6, 0.5, 0.7)
    >>> shares = GammaShare(0.4, 0.75), GammaShare(0.8, 0.25)
    >>> found = MetricRanking("cka", (0, 1), 80, 0, "resolved", "", scores=scores, p_best=shares)
    >>> axes = best_shares({"cka": found})
    >>> [float(bar.get_height()) for bar in axes[0, 0].patches]
    [0.75, 0.25]
    """
    shown = {name: result.p_best for name, result in results.items() if result.scores}
    return share_bars(shown, along=along, axes=axes)[0]


def agreement(
    results: Mapping[str, MetricRanking],
    centred: Mapping[str, MetricRanking],
    *,
    planted: float | None = None,
    along: Axis = GAMMA,
    axes: Given = None,
) -> np.ndarray:
    """Best gamma and its 95 % interval, by metric and centring, one under the other.

    Parameters
    ----------
    results, centred : mapping of metric name to MetricRanking
        Per-unit centring, and with the mean over conditions removed. At least one result with scores.
    planted : float, optional
    along : Axis
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.ranking import GammaScore
    >>> scores = (GammaScore(0.0, 0.5, 0.4, 0.6), GammaScore(0.4, 0.7, 0.6, 0.8), GammaScore(0.8, 0.6, 0.5, 0.7))
    >>> best = {"best_gamma": 0.4, "gamma_interval": (0.3, 0.8)}
    >>> found = MetricRanking("cka", (0, 1), 80, 0, "resolved", "", scores=scores, **best)
    >>> axes = agreement({"cka": found}, {})
    >>> [label.get_text() for label in axes[0, 0].get_yticklabels()]
    ['cka']
    """
    rows = [(name, result, kind) for name in results for kind, result in _centrings(name, results, centred)]
    gammas = sorted({entry.gamma for _, result, _ in rows for entry in result.scores})
    grid = GammaAxis(tuple(gammas), along)
    _, axes = panels(height=1.2 + 0.25 * len(rows), axes=axes)
    axis = axes[0, 0]
    for place in grid.at(gammas):
        axis.axvline(place, color=LINE, lw=0.7, zorder=0)
    grid.mark_planted(axis, planted)
    for row, (_, result, kind) in enumerate(rows):
        colour, marker, style = (BLUE, "o", "-") if kind == "unit" else (ORANGE, "s", "--")
        filled = colour if result.verdict in NAMING else "none"
        best, interval = result.answer
        axis.plot(grid.at(interval), [row, row], color=colour, lw=2, ls=style, label=CENTRED[kind])
        axis.plot(grid.at([best]), [row], marker, ms=7, color=colour, mfc=filled, mew=1.5)
    for filled, text in ((INK, "resolved or edge"), ("none", "any other verdict")):
        axis.plot([], [], "o", ms=6, color=INK, mfc=filled, mew=1.2, label=text)
    names = [name for name, _, _ in rows]
    labels = [shorten(name, 14) if name not in names[:row] else "" for row, name in enumerate(names)]
    name_rows(axis, labels)
    grid.dress(axis)
    legend(axes[:, 0])
    return axes


def by_recording(
    name: str,
    together: MetricRanking,
    alone: Mapping[str, MetricRanking],
    *,
    planted: float | None = None,
    along: Axis = GAMMA,
    axes: Given = None,
) -> np.ndarray:
    """Best gamma and its 95 % interval in each recording by itself, and below in all of them together.

    Parameters
    ----------
    name : str
        Of the metric.
    together : MetricRanking
        With scores.
    alone : mapping of recording to MetricRanking
        Those without scores get a row without a mark.
    planted : float, optional
    along : Axis
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.ranking import GammaScore
    >>> scores = (GammaScore(0.0, 0.5, 0.4, 0.6), GammaScore(0.4, 0.7, 0.6, 0.8), GammaScore(0.8, 0.6, 0.5, 0.7))
    >>> best = {"best_gamma": 0.4, "gamma_interval": (0.3, 0.8)}
    >>> found = MetricRanking("cka", (0, 1), 80, 0, "resolved", "", scores=scores, **best)
    >>> axes = by_recording("cka", found, {"monday": found, "tuesday": found})
    >>> [label.get_text() for label in axes[0, 0].get_yticklabels()]
    ['monday', 'tuesday', 'all together']
    """
    gammas = [entry.gamma for entry in together.scores]
    grid = GammaAxis(tuple(gammas), along)
    rows = [*((recording, result, BLUE) for recording, result in alone.items()), ("all together", together, INK)]
    _, axes = panels(height=1.0 + 0.3 * len(rows), axes=axes)
    axis = axes[0, 0]
    for place in grid.at(gammas):
        axis.axvline(place, color=LINE, lw=0.7, zorder=0)
    grid.mark_planted(axis, planted)
    for row, (_, result, colour) in enumerate(rows):
        if result.best_gamma is None:
            continue
        best, interval = result.answer
        filled = colour if result.verdict in NAMING else "none"
        axis.plot(grid.at(interval), [row, row], color=colour, lw=2)
        axis.plot(grid.at([best]), [row], "o", ms=7, color=colour, mfc=filled, mew=1.5)
    name_rows(axis, [shorten(recording, LONGEST) for recording, _, _ in rows])
    grid.dress(axis)
    title(axis, shorten(name))
    return axes


def fit_curve(fit: Sequence[Fit], zoo: pd.DataFrame, *, along: Axis = GAMMA, axes: Given = None) -> np.ndarray:
    """Loss against gamma, a point a network, divided by the loss of a zero output.

    Parameters
    ----------
    fit : sequence of Fit
    zoo : pandas.DataFrame
        With columns gamma, relative_loss and converged.
    along : Axis
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.ranking import Fit
    >>> zoo = pd.DataFrame({"gamma": [0.0, 0.4], "relative_loss": [0.3, 0.1], "converged": [True, True]})
    >>> axes = fit_curve([Fit(0.0, 0.3), Fit(0.4, 0.1)], zoo)
    >>> axes[0, 0].get_title(loc="left"), axes[0, 0].get_yscale()
    ('fit (lower is better)', 'log')
    """
    _, axes = panels(height=3.0, axes=axes)
    axis = axes[0, 0]
    gammas = tuple(entry.gamma for entry in fit)
    grid = GammaAxis(gammas, along)
    axis.axhline(1.0, color=MUTED, lw=1, ls=":", label="no better than silence")
    for converged, marker, text in ((True, "o", "a network"), (False, "x", "its chain has not converged")):
        rows = zoo[zoo["converged"].astype(bool) == converged]
        if rows.empty:
            continue
        places = grid.at(rows["gamma"].to_numpy(float))
        axis.plot(places, rows["relative_loss"], marker, ms=4.5, color=MUTED, mew=1.2, alpha=0.8, label=text)
    grid.draw(axis, [entry.loss for entry in fit], color=BLUE, lw=1.6, marker="o", ms=3, label="mean")
    axis.set_yscale("log")
    grid.dress(axis)
    # Plain numbers: 0.02 is read faster than 2 x 10^-2.
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.yaxis.set_minor_formatter(lambda *_: "")
    axis.set_ylabel("loss / loss of zero output")
    title(axis, "fit (lower is better)")
    legend(axes[:, 0])
    return axes


def _columns(scores: Sequence[GammaScore]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    gammas, mean, low, high = np.array([(each.gamma, each.mean, each.low, each.high) for each in scores]).T
    return gammas, mean, low, high


def _centrings(
    name: str, results: Mapping[str, MetricRanking], centred: Mapping[str, MetricRanking]
) -> list[tuple[str, MetricRanking]]:
    both = (("unit", results.get(name)), ("condition-mean", centred.get(name)))
    return [(kind, result) for kind, result in both if result is not None and result.scores]
