"""What a ranking is of, beside its scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from neurocompare.ranking.axis import GAMMA, Axis


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
