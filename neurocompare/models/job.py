"""A job: one chain of a zoo's grid, what determines it, and where its networks go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from neurocompare.errors import InputError
from neurocompare.models.card_file import load_card
from neurocompare.models.samplers import Sampler
from neurocompare.settings import Family, digest_of
from neurocompare.streams import Purpose, torch_stream
from neurocompare.tasks.task import Task, task_digest

if TYPE_CHECKING:
    from neurocompare.models.zoo_plan import Dtype

RECIPE = 8
"""Enters the name of every network: raise it when a change makes networks of equal settings differ."""


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
