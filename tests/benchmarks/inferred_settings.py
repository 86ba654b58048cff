"""Are the settings that an exploration infers calibrated, and are outside populations told? Its own networks, recorded.

Run with

    python tests/benchmarks/inferred_settings.py FOLDER [--units 60 --trials 8] [--outside 50] [--fresh FOLDER]

where FOLDER is what `neurocompare run --explore --out FOLDER` left. Every network of the design is recorded twice as
the recording was, or with fewer units and trials, and its settings are inferred from the recordings of other points. A
line a setting: coverage of the 95 % interval, mean gain in log density over the prior, and for gamma the coverage by
what the posterior says (its median), the ranks of truths, and the median span of intervals in octaves. Then, of
populations that are no network of the family, how many are told: units that follow the movement; networks with a signal
that all conditions share, as large as their own; networks of which half of the units follow the movement; units that
have nothing to do with one another. With --fresh, recordings of the networks of another exploration of the same ranges
(another --seed) are inferred as well, of which nothing was learned at all. Intervals of shares take recordings as
independent, which the eight of a point are not quite.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from neurocompare.account import read_account
from neurocompare.models import Zoo, load_zoo
from neurocompare.parallel import one_thread
from neurocompare.ranking import Exploration, candidates_of
from neurocompare.ranking.exploration_sentence import DOUBTED
from neurocompare.ranking.inferred import Inference, inference_of, interval, median, posterior
from neurocompare.ranking.learned_statistics import Planted
from neurocompare.ranking.summary_statistics import summarise
from neurocompare.recordings import Trials
from neurocompare.records import load_record
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Exploring
from neurocompare.workflows.as_recorded import as_recorded, planted_points
from neurocompare.workflows.session import open_session

sys.path.insert(0, str(Path(__file__).parents[1]))

from outside_populations import outside
from shares import share

BINS = ((0.0, 0.1), (0.1, 0.4), (0.4, np.inf))


def smaller(trials: Trials, units: int | None, repeats: int | None) -> Trials:
    """Keep so many units, and so many trials of each condition."""
    counts = trials.counts
    if units is not None:
        counts = counts.isel(unit=np.random.default_rng(0).permutation(counts.sizes["unit"])[:units])
    if repeats is not None:
        labels = counts["condition"].values
        kept = np.concatenate([np.flatnonzero(labels == label)[:repeats] for label in np.unique(labels)])
        counts = counts.isel(trial=np.sort(kept))
    return Trials(counts, trials.conditions, trials.bin_width, trials.smoothing, source=trials.source)


def explored(out: Path) -> tuple[Exploration, list[Zoo]]:
    """Read what an exploration left."""
    folder = RunFolder(out).explored
    zoo = load_zoo(folder.zoo)
    listed = pd.read_csv(folder.path / "design.csv")["networks"]
    return load_record(Exploration, folder.exploration), [zoo.select(hash=names.split()) for names in listed]


def calibration(inference: Inference, recordings: Planted | None = None, truths: np.ndarray | None = None) -> None:
    """Print a line a setting, of the planted recordings left out or of others."""
    for k, (name, prior) in enumerate(inference.priors):
        if recordings is None:
            chances, true = inference.left_out(k), inference.truths[:, k]
        else:
            statistics, _ = inference.learned.from_all.apply(recordings)
            chances, true = posterior(prior, inference.laws[k], statistics[:, k]), truths[:, k]
        low, high = interval(prior, chances, inference.calibration[k][0]).T
        cell, held = prior.cell(true), (true >= low) & (true <= high)
        gain = np.log(np.maximum(chances[np.arange(len(cell)), cell], 1e-12) / prior.weights[cell])
        print(f"{name}: held {share(int(held.sum()), len(held))}, gain {gain.mean():.2f} nats")
        if name != "gamma":
            continue
        middle = median(prior, chances)
        # Down to the reservoir: half of the smallest gamma above 0 stands for it.
        floor = 0.5 * prior.values[prior.values > 0].min()
        octaves = np.log2(np.maximum(high, floor) / np.maximum(low, floor))
        for least, most in BINS:
            here = (middle >= least) & (middle < most)
            span = np.median(octaves[(true >= least) & (true < most)])
            held_here = share(int(held[here].sum()), int(here.sum()))
            print(f"  median in {least:g} to {most:g}: held {held_here}; truths there: span {span:.2f} octaves")
        below = chances.cumsum(axis=1)[np.arange(len(cell)), cell] - 0.5 * chances[np.arange(len(cell)), cell]
        print(f"  ranks in tenths: {np.histogram(below, 10, (0, 1))[0].tolist()}")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--units", type=int)
    parser.add_argument("--trials", type=int)
    parser.add_argument("--outside", type=int, default=50)
    parser.add_argument("--fresh", type=Path)
    asked = parser.parse_args()
    found, zoos = explored(asked.folder)
    settings = read_account(RunFolder(asked.folder).explored.path).settings
    exploring = settings.exploring or Exploring()
    session = open_session(settings.recording, settings.choices)
    trials = smaller(session.trials, asked.units, asked.trials)
    planted = planted_points(trials, list(map(candidates_of, zoos)), seed=settings.seed)
    inference = inference_of(planted, found.points, exploring)
    print(
        f"{len(inference.truths)} recordings of {len(found.points)} points, left out one part of the design at a time"
    )
    calibration(inference)
    odd = inference.learned.distances
    if asked.fresh is not None:
        others, networks = explored(asked.fresh)
        fresh = planted_points(trials, list(map(candidates_of, networks)), seed=settings.seed + 1)
        truths = np.array([[getattr(others.points[at], name) for name, _ in inference.priors] for at in fresh.point])
        print(f"{len(truths)} recordings of {len(others.points)} fresh points")
        calibration(inference, fresh, truths)
        distances = inference.learned.from_all.apply(fresh)[1]
        doubted = sum((1 + (odd >= each).sum()) / (1 + len(odd)) < DOUBTED for each in distances)
        print(f"  doubted: {share(int(doubted), len(distances))}")
    told: dict[str, int] = {}
    for number in range(asked.outside):
        rng = np.random.default_rng([8, number])
        network = candidates_of(zoos[int(rng.integers(len(zoos)))])[0]
        for kind, responses in outside(network, session.task, seed=number).items():
            seen = inference.of(summarise(as_recorded(responses, trials, rng=rng)))
            told[kind] = told.get(kind, 0) + (seen.odd < DOUBTED)
    for kind, count in told.items():
        print(f"outside the family, {kind}: told {share(int(count), asked.outside)}")


if __name__ == "__main__":
    with one_thread():
        main()
