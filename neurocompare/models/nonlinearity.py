"""The rate functions phi(x), each with its slope written in terms of the rate itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
    """

    name: str
    rate: Callable[[torch.Tensor], torch.Tensor]
    slope: Callable[[torch.Tensor], torch.Tensor]


TANH = Nonlinearity("tanh", torch.tanh, lambda rate: 1 - rate * rate)
RELU = Nonlinearity("relu", torch.relu, lambda rate: (rate > 0).to(rate.dtype))
LINEAR = Nonlinearity("linear", torch.clone, torch.ones_like)


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
        message = f"expected a nonlinearity of {', '.join(known)}, found {name!r}"
        raise InputError(message)
    return known[name]
