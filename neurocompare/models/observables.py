"""Observables: what is followed along a chain, and judged for convergence."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Observables:
    """What a state of the sampler looks like, in numbers that judge convergence.

    Attributes
    ----------
    energy : float
        What is left of the negative log density beside the Gaussian, per unit.
    loss : float
        Half the mean squared error of the mean output.
    expected_loss : float
        E[L | C], with the thermal noise of the readout.
    activity : float
        tr C / M, the mean squared rate.
    participation_ratio : float
        (tr C)^2 / tr C^2 of the uncentred kernel.
    """

    energy: float
    loss: float
    expected_loss: float
    activity: float
    participation_ratio: float


OBSERVABLES = tuple(field.name for field in fields(Observables))
"""Their names: the columns of a trace."""
