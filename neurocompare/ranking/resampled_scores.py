"""Resampled scores: what the draws of one metric give before it is judged, of one recording or of several together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from neurocompare.ranking.ceiling import Ceiling, ceiling_of
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.resample import half_sample_factor, network_deviations, recording_deviations
from neurocompare.ranking.score_arrays import ScoreArrays


@dataclass(frozen=True)
class ResampledScores:
    """Mean scores, and how far they could have come out differently.

    Attributes
    ----------
    gammas : tuple of float
        The grid, ascending.
    mean : array, shape (item,)
        Mean score of every gamma, and of the kinematic baseline last, where there is one.
    recorded, networked : array, shape (resample, item)
        Deviations with other units and trials, and with other networks; independent of each other.
    chains : array, shape (item, chain)
        Mean score of each chain.
    ceiling : Ceiling
    nulls : mapping of name to array, shape (draw, gamma)
    intact : array, shape (draw, gamma)
        Scores of the networks whose nulls were computed.
    within : array, shape (gamma,)
        Mean score of networks of one gamma against each other, seen as the recording is; 0 where each gamma has one.
    """

    gammas: tuple[float, ...]
    mean: np.ndarray
    recorded: np.ndarray
    networked: np.ndarray
    chains: np.ndarray
    ceiling: Ceiling
    nulls: Mapping[str, np.ndarray]
    intact: np.ndarray
    within: np.ndarray

    @property
    def scores(self) -> np.ndarray:
        """Mean score of each gamma, shape (gamma,)."""
        return self.mean[: len(self.gammas)]

    @property
    def proper(self) -> np.ndarray:
        r"""Score of each gamma less half of what its networks score against each other, shape (gamma,).

        A gamma whose networks are all alike scores higher against whatever they resemble than one whose networks
        differ, so that the gamma of highest score need not be the one a recording comes from. With s a positive
        definite kernel, such as biased cka, y of the law of gamma and x, x' of that of g,

        .. math:: E\,s(y, x) - \tfrac12 E\,s(x, x')
                  = \tfrac12 |\mu_\gamma|^2 - \tfrac12 |\mu_\gamma - \mu_g|^2

        with the kernel's mean embeddings :math:`\mu`: highest at g = gamma, whatever the spread of either [1]_.

        References
        ----------
        .. [1] Gneiting & Raftery (2007). Strictly proper scoring rules, prediction, and estimation. Journal of the
           American Statistical Association 102, section 5.1.
        """
        return self.scores - self.within / 2

    @property
    def deviations(self) -> np.ndarray:
        """Of all items, for every reason, shape (resample, item)."""
        return self.recorded + self.networked


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
    chains = arrays.by_chain
    factor = half_sample_factor(sampling.units, sampling.units_drawn)
    within = np.zeros(len(arrays.gammas)) if arrays.within is None else arrays.within.mean(axis=(0, 2))
    return ResampledScores(
        gammas=arrays.gammas,
        mean=arrays.by_draw.mean(axis=0),
        recorded=factor * recording_deviations(arrays.by_draw, seed=seed),
        networked=network_deviations(chains, seed=seed),
        chains=chains,
        ceiling=ceiling_of(arrays.recording, limits),
        nulls=arrays.nulls,
        intact=arrays.intact,
        within=within,
    )
