"""Modules as they are to be run: in evaluation mode, on their own device, in their own precision."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Put a module, or the modules that a function uses, into evaluation mode, and each part back afterwards.

    Examples
    --------
    >>> layer = torch.nn.Dropout()
    >>> with evaluating(lambda inputs: layer(inputs)):
    ...     layer.training
    False
    >>> layer.training
    True
    """
    parts = [part for module in modules_of(model) for part in module.modules()]
    was = [part.training for part in parts]
    for module in modules_of(model):
        module.eval()
    try:
        yield
    finally:
        for part, training in zip(parts, was, strict=True):
            part.training = training


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
