"""How much is planted to see whether the truth would be named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from neurocompare.settings.declare import Checked, setting


@dataclass(frozen=True)
class Planting(Checked):
    """How many networks of known gamma are planted and recorded, and how large the recordings are.

    Examples
    --------
    >>> Planting(sizes=(4, 0.5)).sizes
    (1.0, 0.5, 4.0)
    """

    PANEL: ClassVar[str] = "Planting"

    runs: int = setting(5, "Recordings of each planted gamma, at each size.", least=1, most=100_000)
    sizes: tuple[float, ...] = setting(
        (1.0, 0.5, 2.0, 4.0),
        "Factors on units and trials; 1 is always among them. At the others only gammas of the grid are planted.",
        least=0.05,
        most=1000,
        metavar="F,F,...",
    )
    planted: tuple[float, ...] = setting(
        (),
        "Gammas to plant. Default: the grid's, and those halfway between.",
        least=0,
        most=1000,
        metavar="G,G,...",
        option="gammas",
    )
    chains: int = setting(4, "Independent chains of each planted gamma.", least=2, most=1000)
    members: int = setting(2, "Networks taken from each of them.", least=1, most=1000)
    units: int | None = setting(None, "Record so many units. Default: as many as the recording has.", least=4)
    trials: int | None = setting(
        None, "Record so many trials a condition. Default: as many as the recording has.", least=2
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "sizes", (1.0, *sorted(set(self.sizes) - {1.0})))
        object.__setattr__(self, "planted", tuple(sorted(set(self.planted))))
