r"""Spectra: of the weights, a bulk and its outliers, and of the Jacobian where a network goes.

An eigenvalue of W = g J / sqrt(N) says what a small perturbation of rest does along its direction. In continuous time
it grows at the rate Re(lambda - 1) / tau and turns at the frequency Im(lambda) / (2 pi tau); in the network as it is
run, a step multiplies it by

.. math:: \mu = 1 - a + a \lambda, \quad \text{growth} \log|\mu| / \Delta t, \quad
          \text{frequency } \arg(\mu) / (2 \pi \Delta t).

Away from rest slopes are below one. Where they shrink the eigenvalue evenly, lambda -> s lambda, until it neither grows
nor decays, ``|mu| = 1``, its frequency there is what a limit cycle of small harmonics would have: `settled_frequency`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.optimize import brentq

from neurocompare.dynamics.network_map import NetworkMap
from neurocompare.models.equilibrium import bulk_edge


@dataclass(frozen=True)
class Outlier:
    """An eigenvalue outside the bulk, or a pair of them.

    Attributes
    ----------
    eigenvalue : complex
        Of W; of a complex pair the one with the positive imaginary part.
    modulus : float
    growth : float
        Of a small perturbation of rest, 1/s, step by step.
    frequency : float
        The same, in Hz; 0 for a positive real eigenvalue.
    continuous_growth, continuous_frequency : float
        Both as the time step goes to zero, 1/s and Hz.
    settled_frequency : float
        At the slope at which it neither grows nor decays, Hz; NaN where there is none.

    Examples
    --------
    >>> found = outlier(1.0 + 1.0j, step_fraction=0.1, time_step=0.01)
    >>> round(found.continuous_growth, 6), round(found.continuous_frequency, 4)
    (0.0, 1.5915)
    """

    eigenvalue: complex
    modulus: float
    growth: float
    frequency: float
    continuous_growth: float
    continuous_frequency: float
    settled_frequency: float


@dataclass(frozen=True, eq=False)
class WeightSpectrum:
    """The eigenvalues of W.

    Attributes
    ----------
    eigenvalues : array of complex, shape (unit,)
        By modulus, descending.
    radius : float
        g: of the circle that they fill without learning (circular law).
    edge : float
        Beyond which an eigenvalue counts as an outlier, see `bulk_edge`.
    outliers : tuple of Outlier
        By modulus, descending; a complex pair once.
    bulk_radius : float
        Of the circle that the rest would fill evenly: ``sqrt(2 <|lambda|^2>)`` without the outliers.

    Examples
    --------
    >>> weights = np.zeros((100, 100))
    >>> weights[0, 0] = 3.0
    >>> found = weight_spectrum(weights, 1.5, step_fraction=0.1, time_step=0.01)
    >>> [each.modulus for each in found.outliers], found.bulk_radius
    ([3.0], 0.0)
    """

    eigenvalues: np.ndarray
    radius: float
    edge: float
    outliers: tuple[Outlier, ...]
    bulk_radius: float


@dataclass(frozen=True, eq=False)
class JacobianSpectrum:
    """Eigenvalues of the Jacobian of one step, mu, at one state.

    Attributes
    ----------
    multipliers : array of complex, shape (unit,)
        By modulus, descending.
    growth : float
        ``log max |mu| / time step``, 1/s.
    frequency : float
        Of the leading one, ``|arg mu| / (2 pi time step)``, Hz.
    unstable : int
        How many have ``|mu| > 1``.

    Examples
    --------
    Without recurrent weights, every perturbation of rest decays by the step alone:

    >>> from neurocompare.models.nonlinearity import LINEAR
    >>> system = NetworkMap(np.zeros((3, 3)), np.zeros((1, 1, 3)), 0.1, 0.01, LINEAR)
    >>> found = jacobian_spectrum(system, np.zeros(3))
    >>> found.multipliers.real.round(6), found.unstable
    (array([0.9, 0.9, 0.9]), 0)
    """

    multipliers: np.ndarray
    growth: float
    frequency: float
    unstable: int


def weight_spectrum(weights: np.ndarray, g: float, *, step_fraction: float, time_step: float) -> WeightSpectrum:
    """Take the spectrum of weights apart into a bulk and outliers.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        W = g J / sqrt(N).
    g : float
        Radius of the circle that random weights fill.
    step_fraction : float
        a = time step / tau.
    time_step : float
        In s.

    Returns
    -------
    WeightSpectrum

    Examples
    --------
    >>> weights = np.zeros((100, 100))
    >>> weights[0, 1], weights[1, 0] = -2.0, 2.0
    >>> found = weight_spectrum(weights, 1.5, step_fraction=0.1, time_step=0.01)
    >>> [(complex(np.round(each.eigenvalue, 6)), round(each.continuous_frequency, 4)) for each in found.outliers]
    [(2j, 3.1831)]
    """
    values = np.linalg.eigvals(weights)
    values = values[np.argsort(-np.abs(values), kind="stable")]
    edge = bulk_edge(g, len(values))
    beyond = np.abs(values) > edge
    outliers = tuple(
        outlier(complex(value), step_fraction=step_fraction, time_step=time_step)
        for value in values[beyond]
        if value.imag >= 0
    )
    rest = values[~beyond]
    bulk = math.sqrt(2 * float((np.abs(rest) ** 2).mean())) if len(rest) else math.nan
    return WeightSpectrum(values, g, edge, outliers, bulk)


def outlier(eigenvalue: complex, *, step_fraction: float, time_step: float) -> Outlier:
    """Say what an eigenvalue of the weights does; `time_step` in s.

    Parameters
    ----------
    eigenvalue : complex
        Of the recurrent weights.
    step_fraction : float
        Time step over time constant.
    time_step : float
        In s.

    Returns
    -------
    Outlier

    Examples
    --------
    >>> found = outlier(1.05 + 1.2j, step_fraction=0.3, time_step=0.015)
    >>> found.growth > 0, round(found.modulus, 2)
    (True, 1.59)
    """
    tau = time_step / step_fraction
    multiplier = 1 - step_fraction + step_fraction * eigenvalue
    return Outlier(
        eigenvalue,
        abs(eigenvalue),
        *_growth_and_frequency(multiplier, time_step),
        (eigenvalue.real - 1) / tau,
        abs(eigenvalue.imag) / (2 * math.pi * tau),
        _settled_frequency(eigenvalue, step_fraction, time_step),
    )


def jacobian_spectrum(system: NetworkMap, state: np.ndarray) -> JacobianSpectrum:
    """Return the spectrum of the Jacobian at one state, shape (unit,).

    Parameters
    ----------
    system : NetworkMap
        Its first phase and condition are taken.
    state : array, shape (unit,)
        Preactivations.

    Returns
    -------
    JacobianSpectrum

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> network = draw_reservoir(task, Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> from neurocompare.dynamics import after_trial
    >>> jacobian_spectrum(after_trial(network, task), np.zeros(20)).multipliers.shape
    (20,)
    """
    multipliers = np.linalg.eigvals(system.jacobian(state))
    multipliers = multipliers[np.argsort(-np.abs(multipliers), kind="stable")]
    growth, frequency = _growth_and_frequency(complex(multipliers[0]), system.time_step)
    return JacobianSpectrum(multipliers, growth, frequency, int((np.abs(multipliers) > 1 + 1e-12).sum()))


def fixed_point(
    system: NetworkMap, guess: np.ndarray, *, tolerance: float = 1e-10, most: int = 50
) -> np.ndarray | None:
    """Find a fixed point, x = W phi(x) + u, by Newton's method.

    Parameters
    ----------
    system : NetworkMap
        Its first phase and condition are taken as the constant drive.
    guess : array, shape (unit,)
        Rest, zeros, is itself the fixed point where nothing drives the network and phi(0) = 0.
    tolerance : float
        Largest ``|W phi(x) + u - x|``.
    most : int
        Steps.

    Returns
    -------
    array, shape (unit,), or None
        None where it does not converge.

    Examples
    --------
    >>> import torch
    >>> from neurocompare.models import draw_reservoir
    >>> from neurocompare.settings import Family
    >>> from neurocompare.tasks import oscillation
    >>> task = oscillation()
    >>> network = draw_reservoir(task, Family(n_units=20), generator=torch.Generator().manual_seed(0))
    >>> from neurocompare.dynamics import after_trial
    >>> float(abs(fixed_point(after_trial(network, task), np.zeros(20))).max())
    0.0
    """
    state, drive = guess.astype(float), system.drive[0, 0]
    for _ in range(most):
        residual = system.weights @ system.rate(state) + drive - state
        if not np.isfinite(residual).all():
            return None
        if np.abs(residual).max() < tolerance:
            return state
        try:
            state = state - np.linalg.solve(system.weights * system.slope(state) - np.eye(len(state)), residual)
        except np.linalg.LinAlgError:
            return None
    return None


def _growth_and_frequency(multiplier: complex, time_step: float) -> tuple[float, float]:
    growth = math.log(max(abs(multiplier), 1e-300)) / time_step
    return growth, abs(math.atan2(multiplier.imag, multiplier.real)) / (2 * math.pi * time_step)


def _settled_frequency(eigenvalue: complex, step_fraction: float, time_step: float) -> float:
    def excess(slope: float) -> float:
        return abs(1 - step_fraction + step_fraction * slope * eigenvalue) - 1

    if eigenvalue.imag == 0 or excess(1.0) <= 0:
        return math.nan
    # At slope 0 a perturbation decays, at slope 1 it grows.
    slope = cast(float, brentq(excess, 0.0, 1.0))
    return _growth_and_frequency(1 - step_fraction + step_fraction * slope * eigenvalue, time_step)[1]
