"""Repetitions: the ranking repeated with what else could explain it taken into account.

Networks of equal fit, in ``matched/``; nuisance settings a step up and down, each in a folder of ``nuisance/``, put
together in ``nuisance.json``. All use the draws of the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neurocompare.account import Comparison
from neurocompare.ranking import Ranking, nuisance_of
from neurocompare.ranking.batches import read_scores
from neurocompare.ranking.confounded import confounded
from neurocompare.ranking.nuisance import RankedSetting
from neurocompare.recordings import Reading
from neurocompare.records import save_record
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Family, Networks
from neurocompare.stages import Stages, part_of
from neurocompare.tasks import Task, save_task
from neurocompare.workflows.one_family import Shared, held_at, make_networks, rank_networks, sampler_of
from neurocompare.workflows.session import TIME_STEP
from neurocompare.workflows.star import Arm, star
from neurocompare.workflows.zoo_families import betas_of

BASE = "as asked"
"""Name of the run's own setting among the nuisance settings."""


def arms_of(settings: Comparison) -> tuple[Arm, ...]:
    """Return the nuisance settings at which a ranking is repeated; around the default lag while it is not known.

    Raises
    ------
    InputError
        If there is no room for a step.
    """
    lag = Reading().chosen(lag=settings.choices.lag).lag
    time_step = settings.choices.time_step or TIME_STEP
    return star(settings.family or Family(), lag, settings.checks.nuisance, time_step=time_step)


def tasks_of_arms(shared: Shared) -> tuple[tuple[Arm, Task], ...]:
    """Make the tasks of everything that is to be repeated, before anything is written.

    Raises
    ------
    InputError
        If the recording does not reach as far as a lag asks for.
    """
    session, own = shared.session, shared.session.choices.lag
    return tuple(
        (arm, session.task if arm.lag == own else session.task_at(lag=arm.lag)) for arm in arms_of(shared.settings)
    )


def expected_cost(settings: Comparison) -> str | None:
    """Say what is going to be made, where that is more than one zoo.

    Examples
    --------
    >>> from neurocompare.settings import Checks
    >>> expected_cost(Comparison("synthetic", networks=Networks(gammas=(0, 0.4)), checks=Checks(nuisance=("g", "lag"))))
    'To make: 5 zoos of 8 networks (1 as asked, 4 at nuisance settings), about 5 times the work of one'
    """
    checks, made_with = settings.checks, settings.networks or Networks()
    arms, parts = len(arms_of(settings)), ["1 as asked"]
    work = zoos = 1 + arms
    if checks.match:
        zoos += 1
        work += 1 + _matching_cost(made_with)
        parts.append("1 of equal fit, whose beta is searched for first")
    if arms:
        parts.append(f"{arms} at nuisance settings")
    if zoos == 1:
        return None
    networks = len(made_with.gammas) * made_with.chains * made_with.members
    made = f"{zoos} zoos of {networks} networks ({', '.join(parts)})"
    return f"To make: {made}, about {work:.2g} times the work of one"


def repeat(
    shared: Shared, arms: Sequence[tuple[Arm, Task]], ranking: Ranking, folder: RunFolder, stages: Stages
) -> Ranking:
    """Repeat the ranking as the run's settings ask, and leave everything in `folder`.

    Parameters
    ----------
    shared : Shared
    arms : sequence of (Arm, Task)
        Of `tasks_of_arms`.
    ranking : Ranking
        Of the run itself, whose sentence is extended.
    folder : RunFolder
    stages : Stages

    Returns
    -------
    Ranking
        With a sentence that says what was found; ``ranking.json`` holds it.
    """
    match = shared.settings.checks.match
    if not (match or arms):
        return ranking
    matched = _matched(shared, folder.matched, stages) if match else None
    nuisance = None
    if arms:
        base = RankedSetting(BASE, _values(shared), ranking, read_scores(folder.scores))
        ranked = list(_ranked_arms(shared, arms, folder, stages))
        nuisance = nuisance_of([base, *ranked], metrics=shared.metrics, seed=shared.settings.seed)
        save_record(nuisance, folder.nuisance)
    ranking = confounded(ranking, matched=matched, nuisance=nuisance)
    save_record(ranking, folder.ranking)
    return ranking


def _matched(shared: Shared, folder: RunFolder, stages: Stages) -> Ranking:
    match, task = shared.settings.checks.match, shared.session.task
    with stages.stage("matched networks") as advance:
        zoo = make_networks(shared, task, shared.family, folder.zoo, match=match, progress=advance)
    held = {name: value for name, value in shared.held.items() if name != "beta"}
    with stages.stage("matched scores") as advance:
        held |= {"match": match, "betas": betas_of(zoo)}
        held |= {"missed": [note for note in zoo.notes if note.startswith("Fit of gamma")]}
        return rank_networks(shared, zoo, task, folder, held=held, progress=advance)


def _ranked_arms(
    shared: Shared, arms: Sequence[tuple[Arm, Task]], folder: RunFolder, stages: Stages
) -> Iterator[RankedSetting]:
    """Make the networks of all arms, then score them; a share of the stage is an arm."""
    zoos, count = [], len(arms)
    with stages.stage("nuisance networks") as advance:
        for place, (arm, task) in enumerate(arms):
            where = folder.at_setting(arm.folder)
            part = part_of(advance, place, count)
            zoos.append(make_networks(shared, task, arm.family, where.zoo, progress=part))
            save_task(task, where.task)
    with stages.stage("nuisance scores") as advance:
        for place, ((arm, task), zoo) in enumerate(zip(arms, zoos, strict=True)):
            held = held_at(shared.settings, arm.family, task)
            held |= {"lag": arm.lag}
            where = folder.at_setting(arm.folder)
            part = part_of(advance, place, count)
            ranking = rank_networks(shared, zoo, task, where, held=held, progress=part)
            yield RankedSetting(arm.name, arm.values, ranking, read_scores(where.scores))


def _values(shared: Shared) -> dict[str, float]:
    """Return the run's own value of every nuisance."""
    lag = shared.settings.choices.lag
    return Arm(BASE, shared.family, Reading().lag if lag is None else lag).values


def _matching_cost(networks: Networks) -> float:
    """Rough work of the search for beta, in zoos: by the costs that `find_beta` and `make_zoo` go by."""
    sampler = sampler_of(networks)
    costs = [sampler.at(gamma).cost(gamma) for gamma in networks.gammas]
    middle = sampler.cost(networks.gammas[len(networks.gammas) // 2])
    return (5.0 * sum(costs) + 1.5 * middle) / (networks.chains * sum(costs))
