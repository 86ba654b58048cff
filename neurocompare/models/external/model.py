"""External model: whatever a user has, as `Responses` that a recording can be compared with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import xarray as xr

from neurocompare import worker
from neurocompare.errors import InputError
from neurocompare.models.card import CARD
from neurocompare.models.checkpoint import load_network
from neurocompare.models.external.arrays import as_array, is_array, trials_of_lengths
from neurocompare.models.external.files import read_activity, reader_of
from neurocompare.models.external.guest import guest
from neurocompare.models.external.labels import labelled, matched
from neurocompare.models.external.mapping import is_pynapple, of_mapping, of_pynapple
from neurocompare.models.external.modules import Wrapped, check_module, import_callable, is_factory, run_model
from neurocompare.models.external.tables import of_dataset, of_frame, renamed
from neurocompare.models.external.task_loss import TaskLoss, loss_of
from neurocompare.models.rate_rnn import respond
from neurocompare.parallel import apart
from neurocompare.responses import Responses
from neurocompare.tasks.task import Task, task_digest, zero_loss
from neurocompare.untrusted.plain_file import what_is
from neurocompare.untrusted.printable import printable


@dataclass(frozen=True)
class ExternalModel:
    """A model made elsewhere.

    Attributes
    ----------
    name : str
    responses : Responses
        On the task's conditions, covering the recording's times.
    notes : tuple of str
        What was assumed, in sentences.
    task : TaskLoss
        How well it does the task, where it gave outputs.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> task = oscillation()
    >>> gru = torch.nn.GRU(task.inputs.sizes["channel"], 10)
    >>> found = external_model(gru, task, time=np.array([0.1, 0.2]), bin_width=0.1)
    >>> found.name, found.responses.sizes["unit"]
    ('GRU', 10)
    """

    name: str
    responses: Responses
    notes: tuple[str, ...] = ()
    task: TaskLoss = field(default_factory=TaskLoss)


def external_model(
    model: Any, task: Task, *, time: np.ndarray, bin_width: float, name: str | None = None, seed: int = 0
) -> ExternalModel:
    """Take a model as its user has it.

    Parameters
    ----------
    model : object
        An array (condition, time, unit) of any library, or a list of arrays (time, unit); an `xarray.DataArray` or a
        Dataset of one; a `pandas.DataFrame` with a row for every condition and time; a mapping of condition labels to
        (time, unit), or of ``responses``, ``condition`` and ``time``; a pynapple TsdTensor or TsdFrame; a torch
        module, perhaps wrapped (`wrap`), or a function, which are run on the task (a function without arguments is
        called, and what it returns is taken). As text or path: a file that `read_activity` reads, the folder of a
        zoo's network, or ``package.module:name`` of any of the others, which is run in a process of its own.
    task : Task
        What modules and functions are run on, and whose conditions are wanted.
    time : array, shape (time,)
        Bin centres of the recording, s.
    bin_width : float
        In s.
    name : str, optional
        What to call the model; found where None.
    seed : int
        Of torch's generator while a module runs.

    Returns
    -------
    ExternalModel

    Raises
    ------
    InputError
        If it is none of these, cannot be run, or does not fit the recording; see `matched`.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> task = oscillation()
    >>> gru = torch.nn.GRU(task.inputs.sizes["channel"], 10)
    >>> external_model(gru, task, time=np.array([0.1, 0.2]), bin_width=0.1).name
    'GRU'
    """
    if _is_name(model) and not worker.serving:
        run = partial(external_model, task=task, time=time, bin_width=bin_width, name=name, seed=seed)
        return apart(run, os.fspath(model), f"the model {os.fspath(model)}")
    resolved, name = _resolved(model, name)
    name = printable(name) or "the model"
    where, notes, done = name, (), TaskLoss()
    if isinstance(resolved, Path) and what_is(resolved / CARD) == "a file":
        activity, done = _of_zoo(resolved, task)
    elif isinstance(resolved, Path):
        activity = read_activity(resolved)
    elif isinstance(resolved, xr.DataArray):
        named = renamed(resolved)
        activity = named if set(named.dims) >= {"condition", "time"} else labelled(resolved.values, where=where)
    elif isinstance(resolved, xr.Dataset):
        activity = of_dataset(resolved, where)
    elif isinstance(resolved, pd.DataFrame):
        activity = of_frame(resolved, where)
    elif is_pynapple(resolved):
        activity = of_pynapple(resolved)
    elif isinstance(resolved, Mapping):
        activity = of_mapping(resolved)
    elif isinstance(resolved, list | tuple) or (isinstance(resolved, np.ndarray) and resolved.dtype == object):
        parts, notes = trials_of_lengths(list(resolved), task.inputs.sizes["time"], where)
        activity = labelled(as_array(parts, where), where=where)
    elif is_array(resolved):
        activity = labelled(as_array(resolved, where), where=where)
    elif isinstance(resolved, Wrapped) or callable(resolved):
        ran = run_model(resolved, task, seed=seed, where=where)
        labels = {dim: task.inputs[dim].values for dim in ("condition", "time")}
        activity, done = labelled(ran.activity, where=where, **labels), loss_of(ran.outputs, task)
    else:
        raise InputError(
            f"expected a model as an array, a file, a torch module or a function, found {type(resolved).__name__}; "
            "see help(neurocompare.score)"
        )
    responses, assumptions = matched(activity, task, time=time, bin_width=bin_width, where=where)
    return ExternalModel(name, responses, (*notes, *assumptions), done)


def check_model(model: Any) -> None:
    """Refuse a path or a name that leads to no model, before anything else is made; `external_model` says the rest.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_model("no-such-file.npy")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a model's file at no-such-file.npy, found nothing there
    """
    if isinstance(model, str | os.PathLike):
        path = Path(model)
        if _is_name(model):
            check_module(os.fspath(model))
        elif not (path / CARD).is_file():
            reader_of(path)


def _is_name(model: Any) -> bool:
    """Whether a text is ``package.module:name``, the one thing that runs code."""
    return isinstance(model, str | os.PathLike) and ":" in os.fspath(model) and not os.path.lexists(model)


def _resolved(model: Any, name: str | None) -> tuple[Any, str]:
    """Return what text means, what a factory makes, or the model itself; and what to call it."""
    if isinstance(model, str | os.PathLike):
        if not _is_name(model):
            return Path(model), name or Path(model).name
        model, name = import_callable(os.fspath(model)), name or os.fspath(model)
    if is_factory(model):
        name = name or getattr(model, "__name__", type(model).__name__)
        with guest(lambda kind, message: f"{name} raised {kind} when called to make the model: {message}"):
            model = model()
    part = model.module if isinstance(model, Wrapped) else model
    called = {np.ndarray: "the array", list: "the array", tuple: "the array", dict: "the mapping"}
    called |= {torch.Tensor: "the tensor", xr.Dataset: "the dataset", pd.DataFrame: "the table"}
    own = getattr(part, "__name__", None)  # pynapple answers to every name, with a function
    default = called.get(type(part)) or (own if isinstance(own, str) else type(part).__name__)
    if isinstance(part, xr.DataArray):
        default = str(part.name or "the array")
    return model, name or default


def _of_zoo(folder: Path, task: Task) -> tuple[Responses, TaskLoss]:
    """Read what a zoo's network did on this task; on another task, run it on this one."""
    network, responses, card = load_network(folder)
    if task_digest(task).startswith(card.task):  # cards keep its beginning
        return responses, TaskLoss(card.result.loss / card.result.zero_loss, "as its card says")
    step = card.step_fraction * card.family.tau
    if abs(step - task.time_step) > 1e-6 or network.U.shape[1] != task.inputs.sizes["channel"]:
        raise InputError(
            f"expected a network for {task.inputs.sizes['channel']} inputs in steps of {1000 * task.time_step:g} ms, "
            f"found one for {network.U.shape[1]} in steps of {1000 * step:g} ms in {folder}; "
            "make a zoo of this recording"
        )
    responses, loss = respond(network, task, source=folder.name)
    return responses, TaskLoss(loss / zero_loss(task), "of its readout on this task")
