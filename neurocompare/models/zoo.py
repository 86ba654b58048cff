"""The zoo: networks across gamma and nuisance settings, made in parallel, resumable, and kept on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

from neurocompare.errors import InputError
from neurocompare.files import atomic, sweep
from neurocompare.lock import locks
from neurocompare.models.card_file import load_card
from neurocompare.models.device import check_device
from neurocompare.models.job import Job, in_good_order
from neurocompare.models.memory import jobs_that_fit
from neurocompare.models.networks import Zoo, zoo_of
from neurocompare.models.samplers import Sampler
from neurocompare.models.states import listed, told_apart
from neurocompare.models.tally import Tally
from neurocompare.models.zoo_plan import ZooPlan
from neurocompare.parallel import Workers, keep_workers, spread
from neurocompare.progress import shows_progress
from neurocompare.settings import Family
from neurocompare.settings.nuisance import families_of
from neurocompare.tasks.task import Task, check_task


@dataclass(frozen=True, eq=False)
class Point:
    """Where networks are made.

    Attributes
    ----------
    task : Task
        What they are made for.
    family : Family
        What they share.
    gamma : float

    Examples
    --------
    >>> from neurocompare.tasks import oscillation
    >>> Point(oscillation(), Family(n_units=80), gamma=0.4).family.n_units
    80
    """

    task: Task
    family: Family
    gamma: float


@shows_progress("networks")
@locks("folder")
@keep_workers()
def make_zoo(
    task: Task,
    family: Family,
    folder: str | os.PathLike[str],
    plan: ZooPlan | None = None,
    *,
    workers: Workers | None = None,
    device: str = "cpu",
    progress: Callable[[float, float], None] | Literal[False] | None = None,
) -> Zoo:
    """Make every network of a plan that is not already on disk, and judge them.

    Parameters
    ----------
    task : Task
        What they are made for.
    family : Family
        What they share, as far as the plan's grid does not vary it.
    folder : path-like
        Where the networks go, one folder each, named by a digest of everything that determines them: a changed setting
        never meets a stale network, and a damaged one is named and made again.
    plan : ZooPlan, optional
        Which networks, and how they are made; its defaults where None.
    workers : Workers, optional
        Where they are made, and never on more processes than fit into memory. The workers of a cluster write into
        `folder`, which must be the same folder by the same path on all of them. The networks are the same to the bit.
    device : str
        Where gradients are computed: ``"cpu"`` or ``"cuda"``.
    progress : callable or bool, optional
        Shown where None, silent where False; else called with (work done, work in all), in arbitrary units.

    Returns
    -------
    Zoo

    Raises
    ------
    InputError
        If the task, the grid or another setting does not make sense, not even one worker fits into memory, the cluster
        does not answer, another process is at work in `folder`, or it cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import oscillation
    >>> plan, folder = ZooPlan((0.0,), chains=2), tempfile.mkdtemp()
    >>> zoo = make_zoo(oscillation(), Family(n_units=12), folder, plan, workers=Workers(1))
    >>> zoo.table()[["gamma", "chain"]].values.tolist()
    [[0.0, 0.0], [0.0, 1.0]]
    """
    plan = plan or ZooPlan()
    points = [Point(task, each, gamma) for each in families_of(family, plan.grid) for gamma in plan.gammas]
    workers, notes = _prepared(points, workers or Workers(), device)
    folder = Path(folder)
    planned = list(chain(*_planned(plan, points, device, folder.absolute())))
    return _completed(planned, folder, in_good_order, workers, progress or None, notes)


@shows_progress("networks")
@locks("folder")
@keep_workers()
def make_points(
    points: Sequence[Point],
    folder: str | os.PathLike[str],
    plan: ZooPlan | None = None,
    *,
    workers: Workers | None = None,
    device: str = "cpu",
    progress: Callable[[float, float], None] | Literal[False] | None = None,
) -> tuple[Zoo, ...]:
    """Make the networks of points that are no grid, as far as they are not on disk, the cheapest first.

    Parameters
    ----------
    points : sequence of Point
        Each once.
    folder : path-like
    plan : ZooPlan, optional
        How networks are made, and how many of each point: its gammas and grid do not count.
    workers, device, progress
        As those of `make_zoo`.

    Returns
    -------
    tuple of Zoo
        One a point, in their order; all lie in `folder`.

    Raises
    ------
    InputError
        As `make_zoo` does.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import Point, ZooPlan, make_points
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import oscillation
    >>> points = [Point(oscillation(), Family(g=g, n_units=12), 0.0) for g in (0.8, 1.5)]
    >>> zoos = make_points(points, tempfile.mkdtemp(), ZooPlan(chains=2), workers=Workers(1))
    >>> [(zoo.family.g, len(zoo.cards)) for zoo in zoos]
    [(0.8, 2), (1.5, 2)]
    """
    plan = plan or ZooPlan()
    workers, notes = _prepared(points, workers or Workers(), device)
    folder = Path(folder)
    planned = _planned(plan, points, device, folder.absolute())
    zoo = _completed(list(chain(*planned)), folder, _cheapest_first, workers, progress or None, notes)
    return tuple(zoo.select(hash=[name for job in jobs for name in job.names()]) for jobs in planned)


def _prepared(points: Sequence[Point], workers: Workers, device: str) -> tuple[Workers, list[str]]:
    """Check what networks are to be made of; return as many workers as fit, and what to be careful about."""
    for task in {id(each.task): each.task for each in points}.values():
        check_task(task)
    for each in points:
        each.family.step_fraction(each.task.time_step)
    check_device(device)
    largest = max(points, key=lambda each: each.task.n_samples)
    notes = list(_cautions(largest.task, largest.family))
    noisy = any(each.family.private_noise > 0 for each in points)
    units = max(each.family.n_units for each in points)
    return _fitting(workers, largest.task.n_samples, units, noisy, notes), notes


def _completed(
    planned: Sequence[Job],
    folder: Path,
    order: Callable[[Iterable[Job]], list[Job]],
    workers: Workers,
    progress: Callable[[float, float], None] | None,
    notes: Sequence[str],
) -> Zoo:
    """Make what is missing of a plan, and judge all of it."""
    sweep(folder)
    damaged = [wrong for job in planned for wrong in job.damaged()]
    missing = order(job for job in planned if not job.done())
    total = sum(job.cost for job in planned)
    tally = Tally(progress, total=total, done=total - sum(job.cost for job in missing))
    try:
        for sampler, those in _by_sampler(missing).items():
            damaged += sampler.make(those, planned, tally, partial(spread, workers=workers))
    finally:
        sweep(folder)  # a worker's failure ends the others in the middle of what they write
    if workers.dask is not None and any(not path.exists() for job in missing for path in job.paths()):
        raise InputError(
            f"expected the Dask workers to write into {folder.absolute()}, found networks missing there; "
            "give a folder that this computer and all workers see by the same path"
        )
    cards = (load_card(folder / name) for job in planned for name in job.names())
    zoo = zoo_of(folder, cards, damaged, notes)
    table = listed(zoo)
    with atomic(folder / "zoo.csv") as temporary:
        table.to_csv(temporary, index=False)
    return replace(zoo, notes=(*zoo.notes, *told_apart(table)))


def _cheapest_first(jobs: Iterable[Job]) -> list[Job]:
    """Most points are there soon, should the work be stopped."""
    return sorted(jobs, key=lambda job: job.cost)


def _planned(plan: ZooPlan, points: Sequence[Point], device: str, folder: Path) -> list[list[Job]]:
    """Return the jobs of a plan at each of these points."""
    largest = max(each.task.n_samples for each in points)
    jobs = []
    for each in points:
        sampler = plan.sampler.at(each.gamma)
        size = (each.task.n_samples / largest) ** 2
        jobs.append([
            Job(each.task, each.family, each.gamma, sampler, seed, place, plan.chains, kept, plan.dtype, device, folder,
                size)
            for seed in plan.seeds
            for place, kept in sampler.runs(plan.chains, plan.members)
        ])  # fmt: skip
    return jobs


def _by_sampler(jobs: Iterable[Job]) -> dict[Sampler, list[Job]]:
    by_sampler: dict[Sampler, list[Job]] = {}
    for job in jobs:
        by_sampler.setdefault(job.sampler, []).append(job)
    return by_sampler


def _fitting(workers: Workers, samples: int, units: int, noisy: bool, notes: list[str]) -> Workers:
    """Return as many workers as were asked for and fit; says in `notes` where those are fewer."""
    if workers.dask is not None:
        return workers
    fitting = jobs_that_fit(workers.count, samples, units, private_noise=noisy)
    if fitting < workers.count:
        notes.append(f"Only {fitting} of {workers.count} workers fit into memory.")
    return Workers(fitting)


def _cautions(task: Task, family: Family) -> Iterator[str]:
    n_units, n_samples = family.n_units, task.n_samples
    if n_units < n_samples:
        yield (
            f"{n_units} units are fewer than the task's {n_samples} samples: the networks are exact members of the "
            f"family at this size, but far from the limit of infinitely many units, which wants {4 * n_samples} units; "
            "ask for more units, or thin the task, before comparing them with the theory."
        )
