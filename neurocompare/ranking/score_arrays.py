"""Score arrays: the rows of a score table, of one metric and centring, as arrays over draws, gammas and networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from neurocompare.errors import InputError
from neurocompare.ranking.null import NULLS
from neurocompare.ranking.score import OF_RECORDING, OPTIONAL, WITHIN


@dataclass(frozen=True, eq=False)
class Within:
    """Scores of networks of one gamma against each other.

    Attributes
    ----------
    scores : array, shape (draw, gamma, pair)
    chains : array of int, shape (pair, 2)
        Which two chains, or members where there is one chain; -1 where that is not known.
    """

    scores: np.ndarray
    chains: np.ndarray

    def by_chain(self, labels: np.ndarray) -> np.ndarray:
        """Return the mean over draws of the pairs that each chain is part of, shape (gamma, chain).

        Of all pairs alike where it is not known which chains they are of.
        """
        scores = self.scores.mean(axis=0)
        taking_part = (self.chains[:, :, None] == labels).any(axis=1).astype(float)  # (pair, chain)
        if not taking_part.sum(axis=0).all():
            taking_part = np.ones((len(self.chains), len(labels)))
        return scores @ (taking_part / taking_part.sum(axis=0))


@dataclass(frozen=True, eq=False)
class ItemScores:
    """Scores of every gamma, and of the baseline last where there is one: by draw and by chain.

    Attributes
    ----------
    by_draw : array, shape (draw, item)
        Mean over networks.
    by_chain : array, shape (item, chain)
        Mean over draws and the members of each chain; where there is one chain, its members stand in for chains.
    """

    by_draw: np.ndarray
    by_chain: np.ndarray


@dataclass(frozen=True, eq=False)
class ScoreArrays:
    """All scores of one metric under one centring.

    Attributes
    ----------
    draws : tuple of int
    gammas : tuple of float
        The grid, ascending.
    networks : tuple of (int, int)
        (chain, member), in order; the same at every gamma.
    models : array, shape (draw, gamma, network)
    kinematic : array, shape (draw, population), or None
        Scores of the kinematic baseline.
    within : Within or None
        Scores of networks of one gamma against each other; None where each gamma has one network.
    kinematic_within : Within or None
        Of the populations of the baseline, as of one gamma.
    nulls : mapping of name to array, shape (draw, gamma)
        Of one network a gamma, which one differs from draw to draw.
    intact : array, shape (draw, gamma)
        Scores of those networks with nothing broken; empty where there are no nulls.
    recording : mapping of kind to array, shape (draw,)
        Of the recording against itself, see `neurocompare.ranking.ceiling`; NaN where a score is missing.
    """

    draws: tuple[int, ...]
    gammas: tuple[float, ...]
    networks: tuple[tuple[int, int], ...]
    models: np.ndarray
    kinematic: np.ndarray | None
    within: Within | None
    kinematic_within: Within | None
    nulls: Mapping[str, np.ndarray]
    intact: np.ndarray
    recording: Mapping[str, np.ndarray]

    @property
    def plain(self) -> ItemScores:
        """Scores as they are: likenesses."""
        by_draw, by_chain = self.models.mean(axis=2), over_members(self.models.mean(axis=0), self.networks)
        if self.kinematic is None:
            return ItemScores(by_draw, by_chain)
        own = self.kinematic.mean(axis=0)
        # As many populations as chains, but in tables in which members stand in for chains and there is one population.
        own = own if len(own) == by_chain.shape[1] else np.full(by_chain.shape[1], own.mean())
        return ItemScores(np.column_stack([by_draw, self.kinematic.mean(axis=1)]), np.vstack([by_chain, own]))

    @property
    def adjusted(self) -> ItemScores | None:
        r"""Scores less half of what networks of one gamma score against each other; None where that is not known.

        A gamma whose networks are all alike scores higher against whatever they resemble than one whose networks
        differ, so that the gamma of highest score need not be the one a recording comes from. With s a positive
        definite kernel, such as biased cka, y of the law of gamma and x, x' of that of g,

        .. math:: E\,s(y, x) - \tfrac12 E\,s(x, x')
                  = \tfrac12 |\mu_\gamma|^2 - \tfrac12 |\mu_\gamma - \mu_g|^2

        with the kernel's mean embeddings :math:`\mu`: highest at g = gamma, whatever the spread of either [1]_. Metrics
        that correct for finite samples, or hold conditions out, are kernels but roughly: that it holds for them is
        shown by planted recordings.

        Both terms are of the same draws. Over n chains the second is a U-statistic: with :math:`c_k` the mean score of
        chain k and :math:`w_k` that of the pairs it is part of, the chains of :math:`\bar c - \bar w / 2` are

        .. math:: a_k = c_k - \frac{(n - 1) w_k - \tfrac n2 \bar w}{n - 2},

        its jackknife values: n times the score less n - 1 times that without the chain and its pairs. Their mean is the
        score, and their spread that of its chains [2]_. Two chains have one pair, which does not tell them apart:
        theirs is then the spread of :math:`c_k`.

        References
        ----------
        .. [1] Gneiting & Raftery (2007). Strictly proper scoring rules, prediction, and estimation. Journal of the
           American Statistical Association 102, section 5.1.
        .. [2] Arvesen (1969). Jackknifing U-statistics. Annals of Mathematical Statistics 40.
        """
        if self.within is None or (self.kinematic is not None and self.kinematic_within is None):
            return None
        chains = np.array([chain for chain, _ in self.networks])
        several = len(np.unique(chains)) > 1
        labels = np.unique(chains) if several else np.array([member for _, member in self.networks])
        parts = [self.within] if self.kinematic_within is None else [self.within, self.kinematic_within]
        plain = self.plain
        by_draw = np.concatenate([part.scores.mean(axis=2) for part in parts], axis=1)
        by_chain = np.concatenate([part.by_chain(labels) for part in parts])
        shared, n = by_draw.mean(axis=0)[:, None], len(labels)
        taken_off = ((n - 1) * by_chain - n / 2 * shared) / (n - 2) if n > 2 else shared / 2
        return ItemScores(plain.by_draw - by_draw / 2, plain.by_chain - taken_off)


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

    @property
    def uncomputed(self) -> str:
        """Why a result is not to be trusted, where more draws were left out than used; else empty."""
        if self.dropped <= self.draws:
            return ""
        return f"it could not be computed in {self.dropped} of {self.draws + self.dropped} draws: {self.note}"


def used_rows(scores: pd.DataFrame, metric: str, centring: str) -> UsedRows:
    """Choose the rows of one metric and centring, and leave out whole draws in which a score is missing.

    Raises
    ------
    InputError
        If there are no such rows.
    """
    rows = scores[(scores["metric"] == metric) & (scores["centring"] == centring)]
    if rows.empty:
        raise InputError(f"expected scores of {metric} with {centring} centring, found none; score the draws with it")
    failed = ~np.isfinite(rows["score"].to_numpy(float)) & ~rows["kind"].isin(OPTIONAL).to_numpy()
    dropped = rows.loc[failed, "resample"].unique()
    used = rows[~rows["resample"].isin(dropped)]
    return UsedRows(
        used, used["resample"].nunique(), len(dropped), rows.loc[failed, "note"].iloc[0] if failed.any() else ""
    )


def arrays_of(rows: pd.DataFrame) -> ScoreArrays:
    """Lay the rows of one metric and centring out as arrays.

    Parameters
    ----------
    rows : pandas.DataFrame
        In any order; at least one draw.

    Raises
    ------
    InputError
        If a score is missing from the table or there twice.
    """
    of = dict(tuple(rows.groupby("kind")))
    models = of.get("model", rows[:0])
    pairs = models[["chain", "member"]].to_numpy(int)
    networks, place = np.unique(pairs, axis=0, return_inverse=True)
    (draws, gammas, _), scores = _dense(models, "model", models["gamma"], place.reshape(-1))
    of_pairs, several = of.get(WITHIN, rows[:0]), len({chain for chain, _ in networks.tolist()}) > 1
    kinematic = kinematic_within = None
    if "kinematic" in of:
        chosen = of["kinematic"]
        kinematic = _dense(chosen, "kinematic", chosen.groupby(["chain", "member"]).ngroup())[1]
        kinematic_within = _within(of_pairs[of_pairs["gamma"].isna()].assign(gamma=np.inf), several)
    nulls = {
        name: _dense(of[f"null:{name}"], f"null:{name}", of[f"null:{name}"]["gamma"])[1]
        for name in NULLS
        if f"null:{name}" in of
    }
    return ScoreArrays(
        draws=tuple(draws.tolist()),
        gammas=tuple(gammas.tolist()),
        networks=tuple((chain, member) for chain, member in networks.tolist()),
        models=scores,
        kinematic=kinematic,
        within=_within(of_pairs[of_pairs["gamma"].notna()], several),
        kinematic_within=kinematic_within,
        nulls=nulls,
        intact=_intact(of[f"null:{next(iter(nulls))}"], networks, scores) if nulls else np.empty((0, 0)),
        recording={kind: _dense(of[kind], kind)[1] for kind in OF_RECORDING if kind in of},
    )


def _within(rows: pd.DataFrame, several: bool) -> Within | None:
    """Lay scores of pairs out; `several` says whether there are several chains, or members stand in for them."""
    if rows.empty:
        return None
    if "partner" in rows:
        keys = ["chain", "member", "partner"]
        pair = rows.groupby(keys).ngroup()
    else:  # a table that does not say which two they were
        pair = rows.groupby(["resample", "gamma"]).cumcount()
    _, scores = _dense(rows, WITHIN, rows["gamma"], pair)
    chains = np.full((scores.shape[2], 2), -1)
    if "partner" in rows:
        first = rows.assign(pair=pair).drop_duplicates("pair").sort_values("pair")
        chains = first[["chain" if several else "member", "partner"]].to_numpy(int)
    return Within(scores, chains)


def over_members(scores: np.ndarray, networks: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Average members of one chain, from (item, network) to (item, chain).

    Where there is one chain, its members stand in for chains.
    """
    chains = np.array([chain for chain, _ in networks])
    labels = np.unique(chains)
    if len(labels) == 1:
        return scores
    return np.stack([scores[:, chains == label].mean(axis=1) for label in labels], axis=1)


def _dense(rows: pd.DataFrame, kind: str, *along: ArrayLike) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the labels of each axis, draws first, and an array over them of the scores of every row."""
    labels, codes = zip(*(np.unique(each, return_inverse=True) for each in (rows["resample"], *along)), strict=True)
    shape = tuple(len(each) for each in labels)
    place = np.asarray(np.ravel_multi_index(codes, shape)) if len(rows) else np.zeros(0, int)
    if not len(rows) or len(np.unique(place)) != np.prod(shape) or len(place) != np.prod(shape):
        raise InputError(
            f"expected one {kind} score for each of {' x '.join(map(str, shape))} draws, gammas and networks, found "
            f"{len(rows)} rows; score every draw with the same networks at every gamma"
        )
    scores = np.empty(len(rows))
    scores[place] = rows["score"].to_numpy(float)
    return list(labels), scores.reshape(shape)


def _intact(broken: pd.DataFrame, networks: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return scores (draw, gamma) of the networks whose nulls were computed."""
    known = {(chain, member): place for place, (chain, member) in enumerate(networks.tolist())}
    which = [known.get(pair, -1) for pair in zip(broken["chain"], broken["member"], strict=True)]
    chosen = _dense(broken.assign(score=which), "null", broken["gamma"])[1].astype(int)
    if chosen.shape != scores.shape[:2] or (chosen < 0).any():
        raise InputError(
            f"expected nulls of {scores.shape[0]} draws at {scores.shape[1]} gammas, each of a network that was "
            f"scored, found others; score every draw with the same networks at every gamma"
        )
    return np.take_along_axis(scores, chosen[:, :, None], axis=2)[:, :, 0]
