"""Jobs: one chain or training each, by what it is to make; and the plan of a zoo that they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch

from neurocompare.errors import InputError
from neurocompare.models.card_file import load_card
from neurocompare.models.family import check_gammas
from neurocompare.models.samplers import Draw, Sampler
from neurocompare.settings import DEFAULT_GAMMAS, Checked, Family, digest_of, setting
from neurocompare.streams import Purpose, torch_stream
from neurocompare.tasks.task import Task, task_digest

RECIPE = 8
"""Enters the name of every network: raise it when a change makes networks of equal settings differ."""

Dtype = Literal["float32", "float64"]


@dataclass(frozen=True, eq=False)
class Job:
    """One chain: what determines it, and where its networks go.

    Attributes
    ----------
    task : Task
    family : Family
    gamma : float
    sampler : Sampler
        The one in effect, see `Sampler.at`.
    seed, chain : int
    chains : int
        Of one seed: they may decide together how long they go on.
    members : int
        States to keep.
    dtype : str
        Of the gradients; enters the digest.
    device : str
        Where they are computed; does not.
    folder : pathlib.Path
        The zoo.
    size : float
        Work of one gradient, relative to that of the other jobs: of tasks of one size 1.
    """

    task: Task
    family: Family
    gamma: float
    sampler: Sampler
    seed: int
    chain: int
    chains: int
    members: int
    dtype: Dtype
    device: str
    folder: Path
    size: float = 1.0

    @property
    def cost(self) -> float:
        """Rough relative work; no network is known to need more than a first segment."""
        return self.size * self.sampler.cost(self.gamma)

    @cached_property
    def group(self) -> str:
        """Digest of what the chains that are judged together share."""
        return digest_of(self._settings())[:16]

    def digest(self, *more: object) -> str:
        """Digest of everything that determines the chain, and of `more`."""
        return digest_of(self._settings() | {"seed": self.seed, "chain": self.chain, "more": more})

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "recipe": RECIPE,
            "task": task_digest(self.task),
            "family": self.family,
            "gamma": self.gamma,
            "sampler": self.sampler,
            "members": self.members,
        }
        if self.sampler.JUDGED_TOGETHER:
            settings["chains"] = self.chains
        if not self.sampler.INDEPENDENT:
            settings["dtype"] = self.dtype
        return settings

    def names(self) -> list[str]:
        """Names of the networks, in order of member."""
        return [self.digest("member", member)[:16] for member in range(self.members)]

    def paths(self) -> list[Path]:
        """Folders of the networks, in order of member."""
        return [self.folder / name for name in self.names()]

    def generator(self, device: str, purpose: Purpose = Purpose.NETWORK) -> torch.Generator:
        """Everything random of this chain, for one purpose."""
        return torch_stream(purpose, self.digest(), device=device)

    @property
    def unfinished(self) -> Path:
        """Where a chain or training keeps its state until its networks are whole."""
        return self.folder / f".{self.digest('unfinished')[:16]}.unfinished"

    @property
    def beats(self) -> Path:
        """Where a chain that runs says how far it is."""
        return self.folder / f".{self.digest('unfinished')[:16]}.beats"

    def damaged(self) -> tuple[str, ...]:
        """Say of each network that is on disk but not whole what is wrong with it."""
        return tuple(wrong for path in self.paths() if path.exists() and (wrong := damage(path)))

    def done(self) -> bool:
        """Whether every network is on disk and whole."""
        return not any(map(damage, self.paths()))


def damage(path: Path) -> str:
    """Say what is wrong with the network at `path`; nothing where it is whole."""
    try:
        load_card(path)
    except InputError as error:
        return str(error)
    return ""


def in_good_order(jobs: Iterable[Job]) -> list[Job]:
    """Longest chains first: all workers stay busy to the end. Before them one short, to estimate the time left by."""
    ordered = sorted(jobs, key=lambda job: -job.cost)
    short = [job for job in ordered if not job.sampler.INDEPENDENT][-1:]
    return [*short, *(job for job in ordered if job not in short)]


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
        Independent chains a gamma and seed, at least two, so that convergence can be judged.
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
    chains: int = setting(2, "Independent chains for each gamma and seed.", least=2)
    members: int = setting(2, "Networks kept from each chain.", least=1)
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
