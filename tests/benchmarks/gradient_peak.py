"""What share of the machine's peak the gradients of chains reach, on one core, at several numbers of units.

The peak is what numpy's product of two float32 matrices of 1024 x 1024 reaches, timed in turn with the gradients; both
by processor time, the quickest of several. Counted are the products of matrices in the gradient of the currents
(`CurrentPosterior`), 7 M^2 N operations of M samples and N units, a seventh of them in float64, at half the speed. Run
with

    python tests/benchmarks/gradient_peak.py [--units 400 1000 4000]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from neurocompare.models.currents import CurrentPosterior
from neurocompare.settings import Family
from neurocompare.tasks import ideal_reach

SIZE, ROUNDS = 1024, 12


def seconds(compute: Callable[[], object]) -> float:
    start = time.process_time()
    compute()
    return time.process_time() - start


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, nargs="+", default=[400, 1000, 4000])
    options = parser.parse_args()
    torch.set_num_threads(1)
    task = ideal_reach()
    generator = torch.Generator().manual_seed(0)
    square = np.ones((SIZE, SIZE), dtype=np.float32)
    print("| units | ms a gradient | GFLOP/s | peak GFLOP/s | share |", "|---" * 5 + "|", sep="\n")
    for units in options.units:
        posterior = CurrentPosterior(task, Family(n_units=units), 0.4)
        state = torch.randn(posterior.dimension, generator=generator, dtype=torch.float64)
        slope = posterior.gradient(state)
        pairs = [
            (seconds(lambda p=posterior, s=state, g=slope: p.gradient(s, out=g)), seconds(lambda: square @ square))
            for _ in range(ROUNDS)
        ]
        gradient, product = (min(each) for each in zip(*pairs, strict=True))
        reached, peak = 7 * task.n_samples**2 * units / gradient / 1e9, 2 * SIZE**3 / product / 1e9
        print(
            f"| {units} | {1000 * gradient:.2f} | {reached:.0f} | {peak:.0f} | {100 * reached / peak:.0f} % |",
            flush=True,
        )


if __name__ == "__main__":
    main()
