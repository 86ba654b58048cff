"""Resampled scores: what the draws of one metric give before it is judged, of one recording or of several together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from neurocompare.ranking.ceiling import Ceiling, ceiling_of
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.resample import half_sample_factor, network_deviations, recording_deviations
from neurocompare.ranking.score_arrays import ItemScores, ScoreArrays


@dataclass(frozen=True, eq=False)
class Resampled:
    """Mean scores of items, every gamma and the baseline last, and how far they could have come out differently.

    Attributes
    ----------
    mean : array, shape (item,)
    recorded, networked : array, shape (resample, item)
        Deviations with other units and trials, and with other networks; independent of each other.
    chains : array, shape (item, chain)
        Mean score of each chain.
    """

    mean: np.ndarray
    recorded: np.ndarray
    networked: np.ndarray
    chains: np.ndarray

    @property
    def deviations(self) -> np.ndarray:
        """For every reason, shape (resample, item)."""
        return self.recorded + self.networked


def within(scores: Resampled, limits: tuple[float, float] | None) -> Resampled:
    """Return scores none of which, had it come out differently, is beyond the lowest and highest that there is.

    Examples
    --------
    >>> scores = Resampled(np.array([0.9]), np.array([[0.2], [-0.2]]), np.zeros((2, 1)), np.zeros((1, 2)))
    >>> within(scores, (0, 1)).deviations.ravel().round(9).tolist()
    [0.1, -0.2]
    """
    if limits is None:
        return scores
    deviations = np.clip(scores.mean + scores.deviations, *limits) - scores.mean
    return Resampled(scores.mean, deviations, np.zeros_like(deviations), scores.chains)


@dataclass(frozen=True, eq=False)
class ResampledScores:
    """What is known of one metric's scores before it is judged.

    Attributes
    ----------
    gammas : tuple of float
        The grid, ascending.
    plain : Resampled
        Scores as they are.
    adjusted : Resampled or None
        Scores less half of what networks of one gamma score against each other, in the same resamples of units and
        trials; see `ScoreArrays.adjusted`. None where each gamma has one network.
    ceiling : Ceiling
    nulls : mapping of name to array, shape (draw, gamma)
        Plain scores, as the ceiling and `intact`.
    intact : array, shape (draw, gamma)
        Scores of the networks whose nulls were computed.
    """

    gammas: tuple[float, ...]
    plain: Resampled
    adjusted: Resampled | None
    ceiling: Ceiling
    nulls: Mapping[str, np.ndarray]
    intact: np.ndarray

    @property
    def judged(self) -> Resampled:
        """What gammas are told apart by: adjusted scores, or plain ones where there are no others."""
        return self.plain if self.adjusted is None else self.adjusted


def resampled(scores: ItemScores, sampling: Sampling, seed: int) -> Resampled:
    """Resample the scores of items, see `recording_deviations` and `network_deviations`."""
    factor = half_sample_factor(sampling.units, sampling.units_drawn)
    return Resampled(
        mean=scores.by_draw.mean(axis=0),
        recorded=factor * recording_deviations(scores.by_draw, seed=seed),
        networked=network_deviations(scores.by_chain, seed=seed),
        chains=scores.by_chain,
    )


def resampled_scores(
    arrays: ScoreArrays, sampling: Sampling, *, limits: tuple[float, float] | None = None, seed: int = 0
) -> ResampledScores:
    """Resample the scores of one recording.

    Parameters
    ----------
    arrays : ScoreArrays
    sampling : Sampling
    limits : tuple of (float, float), optional
        Lowest and highest score there is.
    seed : int
        Of the resampling.

    Returns
    -------
    ResampledScores
    """
    return ResampledScores(
        gammas=arrays.gammas,
        plain=resampled(arrays.plain, sampling, seed),
        adjusted=None if arrays.adjusted is None else resampled(arrays.adjusted, sampling, seed),
        ceiling=ceiling_of(arrays.recording, limits),
        nulls=arrays.nulls,
        intact=arrays.intact,
    )
