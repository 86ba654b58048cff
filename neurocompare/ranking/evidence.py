"""Evidence: what the draws of one metric say before it is judged, of one recording or of several put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.ranking.ceiling import Ceiling, ceiling_of
from neurocompare.ranking.cube import by_chain, cube
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.null import NULLS
from neurocompare.ranking.resample import half_sample_factor, network_deviations, recording_deviations
from neurocompare.ranking.score import OPTIONAL, WITHIN


@dataclass(frozen=True)
class Evidence:
    """Mean scores, and how far they could have come out differently.

    Attributes
    ----------
    gammas : tuple of float
        The grid, ascending.
    mean : array, shape (item,)
        Mean score of every gamma, and of the kinematic baseline last, where there is one.
    recorded, networked : array, shape (resample, item)
        Deviations with other units and trials, and with other networks; independent of each other.
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


@dataclass(frozen=True)
class UsedRows:
    """Rows of the score table of one metric and centring, without the draws in which some score is missing.

    Attributes
    ----------
    rows : pandas.DataFrame
    draws, dropped : int
    note : str
        Why the first of those left out could not be computed.
    """

    rows: pd.DataFrame
    draws: int
    dropped: int
    note: str


def used_rows(scores: pd.DataFrame, metric: str, centring: str) -> UsedRows:
    """Choose the rows of one metric and centring, and leave out whole draws in which a score is missing.

    Raises
    ------
    InputError
        If there are no such rows.
    """
    rows = scores[(scores["metric"] == metric) & (scores["centring"] == centring)]
    if rows.empty:
        message = f"expected scores of {metric} with {centring} centring, found none; score the draws with it"
        raise InputError(message)
    failed = ~np.isfinite(rows["score"].to_numpy(float)) & ~rows["kind"].isin(OPTIONAL).to_numpy()
    dropped = rows.loc[failed, "resample"].unique()
    used = rows[~rows["resample"].isin(dropped)]
    return UsedRows(
        used, used["resample"].nunique(), len(dropped), rows.loc[failed, "note"].iloc[0] if failed.any() else ""
    )


def evidence_of(
    rows: pd.DataFrame, sampling: Sampling, *, limits: tuple[float, float] | None = None, seed: int = 0
) -> Evidence:
    """Gather what the draws of one recording say.

    Parameters
    ----------
    rows : pandas.DataFrame
        See `used_rows`; at least one draw.
    sampling : Sampling
    limits : tuple of (float, float), optional
        Lowest and highest score there is.
    seed : int
        Of the resampling.

    Returns
    -------
    Evidence

    Raises
    ------
    InputError
        If a score is missing from the table or there twice.
    """
    _, gammas, _, values = cube(rows, "model")
    by_draw = values.mean(axis=2)
    if (rows["kind"] == "kinematic").any():
        by_draw = np.column_stack([by_draw, _baseline(rows).mean(axis=1)])
    factor = half_sample_factor(sampling.units, sampling.units_drawn)
    return Evidence(
        gammas=tuple(gammas),
        mean=by_draw.mean(axis=0),
        recorded=factor * recording_deviations(by_draw, seed=seed),
        networked=network_deviations(chains_of(rows), seed=seed),
        ceiling=ceiling_of(rows, limits),
        nulls={name: _null_scores(rows, name) for name in NULLS if (rows["kind"] == f"null:{name}").any()},
        intact=_intact(rows),
        within=within_of(rows, gammas),
    )


def chains_of(rows: pd.DataFrame) -> np.ndarray:
    """Return the mean score of each chain, shape (item, chain), items as in `Evidence`.

    Members of one chain are averaged; where there is one chain, its members stand in for chains.
    """
    _, _, networks, values = cube(rows, "model")
    scores = by_chain(values.mean(axis=0), networks)
    if not (rows["kind"] == "kinematic").any():
        return scores
    own = _baseline(rows).mean(axis=0)
    # As many populations as chains, unless there is one chain only and its members stand in for chains.
    own = own if len(own) == scores.shape[1] else np.full(scores.shape[1], own.mean())
    return np.vstack([scores, own])


def within_of(rows: pd.DataFrame, gammas: Sequence[float]) -> np.ndarray:
    """Return the mean score of networks of one gamma against each other, shape (gamma,); 0 where there is none."""
    of_pairs = rows.loc[rows["kind"] == WITHIN].groupby("gamma")["score"].mean()
    return of_pairs.reindex(gammas, fill_value=0.0).to_numpy(float)


def _baseline(rows: pd.DataFrame) -> np.ndarray:
    """Return scores of the kinematic baseline, shape (draw, population)."""
    return cube(rows.assign(gamma=rows["gamma"].fillna(np.inf)), "kinematic")[3][:, 0]


def _null_scores(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Return null scores, shape (draw, gamma): one network a gamma, which one differs from draw to draw."""
    return cube(rows.assign(chain=0, member=0), f"null:{name}")[3][:, :, 0]


def _intact(rows: pd.DataFrame) -> np.ndarray:
    """Return scores (draw, gamma) of the networks whose nulls were computed."""
    keys = ["resample", "gamma", "chain", "member"]
    chosen = rows.loc[rows["kind"] == f"null:{NULLS[0]}", keys]
    models = rows.loc[rows["kind"] == "model", [*keys, "score"]]
    return cube(chosen.merge(models, on=keys).assign(kind="model", chain=0, member=0), "model")[3][:, :, 0]
