r"""Amplification: which frequencies a linear network passes on more strongly than a random one.

Driven by currents u at angular frequency omega, a linear network answers with (z - W)^-1 u. The mean squared gain from
private noise to activity, and that of a random W of radius g < |z| in the limit of many units, are

.. math:: G(\omega) = \frac{1}{N} \| (z - W)^{-1} \|_F^2, \quad
          G_0(\omega) = \frac{1}{|z|^2 - g^2}, \quad z = 1 + i \omega \tau,

and for the network in steps z = 1 + (e^{i \omega \Delta t} - 1) / a, which goes to the same as a -> 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import schur, solve_triangular

from neurocompare.errors import InputError


@dataclass(frozen=True, eq=False)
class Amplification:
    """Gain of a linear network against frequency.

    Attributes
    ----------
    frequencies : array, shape (frequency,)
        In Hz.
    gain : array, shape (frequency,)
        Mean squared gain from private noise to activity, over units.
    input_gain : array, shape (frequency,)
        The same from the input channels: mean over channels and units of ``|(z - W)^-1 U|^2``.
    random_gain : array, shape (frequency,)
        Of a random network of the same g with many units; NaN where ``g >= |z|``, as it has no steady state there.
    stable : bool
        Whether the network settles at all: otherwise its answer to a lasting input grows without bound, and the gains
        are only what its resolvent says.

    Examples
    --------
    A network that turns at 2 / (2 pi tau) hertz passes that on most:

    >>> turning = np.array([[0.5, -2.0], [2.0, 0.5]])
    >>> found = amplification(turning, 0.5, np.linspace(0, 1, 101), tau=1.0)
    >>> found.stable, float(found.frequencies[found.gain.argmax()])
    (True, 0.32)
    """

    frequencies: np.ndarray
    gain: np.ndarray
    input_gain: np.ndarray
    random_gain: np.ndarray
    stable: bool

    @property
    def amplification(self) -> np.ndarray:
        """Gain over that of the random network."""
        return self.gain / self.random_gain

    @property
    def peak_frequency(self) -> float:
        """Where the amplification is largest, Hz; NaN where no random network compares."""
        ratio = self.amplification
        return float(self.frequencies[np.nanargmax(ratio)]) if np.isfinite(ratio).any() else float("nan")


def amplification(
    weights: np.ndarray,
    g: float,
    frequencies: Sequence[float] | np.ndarray,
    *,
    tau: float,
    time_step: float | None = None,
    input_weights: np.ndarray | None = None,
) -> Amplification:
    """Return the gain of a linear network at some frequencies.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        W = g J / sqrt(N).
    g : float
        Radius of the random network to compare with.
    frequencies : array, shape (frequency,)
        In Hz.
    tau : float
        In s.
    time_step : float, optional
        Of the network in steps, s; continuous time where None.
    input_weights : array, shape (unit, channel), optional
        U; the identity's gain where None.

    Returns
    -------
    Amplification

    Raises
    ------
    InputError
        If a frequency is negative, or above what the time step can carry.

    Examples
    --------
    >>> silent = amplification(np.zeros((3, 3)), 0.0, [0.0, 1 / (2 * np.pi)], tau=1.0)
    >>> silent.gain.round(6), silent.random_gain.round(6)
    (array([1. , 0.5]), array([1. , 0.5]))
    """
    frequencies = np.asarray(frequencies, dtype=np.float64)
    most = np.inf if time_step is None else 0.5 / time_step
    if not ((frequencies >= 0) & (frequencies <= most * (1 + 1e-9))).all():
        message = f"expected frequencies from 0 to {most:g} Hz, found {frequencies.min():g} to {frequencies.max():g}"
        raise InputError(message)
    if time_step is None:
        places = 1 + 2j * np.pi * frequencies * tau
    else:
        places = 1 + np.expm1(2j * np.pi * frequencies * time_step) * (tau / time_step)
    n_units = len(weights)
    # W = Q T Q^H with T triangular: norms are kept by Q, and each frequency needs one triangular solve.
    triangle, basis = map(np.asarray, schur(weights, output="complex")[:2])
    inputs = np.eye(n_units) if input_weights is None else np.asarray(input_weights, float)
    rotated = basis.conj().T @ inputs
    gain, input_gain = np.empty(len(places)), np.empty(len(places))
    identity = np.eye(n_units)
    for k, place in enumerate(places):
        resolvent = solve_triangular(place * identity - triangle, identity)
        gain[k] = (np.abs(resolvent) ** 2).sum() / n_units
        input_gain[k] = (np.abs(resolvent @ rotated) ** 2).sum() / n_units / rotated.shape[1]
    below = np.abs(places) ** 2 - g**2
    random_gain = np.where(below > 0, 1 / np.where(below > 0, below, 1.0), np.nan)
    values: Any = np.diagonal(triangle)
    settles = values.real < 1 if time_step is None else np.abs(1 + (values - 1) * (time_step / tau)) < 1
    return Amplification(frequencies, gain, input_gain, random_gain, bool(settles.all()))
