"""Explorations of which the truth is known: designs, and score tables of surfaces that are written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd

from neurocompare.models import design_of
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.exploration import Exploration, PointTried
from neurocompare.ranking.explored import explored, gamma_places
from neurocompare.ranking.pool import Scored
from neurocompare.ranking.score import COLUMNS
from neurocompare.settings import Exploring, Family
from neurocompare.settings.exploring import RANGES

TOY = SimpleNamespace(name="toy", range=None)
DRAWS, CHAINS = 20, 2
SAMPLING = Sampling(80, 40, (10, 10), (5, 5))
CEILING = 0.9

Score = Callable[[np.ndarray, PointTried], np.ndarray]
"""Of gammas' places on the surface's axis, and the other settings of a point."""


def tried_of(exploring: Exploring, seed: int = 0) -> tuple[PointTried, ...]:
    """Lay out a design whose networks all do as well."""
    points = design_of(exploring, Family(), 0.1, np.random.default_rng(seed))
    values = [{name: point.value(name) for name in RANGES} for point in points]
    return tuple(PointTried(**each, time_step=0.05, loss=0.1, converged=True) for each in values)


def table_of(
    points: Sequence[PointTried], exploring: Exploring, score: Score, rng: np.random.Generator, *,
    chains: float = 0.01, units: float = 0.01, kinematic: float = 0.3,
) -> pd.DataFrame:  # fmt: skip
    """Return the rows of a surface: with a deviation a chain, and one a draw that all points share, but for a slope."""
    at = gamma_places([point.gamma for point in points], exploring)
    true = np.array([score(place, point) for place, point in zip(at, points, strict=True)])
    own = true[:, None] + chains * rng.standard_normal((len(points), CHAINS))
    # A recording's own departure from the truth, and those of its halves from it, as large.
    shared, slope = units * rng.standard_normal((2, DRAWS + 1))
    rows = []
    for draw in range(DRAWS):
        off = shared[-1] + shared[draw] + (slope[-1] + slope[draw]) * at
        rows += [(kind, np.nan, "", -1, -1, -1, draw, CEILING) for kind in ("ceiling", "reliability")]
        rows += [
            ("model", float(place), "x", chain, 0, -1, draw, own[place, chain] + off[place])
            for place in range(len(points))
            for chain in range(CHAINS)
        ]
        rows += [("within", float(place), "x", 0, 0, 1, draw, 0.4) for place in range(len(points))]
        rows += [("null:conditions", float(place), "x", draw % 2, 0, -1, draw, -1.0) for place in range(len(points))]
        rows += [("kinematic", np.nan, "", chain, 0, -1, draw, kinematic + off[0]) for chain in range(CHAINS)]
        rows.append(("within", np.nan, "", 0, 0, 1, draw, 0.4))
    columns = ["kind", "gamma", "network", "chain", "member", "partner", "resample", "score"]
    table = pd.DataFrame(rows, columns=columns).assign(metric="toy", note="")
    both = [table.assign(centring=centring) for centring in ("unit", "condition-mean")]
    return pd.concat(both, ignore_index=True)[list(COLUMNS)]


def exploration_of(
    score: Score, exploring: Exploring | None = None, *, seed: int = 0, unfinished: int = 0, **spread: float
) -> Exploration:
    """Explore a surface that is written down, by a design of which some points' chains do not agree."""
    exploring = exploring or Exploring(points=48)
    points = tried_of(exploring, seed)
    points = tuple(replace(point, converged=place >= unfinished) for place, point in enumerate(points))
    table = table_of(points, exploring, score, np.random.default_rng(seed), **spread)
    return explored([Scored("toy recording", table, SAMPLING)], points, exploring, metrics=[TOY], seed=seed)
