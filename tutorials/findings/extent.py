"""What is made: its task's settings, and how much of everything."""

from __future__ import annotations

from dataclasses import dataclass

STEP_FRACTION, G, LINEAR_G, BETA = 0.3, 1.5, 0.8, 100.0
"""Of the oscillation: a = time step / tau, the disorder of tanh and of linear networks, and the inverse temperature."""

PERIOD = 20
"""Of the oscillation, in time steps."""


@dataclass(frozen=True)
class Extent:
    """How much of everything is made. Gammas of the oscillation count for targets of amplitude 1.

    Attributes
    ----------
    gammas : tuple of float
        Of the tanh networks, above 0.
    linear_gammas : tuple of float
        Of the linear ones, above 0; gamma = 0 is added.
    units, linear_units : int
        N.
    seeds : int
        Each gives two networks from chains of their own.
    sizes, growing_gammas : tuple
        N, and gammas out of `gammas`, of the networks that grow towards the theory.
    windows : int
        After the trained one.
    duration : float
        Of the runs for Lyapunov exponents, in time constants.
    trajectories : int
        Samples of each chain.
    population : int
        Of the theory, see `mean_field`.
    reach_gammas : tuple of float
        Of the ideal reach, unit mean square targets; none leaves the reach out.
    reach_units : int
    """

    gammas: tuple[float, ...] = (0.05, 0.3, 0.5, 0.7, 1.0, 1.5, 3.0)
    linear_gammas: tuple[float, ...] = (0.1, 0.2, 0.4, 1.0)
    units: int = 400
    linear_units: int = 400
    seeds: int = 3
    sizes: tuple[int, ...] = (100, 200, 400, 800)
    growing_gammas: tuple[float, ...] = (0.5, 1.5)
    windows: int = 3
    duration: float = 1000.0
    trajectories: int = 40
    population: int = 800
    reach_gammas: tuple[float, ...] = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
    reach_units: int = 400


QUICK = Extent(
    gammas=(0.05, 0.5, 1.0, 2.0), linear_gammas=(0.2, 1.0), units=120, linear_units=120, seeds=1, sizes=(60, 120),
    growing_gammas=(0.5,), duration=300.0, trajectories=12, population=300, reach_gammas=(),
)  # fmt: skip
"""About a minute: to see the path, not to trust the numbers."""
