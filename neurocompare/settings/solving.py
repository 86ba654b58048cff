"""How the theory of infinitely many units is solved, and scored where there is a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from neurocompare.settings.declare import Checked, setting
from neurocompare.settings.networks import grid_of_gammas

FINE_GAMMAS = (0.0, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.57, 0.8, 1.13, 1.6)
"""The grid of the theory, which costs seconds a gamma: steps of a factor of the square root of two."""


@dataclass(frozen=True)
class Solving(Checked):
    """How the theory is solved.

    Examples
    --------
    >>> Solving(gammas=(0.0, 0.4)).gammas
    (0.0, 0.4)
    """

    PANEL: ClassVar[str] = "How the theory is solved"

    gammas: tuple[float, ...] = grid_of_gammas(FINE_GAMMAS)
    population: int = setting(
        1600,
        "Units that are sampled together to stand for infinitely many; at least four times the samples.",
        least=64,
        most=1_000_000,
    )
    trajectories: int = setting(32, "Samples of a population at each gamma.", least=8, most=100_000)
    max_samples: int | None = setting(
        None,
        "Thin the task to at most so many samples (conditions x time steps); the cost grows with their cube.",
        least=1,
    )
    resamples: int = setting(24, "Random halves of units and trials that are scored.", least=20, most=100_000)
    drawn_units: int = setting(
        4000, "Units drawn of each infinite network, at most as many as were sampled.", least=2, most=10_000_000
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "gammas", tuple(sorted(set(self.gammas))))
