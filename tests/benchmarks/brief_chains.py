"""Whether networks of brief chains follow the law of long ones: the lengths of the default, tried.

At each gamma, for the task of the built-in recording: networks as a zoo makes them, of four chains a seed that go on
until `diagnose` says that they are worth their networks, against the second halves of a few chains that are many times
as long. Of every observable the mean over brief chains, each at its network, less the mean of the long ones, in their
common standard error; and the largest share of a network's own spread that such a difference could hide (two errors).
Then how long chains were, and which states networks are in: the distances of their kernels, the smallest and largest
of two of one seed. Run with

    python tests/benchmarks/brief_chains.py FOLDER [--gammas 0.4 1.6 3.2] [--seeds 8] [--long 640] [--jobs 2]

where FOLDER keeps all networks: a second call goes on.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np

from neurocompare.models import Draw, Family, Sampling, Zoo, ZooPlan, make_zoo
from neurocompare.models.diagnosis import effective_samples
from neurocompare.models.observables import OBSERVABLES
from neurocompare.models.states import activity_of, distance, unit_kernel
from neurocompare.parallel import Workers
from neurocompare.recordings import open_recording
from neurocompare.tasks import reach_task


def distances(zoo: Zoo) -> list[float]:
    """Return how far the kernels of all pairs of networks are apart."""
    kernels = [unit_kernel(activity_of(zoo.folder, card)) for card in zoo.cards]
    return [distance(*pair) for pair in itertools.combinations(kernels, 2)]


def compared(gamma: float, brief: Zoo, long: Zoo) -> None:
    """Print what networks of brief chains differ by."""
    at = np.array([card.result.trace[-1] for card in brief.cards])
    traces = np.stack([np.array(card.result.trace) for card in long.cards])
    halves = traces[:, traces.shape[1] // 2 :]
    print(f"gamma {gamma:g}: {len(at)} brief chains, {len(traces)} of {traces.shape[1]} samples")
    for k, name in enumerate(OBSERVABLES):
        draws = halves[:, :, k]
        effective = effective_samples(draws)
        spread = draws.std()
        error = np.hypot(at[:, k].std(ddof=1) / np.sqrt(len(at)), spread / np.sqrt(effective))
        off = at[:, k].mean() - draws.mean()
        print(
            f"  {name:20} {at[:, k].mean():9.4f} +- {at[:, k].std(ddof=1):.4f}, long {draws.mean():9.4f} +- "
            f"{spread:.4f} ({effective:.0f} effective): {off / error:+.1f} errors, hidden {2 * error / spread:.2f} sd"
        )
    results = [card.result for card in brief.cards]
    gradients = [result.gradients for result in results]
    segments = np.bincount([result.segments for result in results])[1:]
    print(
        f"  gradients of a chain {np.mean(gradients):.0f} (long {long.cards[0].result.gradients}), segments 1, 2, ...: "
        f"{segments.tolist()}, converged {sum(result.converged for result in results)} of {len(results)}"
    )
    for seed in sorted({card.seed for card in brief.cards}):
        own = distances(brief.select(seed=seed))
        print(f"  seed {seed}: kernels {min(own):.3f} to {max(own):.3f} apart, {max(own) / min(own):.1f} times as far")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gammas", type=float, nargs="+", default=[0.4, 1.6, 3.2])
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--long", type=int, default=640)
    parser.add_argument("--chains", type=int, default=2, help="Long ones.")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    task, workers = reach_task(open_recording("synthetic")), Workers(asked.jobs)
    for gamma in asked.gammas:
        plan = ZooPlan((gamma,), seeds=tuple(range(asked.seeds)))
        brief = make_zoo(task, Family(), asked.folder, plan, workers=workers)
        whole = Draw(Sampling(trajectories=asked.long, segments=1))
        long = make_zoo(
            task,
            Family(),
            asked.folder / "long",
            ZooPlan((gamma,), seeds=(1000,), sampler=whole, chains=asked.chains),
            workers=workers,
        )
        compared(gamma, brief, long)


if __name__ == "__main__":
    main()
