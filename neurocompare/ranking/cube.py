"""Cube: the rows of a score table as an array over draws, gammas and networks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from neurocompare.errors import InputError


def cube(rows: pd.DataFrame, kind: str) -> tuple[list[int], list[float], list[tuple[int, int]], np.ndarray]:
    """Return draws, gammas, networks (chain, member), and scores of shape (draw, gamma, network).

    Parameters
    ----------
    rows : pandas.DataFrame
        Of the score table, of one metric and centring.
    kind : str
        Such as ``"model"``.

    Raises
    ------
    InputError
        If a score is missing from the table or there twice.
    """
    keys = ["resample", "gamma", "chain", "member"]
    chosen = rows[rows["kind"] == kind].sort_values(keys)
    draws, gammas = (np.unique(chosen[key]).tolist() for key in keys[:2])
    networks = sorted(set(zip(chosen["chain"].tolist(), chosen["member"].tolist(), strict=True)))
    shape = (len(draws), len(gammas), len(networks))
    if len(chosen) != np.prod(shape) or not len(chosen) or chosen.duplicated(keys).any():
        message = (
            f"expected one {kind} score for each of {shape[0]} draws, {shape[1]} gammas and {shape[2]} networks, found "
            f"{len(chosen)} rows; score every draw with the same networks at every gamma"
        )
        raise InputError(message)
    return draws, gammas, networks, chosen["score"].to_numpy(float).reshape(shape)


def by_chain(scores: np.ndarray, networks: list[tuple[int, int]]) -> np.ndarray:
    """Average members of one chain, from (item, network) to (item, chain).

    Where there is one chain, its members stand in for chains.
    """
    chains = np.array([chain for chain, _ in networks])
    labels = np.unique(chains)
    if len(labels) == 1:
        return scores
    return np.stack([scores[:, chains == label].mean(axis=1) for label in labels], axis=1)
