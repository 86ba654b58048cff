"""Figures of spectra: how variance spreads over dimensions, and the eigenvalues of the connectivity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from neurocompare.report.figures.style import BLUE, INK, LINE, MUTED, ORANGE, PURPLE, Given, panels, shorten, title

_STYLES = ((INK, "o", "-"), (ORANGE, "s", "--"), (BLUE, "^", "-"), (PURPLE, "v", ":"))


def variance_curves(spectra: Sequence[tuple[str, np.ndarray]], *, most: int = 20, axes: Given = None) -> np.ndarray:
    """Share of variance of each principal component, on a logarithmic axis.

    Parameters
    ----------
    spectra : sequence of (name, shares)
        Shares descending.
    most : int
        Components shown.
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> axes = variance_curves([("monkey", np.array([0.7, 0.2, 0.1])), ("γ = 0.4", np.array([0.6, 0.4]))])
    >>> len(axes[0, 0].lines), axes[0, 0].get_yscale()
    (2, 'log')
    """
    _, axes = panels(axes=axes)
    axis = axes[0, 0]
    for place, (name, shares) in enumerate(spectra):
        again, which = divmod(place, len(_STYLES))
        colour, marker, style = _STYLES[which]
        shown = shares[:most]
        shown = shown[shown > 0]
        axis.plot(
            1 + np.arange(len(shown)), shown, color=colour, marker=marker, ls=style, ms=3.5, lw=1.3,
            mfc="white" if again else colour, label=shorten(name, 28),
        )  # fmt: skip
    axis.set_yscale("log")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    # A noise-free network's last components hold next to nothing; they would squeeze the rest.
    axis.set_ylim(bottom=max(axis.get_ylim()[0], 1e-4))
    axis.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    axis.yaxis.set_minor_formatter(lambda *_: "")
    axis.set_xlabel("principal component")
    axis.set_ylabel("share of variance")
    for text in axis.legend(frameon=False, fontsize=8, labelcolor=INK).get_texts():
        text.set_parse_math(False)
    title(axis, "variance spectrum")
    return axes


def eigenvalues(connectivity: np.ndarray, *, g: float, name: str, axes: Given = None) -> np.ndarray:
    """Eigenvalues of g J / sqrt(N), with the circle of radius g that they would fill without learning.

    Parameters
    ----------
    connectivity : array, shape (unit, unit)
        J, whose entries have unit variance without learning.
    g : float
    name : str
    axes : Axes or sequence of Axes, optional
        To draw in, one; a figure of its own where None.

    Returns
    -------
    array of matplotlib.axes.Axes

    Examples
    --------
    >>> axes = eigenvalues(np.zeros((9, 9)), g=1.5, name="γ = 0.4")
    >>> axes[0, 0].get_title(loc="left"), axes[0, 0].get_xlabel()
    ('γ = 0.4', 'real part')
    """
    values = np.linalg.eigvals(g * connectivity / np.sqrt(len(connectivity)))
    _, axes = panels(width=2.8, height=3.0, axes=axes)
    axis = axes[0, 0]
    axis.axvline(1.0, color=MUTED, lw=0.9, ls=":")
    turn = np.linspace(0, 2 * np.pi, 181)
    axis.fill(g * np.cos(turn), g * np.sin(turn), color=LINE, alpha=0.45, lw=0)
    axis.plot(g * np.cos(turn), g * np.sin(turn), color=MUTED, lw=1)
    axis.plot(values.real, values.imag, ".", color=BLUE, ms=3.5)
    axis.set_aspect("equal", adjustable="datalim")
    axis.margins(0.08)
    axis.set_xlabel("real part")
    axis.set_ylabel("imaginary part")
    title(axis, name)
    return axes
