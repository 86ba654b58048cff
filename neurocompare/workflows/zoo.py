"""A zoo for whatever a user names: a recording, a built-in task, or a task's file."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.lock import locks
from neurocompare.models import Zoo, make_zoo
from neurocompare.parallel import Workers
from neurocompare.progress import shows_progress
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Choices, Family, Networks, changed
from neurocompare.settings.nuisance import by_field, families_of
from neurocompare.stages import Stages, Watch
from neurocompare.tasks import BUILT_IN, Task, load_task, save_task, thin_task
from neurocompare.tasks.task import task_digest
from neurocompare.workflows.one_family import plan_of
from neurocompare.workflows.session import open_session

DEFAULT_ZOO = Path("neurocompare-zoo")
"""Where a zoo goes that is not told where."""


@shows_progress()
@locks("out")
def build_zoo(
    source: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] = DEFAULT_ZOO,
    seeds: Iterable[int] = (0,),
    grid: Mapping[str, Iterable[float]] | None = None,
    max_samples: int | None = None,
    choices: Choices | None = None,
    family: Family | None = None,
    networks: Networks | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> Zoo:
    """Make the networks of a grid for one task, and leave the task beside them.

    Parameters
    ----------
    source : str or path-like
        A recording as `run` takes it (``"synthetic"``, a catalogue name, the path of an NWB file), ``"oscillation"``,
        ``"ideal_reach"``, ``"muscles"``, or the path of a task's ``.nc`` file.
    out : path-like
        Folder of the zoo.
    seeds : iterable of int
        Each gives chains of its own.
    grid : mapping of str to iterable of float, optional
        See `families_of`; ``noise`` is understood too.
    max_samples : int, optional
        Thin the task to so many samples, see `thin_task`: time steps up to half of the shortest tau.
    choices : Choices, optional
        What is read of a recording; its time step is that of a task that is made here, the task's own where None.
    family, networks, workers
        As those of `run`.
    progress : callable or bool, optional
        Shown where None, silent where False; else
        called as ``progress(stage, done, total)`` with ``"task"`` and ``"networks"``.

    Returns
    -------
    Zoo

    Raises
    ------
    InputError
        If a setting makes no sense, the source cannot be used, or the networks do not fit into memory.
    """
    family, networks, workers = family or Family(), networks or Networks(), workers or Workers()
    values = {name: tuple(each) for name, each in by_field(grid or {}).items()}
    shortest = min(each.tau for each in families_of(family, values))
    plan = replace(plan_of(networks), seeds=tuple(seeds), grid=values)
    folder, stages = Path(out), Stages(progress)
    with stages.stage("task"):
        task = task_of(source, choices)
        if max_samples is not None:
            task = thin_task(task, max_samples=max_samples, max_step=shortest / 2)
    with stages.stage("networks") as advance:
        zoo = make_zoo(task, family, folder, plan, workers=workers, device=networks.device, progress=advance)
    save_task(task, RunFolder(folder).task)
    thinned = tuple(note for note in task.notes if note.startswith("Thinned"))
    return replace(zoo, notes=(*thinned, *zoo.notes))


def is_task(source: str | os.PathLike[str]) -> bool:
    """Whether a source is a task, by name or by file, and not a recording.

    Examples
    --------
    >>> is_task("oscillation"), is_task("my-task.nc"), is_task("session.nwb")
    (True, True, False)
    """
    return source in BUILT_IN or Path(source).suffix == ".nc"


def task_of(source: str | os.PathLike[str], choices: Choices | None = None) -> Task:
    """Return the task a user means.

    Parameters
    ----------
    source : str or path-like
        See `build_zoo`.
    choices : Choices, optional
        What is read of a recording; its time step holds for built-in tasks too.

    Raises
    ------
    InputError
        If it cannot be used, a time step is given for a task's file, which has its own, or anything else that is read
        of a recording for a task that is made of none.

    Examples
    --------
    >>> task_of("oscillation").name, task_of("ideal_reach", Choices(time_step=0.1)).time_step
    ('oscillation', 0.1)
    """
    choices = choices or Choices()
    meant = difflib.get_close_matches(os.fspath(source), BUILT_IN)
    if meant and not is_task(source) and not Path(source).exists():
        raise InputError(f"expected a recording, a task's file or its name, found {source}; did you mean {meant[0]}?")
    if not is_task(source):
        return open_session(source, choices).task
    of_recording = [name for name in changed(choices) if name != "time_step"]
    if of_recording:
        named = of_recording[0].replace("_", " ")
        raise InputError(f"expected no choice of {named} with a task that has no recording, {source}; drop it")
    if source in BUILT_IN:
        step = {} if choices.time_step is None else {"time_step": choices.time_step}
        return BUILT_IN[os.fspath(source)](**step)
    if choices.time_step is not None:
        raise InputError("expected no time step with a task's file, which has its own; drop it, or thin the task")
    return load_task(source)


def task_of_zoo(zoo: Zoo) -> Task:
    """Return the task the networks were made for: beside them, or beside their folder as a run leaves it.

    Raises
    ------
    InputError
        If there is none, or it is another task.
    """
    wanted = {card.task for card in zoo.cards}
    for path in (zoo.folder / "task.nc", zoo.folder.parent / "task.nc"):
        if path.exists():
            task = load_task(path)
            if wanted == {task_digest(task)[: len(next(iter(wanted)))]}:
                return task
    raise InputError(
        f"expected the task of these networks as task.nc in {zoo.folder} or above it, found "
        f"{'none of this task' if len(wanted) == 1 else f'networks of {len(wanted)} tasks'}; "
        "give the folder that `neurocompare zoo` or `neurocompare run` wrote"
    )
