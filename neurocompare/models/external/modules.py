"""Modules and functions run on a task: from inputs (condition, time, channel) to unit activity."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.external.arrays import as_array, is_array, shape_of
from neurocompare.models.external.evaluation import as_given, evaluating, moved_by_another, unwrapped
from neurocompare.models.external.guest import guest
from neurocompare.models.external.returned import activity_of, first, outputs_of, swapped
from neurocompare.tasks.task import Task


@dataclass(frozen=True)
class Wrapped:
    """A torch module or a function, where the activity of its units is to be found, and its axes; see `wrap`.

    Attributes
    ----------
    module : object
        A torch module or a function.
    hidden : str or None
        Name of the layer whose output is the units' activity.
    batch_first : bool
        Whether conditions are the module's first axis, before time.

    Examples
    --------
    >>> wrap(torch.nn.GRU(3, 20), batch_first=False).batch_first
    False
    """

    module: torch.nn.Module | Callable[..., Any]
    hidden: str | int | Callable[[torch.nn.Module, torch.Tensor], Any] | None = None
    batch_first: bool = True


def wrap(
    module: torch.nn.Module | Callable[..., Any],
    hidden: str | int | Callable[[torch.nn.Module, torch.Tensor], Any] | None = None,
    *,
    batch_first: bool = True,
) -> Wrapped:
    """Say where the activity of a module's units is to be found, and which of its axes is time.

    Not needed for ``torch.nn.RNN``, ``GRU`` and ``LSTM``, nor for modules that return unit activity, or
    (output, activity), of shape (condition, time, unit).

    Parameters
    ----------
    module : torch.nn.Module or callable
    hidden : str, int or callable, optional
        Name of a submodule, whose outputs are the activity (a recurrent layer, or a cell that is called once a time
        step); or which element of the returned tuple; or a function of the module and its inputs that returns it. What
        the module returns, where None.
    batch_first : bool
        Whether the module takes (condition, time, channel), and not (time, condition, channel).

    Returns
    -------
    Wrapped
        To be given to `neurocompare.score`.

    Raises
    ------
    InputError
        If the module has no such submodule.

    Examples
    --------
    >>> network = torch.nn.Sequential(torch.nn.Linear(3, 20), torch.nn.Tanh(), torch.nn.Linear(20, 2))
    >>> wrap(network, hidden="1").hidden
    '1'
    """
    if isinstance(hidden, str):
        inside = dict(module.named_modules()) if isinstance(module, torch.nn.Module) else {}
        if hidden not in inside:
            names = ", ".join(name for name in inside if name) or "none"
            raise InputError(f"expected the name of a submodule to wrap, found {hidden!r}; it has {names}")
    return Wrapped(module, hidden, batch_first)


def check_module(where: str) -> None:
    """Refuse ``package.module:name`` where there is no such package, in the working folder or installed; runs nothing.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_module("math:sqrt")
    """
    top = where.partition(":")[0].partition(".")[0]
    if not top.isidentifier():
        message = f"expected package.module:name, found {where}; name the module from the folder it lies in, as in "
        raise InputError(message + "mymodel:model")
    places = [str(Path.cwd()), *sys.path]
    if top not in sys.modules and top not in sys.builtin_module_names and PathFinder.find_spec(top, places) is None:
        raise InputError(f"expected a model at {where}, found no module {top!r}; give package.module:name")


def import_callable(where: str) -> Any:
    """Import what ``package.module:name`` names, from the working folder first.

    Only the named module is looked for there first: of what it imports itself, files of the working folder come after
    what is installed.

    Raises
    ------
    InputError
        If the module cannot be imported or has no such name.

    Examples
    --------
    >>> import_callable("math:sqrt")(4)
    2.0
    """
    module_name, _, path = where.partition(":")
    here = str(Path.cwd())
    sys.path.append(here)
    try:
        with guest(
            lambda kind, message: f"expected a model at {where}, found {kind}: {message}; give package.module:name"
        ):
            _import_from(here, module_name.partition(".")[0])
            imported = importlib.import_module(module_name)
            for name in path.split("."):
                imported = getattr(imported, name)
    finally:
        sys.path.remove(here)
    return imported


def _import_from(folder: str, name: str) -> None:
    """Import a module or package that lies in a folder, where it does, whatever else is called like it."""
    spec = None if name in sys.modules else PathFinder.find_spec(name, [folder])
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


def is_factory(model: Any) -> bool:
    """Whether a callable takes no argument: it makes the model instead of being it.

    Examples
    --------
    >>> is_factory(lambda: torch.nn.GRU(3, 8)), is_factory(lambda inputs: inputs)
    (True, False)
    """
    if isinstance(model, torch.nn.Module | Wrapped) or not callable(model):
        return False
    try:
        parameters = inspect.signature(model).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return not any(
        parameter.kind == inspect.Parameter.VAR_POSITIONAL
        or (parameter.kind in positional and parameter.default is inspect.Parameter.empty)
        for parameter in parameters
    )


@dataclass(frozen=True, eq=False)
class Ran:
    """What a model did on a task.

    Attributes
    ----------
    activity : array, shape (condition, time, unit)
    outputs : array, shape (condition, time, output), or None
        Where it returned outputs of the task beside it.
    """

    activity: np.ndarray
    outputs: np.ndarray | None


def run_model(model: Any, task: Task, *, seed: int = 0, where: str = "the model") -> Ran:
    """Run a torch module or a function on a task.

    Parameters
    ----------
    model : torch.nn.Module, Wrapped or callable
        A module gets a tensor of its parameters' type and device and is run in evaluation mode without gradients; a
        function gets a float64 array. Both are given inputs (condition, time, channel); ``torch.nn.RNN`` and its like
        are given time first where they want that.
    task : Task
    seed : int
        Of torch's generator while the model runs, for models with noise; it is put back afterwards.
    where : str
        What to call the model in messages.

    Returns
    -------
    Ran

    Raises
    ------
    InputError
        If the model raises, or returns nothing of that shape, or seems to return the task's output in its place, or
        lets the inputs of one condition move the activity of another, see `moved_by_another`.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> task = oscillation()
    >>> run_model(torch.nn.GRU(task.inputs.sizes["channel"], 10), task).activity.shape[-1]
    10
    """

    def run(inputs: np.ndarray) -> Ran:
        return _run(model, inputs, task.targets.sizes["output"], seed, where)

    inputs = task.inputs.values
    ran = run(inputs)
    _refuse_outputs(model, ran.activity, task, where)
    if moved := moved_by_another(lambda changed: run(changed).activity, inputs, ran.activity):
        raise InputError(
            f"expected conditions that do not depend on one another from {where}, found that the inputs of the first "
            f"move the activity of the others (by {moved:.2g} of its size); {_how_to_name_axes(model, where)}"
        )
    return ran


def _how_to_name_axes(model: Any, where: str) -> str:
    if isinstance(model, Wrapped) and not model.batch_first:
        return (
            "inputs were given as (time, condition, channel): if it takes (condition, time, channel), leave out "
            "batch_first=False"
        )
    module, _, name = where.partition(":")
    what = "module" if isinstance(model, torch.nn.Module | Wrapped) else "function"
    wrapped = f"neurocompare.wrap({name.rpartition('.')[2] or what}, batch_first=False)"
    hidden = ", and hidden= as before" if isinstance(model, Wrapped) else ""
    shell = f"; for the command line, put `named = {wrapped}` into {module} and give {module}:named" if name else ""
    return f"it was given (condition, time, channel): if its first axis is time, give {wrapped}{hidden}{shell}"


def _run(model: Any, inputs: np.ndarray, outputs: int, seed: int, where: str) -> Ran:
    part = model.module if isinstance(model, Wrapped) else model

    def sentence(kind: str, message: str) -> str:
        return f"{where} raised {kind} when given inputs (condition, time, channel) of shape {inputs.shape}: {message}"

    with guest(sentence), torch.random.fork_rng(devices=[]), torch.no_grad(), evaluating(part):
        torch.manual_seed(seed)
        captured, returned = _run_wrapped(model if isinstance(model, Wrapped) else _as_it_wants(model), inputs)
        shape = (*inputs.shape[:2], outputs)
        chosen = activity_of(captured, shape)
        activity = as_array(chosen, where) if is_array(chosen) else np.zeros(0)
        beside = outputs_of(returned, chosen, shape)
    if activity.ndim != 3 or activity.shape[:2] != inputs.shape[:2]:
        advice = "neurocompare.wrap(module, hidden=...) says where it is"
        if activity.shape[:2] == inputs.shape[1::-1]:
            advice = "it looks like (time, condition, unit): neurocompare.wrap(module, batch_first=False) says so"
        raise InputError(
            f"expected activity (condition, time, unit) = ({inputs.shape[0]}, {inputs.shape[1]}, any) from {where}, "
            f"found {shape_of(captured)}; {advice}"
        )
    return Ran(activity, beside)


def _as_it_wants(model: Any) -> Wrapped:
    """Give recurrent modules time first where they want that; what the others want is not known before they ran."""
    plain = unwrapped(model)
    if isinstance(plain, torch.nn.RNNBase):
        return Wrapped(plain, 0, plain.batch_first)  # the hidden state at all times; the other element is the last only
    return Wrapped(model)


def _run_wrapped(model: Wrapped, inputs: np.ndarray) -> tuple[Any, Any]:
    """Run a model; return where its activity is, and all it returned, every array (., ., .) put to condition first."""
    module, hidden = model.module, model.hidden
    given: Any = inputs if model.batch_first else inputs.swapaxes(0, 1)
    given = as_given(module, given) if isinstance(module, torch.nn.Module) else given.copy()
    if isinstance(hidden, str):
        captured, returned = _caught(model, hidden, given)
        return captured, returned if model.batch_first else swapped(returned)
    returned = cast(Any, hidden)(module, given) if callable(hidden) else module(given)
    returned = returned if model.batch_first else swapped(returned)
    if hidden is None or callable(hidden):
        return returned, returned
    if not (isinstance(returned, tuple | list) and -len(returned) <= hidden < len(returned)):
        raise InputError(f"expected a module that returns at least {hidden + 1} elements, found {shape_of(returned)}")
    return returned[hidden], returned


def _caught(model: Wrapped, name: str, given: torch.Tensor) -> tuple[Any, Any]:
    """Run a module; return what a part of it returned, and what it returned itself."""
    part, caught = dict(model.module.named_modules())[name], []
    hook = part.register_forward_hook(lambda _, __, output: caught.append(first(output)))
    try:
        returned = model.module(given)
    finally:
        hook.remove()
    if not caught:
        raise InputError(f"expected the module to call its part {name!r}, found that it does not")
    if len(caught) > 1:  # a cell, called once a time step with (condition, unit)
        return torch.stack(caught, dim=1), returned
    time_first = not getattr(part, "batch_first", model.batch_first)
    return swapped(caught[0]) if time_first else caught[0], returned


def _refuse_outputs(model: Any, activity: np.ndarray, task: Task, where: str) -> None:
    """Refuse what looks like the task's outputs instead of units: a module's readout is what it returns first."""
    if not isinstance(model, torch.nn.Module) or activity.shape[2] > task.targets.sizes["output"]:
        return
    parts = [name for name, part in model.named_modules() if isinstance(part, torch.nn.RNNBase | torch.nn.RNNCellBase)]
    example = parts[0] if parts else "NAME OF A LAYER"
    raise InputError(
        f"{where} returns {activity.shape[2]} values at a time, no more than the task has outputs: its readout, not "
        f"its units; give neurocompare.wrap(module, hidden={example!r})"
    )
