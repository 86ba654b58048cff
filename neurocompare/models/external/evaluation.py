"""Modules as they are to be run: in evaluation mode, on their own device, in their own precision."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.nn.modules.module import register_module_forward_pre_hook


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
