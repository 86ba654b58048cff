"""How often does an exploration's interval hold the best gamma, and is one named where none is better?

Run with

    python tests/benchmarks/explored_surfaces.py [TABLES]

which explores score tables of surfaces that are written down (64 points, six factors, two chains a point, errors of
units and trials that all points share) and prints shares with their 95 % intervals (Clopper & Pearson). A peak is a
parabola along gamma whose place moves with tau; flat is a surface on which gamma does not matter, though the other
settings do.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from neurocompare.parallel import one_thread
from neurocompare.ranking.explored import gamma_grid, gamma_places
from neurocompare.settings import Exploring

sys.path.insert(0, str(Path(__file__).parents[1]))

from explorations import exploration_of
from shares import share

EXPLORING = Exploring()


def settings_score(point, at: np.ndarray) -> float:
    """Fall off from the best of three settings."""
    off = np.array([(point.g - 0.8) / 1.2, np.log(point.tau / 0.05) / np.log(6), (point.input_scale - 0.5) / 1.5]) - at
    return float(0.8 - off**2 @ np.array([0.2, 0.1, 0.05]))


def peak(top: float, at: np.ndarray):
    """A score whose best gamma is at `top` for the best tau, and elsewhere for another."""

    def score(place, point):
        tilt = 0.2 * (place - top) * (np.log(point.tau / 0.05) / np.log(6) - at[1])
        return settings_score(point, at) - 0.5 * (place - top) ** 2 + tilt

    return score


def main(tables: int) -> None:
    """Print a line a case."""
    grid = np.array(gamma_grid(EXPLORING))
    places = gamma_places(grid, EXPLORING)
    for chains in (0.01, 0.05):
        held, within, widths, verdicts = 0, 0, [], []
        for seed in range(tables):
            rng = np.random.default_rng([seed, round(1000 * chains)])
            top, at = rng.uniform(0.1, 0.9), rng.uniform(0.2, 0.8, 3)
            ranking = exploration_of(peak(top, at), EXPLORING, seed=seed, chains=chains).metrics["toy"].ranking
            truth = EXPLORING.gamma[0] * np.expm1(top * np.log1p(EXPLORING.gamma[1] / EXPLORING.gamma[0]))
            nearest = grid[np.abs(places - top).argmin()]
            bounds = ranking.bounds
            held += ranking.holds(truth)
            within += (bounds.low or 0) <= nearest <= (np.inf if bounds.high is None else bounds.high)
            low, high = gamma_places(ranking.gamma_interval, EXPLORING)
            widths.append(high - low)
            verdicts.append(ranking.verdict)
        named = {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))}
        print(f"peak, chains differ by {chains}: interval holds it in {share(held, tables)}", end=", ")
        print(
            f"bounds in {share(within, tables)}, median width {np.median(widths):.2f} of the axis, {named}", flush=True
        )
    said = 0
    for seed in range(tables):
        at = np.random.default_rng(seed).uniform(0.2, 0.8, 3)
        found = exploration_of(lambda _, point, at=at: settings_score(point, at), EXPLORING, seed=seed, chains=0.02)
        said += found.metrics["toy"].ranking.verdict != "tied"
    print(f"flat: a gamma is named or bounded in {share(said, tables)}", flush=True)


if __name__ == "__main__":
    with one_thread():
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
