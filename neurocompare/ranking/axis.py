"""Axis: what models are ranked along, and how its values are spread; and what else a ranking is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from neurocompare.errors import InputError

Scale = Literal["log", "linear"]


@dataclass(frozen=True)
class Axis:
    """What models are ranked along. Statistics call its values gamma, whatever they are of.

    Attributes
    ----------
    name : str
        In sentences and tables.
    label : str
        In figures and headings.
    scale : str
        ``"log"`` or ``"linear"``: on which the smooth curve through the scores is made and figures are drawn.
    zero : str, optional
        What stands at 0, where that is more than the smallest value: gamma's is the reservoir.

    Examples
    --------
    >>> GAMMA.noun, Axis("decay", "decay", "linear").noun
    ('gamma', 'value of decay')
    """

    name: str
    label: str
    scale: Scale
    zero: str | None = None

    @property
    def noun(self) -> str:
        """What one of its values is called."""
        return self.name if self == GAMMA else f"value of {self.name}"


GAMMA = Axis("gamma", "γ", "log", "reservoir")
"""The structure parameter of the project's own family."""


def axis_of(name: str, values: Sequence[float], *, scale: str | None = None) -> Axis:
    """Return the axis of a user's own family of models.

    Parameters
    ----------
    name : str
    values : sequence of float
    scale : str, optional
        ``"log"`` or ``"linear"``. Where None, the one on which steps between neighbouring values are more even, by the
        ratio of the largest to the smallest; on the logarithmic scale 0 stands apart and takes no part. Linear where
        both are as even, or a value is negative.

    Returns
    -------
    Axis

    Raises
    ------
    InputError
        If the scale is unknown, or logarithmic with a negative value.

    Examples
    --------
    >>> axis_of("decay", [0, 1e-4, 1e-3, 1e-2]).scale, axis_of("noise", [0, 0.1, 0.2, 0.3]).scale
    ('log', 'linear')
    """
    grid = np.unique(np.asarray(values, dtype=np.float64))
    if scale not in (None, "log", "linear"):
        raise InputError(f"expected a scale of log or linear, found {scale!r}")
    if scale == "log" and grid[0] < 0:
        message = f"expected values of at least 0 on a logarithmic scale, found {name} {grid[0]:g}; use a linear one"
        raise InputError(message)
    if scale is None:
        more_even = grid[0] >= 0 and _unevenness(np.log2(grid[grid > 0])) < _unevenness(grid) * (1 - 1e-6)
        scale = "log" if more_even else "linear"
    return Axis(name, name, scale)


def places_of(values: np.ndarray, scale: Scale = "log") -> np.ndarray:
    """Return places on the axis: log2, and 0 one and a half median steps below the smallest positive value; or linear.

    Examples
    --------
    >>> places_of(np.array([0.0, 0.5, 1.0, 2.0]))
    array([-2.5, -1. ,  0. ,  1. ])
    >>> places_of(np.array([0.0, 0.5, 1.0, 2.0]), "linear")
    array([0. , 0.5, 1. , 2. ])
    """
    if scale == "linear":
        return values
    positive = np.log2(values[values > 0])
    if len(positive) == len(values):
        return positive
    step = np.median(np.diff(positive)) if len(positive) > 1 else 1.0
    return np.concatenate([[positive[0] - 1.5 * step if len(positive) else 0.0], positive])


def _unevenness(places: np.ndarray) -> float:
    """Return the largest step over the smallest."""
    steps = np.diff(places)
    return float(steps.max() / steps.min()) if len(steps) else 1.0


@dataclass(frozen=True)
class Context:
    """What a ranking is of, beside its scores.

    Attributes
    ----------
    recordings : sequence of str
        Their names.
    settings : mapping
        What the result holds at; ``g``, ``tau`` (s), ``beta`` and ``lag`` (s) end the summary's sentence.
    planted_gamma : float or None
    fit : mapping of float to float
        Loss of each gamma's networks, as a share of the loss of the zero output.
    axis : Axis
        What the table's gammas are values of.

    Examples
    --------
    >>> Context(["monkey"], {"g": 1.5, "tau": 0.1}).axis.name
    'gamma'
    """

    recordings: Sequence[str]
    settings: Mapping[str, Any] = field(default_factory=dict)
    planted_gamma: float | None = None
    fit: Mapping[float, float] = field(default_factory=dict)
    axis: Axis = GAMMA
