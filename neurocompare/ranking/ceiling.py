"""Ceiling: what a perfect model would score, namely other units of the same circuit, seen the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from neurocompare.ranking.draws import Draw
from neurocompare.ranking.null import Null
from neurocompare.ranking.resample import central
from neurocompare.streams import Purpose, stream

CEILING, RELIABILITY, FEWER_UNITS, FEWER_TRIALS = "ceiling", "reliability", "ceiling:units", "ceiling:trials"
"""Kinds of rows in the score table: other units and other trials; the same units in other trials; as the first, with
half as many units on both sides; with half as many trials."""


@dataclass(frozen=True)
class Ceiling:
    """Scores of the recording against itself, as 95 % intervals.

    Attributes
    ----------
    low, high : float
        Of the score between two halves of the recording, other units and other trials in each: at the size at which
        networks are scored.
    mean : float or None
        Of the same; None in a file that is older than this number.
    whole, limit : tuple of (float, float) or None
        The same, extrapolated to all units and trials of the recording, and to infinitely many.
    reliability : tuple of (float, float) or None
        Of the score between the same units in two halves of their trials: how well they are measured. No model of the
        circuit need reach it.

    Examples
    --------
    >>> found = Ceiling(low=0.8, high=0.9, mean=0.86)
    >>> null_reached(found, {"conditions": Null(mean=0.2, high=0.4, p=0.01)}) is None
    True
    """

    low: float
    high: float
    mean: float | None = None
    whole: tuple[float, float] | None = None
    limit: tuple[float, float] | None = None
    reliability: tuple[float, float] | None = None


def thinned(draw: Draw, labels: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return half of the units of each half of a draw, and half of each condition's trials of each half, rounded down.

    Parameters
    ----------
    draw : Draw
    labels : array, shape (trial,)
        Condition of each trial.

    Returns
    -------
    units : pair of arrays of int
    trials : pair of arrays of bool, shape (trial,)
        All false in a condition of which the half has one trial.
    """
    generator = stream(Purpose.THINNED, draw.seed, draw.index)
    one, other = (
        np.sort(generator.permutation(half)[: max(1, len(half) // 2)]) for half in (draw.units, draw.other_units)
    )
    trials = []
    for half in (draw.trials, draw.other_trials):
        kept = np.zeros_like(half)
        for label in np.unique(labels):
            rows = np.flatnonzero(half & (labels == label))
            kept[generator.permutation(rows)[: len(rows) // 2]] = True
        trials.append(kept)
    return (one, other), (trials[0], trials[1])


def ceiling_of(scores: Mapping[str, np.ndarray], limits: tuple[float, float] | None = None) -> Ceiling:
    r"""Summarise the recording's scores against itself.

    With n units and m trials a score falls short of its limit by :math:`a / n + b / m`, to first order in both
    [1]_. A draw's scores s at half of both, s' at a quarter of the units and s'' at a quarter of the trials give

    .. math:: s_\mathrm{limit} = s + (s - s') + (s - s''), \qquad
              s_\mathrm{whole} = s + \tfrac12 (s - s') + \tfrac12 (s - s'').

    Parameters
    ----------
    scores : mapping of kind to array, shape (draw,)
        Of the recording against itself, by one metric under one centring.
    limits : tuple of (float, float), optional
        Lowest and highest score there is; what is extrapolated stays within. What first order leaves out shows most at
        infinity, where the value is rough, and where noise wins; on simulated sessions of 120 units and 20 trials that
        score above 0.8 the value for the whole recording is good to about 0.01.

    Returns
    -------
    Ceiling
        Without extrapolation where scores at a quarter are missing: a metric may need more units or trials.

    References
    ----------
    .. [1] Pospisil & Bair (2021). The unbiased estimation of the fraction of variance explained by a model. PLOS
       Computational Biology 17, for trials; Schütt et al. (2023). Statistical inference on representational
       geometries. eLife 12, for ceilings from the data's own variability.
    """
    own = scores[CEILING]
    fewer = [scores[kind] for kind in (FEWER_UNITS, FEWER_TRIALS) if kind in scores]
    full_recording = limit = reliability = None
    if len(fewer) == 2 and all(np.isfinite(values).all() for values in fewer):
        # Scores at a quarter scatter more; what is wanted is the extrapolated mean and the ceiling's own spread.
        shift = float(np.mean((own - fewer[0]) + (own - fewer[1])))
        full_recording, limit = (
            central(np.clip(own + share * shift, *(limits or (-np.inf, np.inf)))) for share in (0.5, 1.0)
        )
    if RELIABILITY in scores and np.isfinite(scores[RELIABILITY]).all():
        reliability = central(scores[RELIABILITY])
    return Ceiling(*central(own), float(own.mean()), whole=full_recording, limit=limit, reliability=reliability)


def null_reached(ceiling: Ceiling, nulls: Mapping[str, Null]) -> str | None:
    """Name the first null that says something and that the ceiling's interval reaches down to.

    Then the recording is no more like itself than like nothing in particular, and there is no scale from null to
    ceiling.

    Examples
    --------
    >>> null_reached(Ceiling(0.7, 0.9), {"conditions": Null(0.1, 0.2, 0.01), "surrogates": Null(0.75, 0.8, 0.3)})
    'surrogates'
    """
    return next((name for name, null in nulls.items() if null.says and ceiling.low <= null.mean), None)


def calibrated(scores: np.ndarray, null: np.ndarray, ceiling: float) -> np.ndarray:
    r"""Put scores on the scale on which 0 is the null and 1 the ceiling.

    .. math:: \frac{s_\gamma - n_\gamma}{c - n_\gamma}

    Parameters
    ----------
    scores : array, shape (..., gamma)
    null : array, shape (gamma,)
        All below the ceiling, see `null_reached`.
    ceiling : float

    Returns
    -------
    array, shape (..., gamma)

    Examples
    --------
    >>> calibrated(np.array([0.5, 0.8]), np.array([0.2, 0.2]), 0.8)
    array([0.5, 1. ])
    """
    return (scores - null) / (ceiling - null)
