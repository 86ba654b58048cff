"""A request: one chain of a zoo's grid, what determines it, and where its networks go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from neurocompare.errors import InputError
from neurocompare.models.chain import Sampling
from neurocompare.models.checkpoint import load_card
from neurocompare.models.family import Family
from neurocompare.tasks.task import Task, task_digest

# Enters every hash: raise it when a change makes networks of equal settings differ.
RECIPE = 5

METHODS = ("draw", "langevin", "reservoir", "gradient-descent")
"""How networks are made.

``draw``: samples of the exact posterior, by Hamiltonian Monte Carlo. ``langevin``: the same law by noisy training.
``reservoir``: random recurrent and input weights, only the readout learned. ``gradient-descent``: training without
noise, which is no sample of the family and only ordered by gamma like it. At gamma = 0 all give the exact reservoir.
"""

TRAINED = ("langevin", "gradient-descent")
"""The methods in which every network is a run of its own."""


@dataclass(frozen=True, eq=False)
class Request:
    """One chain: what determines it, and where its networks go.

    Attributes
    ----------
    task : Task
    family : Family
    gamma : float
    method : str
        As asked for, of `METHODS`.
    seed, chain : int
    chains : int
        Of one seed: they decide together how long they go on.
    members : int
        States to keep.
    sampling : Sampling
        Of ``"draw"``.
    training : object, optional
        Of ``"langevin"`` and ``"gradient-descent"``: a frozen dataclass.
    dtype : str
        Of the gradients; enters the digest.
    device : str
        Where they are computed; does not.
    folder : pathlib.Path
        The zoo.
    """

    task: Task
    family: Family
    gamma: float
    method: str
    seed: int
    chain: int
    chains: int
    members: int
    sampling: Sampling
    training: Any
    dtype: str
    device: str
    folder: Path

    @property
    def made_by(self) -> str:
        """The method in effect: the reservoir at gamma = 0."""
        return "reservoir" if self.gamma == 0 else self.method

    @property
    def cost(self) -> float:
        """Rough relative work, of a chain's first segment; no network is known to need another."""
        if self.made_by == "reservoir":
            return 0.1
        return 50.0 if self.made_by in TRAINED else chain_cost(self.gamma)

    @property
    def gradients(self) -> float:
        """Rough number of gradients of a segment and the burn-in: trajectories are about a radian long."""
        return 2.4 * chain_cost(self.gamma) * (self.sampling.trajectories + 40)

    @property
    def group(self) -> str:
        """Digest of what the chains that are judged together share."""
        return digest_of(self._settings())[:16]

    def digest(self, *more: object) -> str:
        """Digest of everything that determines the chain, and of `more`."""
        return digest_of(self._settings() | {"seed": self.seed, "chain": self.chain, "more": more})

    def _settings(self) -> dict[str, Any]:
        method = self.made_by
        return {
            "recipe": RECIPE,
            "task": task_digest(self.task),
            "family": asdict(self.family),
            "gamma": self.gamma,
            "method": method,
            "chains": self.chains if method == "draw" else None,
            "members": self.members,
            "sampling": asdict(self.sampling) if method == "draw" else None,
            "training": asdict(self.training) if method in TRAINED else None,
            "dtype": None if method == "reservoir" else self.dtype,
        }

    def names(self) -> list[str]:
        """Names of the networks, in order of member."""
        return [self.digest("member", member)[:16] for member in range(self.members)]

    def paths(self) -> list[Path]:
        """Folders of the networks, in order of member."""
        return [self.folder / name for name in self.names()]

    def generator(self) -> torch.Generator:
        """Everything random of this chain, on its device; trainings and reservoirs begin on the processor."""
        device = self.device if self.made_by == "draw" else "cpu"
        return torch.Generator(device).manual_seed(int(self.digest("generator")[:15], 16))

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
        return tuple(said for path in self.paths() if path.exists() and (said := damage(path)))

    def done(self) -> bool:
        """Whether every network is on disk and whole."""
        return not any(map(damage, self.paths()))


def chain_cost(gamma: float) -> float:
    """Rough relative gradients of a segment: the step that fits shrinks as 1 / gamma.

    Examples
    --------
    >>> round(chain_cost(3.2) / chain_cost(0.4), 1)
    6.6
    """
    return 1.0 + 10.0 * gamma


def damage(path: Path) -> str:
    """Say what is wrong with the network at `path`; nothing where it is whole."""
    try:
        load_card(path)
    except InputError as error:
        return str(error)
    return ""


def digest_of(settings: dict[str, Any]) -> str:
    """SHA-256 of settings that JSON can hold."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def in_good_order(requests: Iterable[Request]) -> list[Request]:
    """Longest chains first: all workers stay busy to the end. Before them one short, to estimate the time left by."""
    ordered = sorted(requests, key=lambda request: -request.cost)
    short = [request for request in ordered if request.made_by != "reservoir"][-1:]
    return [*short, *(request for request in ordered if request not in short)]
