"""Plants: the networks of known gamma that a ranking is to find again, drawn once and kept for every recovery."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from neurocompare.lock import locked
from neurocompare.models import Draw, Sampling, Zoo, ZooPlan, make_zoo
from neurocompare.models.card import Card
from neurocompare.models.card_file import load_activity
from neurocompare.parallel import Workers
from neurocompare.recordings.cache import data_folder
from neurocompare.responses import Responses
from neurocompare.settings import Planting
from neurocompare.tasks import Task

FIRST_SEED = 1_000_000
"""Of planted networks: chains of their own, far from the seeds that zoos are made with."""


@dataclass(frozen=True)
class Planted:
    """One drawn network: an independent chain gives several, nearly independent.

    Attributes
    ----------
    kind : str
        Where its gamma is: ``"grid"``, or ``"between"`` two grid points.
    card : Card
    folder : Path
    """

    kind: Literal["grid", "between"]
    card: Card
    folder: Path

    def responses(self) -> Responses:
        """Read its activity without noise."""
        return load_activity(self.folder / self.card.hash, self.card)


def gammas_to_plant(gammas: Sequence[float]) -> tuple[float, ...]:
    """Return the gammas of a grid, and those halfway between on a logarithmic axis.

    Examples
    --------
    >>> gammas_to_plant((0.0, 0.1, 0.4))
    (0.0, 0.1, 0.4, 0.2)
    """
    return (*gammas, *(float(np.sqrt(a * b)) for a, b in itertools.pairwise(gammas) if a > 0))


def draw_plants(
    gammas: Sequence[float],
    ranked: Zoo,
    task: Task,
    *,
    planting: Planting,
    sampling: Sampling,
    workers: Workers,
    progress: Callable[[float, float], None] | None = None,
) -> tuple[tuple[Planted, ...], tuple[str, ...]]:
    """Draw the planted networks that are not there yet, of the settings of those that are ranked.

    They are kept in ``planted-networks`` in the cache for all recoveries, each named by everything that determines it.

    Parameters
    ----------
    gammas : sequence of float
        To plant.
    ranked : Zoo
        The networks that are ranked: planted ones get another seed.
    task : Task
        Of those.
    planting : Planting
        How many chains, and networks of each.
    sampling : Sampling
    workers : Workers
    progress : callable, optional
        Called with (done, total).

    Returns
    -------
    planted : tuple of Planted
    notes : tuple of str
        Which chains have not converged.

    Raises
    ------
    InputError
        If a setting makes no sense; see `make_zoo`.
    """
    folder = data_folder() / "planted-networks"
    taken, family = {card.seed for card in ranked.cards}, ranked.cards[-1].family
    seed = next(seed for seed in itertools.count(FIRST_SEED) if seed not in taken)
    plan = ZooPlan(tuple(gammas), (seed,), sampler=Draw(sampling), chains=planting.chains, members=planting.members)
    with locked(folder, wait=True):
        zoo = make_zoo(task, family, folder, plan, workers=workers, progress=progress)
    planted = tuple(Planted("grid" if card.gamma in ranked.gammas else "between", card, folder) for card in zoo.cards)
    doubtful = sorted({card.gamma for card in zoo.cards if not card.result.converged})
    listed = ", ".join(f"{gamma:.3g}" for gamma in doubtful)
    return planted, (f"Planted chains have not converged at gamma {listed}.",) if doubtful else ()
