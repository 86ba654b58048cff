"""Hours for a converged zoo of a large reach: 27 conditions of 35 steps, 1000 units, six gammas (the first is 0).

    python tests/benchmarks/large_zoo.py [--folder large-zoo] [--gammas 0.1 0.2 0.4 0.8 1.6] [--jobs 2]

The same command again continues in the folder, and its clock counts what was left. Of another size, or one that does
not fit: `--directions 108 --max-samples 2000` thins the task as `neurocompare zoo --max-samples` does, and says how.
"""

from __future__ import annotations

import argparse
import time

from neurocompare.models.zoo import make_zoo
from neurocompare.models.zoo_plan import ZooPlan
from neurocompare.settings import Family, Workers
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.tasks.thinning import thin_task


def main() -> None:
    """Print a row a gamma."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default="large-zoo")
    parser.add_argument("--gammas", type=float, nargs="+", default=[0.1, 0.2, 0.4, 0.8, 1.6])
    parser.add_argument("--directions", type=int, default=27)
    parser.add_argument("--steps", type=int, default=35, help="of the task, in its 0.95 s")
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--max-samples", type=int, help="thin the task to so many")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    family = Family(n_units=options.units)
    task = ideal_reach(directions=options.directions, time_step=0.95 / (options.steps - 1))
    if options.max_samples:
        task = thin_task(task, max_samples=options.max_samples, max_step=family.tau / 2)
    print(*task.notes, f"M = {task.n_samples}, N = {family.n_units}", sep="\n", flush=True)
    begin = time.perf_counter()
    for gamma in options.gammas:
        before = time.perf_counter()
        zoo = make_zoo(task, family, options.folder, ZooPlan((gamma,)), workers=Workers(options).jobs)
        wall = time.perf_counter() - before
        said = "converged" if all(card.result.converged for card in zoo.cards) else zoo.cards[0].result.why
        segments = max(card.result.segments for card in zoo.cards)
        print(f"gamma {gamma:g}: {wall / 60:.1f} min, {segments} segments, {said}", *zoo.notes, sep="\n", flush=True)
    print(f"in all {(time.perf_counter() - begin) / 3600:.2f} h of wall clock, {options.jobs} processes")


if __name__ == "__main__":
    main()
