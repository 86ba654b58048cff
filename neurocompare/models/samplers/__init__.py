"""How networks are made, one file a sampler. Another needs a file here and a line in `SAMPLERS`."""

from __future__ import annotations

from collections.abc import Mapping

from neurocompare.models.samplers.draw import Draw
from neurocompare.models.samplers.reservoir import Reservoir
from neurocompare.models.samplers.sampler import Sampler
from neurocompare.models.samplers.trained import Descent, Langevin

SAMPLERS: Mapping[str, type[Sampler]] = {
    "draw": Draw,
    "langevin": Langevin,
    "reservoir": Reservoir,
    "gradient-descent": Descent,
}
"""Every sampler by its name. At gamma = 0 all give the exact reservoir."""

__all__ = ["SAMPLERS", "Descent", "Draw", "Langevin", "Reservoir", "Sampler"]
