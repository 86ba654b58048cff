"""Modules and functions run on a task: from inputs (condition, time, channel) to unit activity."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.external.arrays import as_array, is_array, shape_of
from neurocompare.models.external.evaluation import as_given, evaluating, unwrapped
from neurocompare.models.external.guest import guest
from neurocompare.models.external.named import NAMES
from neurocompare.models.external.separate import moved_by_another
from neurocompare.tasks.task import Task


@dataclass(frozen=True)
class Wrapped:
    """A torch module or a function, where the activity of its units is to be found, and its axes; see `wrap`."""

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
            message = f"expected the name of a submodule to wrap, found {hidden!r}; it has {names}"
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
        If the model raises, or returns nothing of that shape, or seems to return the task's output in its place, or
        lets the inputs of one condition move the activity of another, see `moved_by_another`.

    Examples
    --------
    >>> from neurocompare.tasks.oscillation import oscillation
    >>> task = oscillation()
    >>> run_model(torch.nn.GRU(task.inputs.sizes["channel"], 10), task).shape[-1]
    10
    """

    def run(inputs: np.ndarray) -> np.ndarray:
        return _activity(model, inputs, seed, where)

    inputs = task.inputs.values
    activity = run(inputs)
    _refuse_outputs(model, activity, task, where)
    if moved := moved_by_another(run, inputs, activity):
        message = (
            f"expected conditions that do not depend on one another from {where}, found that the inputs of the first "
            f"move the activity of the others (by {moved:.2g} of its size); {_how_to_name_axes(model)}"
        )
        raise InputError(message)
    return activity


def _how_to_name_axes(model: Any) -> str:
    if isinstance(model, Wrapped) and not model.batch_first:
        return (
            "inputs were given as (time, condition, channel): if it takes (condition, time, channel), leave out "
            "batch_first=False"
        )
    what = "module" if isinstance(model, torch.nn.Module | Wrapped) else "function"
    return (
        "it was given (condition, time, channel): if its first axis is time, give "
        f"neurocompare.wrap({what}, batch_first=False), and hidden= as before, or on the command line the name "
        "(package.module:name) of what that returns"
    )


def _activity(model: Any, inputs: np.ndarray, seed: int, where: str) -> np.ndarray:
    part = model.module if isinstance(model, Wrapped) else model

    def said(kind: str, message: str) -> str:
        return f"{where} raised {kind} when given inputs (condition, time, channel) of shape {inputs.shape}: {message}"

    with guest(said), torch.random.fork_rng(devices=[]), torch.no_grad(), evaluating(part):
        torch.manual_seed(seed)
        found = _run_wrapped(model if isinstance(model, Wrapped) else _as_it_wants(model), inputs)
        chosen = _activity_of(found, inputs.shape[:2])
        activity = as_array(chosen, where) if is_array(chosen) else np.zeros(0)
    if activity.ndim != 3 or activity.shape[:2] != inputs.shape[:2]:
        advice = "neurocompare.wrap(module, hidden=...) says where it is"
        if activity.shape[:2] == inputs.shape[1::-1]:
            advice = "it looks like (time, condition, unit): neurocompare.wrap(module, batch_first=False) says so"
        message = (
            f"expected activity (condition, time, unit) = ({inputs.shape[0]}, {inputs.shape[1]}, any) from {where}, "
            f"found {shape_of(found)}; {advice}"
        )
        raise InputError(message)
    return activity


def _as_it_wants(model: Any) -> Wrapped:
    """Give recurrent modules time first where they want that; what the others want is not known before they ran."""
    plain = unwrapped(model)
    if isinstance(plain, torch.nn.RNNBase):
        return Wrapped(plain, 0, plain.batch_first)  # the hidden state at all times; the other element is the last only
    return Wrapped(model)


def _run_wrapped(model: Wrapped, inputs: np.ndarray) -> Any:
    """Run a model, and put every 3-dimensional array it returns back to condition first."""
    module, hidden = model.module, model.hidden
    given: Any = inputs if model.batch_first else inputs.swapaxes(0, 1)
    given = as_given(module, given) if isinstance(module, torch.nn.Module) else given.copy()
    if isinstance(hidden, str):
        return _caught(model, hidden, given)
    found: Any = cast(Any, hidden)(module, given) if callable(hidden) else module(given)
    found = found if model.batch_first else _swapped(found)
    if hidden is None or callable(hidden):
        return found
    if not (isinstance(found, tuple | list) and -len(found) <= hidden < len(found)):
        message = f"expected a module that returns at least {hidden + 1} elements, found {shape_of(found)}"
        raise InputError(message)
    return found[hidden]


def _caught(model: Wrapped, name: str, given: torch.Tensor) -> Any:
    """Run a module and return what a part of it returned."""
    part, caught = dict(model.module.named_modules())[name], []
    hook = part.register_forward_hook(lambda _, __, output: caught.append(_first(output)))
    try:
        model.module(given)
    finally:
        hook.remove()
    if not caught:
        message = f"expected the module to call its part {name!r}, found that it does not"
        raise InputError(message)
    if len(caught) > 1:  # a cell, called once a time step with (condition, unit)
        return torch.stack(caught, dim=1)
    time_first = not getattr(part, "batch_first", model.batch_first)
    return _swapped(caught[0]) if time_first else caught[0]


def _first(output: Any) -> torch.Tensor:
    return output[0] if isinstance(output, tuple | list) else output


def _swapped(found: Any) -> Any:
    if isinstance(found, Mapping):
        return {key: _swapped(one) for key, one in found.items()}
    if isinstance(found, tuple | list):
        return [_swapped(one) for one in found]
    return found.swapaxes(0, 1) if getattr(found, "ndim", 0) == 3 else found


def _activity_of(found: Any, shape: tuple[int, ...]) -> Any:
    """Of (output, hidden), take the last element that has a value for every condition and time; else the first.

    Of a dictionary, the element that is called as activity is.
    """
    if isinstance(found, Mapping):
        return next((found[key] for key in (*NAMES["activity"], "hidden_states") if key in found), None)
    if not isinstance(found, tuple | list):
        return found
    fitting = [one for one in found if getattr(one, "ndim", 0) == 3 and tuple(one.shape[:2]) == shape]
    if not fitting and len(found) == shape[0] and all(is_array(one) and one.ndim == 2 for one in found):
        return as_array(found)  # one array (time, unit) a condition
    return fitting[-1] if fitting else (found[0] if found else None)


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
