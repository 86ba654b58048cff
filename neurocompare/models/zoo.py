"""The zoo: networks across gamma and nuisance settings, made in parallel, resumable, and kept on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.files import atomic, sweep
from neurocompare.models.chain import Sampling
from neurocompare.models.checkpoint import load_card
from neurocompare.models.device import check_device
from neurocompare.models.family import DEFAULT_GAMMAS, Family, check_gammas
from neurocompare.models.find_beta import Match, Matching
from neurocompare.models.grid import families_of
from neurocompare.models.match_fit import match_fit
from neurocompare.models.memory import jobs_that_fit
from neurocompare.models.methods import fulfil
from neurocompare.models.networks import Zoo, zoo_of
from neurocompare.models.request import METHODS, TRAINED, Request, in_good_order
from neurocompare.models.rounds import Tally, draw_chains
from neurocompare.models.states import listed, told_apart
from neurocompare.parallel import Workers, keep_workers, spread
from neurocompare.tasks.task import Task, check_task


@keep_workers()
def make_zoo(
    task: Task,
    family: Family,
    folder: str | os.PathLike[str],
    *,
    gammas: Iterable[float] = DEFAULT_GAMMAS,
    seeds: Iterable[int] = (0,),
    grid: Mapping[str, Iterable[float]] | None = None,
    method: str = "draw",
    chains: int = 2,
    members: int = 2,
    sampling: Sampling | None = None,
    training: Any = None,
    match: str | None = None,
    level: float | None = None,
    matching: Matching | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    device: str = "cpu",
    dtype: str = "float32",
    progress: Callable[[float, float], None] | None = None,
) -> Zoo:
    """Make every network of the grid that is not already on disk, and judge them.

    Parameters
    ----------
    task : Task
    family : Family
    folder : path-like
        Where the networks go, one folder each, named by a digest of everything that determines them: a changed setting
        never meets a stale network, and a damaged one is named and made again.
    gammas : iterable of float
    seeds : iterable of int
        Each gives `chains` chains of its own.
    grid : mapping of str to iterable of float, optional
        Nuisance settings to run over, see `families_of`: every combination is a family.
    method : str
        Of `METHODS`.
    chains : int
        Independent chains a gamma and seed, at least two, so that convergence can be judged.
    members : int
        Networks kept of each chain. By the methods that train, every network is a run of its own: chains x members.
    sampling : Sampling, optional
        Of chains, for ``"draw"`` and for matching.
    training : langevin.Training, optional
        Of runs, for ``"langevin"`` and ``"gradient-descent"``.
    match : str, optional
        ``"fit"``: choose beta for each gamma so that all have one expected loss, see `match_fit`.
    level, matching
        See `match_fit`.
    jobs : int, optional
        Processes, one thread each; all processors where None, and never more than fit into memory.
    dask : str, optional
        Address of a Dask scheduler whose workers make the networks instead, see `Workers`. They write into
        `folder`, which must be the same folder by the same path on all of them. The networks are the same to the bit.
    device : str
        ``"cpu"`` or ``"cuda"``.
    dtype : str
        Of gradients: ``"float32"`` or ``"float64"``. Acceptance always uses float64.
    progress : callable, optional
        Called with (work done, work in all), in arbitrary units.

    Returns
    -------
    Zoo

    Raises
    ------
    InputError
        If the task, the grid or another setting does not make sense, not even one worker fits into memory, the cluster
        does not answer, or `folder` cannot be written to.
    """
    gammas, seeds, sampling = check_gammas(gammas), tuple(seeds), sampling or Sampling()
    families = families_of(family, grid)
    _check(task, families, seeds, method, chains, members, sampling, match, device, dtype)
    if method in TRAINED:
        training = _training(method, training)
    notes = list(_cautions(task, family))
    noisy = any(each.private_noise > 0 for each in families)
    workers = _fitting(Workers(jobs, dask), task, family, noisy, notes)
    folder = Path(folder)
    where = folder.absolute()

    def plan(points: Iterable[tuple[Family, float]]) -> list[Request]:
        return [
            Request(task, each, gamma, method, seed, chain, chains, kept, sampling, training, dtype, device, where)
            for each, gamma in points
            for seed in seeds
            for chain, kept in _runs(method, gamma, chains, members)
        ]

    points = [(each, gamma) for each in families for gamma in gammas]
    total = sum(request.cost for request in plan(points))
    before = 0.0
    if match is not None:

        def matched(done: float, whole: float) -> None:
            nonlocal before
            before = whole
            if progress:
                progress(done, whole + total)

        matches = match_fit(
            task, family, folder, gammas=gammas, level=level, grid=grid, reservoir=method == "reservoir",
            seed=seeds[0], sampling=sampling, matching=matching, workers=workers, device=device, dtype=dtype,
            progress=matched,
        )  # fmt: skip
        points = [(found.family, found.gamma) for found in matches]
        notes += _missed(matches)
    requests = plan(points)
    sweep(folder)
    damaged = [said for request in requests for said in request.damaged()]
    missing = in_good_order(request for request in requests if not request.done())
    tally = Tally(progress, total=before + total, done=before + total - sum(request.cost for request in missing))
    drawn = [request for request in missing if request.made_by == "draw"]
    try:
        damaged += draw_chains(drawn, requests, tally, workers=workers)
        others = [request for request in missing if request.made_by != "draw"]
        for cost, dropped in spread(fulfil, others, workers=workers):
            damaged += dropped
            tally.add(cost)
    finally:
        sweep(folder)  # a worker's failure ends the others in the middle of what they write
    if dask is not None and any(not path.exists() for request in missing for path in request.paths()):
        message = (
            f"expected the Dask workers to write into {where}, found networks missing there; "
            "give a folder that this computer and all workers see by the same path"
        )
        raise InputError(message)
    cards = (load_card(folder / name) for request in requests for name in request.names())
    zoo = zoo_of(folder, cards, damaged, notes)
    table = listed(zoo)
    with atomic(folder / "zoo.csv") as temporary:
        table.to_csv(temporary, index=False)
    return replace(zoo, notes=(*zoo.notes, *told_apart(table)))


def _runs(method: str, gamma: float, chains: int, members: int) -> Iterator[tuple[int, int]]:
    """Chains, and what is kept of each: of a training only its end."""
    if method in TRAINED and gamma > 0:
        return ((run, 1) for run in range(chains * members))
    return ((chain, members) for chain in range(chains))


def _training(method: str, training: Any) -> Any:
    from neurocompare.models.langevin import Training

    return replace(training or Training(), noise=method == "langevin")


def _fitting(workers: Workers, task: Task, family: Family, noisy: bool, notes: list[str]) -> Workers:
    """Return as many workers as were asked for and fit; says in `notes` where those are fewer."""
    if workers.dask is not None:
        return workers
    fitting = jobs_that_fit(workers.count, task.n_samples, family.n_units, private_noise=noisy)
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


def _missed(matches: Sequence[Match]) -> Iterator[str]:
    for match in matches:
        if not match.reached:
            yield f"Fit of gamma {match.gamma:g}: {match.why}."


def _check(
    task: Task, families: Sequence[Family], seeds: Sequence[int], method: str, chains: int, members: int,
    sampling: Sampling, match: str | None, device: str, dtype: str,
) -> None:  # fmt: skip
    """Refuse what makes no sense before anything is written."""
    check_task(task)
    for each in families:
        each.step_fraction(task.time_step)
    if method not in METHODS:
        message = f"expected a method of {', '.join(METHODS)}, found {method!r}"
        raise InputError(message)
    if chains < 2 or members < 1:
        message = f"expected at least 2 chains and 1 member a chain, found {chains} and {members}"
        raise InputError(message)
    most = sampling.most_members
    if method == "draw" and members > most:
        message = f"expected at most {most} members of {sampling.trajectories} trajectories, found {members}"
        raise InputError(message)
    if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
        message = f"expected seeds of at least 0, each once, found {list(seeds)}"
        raise InputError(message)
    if match not in (None, "fit"):
        message = f"expected to match the 'fit' or nothing, found {match!r}"
        raise InputError(message)
    if match and method == "gradient-descent":
        message = "expected a method with a temperature to match the fit by, found gradient-descent; use langevin"
        raise InputError(message)
    if device not in ("cpu", "cuda") or dtype not in ("float32", "float64"):
        message = f"expected cpu or cuda and float32 or float64, found {device} and {dtype}"
        raise InputError(message)
    check_device(device)
