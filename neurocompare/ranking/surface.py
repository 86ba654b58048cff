r"""A surface: a score over all settings, emulated from noisy values at the points of a design.

A Gaussian process [1]_ with a Matern 5/2 covariance, a length for each factor, and white noise, which takes in how far
networks of equal settings differ. With values y at places X, covariance k, noise :math:`\sigma^2` and their mean m,

.. math:: \hat f(x) = m + k(x, X) \, (k(X, X) + \sigma^2)^{-1} (y - m).

Surfaces that are as likely, given the values, come by Matheron's rule [2]_: a path f of the prior, and noise e, are
drawn, and what they lack of the values is added,

.. math:: f(x) + k(x, X) \, (k(X, X) + \sigma^2)^{-1} (y - m - f(X) - e) + m.

Paths of the prior are sums of cosines whose frequencies are drawn from the spectrum of the covariance [3]_.

References
----------
.. [1] Rasmussen & Williams (2006). Gaussian Processes for Machine Learning. MIT Press.
.. [2] Wilson, Borovitskiy, Terenin, Mostowsky & Deisenroth (2020). Efficiently sampling functions from Gaussian process
   posteriors. ICML.
.. [3] Rahimi & Recht (2007). Random features for large-scale kernel machines. NeurIPS 20.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

SMOOTHNESS = 2.5
"""nu of the Matern covariance: twice differentiable surfaces."""

RESAMPLES = 1000
"""Surfaces that are drawn: a p of 0.05 then has a standard error of 0.007."""

COSINES = 1000
"""Of a path of the prior: its covariance is off by about 1 / sqrt(COSINES) of its variance."""

SHORTEST, LONGEST = 0.1, 10.0
"""Bounds of a length, in ranges of its factor: one that is long means that the factor does not matter."""


@dataclass(frozen=True, eq=False)
class Surface:
    """What is known of a score over settings.

    Attributes
    ----------
    places : array, shape (point, factor)
        Of the design, each range being the unit interval.
    lengths : array, shape (factor,)
        Over how much of its range the surface changes along each factor.
    variance, noise : float
        Of the surface over settings, and of a value around it.
    """

    places: np.ndarray
    lengths: np.ndarray
    variance: float
    noise: float

    def covariance(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the covariance of the surface between places, shape (one, other)."""
        apart = np.sqrt(5.0) * np.sqrt((((one[:, None] - other) / self.lengths) ** 2).sum(axis=2))
        return self.variance * (1 + apart + apart**2 / 3) * np.exp(-apart)

    def nearest(self, at: np.ndarray) -> np.ndarray:
        """Return which point of the design is nearest to each place (place, factor), in lengths: shape (place,)."""
        return (((at[:, None] - self.places) / self.lengths) ** 2).sum(axis=2).argmin(axis=1)

    def mean(self, values: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Return the surface that is expected.

        Parameters
        ----------
        values : array, shape (point,)
        at : array, shape (place, factor)

        Returns
        -------
        array, shape (place,)
        """
        middle = values.mean()
        return middle + self.covariance(at, self.places) @ cho_solve(self._factor, values - middle)

    def drawn(self, values: np.ndarray, rng: np.random.Generator) -> Drawn:
        """Draw a surface for each row of values.

        Parameters
        ----------
        values : array, shape (resample, point)
        rng : numpy.random.Generator
        """
        draws, points = values.shape
        count, factors = COSINES, len(self.lengths)
        # The spectrum of a Matern covariance is Student's t with 2 nu degrees of freedom.
        tails = np.sqrt(2 * SMOOTHNESS / rng.chisquare(2 * SMOOTHNESS, (count, 1)))
        frequencies = tails * rng.standard_normal((count, factors)) / self.lengths
        phases = rng.uniform(0, 2 * np.pi, count)
        weights = np.sqrt(2 * self.variance / count) * rng.standard_normal((draws, count))
        prior = weights @ np.cos(self.places @ frequencies.T + phases).T
        middle = values.mean(axis=1, keepdims=True)
        lacking = values - middle - prior - np.sqrt(self.noise) * rng.standard_normal((draws, points))
        return Drawn(self, frequencies, phases, weights, cho_solve(self._factor, lacking.T).T, middle)

    def left_out(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict each value from all others: means and standard deviations, shape (point,) each.

        By the inverse of the covariance, without another fit.
        """
        inverse = cho_solve(self._factor, np.eye(len(self.places)))
        own = np.diag(inverse)
        return values - (inverse @ (values - values.mean())) / own, 1 / np.sqrt(own)

    @cached_property
    def _factor(self) -> tuple[np.ndarray, bool]:
        noisy = self.covariance(self.places, self.places) + self.noise * np.eye(len(self.places))
        return cho_factor(noisy + 1e-10 * self.variance * np.eye(len(self.places)))


@dataclass(frozen=True, eq=False)
class Drawn:
    """Surfaces, each a function of all settings, see `Surface.drawn`."""

    surface: Surface
    frequencies: np.ndarray
    phases: np.ndarray
    weights: np.ndarray
    added: np.ndarray
    middle: np.ndarray

    def at(self, places: np.ndarray) -> np.ndarray:
        """Return them at places (place, factor), shape (resample, place)."""
        prior = self.weights @ np.cos(places @ self.frequencies.T + self.phases).T
        return self.middle + prior + self.added @ self.surface.covariance(self.surface.places, places)


def fit_surface(places: np.ndarray, values: np.ndarray, *, seed: int = 0, restarts: int = 3) -> Surface:
    """Choose lengths, variance and noise of the highest likelihood.

    Parameters
    ----------
    places : array, shape (point, factor)
        In the unit cube.
    values : array, shape (point,)
    seed : int
        Of where further searches begin.
    restarts : int
        How many there are.

    Returns
    -------
    Surface

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> places = rng.uniform(size=(60, 2))
    >>> surface = fit_surface(places, np.sin(3 * places[:, 0]) + 0.01 * rng.standard_normal(60))
    >>> bool(surface.lengths[1] > 5 * surface.lengths[0]), bool(surface.noise < 0.001)
    (True, True)
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    spread = float(values.std())
    if not spread > 0:
        return Surface(places, np.ones(places.shape[1]), 1e-12, 1e-12)
    lengths: Any = np.ones(places.shape[1])  # of one type in the library's hints, of several in what it takes
    smooth = ConstantKernel(1.0, (1e-2, 1e2)) * Matern(lengths, (SHORTEST, LONGEST), nu=SMOOTHNESS)
    start = smooth + WhiteKernel(0.1, (1e-5, 10.0))
    process = GaussianProcessRegressor(start, n_restarts_optimizer=restarts, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound is an answer
        process.fit(places, (values - values.mean()) / spread)
    kernel: Any = process.kernel_
    variance, *fitted, noise = np.exp(kernel.theta)
    return Surface(places, np.array(fitted), float(variance * spread**2), float(noise * spread**2))
