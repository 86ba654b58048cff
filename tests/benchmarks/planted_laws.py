"""What adjusting scores does to each metric: laws of networks that are the more alike the larger gamma, one planted.

    python tests/benchmarks/planted_laws.py --metrics procrustes,cca,cka,single_unit --runs 20

A network of a gamma has smooth latent courses: a share of them that all networks of it have, in a direction that turns
with gamma, and a rest of its own. Units mix them at random. One network is recorded, others are ranked, in halves of
its units. Printed, by planted gamma: how many grid steps the best gamma and the peak of the curve lie above the truth,
how often the interval holds it, and how wide it is; by plain scores, and by adjusted ones of the same table.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from neurocompare.metrics import centre, get_metric
from neurocompare.metrics.metric import Metric
from neurocompare.ranking.draws import Sampling
from neurocompare.ranking.metric_ranking import rank_metric
from neurocompare.ranking.score import COLUMNS, WITHIN, partners
from neurocompare.responses import make_responses

GRID = np.array([0.1, 0.2, 0.4, 0.8, 1.6, 3.2])
ALIKE = np.array([0.35, 0.45, 0.55, 0.7, 0.8, 0.93])
"""Root of the share of variance that networks of each gamma have in common."""
TURNED = 0.35 * np.arange(6)
CONDITIONS, BINS, LATENTS = 6, 12, 6
UNITS, DRAWS = 32, 12
LABELS = {"condition": [f"c{place}" for place in range(CONDITIONS)], "time": 0.02 * np.arange(BINS)}


def smooth(generator: np.random.Generator, count: int) -> np.ndarray:
    """Courses of unit variance, shape (condition, time, count)."""
    kernel = np.exp(-0.5 * (np.arange(-4, 5) / 2) ** 2)
    white = generator.standard_normal((CONDITIONS, BINS + 8, count))
    courses = np.apply_along_axis(lambda course: np.convolve(course, kernel, "valid"), 1, white)
    return courses / np.sqrt((kernel**2).sum())


SHARED = [smooth(np.random.default_rng(place), LATENTS) for place in (1, 2)]


def network(generator: np.random.Generator, place: int) -> np.ndarray:
    """Latent courses of one network of a gamma."""
    common = np.cos(TURNED[place]) * SHARED[0] + np.sin(TURNED[place]) * SHARED[1]
    return ALIKE[place] * common + np.sqrt(1 - ALIKE[place] ** 2) * smooth(generator, LATENTS)


def units_of(generator: np.random.Generator, latents: np.ndarray, count: int) -> np.ndarray:
    """Mix latents into units, with some smooth activity of each unit's own."""
    return latents @ generator.standard_normal((LATENTS, count)) + 0.5 * smooth(generator, count)


def table_of(metric: Metric, generator: np.random.Generator, truth: int, chains: int) -> pd.DataFrame:
    """Score networks against halves of a recorded one, as a run does: the rows of one metric."""
    recorded = units_of(generator, network(generator, truth), UNITS)
    networks = [[network(generator, place) for _ in range(chains)] for place in range(len(GRID))]
    pairs = [(one[0], other[0]) for one, other in partners([(chain, 0) for chain in range(chains)])]
    rows = []
    for draw in range(DRAWS):
        order = generator.permutation(UNITS)
        halves = [
            metric.prepare(centre(make_responses(recorded[:, :, np.sort(half)], **LABELS)))
            for half in (order[: UNITS // 2], order[UNITS // 2 :])
        ]

        def add(kind: str, gamma: float, chain: int, partner: int, score: float, draw: int = draw) -> None:
            rows.append((kind, metric.name, "unit", gamma, "", chain, 0, partner, draw, score, ""))

        add("ceiling", np.nan, -1, -1, metric.compare(*halves))
        for gamma, group in zip(GRID, networks, strict=True):
            seen = [
                metric.prepare(centre(make_responses(units_of(generator, one, UNITS // 2), **LABELS))) for one in group
            ]
            for chain, view in enumerate(seen):
                add("model", gamma, chain, -1, metric.compare(halves[0], view))
            for one, other in pairs:
                add(WITHIN, gamma, one, other, metric.compare(seen[one], seen[other]))
            add("null:conditions", gamma, 0, -1, -1.0)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def main() -> None:
    """Print a table a metric."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--metrics", default="procrustes,cca,cka,single_unit")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--chains", type=int, default=4)
    options = parser.parse_args()
    sampling = Sampling(UNITS, UNITS // 2, (1, 1), (1, 1))
    for name in options.metrics.split(","):
        metric, rows = get_metric(name), []
        for run in range(options.runs):
            for truth in (1, 2, 3):
                table = table_of(metric, np.random.default_rng([7, run, truth]), truth, options.chains)
                for kind, chosen in (("plain", table[table["kind"] != WITHIN]), ("adjusted", table)):
                    found = rank_metric(chosen, metric, "unit", sampling=sampling)
                    best, (low, high) = found.answer
                    steps = np.log2([best / GRID[truth], found.gamma_star / GRID[truth], high / low])
                    rows.append((GRID[truth], kind, *steps, found.holds(GRID[truth])))
        columns = ["planted", "scores", "best off", "peak off", "width", "holds"]
        found = pd.DataFrame(rows, columns=columns).groupby(["planted", "scores"])
        shown = found.agg({"best off": "mean", "peak off": ["mean", "sem"], "width": "median", "holds": "mean"})
        print(f"{name}\n{shown.round(2).to_string()}\n", flush=True)


if __name__ == "__main__":
    main()
