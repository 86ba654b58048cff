"""A quick way down before the Langevin dynamics: preconditioned gradient descent on the misfit."""

from __future__ import annotations

import math

from neurocompare.models.fit import Fit, Weights

RATE = 2e-3
"""Most a weight moves in a step, in units of its prior s.d."""


def warm_up(fit: Fit, weights: Weights, steps: int, *, recurrent: bool = True) -> str:
    r"""Descend on the misfit, each weight's gradient divided by its running root mean square (Adam).

    The decay is left out: it would first take away the disorder of the weights, which the noise then has to bring
    back. The law of the dynamics that follow does not depend on where they start.

    Parameters
    ----------
    fit : Fit
    weights : Weights
        Changed in place.
    steps : int
    recurrent : bool
        Whether W moves, or V alone. The private noise does not.

    Returns
    -------
    str
        What was done, for the record.

    References
    ----------
    Kingma and Ba 2015, Adam: a method for stochastic optimization, arXiv:1412.6980.
    """
    gradient, mean, square = (fit.zeros() for _ in range(3))
    fit.simulate(weights)
    before = fit.observe(weights)[0]
    for k in range(1, steps + 1):
        fit.gradient(weights, gradient, recurrent=recurrent)
        rate = RATE * math.sqrt(1 - 0.999**k) / (1 - 0.9**k)
        for part in ("W", "V") if recurrent else ("V",):
            slope, first, second = (getattr(each, part) for each in (gradient, mean, square))
            first.lerp_(slope, 0.1)
            second.mul_(0.999).addcmul_(slope, slope, value=0.001)
            getattr(weights, part).addcdiv_(first, second.sqrt().add_(1e-12), value=-rate)
    after = fit.observe(weights)[0]
    return f"warm-up: {steps} steps of preconditioned descent on the misfit, loss {before:.3g} to {after:.3g}"
