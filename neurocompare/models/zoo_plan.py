"""The plan of a zoo: which networks there are to be, and how they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from neurocompare.errors import InputError
from neurocompare.models.family import check_gammas
from neurocompare.models.samplers import Draw, Sampler
from neurocompare.settings import DEFAULT_GAMMAS, Checked, Networks, setting

Dtype = Literal["float32", "float64"]


@dataclass(frozen=True)
class ZooPlan(Checked):
    """Which networks of a family there are to be, and how they are made.

    Attributes
    ----------
    gammas : tuple of float
        The grid, kept ascending.
    seeds : tuple of int
        Each gives `chains` chains of its own.
    grid : mapping of str to tuple of float
        Nuisance settings to run over, see `families_of`: every combination is a family.
    sampler : Sampler
        How networks are made.
    chains : int
        Independent chains a gamma and seed, at least two, so that convergence can be judged; of few, chance may have
        all in one state where there are several.
    members : int
        Networks kept of each chain. By the samplers that train, every network is a run of its own: chains x members.
    dtype : str
        Of gradients: ``"float32"`` or ``"float64"``. Acceptance always uses float64.

    Raises
    ------
    InputError
        If a setting, or two together, make no sense.

    Examples
    --------
    >>> ZooPlan(gammas=(0.4, 0)).gammas
    (0.0, 0.4)
    """

    gammas: tuple[float, ...] = setting(DEFAULT_GAMMAS, "Structure parameters; 0 is the exact reservoir.", least=0)
    seeds: tuple[int, ...] = setting((0,), "Each gives chains of its own.", least=0)
    grid: Mapping[str, tuple[float, ...]] = setting({}, "Nuisance settings to run over.")
    sampler: Sampler = setting(Draw(), "How networks are made.")
    chains: int = setting(Networks.chains, "Independent chains for each gamma and seed.", least=2)
    members: int = setting(Networks.members, "Networks kept from each chain.", least=1)
    dtype: Dtype = setting("float32", "Precision of gradients.")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "gammas", check_gammas(self.gammas))
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise InputError(f"expected seeds, each once, found {list(self.seeds)}")
        most = self.sampler.most_members
        if most is not None and self.members > most:
            message = f"expected at most {most} members of so many trajectories, found {self.members}; ask for more"
            raise InputError(message)
