"""Arrays of any library as numpy has them: torch in any precision, with gradients or without, JAX and its like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from neurocompare.errors import InputError

SINGLE = (torch.bfloat16, torch.float16)
"""What numpy does not have, or has too little use for."""


def as_array(value: Any, where: str = "the model") -> np.ndarray:
    """Return what is an array, or lists of arrays of one shape, in numpy.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> as_array([torch.zeros(2, 3, dtype=torch.bfloat16, requires_grad=True)] * 4).shape
    (4, 2, 3)
    """
    if isinstance(value, torch.Tensor):
        return _of_tensor(value, where)
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.dtype == object and value.ndim):
        parts = [as_array(one, where) for one in value]
        shapes = {part.shape for part in parts}
        if len(shapes) > 1:
            message = f"expected arrays of one shape from {where}, found shapes {', '.join(map(str, sorted(shapes)))}"
            raise InputError(message)
        return np.stack(parts) if parts else np.zeros(0)
    try:
        if isinstance(value, np.ma.MaskedArray):
            value = np.ma.filled(value.astype(np.float64), np.nan)  # what is masked is missing, whatever lies beneath
        array = np.asarray(value)
        if array.dtype != object:
            return array
        message = f"expected an array of numbers from {where}, found {type(value).__name__}"
    except Exception as error:  # another library's array may raise anything when asked for its numbers
        raise InputError(f"expected an array from {where}, found {type(value).__name__} ({error})") from error
    raise InputError(message)


def is_array(value: Any) -> bool:
    """Whether an object is an array of some library: it has a shape, a type and numbers.

    Examples
    --------
    >>> is_array(np.zeros(2)), is_array(torch.zeros(2)), is_array("text"), is_array(torch.nn.Linear(1, 1))
    (True, True, False, False)
    """
    return all(hasattr(value, name) for name in ("__array__", "shape", "dtype"))


def trials_of_lengths(
    activity: Sequence[Any], steps: int, where: str = "the model"
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """Cut activity (time, unit) of several conditions to the task's number of steps, where it differs in length.

    Returns
    -------
    parts : list of array
    notes : tuple of str

    Raises
    ------
    InputError
        If one is shorter than the task.
    """
    parts = [as_array(one, where) for one in activity]
    lengths = {len(part) for part in parts if part.ndim == 2}
    if len(lengths) < 2 or any(part.ndim != 2 for part in parts):
        return parts, ()
    if min(lengths) < steps:
        raise InputError(
            f"expected activity (time, unit) of the task's {steps} steps in every condition of {where}, found "
            f"{min(lengths)} to {max(lengths)}; give one length, or arrays with times"
        )
    note = f"Conditions have {min(lengths)} to {max(lengths)} steps: the task's first {steps} of each were taken."
    return [part[:steps] for part in parts], (note,)


def shape_of(value: Any) -> str:
    """Say what something is, for a message."""
    if isinstance(value, Mapping):
        return "a mapping of " + ", ".join(f"{key!r}: {shape_of(one)}" for key, one in list(value.items())[:6])
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of " + ", ".join(map(shape_of, value[:6]))
    return f"shape {tuple(value.shape)}" if hasattr(value, "shape") else f"a {type(value).__name__}"


def _of_tensor(tensor: torch.Tensor, where: str) -> np.ndarray:
    try:
        tensor = tensor.detach()
        if tensor.is_sparse or tensor.layout != torch.strided:
            tensor = tensor.to_dense()
        if tensor.is_quantized:
            tensor = tensor.dequantize()
        tensor = tensor.resolve_conj().resolve_neg().cpu()
        return (tensor.float() if tensor.dtype in SINGLE else tensor).numpy()
    except Exception as error:  # tensors without storage (meta), of types that numpy lacks, on a device that is gone
        message = f"expected a tensor of numbers from {where}, found one that numpy cannot read ({error})"
        raise InputError(message) from error
