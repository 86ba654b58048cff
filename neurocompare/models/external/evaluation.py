"""Modules as they are to be run: in evaluation mode, on their own device, in their own precision."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.nn.modules.module import register_module_forward_pre_hook

from neurocompare.errors import InputError

ROUNDING = 1e-5
"""Share of the activity's size that is no more than rounding in single precision."""

BEYOND_NOISE = 2.0
"""Changes must be so many times as large as those between two runs on the same inputs, where a model has noise."""


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Put a module, and any other that is called meanwhile, into evaluation mode, and each part back afterwards.

    What a function keeps in a list, or an object that it is a method of, cannot be seen before it is called.

    Examples
    --------
    >>> layers = [torch.nn.Dropout()]
    >>> with evaluating(lambda inputs: layers[0](inputs)):
    ...     bool((layers[0](torch.ones(99)) == 1).all())
    True
    >>> layers[0].training
    True
    """
    changed: list[torch.nn.Module] = []

    def put(module: torch.nn.Module, *_: Any) -> None:
        if module.training:
            changed.extend(part for part in module.modules() if part.training)
            module.eval()

    hook = register_module_forward_pre_hook(put)
    try:
        for module in modules_of(model):
            for part in module.modules():
                put(part)
        yield
    finally:
        hook.remove()
        for part in changed:
            part.training = True


def modules_of(model: Any) -> list[torch.nn.Module]:
    """Return a module itself, or the modules that a function can be seen to use: bound, closed over, or global."""
    if isinstance(model, torch.nn.Module):
        return [model]
    if isinstance(model, functools.partial):
        given = [model.func, *model.args, *model.keywords.values()]
        return [module for one in given for module in modules_of(one)]
    used = [getattr(model, "__self__", None), *vars(model).values()] if hasattr(model, "__dict__") else []
    if inspect.isfunction(function := inspect.unwrap(getattr(model, "__func__", model))):
        seen = inspect.getclosurevars(function)
        used += [*seen.nonlocals.values(), *seen.globals.values()]
    return [one for one in used if isinstance(one, torch.nn.Module)]


def as_given(module: torch.nn.Module, inputs: np.ndarray) -> torch.Tensor:
    """Return inputs as a tensor of the type and on the device of a module's parameters."""
    like = next((one for one in module.parameters() if one.is_floating_point()), torch.zeros(()))
    return torch.from_numpy(np.ascontiguousarray(inputs)).to(like.device, like.dtype)


def unwrapped(module: Any) -> Any:
    """Return the module inside `torch.compile`, `DataParallel` and their like, which tells its axes.

    Examples
    --------
    >>> type(unwrapped(torch.nn.DataParallel(torch.nn.GRU(2, 3)))).__name__
    'GRU'
    """
    while isinstance(module, torch.nn.Module):
        if isinstance(module, torch.nn.DataParallel | torch.nn.parallel.DistributedDataParallel):
            module = module.module
        elif isinstance(inner := getattr(module, "_orig_mod", None), torch.nn.Module):
            module = inner
        else:
            break
    return module


def moved_by_another(run: Callable[[np.ndarray], np.ndarray], inputs: np.ndarray, activity: np.ndarray) -> float:
    """Measure how far the activity of conditions moves when the inputs of another one change.

    The model is run once more on the same inputs, which shows the noise that no seed settles, and once with the inputs
    of the first condition mirrored. Time steps follow one another, conditions do not: where the first condition moves
    the others beyond that noise, they were taken for one another's past.

    Parameters
    ----------
    run : callable
        From inputs (condition, time, channel) to activity (condition, time, unit).
    inputs : array
    activity : array
        Of those inputs.

    Returns
    -------
    float
        Root mean square over conditions but the first, in units of the activity's; 0 where it is no more than rounding
        and noise, or there is one condition.

    Examples
    --------
    >>> inputs = np.random.default_rng(0).standard_normal((4, 5, 3))
    >>> moved_by_another(np.tanh, inputs, np.tanh(inputs))
    0.0
    >>> add_up = lambda inputs: np.cumsum(inputs, axis=0)
    >>> moved_by_another(add_up, inputs, add_up(inputs)) > 0.5
    True
    """
    if len(inputs) < 2:
        return 0.0
    changed = inputs.copy()
    changed[0] = 1.0 - 2.0 * changed[0]
    try:
        again, other = run(inputs), run(changed)
    except InputError:  # what was run once and now is not says nothing about axes
        return 0.0
    size = _size(activity)
    rounding = max(ROUNDING, 8 * float(np.finfo(activity.dtype).eps)) if activity.dtype.kind == "f" else ROUNDING
    noise, moved = _size((again - activity)[1:]), _size((other - activity)[1:])
    if not np.isfinite(moved) or moved <= max(rounding * size, BEYOND_NOISE * noise):
        return 0.0
    return moved / size if size else 1.0


def _size(values: np.ndarray) -> float:
    return float(np.sqrt((values.astype(np.float64) ** 2).mean())) if values.size else 0.0
