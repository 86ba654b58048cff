"""Where a zoo's networks are, and the task they were made for."""

from __future__ import annotations

import os
from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.models import Zoo
from neurocompare.tasks import Task, load_task
from neurocompare.tasks.task import task_digest


def networks_folder(zoo: str | os.PathLike[str]) -> Path:
    """Return where the networks are: a run keeps them in its folder ``zoo``."""
    folder = Path(zoo)
    return folder / "zoo" if (folder / "zoo").is_dir() else folder


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
        "rank the folder that `neurocompare zoo` or `neurocompare run` wrote"
    )
