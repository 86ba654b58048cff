"""Modules and functions run on a task: from inputs (condition, time, channel) to unit activity."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.external.guest import guest
from neurocompare.tasks.task import Task


@dataclass(frozen=True)
class Wrapped:
    """A torch module, and where the activity of its units is to be found; see `wrap`."""

    module: torch.nn.Module
    hidden: str | int | Callable[[torch.nn.Module, torch.Tensor], Any]
    batch_first: bool = True


def wrap(
    module: torch.nn.Module,
    hidden: str | int | Callable[[torch.nn.Module, torch.Tensor], Any],
    *,
    batch_first: bool = True,
) -> Wrapped:
    """Say where the activity of a module's units is to be found.

    Not needed for ``torch.nn.RNN``, ``GRU`` and ``LSTM``, nor for modules that return unit activity, or
    (output, activity), of shape (condition, time, unit).

    Parameters
    ----------
    module : torch.nn.Module
    hidden : str, int or callable
        Name of a submodule, whose outputs are the activity (a recurrent layer, or a cell that is called once a time
        step); or which element of the returned tuple; or a function of the module and its inputs that returns it.
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
    if isinstance(hidden, str) and hidden not in dict(module.named_modules()):
        names = [name for name, _ in module.named_modules() if name]
        message = f"expected the name of a submodule to wrap, found {hidden!r}; it has {', '.join(names) or 'none'}"
        raise InputError(message)
    return Wrapped(module, hidden, batch_first)


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
        with guest(lambda kind, said: f"expected a model at {where}, found {kind}: {said}; give package.module:name"):
            _import_from(here, module_name.partition(".")[0])
            found = importlib.import_module(module_name)
            for name in path.split("."):
                found = getattr(found, name)
    finally:
        sys.path.remove(here)
    return found


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


def run_model(model: Any, task: Task, *, seed: int = 0, where: str = "the model") -> np.ndarray:
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
    array, shape (condition, time, unit)

    Raises
    ------
    InputError
        If the model raises, or returns nothing of that shape, or seems to return the task's output in its place.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> task = oscillation()
    >>> run_model(torch.nn.GRU(task.inputs.sizes["channel"], 10), task).shape[-1]
    10
    """
    inputs = task.inputs.values

    def said(kind: str, message: str) -> str:
        return f"{where} raised {kind} when given inputs (condition, time, channel) of shape {inputs.shape}: {message}"

    with guest(said), torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        if isinstance(model, Wrapped):
            found = _run_wrapped(model, inputs)
        elif isinstance(model, torch.nn.Module):
            found = _run_module(model, inputs)
        else:
            found = model(inputs.copy())
    activity = _array(_activity_of(found, inputs.shape[:2]))
    if activity.ndim != 3 or activity.shape[:2] != inputs.shape[:2]:
        message = (
            f"expected activity (condition, time, unit) = ({inputs.shape[0]}, {inputs.shape[1]}, any) from {where}, "
            f"found {_shape(found)}; neurocompare.wrap(module, hidden=...) says where it is"
        )
        raise InputError(message)
    _refuse_outputs(model, activity, task, where)
    return activity


def _run_module(module: torch.nn.Module, inputs: np.ndarray, *, batch_first: bool | None = None) -> Any:
    """Run a module in evaluation mode, and put every 3-dimensional tensor it returns back to condition first."""
    if batch_first is None:
        batch_first = getattr(module, "batch_first", True) if isinstance(module, torch.nn.RNNBase) else True
    like = next((one for one in module.parameters() if one.is_floating_point()), torch.zeros(()))
    given = torch.from_numpy(inputs).to(like.device, like.dtype)
    was_training = module.training
    module.eval()
    try:
        found = module(given if batch_first else given.transpose(0, 1))
    finally:
        module.train(was_training)
    if isinstance(module, torch.nn.RNNBase):
        found = found[0]  # the hidden state at all times; the other element is the last one only
    return found if batch_first else _swapped(found)


def _run_wrapped(model: Wrapped, inputs: np.ndarray) -> Any:
    module, hidden = model.module, model.hidden
    if isinstance(hidden, int):
        found = _run_module(module, inputs, batch_first=model.batch_first)
        if not (isinstance(found, tuple | list) and -len(found) <= hidden < len(found)):
            message = f"expected a module that returns at least {hidden + 1} elements, found {_shape(found)}"
            raise InputError(message)
        return found[hidden]
    if callable(hidden):
        like = next((one for one in module.parameters() if one.is_floating_point()), torch.zeros(()))
        given = torch.from_numpy(inputs).to(like.device, like.dtype)
        found = hidden(module, given if model.batch_first else given.transpose(0, 1))
        return found if model.batch_first else _swapped(found)
    part, caught = dict(module.named_modules())[hidden], []
    hook = part.register_forward_hook(lambda _, __, output: caught.append(_first(output)))
    try:
        _run_module(module, inputs, batch_first=model.batch_first)
    finally:
        hook.remove()
    if not caught:
        message = f"expected the module to call its part {hidden!r}, found that it does not"
        raise InputError(message)
    if len(caught) > 1:  # a cell, called once a time step with (condition, unit)
        return torch.stack(caught, dim=1)
    time_first = not getattr(part, "batch_first", model.batch_first)
    return _swapped(caught[0]) if time_first else caught[0]


def _first(output: Any) -> torch.Tensor:
    return output[0] if isinstance(output, tuple | list) else output


def _swapped(found: Any) -> Any:
    if isinstance(found, tuple | list):
        return type(found)(_swapped(one) for one in found)
    return found.transpose(0, 1) if getattr(found, "ndim", 0) == 3 else found


def _activity_of(found: Any, shape: tuple[int, ...]) -> Any:
    """Of (output, hidden), take the last element that has a value for every condition and time; else the first."""
    if not isinstance(found, tuple | list):
        return found
    fitting = [one for one in found if getattr(one, "ndim", 0) == 3 and tuple(one.shape[:2]) == shape]
    return fitting[-1] if fitting else (found[0] if found else None)


def _array(found: Any) -> np.ndarray:
    return found.detach().cpu().numpy() if isinstance(found, torch.Tensor) else np.asarray(found)


def _shape(found: Any) -> str:
    if isinstance(found, tuple | list):
        return f"a {type(found).__name__} of " + ", ".join(map(_shape, found))
    return f"shape {tuple(found.shape)}" if hasattr(found, "shape") else f"a {type(found).__name__}"


def _refuse_outputs(model: Any, activity: np.ndarray, task: Task, where: str) -> None:
    """Refuse what looks like the task's outputs instead of units: a module's readout is what it returns first."""
    if not isinstance(model, torch.nn.Module) or activity.shape[2] > task.targets.sizes["output"]:
        return
    parts = [name for name, part in model.named_modules() if isinstance(part, torch.nn.RNNBase | torch.nn.RNNCellBase)]
    example = parts[0] if parts else "NAME OF A LAYER"
    message = (
        f"{where} returns {activity.shape[2]} values at a time, no more than the task has outputs: its readout, not "
        f"its units; give neurocompare.wrap(module, hidden={example!r})"
    )
    raise InputError(message)
