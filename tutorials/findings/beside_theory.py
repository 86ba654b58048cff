"""Theory and networks in one panel: a line for the theory of infinitely many units, points and means for networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from neurocompare.report.figures.style import BLUE, INK, ORANGE, GammaAxis

Rows = Sequence[Mapping[str, Any]]
Value = Callable[[Mapping[str, Any]], float | None]


def gamma_axis(*tables: Rows) -> GammaAxis:
    """Return the axis of all gammas in some tables, as they count for raw targets."""
    return GammaAxis(tuple(sorted({row["gamma_raw"] for table in tables for row in table})))


def draw_theory(
    axis: Axes, grid: GammaAxis, rows: Rows, value: Value, *, colour: str = ORANGE, style: str = "-",
    label: str | None = "theory, N → ∞",
) -> None:  # fmt: skip
    """Draw a line through the theory, its marks open where it has not converged.

    Where a gamma has two solutions the line goes through the one of lower F, and the other is a diamond off it.
    """
    shown = [row for row in rows if value(row) is not None]
    first: dict[float, Mapping[str, Any]] = {}
    for row in sorted(shown, key=lambda row: (row["gamma_raw"], row.get("free_energy", 0.0))):
        first.setdefault(row["gamma_raw"], row)
    if not first:
        return
    ordered = list(first.values())
    places, values = grid.at(list(first)), np.array([value(row) for row in ordered], dtype=float)
    axis.plot(places, values, color=colour, ls=style, lw=1.6, label=label, zorder=3)
    for row, place, height in zip(ordered, places, values, strict=True):
        filled = colour if row.get("converged", True) else "white"
        axis.plot([place], [height], "s", ms=4.5, color=colour, mfc=filled, zorder=4)
    others = [row for row in shown if row is not first[row["gamma_raw"]]]
    if others:
        heights = np.array([value(row) for row in others], dtype=float)
        axis.plot(
            grid.at([row["gamma_raw"] for row in others]), heights, "D", ms=4.5, color=colour, mfc="white",
            label="second solution" if label else None, zorder=4,
        )  # fmt: skip


def draw_networks(
    axis: Axes, grid: GammaAxis, rows: Rows, value: Value, *, colour: str = BLUE, style: str = "",
    label: str | None = "networks",
) -> None:  # fmt: skip
    """Draw a point a network, and their mean with its standard error."""
    groups: dict[float, list[float]] = {}
    for row in rows:
        number = value(row)
        if number is not None:
            groups.setdefault(row["gamma_raw"], []).append(number)
    if not groups:
        return
    gammas = sorted(groups)
    for gamma in gammas:
        axis.plot(
            np.repeat(grid.at([gamma]), len(groups[gamma])), groups[gamma], ".", ms=5, color=colour, alpha=0.4, mew=0
        )
    means = [float(np.mean(groups[gamma])) for gamma in gammas]
    errors = [
        float(np.std(groups[gamma], ddof=1) / len(groups[gamma]) ** 0.5) if len(groups[gamma]) > 1 else 0.0
        for gamma in gammas
    ]
    axis.errorbar(
        grid.at(gammas), means, yerr=errors, fmt="o", ls=style, lw=1.3, ms=4.5, mfc="none", mew=1.3, color=colour,
        elinewidth=1.3, label=label, zorder=5,
    )  # fmt: skip


def of(name: str) -> Value:
    """Return what reads one field of a row; None where the row has none."""
    return lambda row: row.get(name)


def legend(
    axis: Axes, *, loc: str = "best", ncols: int = 1, anchor: tuple[float, float] | None = None, pad: float = 0.8
) -> None:
    """Add the legend in the house style."""
    axis.legend(
        frameon=False, fontsize=7.5, labelcolor=INK, loc=loc, ncols=ncols, bbox_to_anchor=anchor, handletextpad=pad
    )


def plain_logarithms(axis: Axes, *, which: str = "y") -> None:
    """Make an axis logarithmic, with plain numbers, and within a decade or so with more than whole decades."""
    (axis.set_yscale if which == "y" else axis.set_xscale)("log")
    axis.margins(x=0.1 if which == "x" else None, y=0.1 if which == "y" else None)
    low, high = axis.get_ylim() if which == "y" else axis.get_xlim()
    one = axis.yaxis if which == "y" else axis.xaxis
    one.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 40 * low else (1.0,)))
    one.set_major_formatter(lambda number, _: f"{number:g}")
    one.set_minor_formatter(lambda *_: "")
