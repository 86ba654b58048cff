"""How often is a gamma named that is no better than the others? Score tables of which the truth is known.

Run with

    python tests/benchmarks/false_names.py [TABLES]

which prints, for each kind of table, the share of verdicts and its 95 % interval (Clopper & Pearson): of two networks
of each of two chains at a gamma, and of four chains.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.metric_ranking import rank_metric
from neurocompare.ranking.score import COLUMNS

sys.path.insert(0, str(Path(__file__).parents[1]))

from ranking.test_false_names import DRAWS, GRID, UNITS, scores
from shares import percentage

METRIC = SimpleNamespace(name="toy", range=None)
SAMPLING = Sampling(UNITS, UNITS // 2, (20, 20), (10, 10))
LAYOUTS = ((2, 2), (4, 1))
"""Chains at a gamma, and networks of each."""

FLAT = np.full(8, 0.6)
PLACES = np.log2(np.maximum(GRID, 0.018))


def peak(truth: float, depth: float) -> np.ndarray:
    """Scores that fall off as a parabola in log gamma, to at most nine times `depth`."""
    return 0.8 - depth * np.minimum((PLACES - np.log2(truth)) ** 2, 9)


CASES = {
    "flat, as recordings are": (FLAT, {}),
    "flat, small recording": (FLAT, {"units": 0.3}),
    "flat, networks differ only": (FLAT, {"units": 0.001, "noise": 0.001}),
    "flat, chains alike": (FLAT, {"chains": 1e-4, "members": 1e-4}),
    "flat, reservoirs differ ten times as much": (FLAT, {"units": 0.01, "chains": np.geomspace(0.04, 0.004, 8)}),
    "flat, one gamma's chains differ ten times": (FLAT, {"units": 0.01, "chains": np.array([0.05] + [0.005] * 7)}),
    "flat, one gamma's chains are in two states": (FLAT, {"units": 0.01, "states": np.array([0.0] * 7 + [0.05])}),
    "peak at 0.4, ends lower by 0.09": (peak(0.4, 0.01), {}),
    "peak at 0.4, ends lower by 0.18": (peak(0.4, 0.02), {}),
    "peak at 0.55, ends lower by 0.13": (peak(0.55, 0.02), {}),
    "peak at 0.1, ends lower by 0.12": (peak(0.1, 0.02), {}),
    "peak at 0.4, those of 3.2 in two states": (peak(0.4, 0.01), {"states": np.array([0.0] * 7 + [0.05])}),
}


def table_of(values: np.ndarray, layout: tuple[int, int]) -> pd.DataFrame:
    """Lay scores (draw, gamma, network) out as a score table whose nulls are beaten."""
    rows, networks = [], list(np.ndindex(*layout))
    for r in range(DRAWS):
        rows.append(("ceiling", "toy", "unit", np.nan, "", -1, -1, -1, r, 2.0, ""))
        for i, gamma in enumerate(GRID):
            rows += [
                ("model", "toy", "unit", gamma, "x", *pair, -1, r, values[r, i, k], "")
                for k, pair in enumerate(networks)
            ]
            rows.append(("null:conditions", "toy", "unit", gamma, "x", *networks[r % 4], -1, r, -1.0, ""))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def main(tables: int) -> None:
    """Print a row a case."""
    for layout, (name, (mean, spread)) in product(LAYOUTS, CASES.items()):
        generator, found = np.random.default_rng(1), []
        for _ in range(tables):
            table = table_of(scores(generator, mean, **spread, layout=layout), layout)
            found.append(rank_metric(table, METRIC, "unit", sampling=SAMPLING))
        counts = {kind: sum(one.verdict == kind for one in found) for kind in ("resolved", "edge")}
        line = ", ".join(f"{kind} {percentage(count, tables)}" for kind, count in counts.items())
        if name.startswith("peak"):
            truth = float(name.split()[2].rstrip(","))
            inside = sum(one.gamma_interval[0] <= truth <= one.gamma_interval[1] for one in found)
            line += f", interval holds the truth in {percentage(inside, tables)}"
        print(f"{layout[0]} x {layout[1]}, {name:44s} {line}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
