"""Figures of dynamics along gamma: one page of panels from the tidy table, and spectra side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from neurocompare.report.figures.style import (
    BLUE,
    GREEN,
    INK,
    LINE,
    MUTED,
    ORANGE,
    PURPLE,
    GammaAxis,
    Given,
    panels,
    shorten,
    title,
)

_FAMILIES = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (PURPLE, "v"))
_STYLES = ("-", "--", ":")


@dataclass(frozen=True)
class Panel:
    """One panel: quantities against gamma.

    Attributes
    ----------
    name, label : str
        Title and vertical axis.
    quantities : tuple of (str, str)
        As in the table, and as in the legend; at most three.
    level : float, optional
        Where to draw a dotted line.
    logarithmic : bool
    limits : tuple of float, optional
        Of the vertical axis.
    """

    name: str
    label: str
    quantities: tuple[tuple[str, str], ...]
    level: float | None = None
    logarithmic: bool = False
    limits: tuple[float, float] | None = None


PANELS = (
    Panel("largest Lyapunov exponent", "1/s", (("lyapunov_1", ""),), 0.0),
    Panel("dimension", "participation ratio", (("pr", "units as drawn"), ("pr_infinite_units", "infinitely many"))),
    Panel("outliers of the weights", "largest modulus", (("outlier_modulus", "outlier"), ("bulk_radius", "others"))),
    Panel(
        "generalisation in time",
        "loss / loss of zero output",
        (("loss", "trained window"), ("loss_beyond", "after it")),
        1.0,
        True,
    ),
    Panel("single units", "excess kurtosis over units", (("kurtosis_x", "x"), ("kurtosis_rate", "φ(x)")), 0.0),
    Panel(
        "kicks, a trial later",
        "distance left / kick",
        (("kick_remaining", "at that time"), ("kick_off_orbit", "from the orbit")),
    ),
    Panel("limit cycles", "share of conditions", (("limit_cycles", ""),), limits=(-0.05, 1.05)),
    Panel(
        "damage",
        "loss / loss of zero output",
        (("loss_silenced_0.05", "5 % silent"), ("loss_noise_0.05", "5 % noise in weights")),
        1.0,
        True,
    ),
)


def dynamics_overview(table: pd.DataFrame, summary: pd.DataFrame, *, axes: Given = None) -> np.ndarray:
    """Draw what gamma does to dynamics: a point a network, a line through the means, their standard errors as bars.

    Parameters
    ----------
    table : pandas.DataFrame
        With the columns gamma, family, quantity and value: a row a network and quantity.
    summary : pandas.DataFrame
        With the columns gamma, family, quantity, mean and error. At most four families are drawn.
    axes : Axes or sequence of Axes, optional
        To draw in, eight; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> table = pd.DataFrame({"gamma": [0.0, 0.4], "family": "g = 1.5", "quantity": "lyapunov_1", "value": [1.0, -2.0]})
    >>> summary = table.rename(columns={"value": "mean"}).assign(error=0.1)
    >>> axes = dynamics_overview(table, summary)
    >>> axes.size, axes[0, 0].get_title(loc="left"), axes[0, 0].get_ylabel()
    (8, 'largest Lyapunov exponent', '1/s')
    """
    figure, axes = panels(2, 4, width=13.0, height=5.6, axes=axes)
    families = list(dict.fromkeys(summary["family"]))[: len(_FAMILIES)]
    grid = GammaAxis(tuple(sorted(summary["gamma"].unique())))
    for axis, panel in zip(axes.flat, PANELS, strict=True):
        _panel(axis, panel, table, summary, families, grid)
    if len(families) > 1:
        handles = [
            axes[0, 0].plot([], [], color=colour, marker=marker, lw=1.6, ms=4, label=shorten(family, 40))[0]
            for family, (colour, marker) in zip(families, _FAMILIES, strict=False)
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=8, labelcolor=INK)
    return axes


def _panel(
    axis: Axes, panel: Panel, table: pd.DataFrame, summary: pd.DataFrame, families: Sequence[str], grid: GammaAxis
) -> None:
    if panel.level is not None:
        axis.axhline(panel.level, color=MUTED, lw=1, ls=":")
    for (quantity, label), style in zip(panel.quantities, _STYLES, strict=False):
        for family, (colour, marker) in zip(families, _FAMILIES, strict=False):
            means = summary[(summary["family"] == family) & (summary["quantity"] == quantity)].sort_values("gamma")
            if means.empty:
                continue
            if style == "-":
                points = table[(table["family"] == family) & (table["quantity"] == quantity)]
                axis.plot(grid.at(points["gamma"]), points["value"], ".", ms=4, color=colour, alpha=0.35, mew=0)
            places = grid.at(means["gamma"])
            bars = means["error"].fillna(0.0)
            axis.errorbar(places, means["mean"], yerr=bars, fmt="none", ecolor=colour, elinewidth=1.2)
            filled = colour if style == "-" else "none"
            axis.plot(places, means["mean"], color=colour, ls=style, lw=1.5, marker=marker, ms=4, mfc=filled)
        if label:
            axis.plot([], [], color=INK, ls=style, lw=1.3, label=label)
    if panel.logarithmic:
        axis.set_yscale("log")
    if any(label for _, label in panel.quantities):
        axis.legend(frameon=False, fontsize=7.5, labelcolor=INK)
    axis.margins(y=0.1)
    if panel.logarithmic:
        low, high = axis.get_ylim()
        # Within a decade or so, whole decades alone would leave the axis without numbers.
        axis.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 40 * low else (1.0,)))
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.yaxis.set_minor_formatter(lambda *_: "")
    if panel.limits:
        axis.set_ylim(panel.limits)
    grid.dress(axis, most=7)
    axis.set_ylabel(panel.label)
    title(axis, panel.name)


def spectra_by_gamma(
    spectra: Sequence[tuple[str, np.ndarray]], *, g: float, edge: float, columns: int = 4, axes: Given = None
) -> np.ndarray:
    """Eigenvalues of g J / sqrt(N), a panel a network, with the circle of radius g and the outliers picked out.

    Parameters
    ----------
    spectra : sequence of (name, eigenvalues)
    g : float
    edge : float
        Modulus beyond which an eigenvalue is an outlier.
    columns : int
        Panels in a row.
    axes : Axes or sequence of Axes, optional
        To draw in, as many as spectra fill rows; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> spectra = [("γ = 0", np.array([0.5, -0.5])), ("γ = 0.4", np.array([2.0, 0.3]))]
    >>> axes = spectra_by_gamma(spectra, g=1.5, edge=1.6)
    >>> [axis.get_title(loc="left") for axis in axes.flat], axes[0, 1].lines[-1].get_xdata()  # the outlier
    (['γ = 0', 'γ = 0.4'], array([2.]))
    """
    columns = min(columns, len(spectra))
    rows = -(-len(spectra) // columns)
    _, axes = panels(rows, columns, width=2.6 * columns, height=2.75 * rows, axes=axes)
    # A lone eigenvalue far out must not shrink the circles of all panels to dots.
    limit = 1.08 * max(g, *(float(np.abs(values).max()) for _, values in spectra))
    turn = np.linspace(0, 2 * np.pi, 181)
    for axis in axes.flat[len(spectra) :]:
        axis.set_axis_off()
    for place, (axis, (name, values)) in enumerate(zip(axes.flat, spectra, strict=False)):
        axis.axvline(1.0, color=MUTED, lw=0.9, ls=":")
        axis.fill(g * np.cos(turn), g * np.sin(turn), color=LINE, alpha=0.45, lw=0)
        axis.plot(g * np.cos(turn), g * np.sin(turn), color=MUTED, lw=1)
        beyond = np.abs(values) > edge
        real, imaginary = np.real(values), np.imag(values)
        axis.plot(real[~beyond], imaginary[~beyond], ".", color=BLUE, ms=2.5)
        axis.plot(real[beyond], imaginary[beyond], "o", color=ORANGE, ms=5, mec="white", mew=0.6)
        axis.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
        if place % columns == 0:
            axis.set_ylabel("imaginary part")
        if place >= len(spectra) - columns:
            axis.set_xlabel("real part")
        title(axis, shorten(name, 28))
    return axes


def gain_curves(
    curves: Sequence[tuple[str, np.ndarray, np.ndarray]], random: tuple[np.ndarray, np.ndarray], *, axes: Given = None
) -> np.ndarray:
    """Mean squared gain of linear networks against frequency, with that of a random network of the same g.

    Parameters
    ----------
    curves : sequence of (name, frequencies, gain)
        Frequencies in Hz; at most eight, in order of gamma.
    random : tuple of (frequencies, gain)
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> frequencies = np.array([0.0, 1.0, 2.0])
    >>> axes = gain_curves([("γ = 0.4", frequencies, np.array([1.0, 4.0, 0.5]))], (frequencies, np.ones(3)))
    >>> axes[0, 0].get_xlabel(), [line.get_label() for line in axes[0, 0].lines]
    ('frequency (Hz)', ['γ = 0.4', 'random'])
    """
    from matplotlib import colormaps

    _, axes = panels(width=4.6, height=3.2, axes=axes)
    axis = axes[0, 0]
    for place, (name, frequencies, gain) in enumerate(curves):
        colour = colormaps["viridis"](0.1 + 0.75 * place / max(1, len(curves) - 1))
        axis.plot(frequencies, gain, color=colour, lw=1.4, label=shorten(name))
    axis.plot(*random, color=INK, lw=1.2, ls=(0, (4, 2)), label="random")
    axis.set_yscale("log")
    axis.set_xlabel("frequency (Hz)")
    axis.set_ylabel("mean squared gain")
    axis.legend(frameon=False, fontsize=7.5, labelcolor=INK)
    title(axis, "amplification")
    return axes
