"""Axes that a notebook shows as the figure they are part of."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

DISPLAYED = 100
"""Pixels on the screen an inch; files have more."""


class Drawn(np.ndarray):
    """An array of axes of a figure of its own, shown as that figure where it ends a notebook's cell.

    It needs neither pyplot nor ``%matplotlib inline``, and nothing is shown where axes were given to draw in.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure(figsize=(4, 3)).subplots(1, 2, squeeze=False).view(Drawn)
    >>> png, size = axes._repr_png_()
    >>> png[1:4], size
    (b'PNG', {'width': 400, 'height': 300})
    """

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]] | None:
        if not self.size:
            return None
        figure = self.flat[0].get_figure(root=True)
        written = io.BytesIO()
        figure.savefig(written, format="png")
        width, height = (round(DISPLAYED * inches) for inches in figure.get_size_inches())
        return written.getvalue(), {"width": width, "height": height}
