"""Recordings from outside the family: is a gamma named for units that follow the movement, or for no structure at all?

Run with

    python tests/benchmarks/outside_family.py RUN [RECORDINGS] [DRAWS]

where RUN is the folder of a default `neurocompare run`, whose networks are ranked against synthetic sessions of 120
units and 20 trials a condition; "planted" are sessions of networks of RUN itself, as a contrast (their own chain is
among the candidates, which flatters them). Prints a row a recording and the counts of verdicts.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from neurocompare.experiments import synthetic_recording
from neurocompare.metrics import METRICS
from neurocompare.models import load_zoo
from neurocompare.ranking import compare, kinematic_candidates
from neurocompare.ranking.batches import candidates_of
from neurocompare.recordings import trials_of
from neurocompare.responses import Responses, make_responses
from neurocompare.tasks import Task, ideal_reach, load_task


def kinematic(task: Task, like: Responses, seed: int) -> Responses:
    """Units that follow the movement: other weights and lags than the baseline's own."""
    from neurocompare.ranking import Candidate

    (made,) = kinematic_candidates(task, [Candidate("", 0.0, 0, 0, like)], seed=1000 + seed)
    values = made.responses.values
    return made.responses.copy(data=np.tanh(values / (2 * values.std())))


def unstructured(task: Task, like: Responses, seed: int) -> Responses:
    """Units that each do something smooth of their own in every condition."""
    generator, time = np.random.default_rng(seed), task.targets["time"].values
    kernel = np.exp(-0.5 * (np.subtract.outer(time, time) / 0.1) ** 2)
    shape = (task.targets.sizes["condition"], len(time), like.sizes["unit"])
    kernel /= np.sqrt((kernel**2).sum(axis=1, keepdims=True))
    values = np.einsum("ts,csu->ctu", kernel, 0.5 * generator.standard_normal(shape))
    return make_responses(np.tanh(values), condition=task.targets["condition"].values, time=time)


def main(run: Path, recordings: int, draws: int) -> None:
    """Print what is said of each recording."""
    zoo, task, ideal = load_zoo(run / "zoo"), load_task(run / "task.nc"), ideal_reach(time_step=0.05, lead=0.1)
    candidates = candidates_of(zoo)
    networks = [one for one in candidates if one.gamma == 0.4]
    counts: dict[tuple[str, str], Counter] = {}
    for seed in range(recordings):
        like = candidates[0].responses
        planted = networks[seed % len(networks)].responses
        sources = {
            "kinematic": kinematic(ideal, like, seed),
            "unstructured": unstructured(ideal, like, seed),
            "planted": planted.assign_coords(condition=ideal.targets["condition"].values),
        }
        for kind, responses in sources.items():
            trials = trials_of(synthetic_recording(responses, task=ideal, seed=seed))
            with tempfile.TemporaryDirectory() as out:
                found = compare(
                    trials, candidates, METRICS, out, task=task, settings={}, recordings=[kind], fit={}, draws=draws,
                    seed=seed, jobs=1,
                )  # fmt: skip
            for one in found.metrics:
                counts.setdefault((kind, one.metric), Counter())[one.verdict] += 1
                named = f"{one.verdict:11s} best {one.best_gamma:<5g} {one.why}"
                print(f"{kind:13s} {seed:3d} {one.metric:12s} {named}", flush=True)
    for (kind, metric), verdicts in counts.items():
        print(f"{kind:13s} {metric:12s} {dict(verdicts)}", flush=True)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20, int(sys.argv[3]) if len(sys.argv) > 3 else 80
    )
