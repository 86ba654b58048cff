"""Curve: scores as a smooth function along the axis, so that the best gamma may lie between grid points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property

import numpy as np
from scipy.interpolate import CubicSpline

from neurocompare.ranking.axis import Scale, places_of

POINTS = 16
"""Places between two neighbouring grid points at which the curve is computed."""


class Curve:
    r"""The curve of one grid: linear in the scores, so that it is made once for all resamples.

    The axis is :math:`x = \log_2 \gamma`. gamma = 0 has no logarithm: it is placed one and a half median grid steps
    below the smallest positive gamma, and between the two gamma runs linearly in x. On a linear scale x is the value
    itself. The curve is the natural cubic spline through the scores, a line where there are two. It is not smoothed:
    scores fall off more steeply on one side of their peak than on the other, and whatever evens out noise moves the
    peak of such a flank by up to half a step. Noise shows in the spread of peaks over resamples instead.

    Parameters
    ----------
    gammas : sequence of float
        The grid, ascending: gammas, or values of another `Axis`.
    scale : str
        ``"log"`` or ``"linear"``.

    Examples
    --------
    >>> curve = Curve([0.1, 0.2, 0.4, 0.8, 1.6, 3.2])
    >>> x = np.log2([0.1, 0.2, 0.4, 0.8, 1.6, 3.2])
    >>> curve.peaks(-(x[None] - np.log2(0.5657)) ** 2).round(2)  # a parabola with its top between grid points
    array([0.57])
    """

    def __init__(self, gammas: Sequence[float], scale: Scale = "log") -> None:
        self.gammas = np.asarray(gammas, dtype=np.float64)
        self.scale = scale
        self.places = places_of(self.gammas, scale)

    @cached_property
    def fine(self) -> np.ndarray:
        """The gammas at which the curve is computed, ascending; grid points are among them."""
        if len(self.gammas) == 1:
            return self.gammas
        between = np.interp(self._x, self.places, self.gammas)  # linear in x: right below the smallest positive gamma
        first = self.places[1] if self.gammas[0] == 0 else self.places[0]
        fine = between if self.scale == "linear" else np.where(self._x > first, np.exp2(self._x), between)
        fine[::POINTS] = self.gammas  # to the last bit
        return fine

    @cached_property
    def spline(self) -> np.ndarray:
        """The map from scores on the grid to the curve, shape (fine, gamma)."""
        count, x = len(self.gammas), self.places
        if count == 1:
            return np.ones((1, 1))
        return CubicSpline(x, np.eye(count), bc_type="natural")(self._x)

    def peaks(self, scores: np.ndarray) -> np.ndarray:
        """Return the gamma at which each row's curve is highest, within a grid step of its highest score.

        Farther away a spline may swing above every score; so a peak never reaches a grid point beyond the neighbours of
        the one that scores highest.

        Parameters
        ----------
        scores : array, shape (resample, gamma)

        Returns
        -------
        array, shape (resample,)
        """
        curves = scores @ self.spline.T
        away = np.abs(np.arange(curves.shape[1]) - POINTS * scores.argmax(axis=1)[:, None])
        return self.fine[np.where(away <= POINTS, curves, -np.inf).argmax(axis=1)]

    @cached_property
    def _x(self) -> np.ndarray:
        steps = [np.linspace(a, b, POINTS, endpoint=False) for a, b in zip(self.places, self.places[1:], strict=False)]
        return np.concatenate([*steps, self.places[-1:]])


@cache
def curve_on(gammas: tuple[float, ...], scale: Scale = "log") -> Curve:
    """Return the curve of a grid, made once: every metric and centring is ranked on the same one."""
    return Curve(gammas, scale)
