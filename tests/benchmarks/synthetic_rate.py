"""How often does a session like `synthetic` resolve gamma? Others of its kind, ranked as `run` does.

Run with

    python tests/benchmarks/synthetic_rate.py RUN FOLDER [--seeds 1-11] [--sizes 160x30 120x20]

where RUN is the folder of a default `neurocompare run`, whose networks are ranked with the default metrics and 80
resamples. A seed plants a network of gamma 0.2, default family and ideal reach, and records it; a size is units x
trials a condition. Planted networks and rankings are kept in FOLDER, and the same command continues. It takes minutes a
ranking.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from threadpoolctl import threadpool_limits

from neurocompare.metrics import METRICS
from neurocompare.models import Family, Zoo, load_zoo
from neurocompare.ranking import compare
from neurocompare.ranking.axis import Context
from neurocompare.ranking.batches import candidates_of
from neurocompare.recordings import trials_of
from neurocompare.responses import Responses, load_responses, save_responses
from neurocompare.run_folder import networks_in
from neurocompare.settings import Workers
from neurocompare.tasks import ideal_reach
from neurocompare.workflows.planted import planted_responses
from neurocompare.workflows.recovery.rates import share
from neurocompare.workflows.synthetic import synthetic_recording
from neurocompare.workflows.zoo import task_of_zoo

GAMMA = 0.2


def planted(seed: int, folder: Path) -> Responses:
    """Draw the network of a seed, or read it where it was drawn before."""
    path = folder / "planted" / f"{seed}.nc"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        save_responses(planted_responses(ideal_reach(), Family(), GAMMA, seed=seed), path)
    return load_responses(path)


def verdicts(zoo: Zoo, seed: int, units: int, trials: int, folder: Path) -> dict[str, str]:
    """Rank one session; the verdict of each metric."""
    out = folder / f"{seed}-{units}x{trials}"
    if not (out / "ranking.json").exists():
        session = synthetic_recording(
            planted(seed, folder), task=ideal_reach(), n_units=units, trials=trials, seed=seed
        )
        with threadpool_limits(1):
            compare(
                trials_of(session), candidates_of(zoo), METRICS, out, task=task_of_zoo(zoo),
                context=Context(["synthetic"], planted_gamma=GAMMA, fit=zoo.fit()), workers=Workers(1),
            )  # fmt: skip
    ranked = json.loads((out / "ranking.json").read_text())["metrics"]
    return {name: found["verdict"] for name, found in ranked.items()}


def main() -> None:
    """Print a line a ranking, and the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", default="1-11", help="from and up to, the last not included")
    parser.add_argument("--sizes", nargs="+", default=["160x30"])
    asked = parser.parse_args()
    zoo = load_zoo(networks_in(Path(asked.run)))
    resolved: dict[str, list[int]] = {size: [] for size in asked.sizes}
    for seed in range(*map(int, asked.seeds.split("-"))):
        for size in asked.sizes:
            units, trials = map(int, size.split("x"))
            found = verdicts(zoo, seed, units, trials, asked.folder)
            resolved[size].append(list(found.values()).count("resolved"))
            print(
                f"seed {seed}, {size}: {', '.join(f'{name} {verdict}' for name, verdict in found.items())}", flush=True
            )
    for size, counts in resolved.items():
        print(f"{size}: resolved by two metrics or more {share([count >= 2 for count in counts])}")


if __name__ == "__main__":
    main()
