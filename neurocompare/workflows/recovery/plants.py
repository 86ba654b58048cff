"""Plants: the networks of known gamma that a ranking is to find again, drawn once and kept for every recovery."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from neurocompare.lock import locked
from neurocompare.models import Draw, Family, Sampling, ZooPlan, is_reservoir, make_zoo
from neurocompare.models.card import Card
from neurocompare.models.card_file import load_activity
from neurocompare.parallel import Workers
from neurocompare.recordings.cache import data_folder
from neurocompare.responses import Responses
from neurocompare.settings.nuisance import LAG, STEPPED
from neurocompare.stages import part_of
from neurocompare.tasks import Task

FIRST_SEED = 1_000_000
"""Of planted networks: chains of their own, far from the seeds that zoos are made with."""


@dataclass(frozen=True)
class Plant:
    """A law that networks are planted from.

    Attributes
    ----------
    kind : str
        ``"grid"``, ``"between"`` two grid points, or the name of the nuisance setting that is one step off.
    gamma : float
    family : Family
    lag : float
        How much earlier than the ranked networks' these networks' activity leads the movement, s.
    """

    kind: str
    gamma: float
    family: Family
    lag: float = 0.0

    @property
    def label(self) -> str:
        """What is special about it, for people.

        Examples
        --------
        >>> Plant("beta", 0.4, Family(beta=800.0)).label, Plant("grid", 0.4, Family()).label
        ('beta = 800', 'grid')
        """
        if self.kind in ("grid", "between"):
            return self.kind
        if self.kind == "lag":
            return f"lag {1000 * self.lag:+.0f} ms"
        return f"{self.kind} = {getattr(self.family, self.kind):.3g}"


@dataclass(frozen=True)
class Planted:
    """One drawn network of a plant: an independent chain gives several, nearly independent."""

    plant: Plant
    card: Card
    folder: Path

    def responses(self) -> Responses:
        """Read its activity without noise."""
        return load_activity(self.folder / self.card.hash, self.card)


def plants_of(
    gammas: Sequence[float],
    family: Family,
    *,
    time_step: float,
    planted: Sequence[float] | None = None,
    nuisance: bool = True,
) -> tuple[tuple[Plant, ...], tuple[str, ...]]:
    """Say what is planted for a grid: its gammas, those halfway between on a logarithmic axis, and wrong nuisances.

    Each nuisance setting is wrong by one step up and one down, at two gammas, a third and two thirds up the grid.

    Parameters
    ----------
    gammas : sequence of float
        The grid, ascending.
    family : Family
        Of the networks that are ranked.
    time_step : float
        Of their task, s: no tau is below it.
    planted : sequence of float, optional
        Gammas to plant instead of the grid's and those halfway between.
    nuisance : bool
        False plants the first two kinds only.

    Returns
    -------
    plants : tuple of Plant
    notes : tuple of str
        What was left out, and why.

    Examples
    --------
    >>> plants, _ = plants_of((0.0, 0.1, 0.4), Family(), time_step=0.05)
    >>> [(plant.kind, plant.gamma) for plant in plants[:4]], len(plants)
    ([('grid', 0.0), ('grid', 0.1), ('grid', 0.4), ('between', 0.2)], 24)
    """
    if planted is None:
        planted = (*gammas, *(float(np.sqrt(a * b)) for a, b in itertools.pairwise(gammas) if a > 0))
    plants = [Plant("grid" if gamma in gammas else "between", gamma, family) for gamma in planted]
    if not nuisance:
        return tuple(plants), ()
    positive = [gamma for gamma in gammas if not is_reservoir(gamma)]
    last = len(positive) - 1
    chosen = sorted({positive[round(last / 3)], positive[round(2 * last / 3)]})
    notes = []
    for name in STEPPED:
        if name == "lag":
            plants += [Plant("lag", gamma, family, lag) for lag in LAG.around(0.0) for gamma in chosen]
            continue
        for wrong in STEPPED[name].around(getattr(family, name)):
            if name == "tau" and wrong < time_step:
                notes.append(f"tau = {1000 * wrong:.3g} ms was not planted: it is below the task's time step.")
            elif wrong > 0:
                plants += [Plant(name, gamma, replace(family, **{name: wrong})) for gamma in chosen]
            else:
                notes.append(f"{name} = {wrong:g} was not planted: it must be above 0.")
    return tuple(plants), tuple(notes)


def led_by(task: Task, lag: float) -> Task:
    """Return the task with activity that leads the movement by `lag` s more: targets come so much earlier.

    What lies beyond the last time is taken to stay as it is there. Targets keep unit mean square.

    Examples
    --------
    >>> from neurocompare.tasks import ideal_reach
    >>> earlier = led_by(ideal_reach(), 0.05)
    >>> speed = [abs(each.targets.values[0, :, 0]) for each in (ideal_reach(), earlier)]
    >>> int(speed[0].argmax() - speed[1].argmax())
    1
    """
    if lag == 0:
        return task
    targets, time = task.targets, task.targets["time"].values
    moved = np.stack(
        [[np.interp(time + lag, time, channel) for channel in condition.T] for condition in targets.values]
    ).transpose(0, 2, 1)
    trained = task.trained.values[:, :, None] * np.ones(targets.sizes["output"])
    size = float(np.sqrt((moved**2 * trained).sum() / trained.sum()))
    earlier, notes = targets.copy(data=moved / size), (*task.notes, f"Targets come {1000 * lag:g} ms earlier.")
    return replace(task, targets=earlier, target_scale=task.target_scale * size, notes=notes, continuation=None)


def draw_plants(
    plants: Sequence[Plant],
    task: Task,
    *,
    taken: Sequence[int] = (),
    chains: int,
    members: int,
    sampling: Sampling,
    folder: str | os.PathLike[str] | None = None,
    workers: Workers,
    progress: Callable[[float, float], None] | None = None,
) -> tuple[tuple[Planted, ...], tuple[str, ...]]:
    """Draw the planted networks that are not there yet.

    They are kept in one folder for all recoveries, each named by everything that determines it.

    Parameters
    ----------
    plants : sequence of Plant
    task : Task
        Of the networks that are ranked.
    taken : sequence of int
        Seeds of those networks: planted ones get another.
    chains, members : int
        Independent chains of each plant, and networks kept of each.
    sampling : Sampling
    folder : path-like, optional
        ``planted-networks`` in the cache where None.
    workers : Workers
    progress : callable, optional
        Called with (done, total).

    Returns
    -------
    planted : tuple of Planted
    notes : tuple of str
        Which plants' chains have not converged.

    Raises
    ------
    InputError
        If a setting makes no sense; see `make_zoo`.
    """
    folder = data_folder() / "planted-networks" if folder is None else Path(folder)
    seed = next(seed for seed in itertools.count(FIRST_SEED) if seed not in set(taken))
    groups: dict[tuple[Family, float], list[Plant]] = {}
    for plant in plants:
        groups.setdefault((plant.family, plant.lag), []).append(plant)
    planted, notes = [], []
    for index, ((family, lag), members_of) in enumerate(groups.items()):
        wanted = {plant.gamma: plant for plant in members_of}

        part = progress and part_of(progress, index, len(groups))
        plan = ZooPlan(tuple(wanted), (seed,), sampler=Draw(sampling), chains=chains, members=members)
        with locked(folder, wait=True):
            zoo = make_zoo(led_by(task, lag), family, folder, plan, workers=workers, progress=part)
        planted += [Planted(wanted[card.gamma], card, folder) for card in zoo.cards]
        doubtful = sorted({card.gamma for card in zoo.cards if not card.result.converged})
        if doubtful:
            listed = ", ".join(f"{gamma:.3g}" for gamma in doubtful)
            notes.append(f"Planted chains have not converged at gamma {listed} ({members_of[0].label}).")
    return tuple(planted), tuple(notes)
