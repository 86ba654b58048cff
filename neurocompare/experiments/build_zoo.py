"""A zoo for whatever a user names: a recording, a built-in task, or a task's file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.models import DEFAULT_GAMMAS, Family, Sampling, Zoo, make_zoo
from neurocompare.models.grid import families_of
from neurocompare.models.request import TRAINED
from neurocompare.recordings import Choices, open_named
from neurocompare.tasks import BUILT_IN, Task, load_task, reach_task, save_task, thin_task


def build_zoo(
    source: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] = "neurocompare-zoo",
    gammas: Iterable[float] = DEFAULT_GAMMAS,
    seeds: Iterable[int] = (0,),
    method: str = "draw",
    units: int = 400,
    g: float = 1.5,
    tau: float = 0.1,
    beta: float = 400.0,
    input_scale: float = 1.0,
    noise: float = 0.0,
    nonlinearity: str = "tanh",
    grid: Mapping[str, Iterable[float]] | None = None,
    chains: int = 2,
    members: int = 2,
    trajectories: int = 40,
    steps: int | None = None,
    match: str | None = None,
    level: float | None = None,
    max_samples: int | None = None,
    time_step: float | None = None,
    choices: Choices | None = None,
    stream: bool = False,
    jobs: int | None = None,
    dask: str | None = None,
    device: str = "cpu",
    dtype: str = "float32",
    progress: Callable[[str, float, float], None] | None = None,
) -> Zoo:
    """Make the networks of a grid for one task, and leave the task beside them.

    Parameters
    ----------
    source : str or path-like
        A recording as `run` takes it (``"synthetic"``, a catalogue name, the path of an NWB file), a task of
        `BUILT_IN`, or the path of a task's ``.nc`` file.
    out : path-like
        Folder of the zoo.
    gammas, seeds, method, chains, members, match, level, jobs, dask, device, dtype
        See `make_zoo`.
    units, g, tau, beta, input_scale, noise, nonlinearity
        The family, see `Family`; tau in s, `noise` its private noise.
    grid : mapping of str to iterable of float, optional
        See `families_of`; ``noise`` is understood too.
    trajectories : int
        Samples of each chain, for ``"draw"``.
    steps : int, optional
        Of each training, for the methods that train; their own default where None.
    max_samples : int, optional
        Thin the task to so many samples, see `thin_task`: time steps up to half of the shortest tau.
    time_step : float, optional
        Of a task that is made here, s; its own default where None.
    choices : Choices, optional
        What about a recording is not to be left to its layout.
    stream : bool
        Read what is needed of a remote recording, a name of the catalogue or an address, instead of a local file.
    progress : callable, optional
        Called as ``progress(stage, done, total)`` with ``"task"`` and ``"networks"``.

    Returns
    -------
    Zoo

    Raises
    ------
    InputError
        If a setting makes no sense, the source cannot be used, or the networks do not fit into memory.
    """
    say = progress or (lambda stage, done, total: None)
    family = Family(g, tau, beta, units, nonlinearity, input_scale, noise)
    grid = {"private_noise" if name == "noise" else name: tuple(values) for name, values in (grid or {}).items()}
    shortest = min(each.tau for each in families_of(family, grid))
    sampling = Sampling(trajectories=trajectories)
    training = _training(method, steps)
    out = Path(out)
    say("task", 0, 1)
    task = task_of(source, time_step=time_step, choices=choices, stream=stream)
    if max_samples is not None:
        task = thin_task(task, max_samples=max_samples, max_step=shortest / 2)
    say("task", 1, 1)
    zoo = make_zoo(
        task,
        family,
        out,
        gammas=gammas,
        seeds=seeds,
        grid=grid,
        method=method,
        chains=chains,
        members=members,
        sampling=sampling,
        training=training,
        match=match,
        level=level,
        jobs=jobs,
        dask=dask,
        device=device,
        dtype=dtype,
        progress=lambda done, total: say("networks", done, total),
    )
    save_task(task, out / "task.nc")
    thinned = tuple(note for note in task.notes if note.startswith("Thinned"))
    return replace(zoo, notes=(*thinned, *zoo.notes))


def task_of(
    source: str | os.PathLike[str],
    *,
    time_step: float | None = None,
    choices: Choices | None = None,
    stream: bool = False,
) -> Task:
    """Return the task a user means.

    Parameters
    ----------
    source : str or path-like
        See `build_zoo`.
    time_step : float, optional
        In s; the task's own default where None.
    choices, stream
        See `build_zoo`.

    Examples
    --------
    >>> task_of("oscillation").name, task_of("ideal_reach", time_step=0.1).time_step
    ('oscillation', 0.1)
    """
    step = {} if time_step is None else {"time_step": time_step}
    if source in BUILT_IN:
        return BUILT_IN[source](**step)
    if not stream and Path(source).suffix == ".nc":
        if step:
            message = "expected no time step with a task's file, which has its own; drop it, or thin the task"
            raise InputError(message)
        return load_task(source)
    return reach_task(open_named(source, choices, stream=stream), **step)


def _training(method: str, steps: int | None) -> Any:
    if method not in TRAINED or steps is None:
        return None
    from neurocompare.models.langevin import Training

    return Training(steps=steps)
