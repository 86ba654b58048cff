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
    within : array, shape (draw, gamma, pair), or None
        Scores of networks of one gamma against each other; None where each gamma has one network.
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
    within: np.ndarray | None
    nulls: Mapping[str, np.ndarray]
    intact: np.ndarray
    recording: Mapping[str, np.ndarray]

    @property
    def by_draw(self) -> np.ndarray:
        """Mean over networks of every gamma, and of the baseline last where there is one, shape (draw, item)."""
        scores = self.models.mean(axis=2)
        return scores if self.kinematic is None else np.column_stack([scores, self.kinematic.mean(axis=1)])

    @property
    def by_chain(self) -> np.ndarray:
        """Mean over draws and the members of each chain, shape (item, chain), items as in `by_draw`.

        Where there is one chain, its members stand in for chains.
        """
        scores = over_members(self.models.mean(axis=0), self.networks)
        if self.kinematic is None:
            return scores
        own = self.kinematic.mean(axis=0)
        # As many populations as chains, unless there is one chain only and its members stand in for chains.
        own = own if len(own) == scores.shape[1] else np.full(scores.shape[1], own.mean())
        return np.vstack([scores, own])


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
    kinematic = within = None
    if "kinematic" in of:
        chosen = of["kinematic"]
        kinematic = _dense(chosen, "kinematic", chosen.groupby(["chain", "member"]).ngroup())[1]
    if WITHIN in of:
        chosen = of[WITHIN]
        within = _dense(chosen, WITHIN, chosen["gamma"], chosen.groupby(["resample", "gamma"]).cumcount())[1]
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
        within=within,
        nulls=nulls,
        intact=_intact(of[f"null:{next(iter(nulls))}"], networks, scores) if nulls else np.empty((0, 0)),
        recording={kind: _dense(of[kind], kind)[1] for kind in OF_RECORDING if kind in of},
    )


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
        message = (
            f"expected one {kind} score for each of {' x '.join(map(str, shape))} draws, gammas and networks, found "
            f"{len(rows)} rows; score every draw with the same networks at every gamma"
        )
        raise InputError(message)
    scores = np.empty(len(rows))
    scores[place] = rows["score"].to_numpy(float)
    return list(labels), scores.reshape(shape)


def _intact(broken: pd.DataFrame, networks: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return scores (draw, gamma) of the networks whose nulls were computed."""
    known = {(chain, member): place for place, (chain, member) in enumerate(networks.tolist())}
    which = [known.get(pair, -1) for pair in zip(broken["chain"], broken["member"], strict=True)]
    chosen = _dense(broken.assign(score=which), "null", broken["gamma"])[1].astype(int)
    if chosen.shape != scores.shape[:2] or (chosen < 0).any():
        message = (
            f"expected nulls of {scores.shape[0]} draws at {scores.shape[1]} gammas, each of a network that was "
            f"scored, found others; score every draw with the same networks at every gamma"
        )
        raise InputError(message)
    return np.take_along_axis(scores, chosen[:, :, None], axis=2)[:, :, 0]
