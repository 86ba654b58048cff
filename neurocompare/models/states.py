"""States: whether the chains of one gamma have settled in one state, or in several that scalars cannot tell apart."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from neurocompare.models.card import Card
from neurocompare.models.card_file import load_activity
from neurocompare.models.family import is_reservoir
from neurocompare.models.networks import Zoo

APART = 4.0
"""Chains this many times as far apart as networks of one chain are have settled in different states.

Chains of one state are 0.8 to 2 times as far apart (8 chains of 2 networks each, 400 units, a reach of 8 directions);
those of gamma 3.2, where the symmetry between directions breaks, 25 times."""


def chains_apart(chains: Sequence[Sequence[np.ndarray]]) -> float:
    r"""Compare chains: the largest mean distance of two over the mean distance of networks of one chain.

    The distance of two networks is :math:`1 - \langle C, C' \rangle / (|C| |C'|)` with their kernels
    :math:`C = \phi \phi^T / N` over the same samples, which no rotation or reordering of units changes.

    Parameters
    ----------
    chains : sequence of sequence of array, shape (sample, unit)
        The activity of the networks of each chain.

    Returns
    -------
    float
        About 1 where chains have visited the same states; NaN if there are no two chains, or no two networks in any.

    Examples
    --------
    >>> noise, (left, right) = np.random.default_rng(0), 3 * np.eye(20)[:2, :, None] * np.ones(200)
    >>> one, two = ([state + noise.standard_normal((20, 200)) for _ in "ab"] for state in (left, right))
    >>> chains_apart([one, two]) > APART, chains_apart([one]), chains_apart([one[:1], two[:1]])
    (True, nan, nan)
    """
    kernels = [[unit_kernel(activity) for activity in chain] for chain in chains]
    within = [distance(*pair) for chain in kernels for pair in itertools.combinations(chain, 2)]
    between = [
        np.mean([distance(*pair) for pair in itertools.product(*two)]) for two in itertools.combinations(kernels, 2)
    ]
    return float(max(between) / np.mean(within)) if within and between and np.mean(within) > 0 else float("nan")


def listed(zoo: Zoo) -> pd.DataFrame:
    """Return what ``zoo.csv`` holds: `Zoo.table`, and how far the chains of each gamma and family are apart.

    Parameters
    ----------
    zoo : Zoo

    Returns
    -------
    pandas.DataFrame
        With ``chains_apart`` as `chains_apart` gives it; NaN for reservoirs, of which every one is drawn by itself.
    """
    groups: dict[str, dict[tuple[int, int], list[Card]]] = {}
    for card in zoo.cards:
        if not is_reservoir(card.gamma):
            groups.setdefault(card.group, {}).setdefault((card.seed, card.chain), []).append(card)
    apart = {
        group: chains_apart([[activity_of(zoo.folder, card) for card in kept] for kept in chains.values()])
        for group, chains in groups.items()
        if len(chains) > 1 and any(len(kept) > 1 for kept in chains.values())
    }
    table = zoo.table()
    return table.assign(chains_apart=table["group"].map(apart).astype(float))


def told_apart(table: pd.DataFrame) -> tuple[str, ...]:
    """Say of which gammas the chains have settled in different states, and what that means.

    Parameters
    ----------
    table : pandas.DataFrame
        As from `listed`; nothing is said of one without ``chains_apart``.

    Examples
    --------
    >>> print(*told_apart(pd.DataFrame({"group": ["a", "b"], "gamma": [0.4, 3.2], "chains_apart": [1.1, 25.2]})))
    At gamma 3.2 chains have settled in different states: networks of two chains differ 25 times as much as those of \
one chain. Scores there depend on the state that networks and recorded circuit are in; more chains show each.
    """
    if "chains_apart" not in table:
        return ()
    groups = table.drop_duplicates("group")
    return tuple(
        f"At gamma {row.gamma:g} chains have settled in different states: networks of two chains differ "
        f"{row.chains_apart:.0f} times as much as those of one chain. Scores there depend on the state that networks "
        "and recorded circuit are in; more chains show each."
        for row in groups[groups["chains_apart"] > APART].itertuples()
    )


def activity_of(folder: Path, card: Card) -> np.ndarray:
    """Read the activity of a network of a zoo in `folder`, shape (sample, unit)."""
    values = load_activity(folder / card.hash, card).values
    return values.reshape(-1, values.shape[-1])


def unit_kernel(activity: np.ndarray) -> np.ndarray:
    """Return the kernel of an activity (sample, unit), shape (sample, sample), of Frobenius norm 1."""
    kernel = activity @ activity.T
    return kernel / np.linalg.norm(kernel)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return 1 less the cosine of two kernels of norm 1.

    Examples
    --------
    >>> one, other = (unit_kernel(np.array(rows)) for rows in ([[1.0], [0.0]], [[0.0], [2.0]]))
    >>> distance(one, one), distance(one, other)
    (0.0, 1.0)
    """
    return float(1 - np.vdot(one, other))
