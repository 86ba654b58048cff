"""The rate functions phi(x), each with its slope written in terms of the rate itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from neurocompare.errors import InputError


@dataclass(frozen=True)
class Nonlinearity:
    """A rate function and its derivative.

    Attributes
    ----------
    name : str
    rate : callable
        phi(x), elementwise.
    slope : callable
        phi'(x) as a function of the rate phi(x): the backward pass then needs no preactivations.
    rate_into, slope_into : callable
        The same, written into ``out=``: for loops that must not ask for fresh memory. `rate_into` takes numpy's arrays
        too.
    """

    name: str
    rate: Callable[[torch.Tensor], torch.Tensor]
    slope: Callable[[torch.Tensor], torch.Tensor]
    rate_into: Callable[..., object]
    slope_into: Callable[..., torch.Tensor]


def _tanh_into(x: Any, out: Any) -> None:
    np.tanh(x, out=out) if isinstance(x, np.ndarray) else torch.tanh(x, out=out)


def _relu_into(x: Any, out: Any) -> None:
    np.maximum(x, 0, out=out) if isinstance(x, np.ndarray) else torch.clamp_min(x, 0, out=out)


def _copy_into(x: Any, out: Any) -> None:
    out[...] = x


TANH = Nonlinearity(
    "tanh",
    torch.tanh,
    lambda rate: 1 - rate * rate,
    _tanh_into,
    lambda rate, out: torch.addcmul(rate.new_ones(()), rate, rate, value=-1, out=out),
)
RELU = Nonlinearity(
    "relu",
    torch.relu,
    lambda rate: (rate > 0).to(rate.dtype),
    _relu_into,
    lambda rate, out: torch.gt(rate, 0, out=out),
)
LINEAR = Nonlinearity("linear", torch.clone, torch.ones_like, _copy_into, lambda rate, out: out.fill_(1))


def get_nonlinearity(name: str) -> Nonlinearity:
    """Return the rate function called `name`.

    Raises
    ------
    InputError
        If there is none of that name.

    Examples
    --------
    >>> get_nonlinearity("tanh").slope(torch.tensor([0.0, 0.5])).tolist()
    [1.0, 0.75]
    """
    known = {each.name: each for each in (TANH, RELU, LINEAR)}
    if name not in known:
        raise InputError(f"expected a nonlinearity of {', '.join(known)}, found {name!r}")
    return known[name]
