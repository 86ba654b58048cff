"""Seconds for all pairs of many populations, resampled, beside netrep's pairwise distances of the same matrices.

    python tests/benchmarks/all_pairs.py

netrep has to be importable. Both compute the in-sample angular Procrustes and CCA comparison in all dimensions, with
one thread, in turn. Two ways of resampling: "units" draws half of each population's units anew, as the ranking does, so
that nothing but a block of products changes from one resample to the next; "samples" draws conditions with replacement,
so that everything has to be computed again. Ours is timed on all resamples by units; where each resample costs the same
anew (netrep, and ours by samples) on a few, and extrapolated. netrep's whitening is cached where that is faster. Scores
of the two are checked against each other.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from neurocompare.metrics import CCA, Procrustes, pairwise
from neurocompare.metrics.pairwise import unit_subsets
from neurocompare.responses import Responses, make_responses

METRICS = {
    "procrustes": (Procrustes(dimensions=None, held_out=False), 1.0),
    "cca": (CCA(dimensions=None, held_out=False), 0.0),
}


def populations(count: int, units: int, conditions: int, times: int) -> list[Responses]:
    """Twenty latent signals that all share, seen by each through its own units, with noise."""
    rng = np.random.default_rng(0)
    latent = rng.normal(size=(conditions, times, 20)).cumsum(axis=1)
    return [
        make_responses(
            latent @ rng.normal(size=(20, units)) + 3 * rng.normal(size=(conditions, times, units)),
            condition=range(conditions),
            time=0.01 * np.arange(times),
        )
        for _ in range(count)
    ]


def redrawn(base: list[Responses], index: int) -> list[Responses]:
    """Conditions with replacement, the same for all populations."""
    drawn = np.random.default_rng([1, index]).integers(base[0].sizes["condition"], size=base[0].sizes["condition"])
    return [one.copy(data=one.values[drawn]) for one in base]


def ours(metric, base: list[Responses], way: str, resamples: int) -> np.ndarray:
    if way == "units":
        return pairwise(metric, base, resamples=resamples)
    return np.stack([pairwise(metric, redrawn(base, index)) for index in range(resamples)])


def matrices(base: list[Responses], way: str, index: int) -> list[np.ndarray]:
    if way == "units":
        chosen = unit_subsets(len(base), base[0].sizes["unit"], index + 1)[index]
        base = [one.isel(unit=own) for one, own in zip(base, chosen, strict=True)]
    else:
        base = redrawn(base, index)
    return [one.values.reshape(-1, one.sizes["unit"]) for one in base]


def peer(alpha: float, base: list[Responses], way: str, index: int, caching: bool) -> np.ndarray:
    from netrep.metrics import LinearMetric
    from netrep.multiset import pairwise_distances

    found = pairwise_distances(
        LinearMetric(alpha=alpha), matrices(base, way, index), verbose=False, enable_caching=caching
    )
    return np.cos(found)


def seconds(compute: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    start = time.perf_counter()
    found = compute()
    return time.perf_counter() - start, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--populations", type=int, default=32)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--conditions", type=int, default=25)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--resamples", type=int, default=100)
    parser.add_argument("--timed", type=int, default=2, help="resamples timed where the rest is extrapolated")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    base = populations(asked.populations, asked.units, asked.conditions, asked.times)
    print(f"{vars(asked)}: seconds for all resamples; netrep, and ours by samples, from {asked.timed} of them")
    totals: dict[str, list[tuple[float, float]]] = {}
    for way in ("units", "samples"):
        for name, (metric, alpha) in METRICS.items():
            for repeat in range(asked.repeats):
                done = asked.resamples if way == "units" else asked.timed
                taken, scores = seconds(lambda m=metric, w=way, n=done: ours(m, base, w, n))
                taken *= asked.resamples / done
                theirs = []
                for caching in (False, True) if alpha < 1 else (False,):
                    parts = [
                        seconds(lambda a=alpha, w=way, i=i, c=caching: peer(a, base, w, i, c))
                        for i in range(asked.timed)
                    ]
                    theirs.append(sum(part for part, _ in parts) * asked.resamples / asked.timed)
                    for (_, found), own in zip(parts, scores, strict=False):
                        apart = np.abs(found - own)[np.triu_indices(len(base), 1)].max()
                        assert apart < 1e-7, f"scores differ by {apart}"
                totals.setdefault(way, []).append((taken, min(theirs)))
                print(
                    f"{way:8} {name:11} repeat {repeat}: ours {taken:7.1f} s, netrep {min(theirs):7.1f} s, "
                    f"ratio {min(theirs) / taken:5.1f}",
                    flush=True,
                )
    for way, pairs in totals.items():
        both = np.array(pairs).reshape(len(METRICS), asked.repeats, 2).sum(axis=0)
        ratios = both[:, 1] / both[:, 0]
        print(f"{way}, both metrics: ratio {ratios.mean():.1f}, {ratios.min():.1f} to {ratios.max():.1f} over repeats")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
