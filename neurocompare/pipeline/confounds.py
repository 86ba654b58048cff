"""Confounds: the ranking repeated with what else could explain it taken into account.

Networks of equal fit, in ``matched/``; nuisance settings a step up and down, each in a folder of ``nuisance/``, put
together in ``nuisance.json``; and the paper's own protocol, in ``paper.json``. All use the draws of the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.experiments.star import Arm
from neurocompare.experiments.zoo_families import betas_of
from neurocompare.files import write_json
from neurocompare.metrics import METRICS
from neurocompare.models import Zoo
from neurocompare.models.request import chain_cost
from neurocompare.pipeline.account import end_workers
from neurocompare.pipeline.one_family import Shared, make_networks, rank_networks
from neurocompare.pipeline.settings import Settings, held_at
from neurocompare.ranking import Ranking, nuisance_of, paper_protocol, ranking_json
from neurocompare.ranking.batches import candidates_of, read_scores
from neurocompare.ranking.confounded import NUISANCE, PAPER, confounded
from neurocompare.ranking.nuisance import RankedSetting
from neurocompare.ranking.nuisance_json import nuisance_json
from neurocompare.ranking.paper_protocol import paper_json
from neurocompare.recordings import Recording, open_named
from neurocompare.stages import Stages
from neurocompare.tasks import Task, reach_task, save_task

BASE = "as asked"
"""Name of the run's own setting among the nuisance settings."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What a run repeats, with the tasks it needs.

    Attributes
    ----------
    task : Task
        Of the run itself.
    arms : tuple of (Arm, Task)
    muscles : Task or None
        For the paper's protocol, where networks of their own have to be made for it.
    note : str
        What the networks of that protocol produce.
    """

    task: Task
    arms: tuple[tuple[Arm, Task], ...] = ()
    muscles: Task | None = None
    note: str = ""


def plan_confounds(settings: Settings, recording: Recording, task: Task, *, stream: bool = False) -> Plan:
    """Make the tasks of everything that is to be repeated, before anything is written.

    Raises
    ------
    InputError
        If the recording does not reach as far as a lag asks for.
    """
    arms = tuple(
        (arm, task if arm.lead == settings.lead else _task(recording, settings, lead=arm.lead))
        for arm in settings.arms()
    )
    if settings.protocol is None:
        return Plan(task, arms)
    if recording.target == "emg":
        return Plan(task, arms, note="Networks produce the recorded muscles, as the run's own do.")
    muscles = _muscles(settings, recording, stream=stream)
    if muscles is None:
        note = f"The recording has no muscles that could be used: networks produce its {recording.target} instead."
        return Plan(task, arms, note=note)
    count = muscles.targets.sizes["output"]
    return Plan(task, arms, muscles, f"Networks of their own produce the {count} recorded muscles.")


def expected_cost(settings: Settings) -> str | None:
    """Say what is going to be made, where that is more than one zoo.

    Examples
    --------
    >>> from neurocompare.pipeline.settings import QUICK
    >>> from neurocompare.recordings import Choices
    >>> settings = Settings("synthetic", (0.0, 0.4), 1.5, 0.1, 400.0, 400, 2, 2, 80, 0, 0.05, 0.1, 0.02, 0.04, 1.0,
    ...                     QUICK["sampling"], QUICK["matching"], Choices(), nuisance=("g", "lag"))
    >>> expected_cost(settings)
    'To make: 5 zoos of 8 networks (1 as asked, 4 at nuisance settings), about 5 times the work of one'
    """
    arms, parts = len(settings.arms()), ["1 as asked"]
    work = zoos = 1 + arms
    if settings.match:
        zoos += 1
        work += 1 + _matching_cost(settings)
        parts.append("1 of equal fit, whose beta is searched for first")
    if arms:
        parts.append(f"{arms} at nuisance settings")
    if zoos == 1:
        return None
    networks = len(settings.gammas) * settings.chains * settings.members
    muscles = ", one more if there are muscles" if settings.protocol else ""
    made = f"{zoos} zoos of {networks} networks ({', '.join(parts)}{muscles})"
    return f"To make: {made}, about {work:.2g} times the work of one"


def repeat(shared: Shared, plan: Plan, ranking: Ranking, zoo: Zoo, out: Path, stages: Stages) -> Ranking:
    """Repeat the ranking as the run's settings ask, and leave everything in `out`.

    Parameters
    ----------
    shared : Shared
    plan : Plan
    ranking : Ranking
        Of the run itself, whose sentence is extended.
    zoo : Zoo
        Its networks.
    out : pathlib.Path
    stages : Stages

    Returns
    -------
    Ranking
        With a sentence that says what was found; ``ranking.json`` holds it.
    """
    settings = shared.settings
    if not (settings.match or plan.arms or settings.protocol):
        return ranking
    matched = _matched(shared, plan.task, out / "matched", stages) if settings.match else None
    nuisance = None
    if plan.arms:
        base = RankedSetting(BASE, _values(settings), ranking, read_scores(out / "scores.csv"))
        arms = list(_ranked_arms(shared, plan, out / "nuisance", stages))
        nuisance = nuisance_of([base, *arms], metrics=METRICS, seed=settings.seed)
        write_json(nuisance_json(nuisance), out / NUISANCE)
    if settings.protocol:
        _paper(shared, plan, zoo, out, stages)
    ranking = confounded(ranking, matched=matched, nuisance=nuisance, paper=bool(settings.protocol))
    write_json(ranking_json(ranking), out / "ranking.json")
    return ranking


def _matched(shared: Shared, task: Task, folder: Path, stages: Stages) -> Ranking:
    settings = shared.settings
    with stages.stage("matched networks") as advance:
        zoo = make_networks(shared, task, settings.family, folder / "zoo", match=settings.match, progress=advance)
        end_workers()
    held = {name: value for name, value in held_at(settings, task).items() if name != "beta"}
    with stages.stage("matched scores") as advance:
        held |= {"match": settings.match, "betas": betas_of(zoo)}
        held |= {"missed": [note for note in zoo.notes if note.startswith("Fit of gamma")]}
        ranking = rank_networks(shared, zoo, task, folder, held=held, progress=advance)
        end_workers()
    return ranking


def _ranked_arms(shared: Shared, plan: Plan, folder: Path, stages: Stages) -> Iterator[RankedSetting]:
    """Make the networks of all arms, then score them; a share of the stage is an arm."""
    zoos, count = [], len(plan.arms)
    with stages.stage("nuisance networks") as advance:
        for place, (arm, task) in enumerate(plan.arms):
            where = folder / arm.folder
            zoos.append(
                make_networks(
                    shared, task, arm.family, where / "zoo",
                    progress=lambda done, total, place=place: advance(place + done / total, count),
                )
            )  # fmt: skip
            save_task(task, where / "task.nc")
        end_workers()
    with stages.stage("nuisance scores") as advance:
        for place, ((arm, task), zoo) in enumerate(zip(plan.arms, zoos, strict=True)):
            held = held_at(shared.settings, task) | {"g": arm.family.g, "tau": arm.family.tau, "beta": arm.family.beta}
            held |= {"lag": arm.lead, "input_scale": arm.family.input_scale}
            ranking = rank_networks(
                shared, zoo, task, folder / arm.folder, held=held,
                progress=lambda done, total, place=place: advance(place + done / total, count),
            )  # fmt: skip
            yield RankedSetting(arm.name, arm.values, ranking, read_scores(folder / arm.folder / "scores.csv"))
        end_workers()


def _paper(shared: Shared, plan: Plan, zoo: Zoo, out: Path, stages: Stages) -> None:
    settings, task = shared.settings, plan.muscles or plan.task
    if plan.muscles is not None:
        with stages.stage("paper networks") as advance:
            folder = out / "paper"
            zoo = make_networks(shared, task, settings.family, folder / "zoo", progress=advance)
            save_task(task, folder / "task.nc")
            end_workers()
    with stages.stage("paper scores"):
        found = paper_protocol(shared.trials, candidates_of(zoo), METRICS, seed=settings.seed)
        target = "emg" if plan.muscles is not None else shared.recording.target
        fit = [{"gamma": gamma, "loss": loss} for gamma, loss in zoo.fit().items()]
        write_json(paper_json(found, target=target, note=plan.note, fit=fit), out / PAPER)


def _muscles(settings: Settings, recording: Recording, *, stream: bool) -> Task | None:
    """Return a task of the recorded muscles; None where there are none, or none that could be used."""
    try:
        if recording.series("emg") is None:  # a layout reads what networks are to produce, and no more
            choices = replace(settings.choices, target="emg", behavior=None)
            recording = open_named(settings.recording, choices, stream=stream).read_with(**settings.reading)
        return _task(recording, settings, lead=settings.lead, target="emg")
    except InputError:
        return None


def _task(recording: Recording, settings: Settings, *, lead: float, target: str | None = None) -> Task:
    return reach_task(recording, time_step=settings.time_step, lead=lead, target=target)


def _values(settings: Settings) -> dict[str, float]:
    """Return the run's own value of every nuisance."""
    return Arm(BASE, settings.family, settings.lead).values


def _matching_cost(settings: Settings) -> float:
    """Rough work of the search for beta, in zoos: by the costs that `find_beta` and `make_zoo` go by."""
    costs = [chain_cost(gamma) if gamma > 0 else 0.1 for gamma in settings.gammas]
    middle = chain_cost(settings.gammas[len(settings.gammas) // 2])
    return (5.0 * sum(costs) + 1.5 * middle) / (settings.chains * sum(costs))
