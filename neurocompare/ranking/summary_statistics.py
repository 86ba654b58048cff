r"""Summary statistics of a recorded population: numbers that tell one setting of a network from another.

Of a recording there are two kinds. The *kernel* of its condition averages over conditions and times says how the
population moves,

.. math:: K = \frac{\tfrac12 (A B^T + B A^T)}{\mathrm{tr}\, A B^T},

with A and B the averages of every other trial, (condition and time) x unit, each unit's mean removed: their noise is
independent, so K is that of the rates behind, on average. The quartiles over units of `SingleUnit`'s features say what
single units do. None depends on a unit's gain or baseline beyond what noise makes of them, so a network counts for what
a recording of it would show (`as_recorded`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics import SingleUnit
from neurocompare.metrics.unit_features import CIRCULAR_FEATURES
from neurocompare.recordings.trials import Trials, average

MOST_SAMPLES, LEAST_TIMES = 160, 2
"""Samples of a kernel, and times of a condition: recordings of more are averaged over neighbouring bins."""

QUARTILES = (25, 50, 75)


@dataclass(frozen=True, eq=False)
class Summary:
    """What is kept of a recorded population.

    Attributes
    ----------
    kernel : array, shape (pair of samples,)
        Lower triangle of K, such that its squares sum to those of K.
    units : array, shape (statistic,)
        `names`: quartiles over units of each feature, in its own unit.
    names : tuple of str
        Such as ``"complexity, 50 %"``.
    """

    kernel: np.ndarray
    units: np.ndarray
    names: tuple[str, ...]


def summarise(trials: Trials) -> Summary:
    """Summarise a recorded population.

    Parameters
    ----------
    trials : Trials
        With two trials or more of each condition.

    Returns
    -------
    Summary

    Raises
    ------
    InputError
        If no unit's rate goes with the conditions or with time in both halves of the trials: there is no kernel.

    Examples
    --------
    >>> from neurocompare.recordings import open_recording, trials_of
    >>> seen = summarise(trials_of(open_recording("synthetic")))
    >>> len(seen.kernel), len(seen.units), seen.names[0]
    (12880, 27, 'peak_time, 25 %')
    """
    kernel, rates = _kernel(trials), average(trials)
    rates = rates[:, :, np.ptp(rates.values, axis=(0, 1)) > 0]
    table = SingleUnit().features(rates)
    table = table[[name for name in table.columns if name not in CIRCULAR_FEATURES]]
    names = tuple(f"{name}, {share} %" for name in table.columns for share in QUARTILES)
    return Summary(kernel, np.percentile(table.to_numpy(), QUARTILES, axis=0).T.ravel(), names)


def _kernel(trials: Trials) -> np.ndarray:
    labels = trials.counts["condition"].values
    every_other = np.zeros(len(labels))
    for label in np.unique(labels):
        every_other[np.flatnonzero(labels == label)[::2]] = 1
    first, second = (_samples(trials, weights) for weights in (every_other, 1 - every_other))
    product = first @ second.T
    power = float(np.trace(product))
    if not power > 0:
        raise InputError("expected units that two halves of the trials agree on, found none above noise; add trials")
    kernel = 0.5 * (product + product.T) / power
    lower = np.tril_indices(len(kernel))
    return kernel[lower] * np.where(lower[0] == lower[1], 1.0, np.sqrt(2.0))


def _samples(trials: Trials, weights: np.ndarray) -> np.ndarray:
    """Return averages over times that lie together, (condition and time) x unit, each unit's mean removed."""
    rates = average(trials, weights).values
    times = min(rates.shape[1], max(LEAST_TIMES, MOST_SAMPLES // len(rates)))
    parts = np.array_split(np.arange(rates.shape[1]), times)
    coarse = np.stack([rates[:, part].mean(axis=1) for part in parts], axis=1).reshape(-1, rates.shape[2])
    return coarse - coarse.mean(axis=0)
