"""Peak memory of drawing large networks: a short chain, its states kept, and a network drawn from each.

The peak does not depend on how long the chain is. Run with

    python tests/benchmarks/draw_memory.py --units 4000 --samples 1000
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time

from neurocompare.models import Draw, Family, Sampling, ZooPlan, make_zoo
from neurocompare.models.memory import draw_bytes
from neurocompare.settings import Workers
from neurocompare.tasks import ideal_reach


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=4000)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--leapfrogs", type=int, default=2)
    options = parser.parse_args()
    times = 50
    task = ideal_reach(directions=options.samples // times, time_step=0.019, reaction_time=0.25, duration=0.35)
    task_samples = task.n_samples
    sampling = Sampling(ramp=1, adaptation=2, trajectories=8, segments=1, max_leapfrogs=options.leapfrogs)
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        plan = ZooPlan((0.0, 0.4), sampler=Draw(sampling), chains=2)
        make_zoo(task, Family(n_units=options.units), folder, plan, workers=Workers(1))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(
        f"N = {options.units}, M = {task_samples}: peak {peak:.2f} GB, "
        f"planned for {draw_bytes(task_samples, options.units) / 1e9:.2f} GB, {time.perf_counter() - begun:.0f} s"
    )


if __name__ == "__main__":
    main()
