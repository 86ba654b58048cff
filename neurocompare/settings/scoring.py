"""How networks are scored against a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from neurocompare.errors import InputError
from neurocompare.settings.declare import Checked, setting


@dataclass(frozen=True)
class Scoring(Checked):
    """How networks are scored.

    Examples
    --------
    >>> Scoring(metrics=("cka",)).resamples
    80
    """

    PANEL: ClassVar[str] = "Scoring"

    metrics: tuple[str, ...] = setting(
        ("procrustes", "cca", "cka", "single_unit"),
        "Metrics, in order of preference.",
        metavar="NAME,NAME,...",
    )
    resamples: int = setting(80, "Random halves of units and trials that are scored.", least=20, option="draws")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.metrics or len(set(self.metrics)) < len(self.metrics):
            message = f"expected metrics, each once, found {', '.join(self.metrics) or 'none'}"
            raise InputError(message)
