"""Figures of a recovery: which gamma is named for which planted one, and how often intervals hold the truth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from neurocompare.ranking.recovery import GridRates, Recovery, Share, SizeRates
from neurocompare.report.figures.style import BLUE, INK, LINE, MUTED, ORANGE, Given, panels, shorten, title

NOMINAL = 0.95
"""What intervals promise."""


def recovery_overview(recovery: Recovery, *, axes: Given = None) -> np.ndarray:
    """Draw each metric's confusion matrix, its shares by planted gamma, and, where several were tried, by data size.

    Parameters
    ----------
    recovery : Recovery
    axes : Axes or sequence of Axes, optional
        To draw in, three (two where one size was tried) times the metrics; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> from neurocompare.ranking.recovery import GammaRates, MetricRecovery, RecordedSize
    >>> share = dict.fromkeys(("within_step", "coverage", "in_ceiling", "own_in_ceiling"), Share(2, 2, 1.0, 0.34, 1.0))
    >>> one, other = (GammaRates(gamma=gamma, verdicts={}, **share) for gamma in (0.0, 0.4))
    >>> found = SizeRates(
    ...     size=1.0, units=40, trials=10, verdicts={}, confusion=((2, 0), (0, 2)), by_gamma=(one, other), **share
    ... )
    >>> recovery = Recovery(
    ...     recording="monkey", gammas=(0.0, 0.4), family={}, data=RecordedSize(8, 40, (10, 10)), draws=20, runs=2,
    ...     seed=0, independent_chains=2, enough=0.8, chance=0.5, metrics={"cka": MetricRecovery((found,))}, centred={},
    ... )
    >>> axes = recovery_overview(recovery)
    >>> axes.shape, [axis.get_ylabel() for axis in axes[:, 0]]
    ((2, 1), ['planted γ', 'share of runs'])
    """
    metrics = recovery.metrics
    several = any(len(recovered.sizes) > 1 for recovered in metrics.values())
    rows = 3 if several else 2
    _, axes = panels(rows, len(metrics), width=0.6 + 2.7 * len(metrics), height=2.8 * rows, axes=axes)
    for column, (name, recovered) in enumerate(metrics.items()):
        _confusion(axes[0, column], name, recovered.sizes[0], recovery.gammas)
        _by_gamma(axes[1, column], recovered.sizes[0], legend=column == 0)
        if several:
            _by_size(axes[2, column], recovered.sizes, enough=recovery.enough, chance=recovery.chance)
    return axes


def confusion(name: str, rates: GridRates, gammas: Sequence[float], *, axes: Given = None) -> np.ndarray:
    """Planted against named gamma, as shares of each planted gamma's runs; numbers are counts.

    Parameters
    ----------
    name : str
        Of the metric.
    rates : GridRates
        At one size.
    gammas : sequence of float
        The grid.
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> share = dict.fromkeys(("within_step", "coverage", "in_ceiling", "own_in_ceiling"), Share(2, 2, 1.0, 0.34, 1.0))
    >>> found = GridRates(verdicts={}, confusion=((1, 0), (0, 1)), **share)
    >>> axes = confusion("cka", found, [0.0, 0.4])
    >>> axes[0, 0].get_ylabel(), [text.get_text() for text in axes[0, 0].texts]
    ('planted γ', ['1', '1'])
    """
    _, axes = panels(width=3.2, height=3.0, axes=axes)
    _confusion(axes[0, 0], name, rates, gammas)
    return axes


def _confusion(axis: Axes, name: str, rates: GridRates, gammas: Sequence[float]) -> None:
    counts = np.array(rates.confusion, dtype=float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    # From nothing to blue: the empty cells keep the page's own ground.
    shade = LinearSegmentedColormap.from_list("shade", [(*_rgb(BLUE), 0.0), (*_rgb(BLUE), 0.85)])
    # Cells are drawn as shapes, not as an image: they stay sharp at any size.
    edges = np.arange(len(gammas) + 1) - 0.5
    axis.pcolormesh(edges, edges, shares, cmap=shade, vmin=0, vmax=1, edgecolors=LINE, linewidth=0.4)
    for row, column in np.argwhere(counts > 0):
        axis.text(column, row, f"{counts[row, column]:.0f}", ha="center", va="center", color=INK, fontsize=7)
    ticks = [f"{gamma:g}" for gamma in gammas]
    axis.set_xticks(range(len(gammas)), ticks, rotation=90 if len(gammas) > 5 else 0)
    axis.set_yticks(range(len(gammas)), ticks)
    axis.set_ylim(len(gammas) - 0.5, -0.5)
    axis.set_aspect("equal")
    axis.set_xlabel("named γ")
    axis.set_ylabel("planted γ")
    title(axis, shorten(name))


def _by_gamma(axis: Axes, rates: GridRates, *, legend: bool) -> None:
    rows = [row for row in rates.by_gamma if row.coverage.runs]
    axis.axhline(NOMINAL, color=MUTED, lw=1, ls=":")
    for shift, shares, colour, marker, text in (
        (-0.12, [row.coverage for row in rows], BLUE, "o", "interval holds it"),
        (0.12, [row.within_step for row in rows], ORANGE, "s", "named within a step"),
    ):
        places = np.arange(len(rows)) + shift
        middle, away = _bars(shares)
        axis.errorbar(places, middle, yerr=away, fmt=marker, ms=4, color=colour, elinewidth=1.3, label=text)
    axis.set_xticks(range(len(rows)), [f"{row.gamma:g}" for row in rows], rotation=90 if len(rows) > 5 else 0)
    axis.set_ylim(-0.03, 1.03)
    axis.set_xlabel("planted γ")
    axis.set_ylabel("share of runs")
    if legend:
        axis.legend(frameon=False, fontsize=7.5, labelcolor=INK, loc="lower right")


def _by_size(axis: Axes, sizes: Sequence[SizeRates], *, enough: float, chance: float) -> None:
    shown = sorted((rates for rates in sizes if rates.within_step.runs), key=lambda rates: rates.size)
    axis.axhline(enough, color=MUTED, lw=1, ls="--")
    axis.axhline(chance, color=MUTED, lw=1, ls=":")
    places = np.log2([rates.size for rates in shown])
    middle, away = _bars([rates.within_step for rates in shown])
    axis.errorbar(places, middle, yerr=away, fmt="s-", ms=4, color=ORANGE, elinewidth=1.3)
    axis.set_xticks(places, [f"{rates.units}\n{rates.trials}" for rates in shown])
    axis.set_ylim(-0.03, 1.03)
    axis.set_xlabel("units and trials a condition")
    axis.set_ylabel("named within a step")


def _bars(shares: Sequence[Share]) -> tuple[np.ndarray, np.ndarray]:
    """Return shares, and how far their intervals reach below and above."""
    bounds = [(each.share or 0.0, each.low or 0.0, each.high or 0.0) for each in shares]
    middle, low, high = np.array(bounds, dtype=float).reshape(-1, 3).T
    return middle, np.maximum([middle - low, high - middle], 0)


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue
