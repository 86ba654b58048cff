"""How networks are made: at which gammas, by which method, how many and how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Literal

from neurocompare.errors import InputError
from neurocompare.settings.declare import Checked, setting

DEFAULT_GAMMAS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""The grid of a comparison: the reservoir, then steps of a factor of two."""


def grid_of_gammas(default: tuple[float, ...]) -> Any:
    """Declare a grid of gammas, which has this value where nothing is said."""
    about = "Structure parameters, separated by commas; 0 is the exact reservoir."
    return setting(default, about, least=0, most=1000, metavar="G,G,...")


def each_once(gammas: Iterable[float]) -> tuple[float, ...]:
    """Return a grid of gammas, ascending.

    Raises
    ------
    InputError
        If there is no gamma, or one is there twice.
    """
    values = tuple(sorted(gammas))
    repeated = [a for a, b in pairwise(values) if a == b]
    if repeated:
        raise InputError(f"expected each gamma once, found {repeated[0]:g} more than once")
    if not values:
        raise InputError("expected at least one gamma, found none")
    return values


@dataclass(frozen=True)
class Networks(Checked):
    """How networks are made.

    Raises
    ------
    InputError
        If there is no gamma, one is there twice, or a number is out of bounds.

    Examples
    --------
    >>> Networks(gammas=(0.4, 0)).gammas
    (0.0, 0.4)
    """

    PANEL: ClassVar[str] = "How networks are made"

    gammas: tuple[float, ...] = grid_of_gammas(DEFAULT_GAMMAS)
    chains: int = setting(4, "Independent chains for each gamma and seed.", least=2, most=1000)
    members: int = setting(1, "Networks kept from each chain.", least=1, most=10_000)
    trajectories: int = setting(40, "Samples of each chain: more where that is too few.", least=8, most=1_000_000)
    method: Literal["draw", "langevin", "reservoir", "gradient-descent"] = setting(
        "draw",
        "draw: exact samples. langevin: the same law by noisy training. reservoir: only the readout learns. "
        "gradient-descent: training without noise, no sample of the family.",
    )
    steps: int | None = setting(None, "Steps of each training, for the methods that train.", least=1, most=10**9)
    dtype: Literal["float32", "float64"] = setting("float32", "Precision of gradients; acceptance uses float64.")
    device: Literal["cpu", "cuda"] = setting("cpu", "Where gradients are computed.")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "gammas", each_once(self.gammas))
