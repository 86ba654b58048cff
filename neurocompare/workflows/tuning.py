"""How recorded units see a network: an offset and a gain each, and a rate that is never negative."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError


@dataclass(frozen=True)
class Tuning:
    """Recorded units of a network: rate = max(0, offset + gain phi), in spikes/s.

    Attributes
    ----------
    unit : array of int, shape (unit,)
        Which of the network's units each one is.
    offset : array, shape (unit,)
        Rate at phi = 0, spikes/s.
    gain : array, shape (unit,)
        Spikes/s per unit of phi.
    """

    unit: np.ndarray
    offset: np.ndarray
    gain: np.ndarray

    def rates(self, phi: np.ndarray) -> np.ndarray:
        """Return the rates in spikes/s where the recorded units have responses `phi` of shape (..., unit)."""
        return np.maximum(self.offset + self.gain * phi, 0.0)


def draw_tuning(
    n_network: int,
    *,
    rng: np.random.Generator,
    n_units: int = 120,
    median: float = 10.0,
    spread: float = 0.6,
    highest: float = 60.0,
    depth: tuple[float, float] = (0.5, 1.5),
) -> Tuning:
    """Choose units of a network at random and give each an offset and a gain.

    Offsets are lognormal, as firing rates in cortex are. A gain is the offset times a uniform modulation depth: where
    the depth exceeds 1, the unit falls silent as phi nears -1.

    Parameters
    ----------
    n_network : int
        Number of units in the network.
    rng : numpy.random.Generator
    n_units : int
        How many to record, without replacement.
    median : float
        Median offset, spikes/s.
    spread : float
        Standard deviation of the logarithm of the offset.
    highest : float
        Offsets are cut off here, spikes/s.
    depth : tuple of two floats
        Range of gain over offset.

    Returns
    -------
    Tuning

    Raises
    ------
    InputError
        If the network has fewer units than are to be recorded.

    Examples
    --------
    >>> tuning = draw_tuning(400, rng=np.random.default_rng(0))
    >>> len(set(tuning.unit)), bool(tuning.offset.max() <= 60)
    (120, True)
    """
    if not 2 <= n_units <= n_network:
        raise InputError(f"expected to record 2 to {n_network} units of a network of {n_network}, found {n_units}")
    offset = np.minimum(median * np.exp(spread * rng.standard_normal(n_units)), highest)
    gain = offset * rng.uniform(*depth, n_units)
    return Tuning(unit=rng.choice(n_network, n_units, replace=False), offset=offset, gain=gain)
