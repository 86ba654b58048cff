"""How often is the truth named, and how often a gamma that is none? Four counts, each share with its Wilson interval.

Run with

    python tests/benchmarks/recovery_rates.py ZOO FOLDER [--runs 200] [--draws 80] [--jobs J] [--counts planted ...]

where ZOO is the folder of a default `neurocompare run` (or a zoo with its task), whose networks are ranked. RUNS is the
number of recordings a count; what is done is kept in FOLDER, and the same command continues, with more runs too.

- planted: networks of the default grid, recorded with 120 units and 15 trials a condition, and off the grid. RUNS in
  all on the grid, as many a gamma off it. With --grid-only nothing off it.
- kinematic: units that follow the movement. A "resolved" is false.
- unstructured: units that each do something smooth of their own in every condition. A "resolved" is false.
- unrelated: smooth populations of 100 units that have nothing to do with each other, in the place of recording and
  networks; the mean calibrated score should be 0. Units of one population mix the same few smooth courses, for
  without anything in common between its own halves a recording has no ceiling to calibrate by. How smooth they are,
  and around when they are active, is each population's own: to single units, populations of one law are not unrelated
  but alike. Rankings whose ceiling reaches down to a null have no calibrated score; the others are counted.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from neurocompare.metrics import METRICS
from neurocompare.models import load_zoo
from neurocompare.progress import display
from neurocompare.ranking import Candidate, kinematic_candidates
from neurocompare.ranking.batches import candidates_of
from neurocompare.recordings import trials_of
from neurocompare.responses import Responses, make_responses
from neurocompare.run_folder import networks_in
from neurocompare.settings import Planting, Scoring, Workers
from neurocompare.tasks import Task, ideal_reach
from neurocompare.workflows.recovery import recover
from neurocompare.workflows.recovery.rates import share
from neurocompare.workflows.recovery.recorder import DataSize, Recorder, built_in_reach
from neurocompare.workflows.recovery.runs import Ranked, Run, run_all
from neurocompare.workflows.synthetic import synthetic_recording
from neurocompare.workflows.zoo import task_of_zoo

UNITS, TRIALS = 120, 15
COUNTS = ("unrelated", "kinematic", "unstructured", "planted")
COURSES = 8
"""Smooth courses that the units of one unrelated population mix."""

SMOOTHNESS, ACTIVE = (0.04, 0.2), (0.1, 0.4)
"""S.d., in s, of the normal curves that smooth them and that say when they are active: each population has its own."""

LARGE = 0.4
"""Planted gammas from here on are to be named within a grid step in at least 95 % of runs."""


def kinematic(task: Task, units: int, seed: int) -> Responses:
    """Units that follow the movement, with other weights and lags than the baseline's own."""
    like = make_responses(np.zeros((2, 2, units)), condition=["a", "b"], time=[0.0, 1.0])
    (made,) = kinematic_candidates(task, [Candidate("", 0.0, 0, 0, like)], seed=1_000_000 + seed)
    values = made.responses.values
    return made.responses.copy(data=np.tanh(values / (2 * values.std())))


def unstructured(task: Task, units: int, seed: int) -> Responses:
    """Units that each do something smooth of their own in every condition."""
    return _responses(task, 0.5 * _smooth(task, units, np.random.default_rng([31, seed])))


def mixing(task: Task, units: int, seed: int) -> Responses:
    """Units that mix a few smooth courses, other ones for every seed, and are active around a time of their own."""
    generator, time = np.random.default_rng([32, seed]), task.targets["time"].values
    weights = generator.standard_normal((COURSES, units)) / np.sqrt(COURSES)
    courses = _smooth(task, COURSES, generator, generator.uniform(*SMOOTHNESS))
    when, spread = generator.uniform(time[0], time[-1]), generator.uniform(*ACTIVE)
    active = np.exp(-0.5 * ((time - when) / spread) ** 2)
    return _responses(task, active[:, None] * (courses @ weights))


def _smooth(task: Task, count: int, generator: np.random.Generator, width: float = 0.1) -> np.ndarray:
    """Return smooth courses of unit variance, shape (condition, time, course)."""
    time = task.targets["time"].values
    kernel = np.exp(-0.5 * (np.subtract.outer(time, time) / width) ** 2)
    kernel /= np.sqrt((kernel**2).sum(axis=1, keepdims=True))
    noise = generator.standard_normal((task.targets.sizes["condition"], len(time), count))
    return np.einsum("ts,csu->ctu", kernel, noise)


def _responses(task: Task, values: np.ndarray) -> Responses:
    conditions, time = (task.targets[dim].values for dim in ("condition", "time"))
    return make_responses(np.tanh(values), condition=conditions, time=time, source="no network")


def runs_of(kind: str, make: Callable[..., Responses], size: DataSize, count: int) -> list[Run]:
    """Plan recordings without a true gamma."""
    labels = {"kind": kind, "gamma": np.nan, "network": "", "chain": -1, "size": 1.0}
    return [Run({**labels, "run": seed}, partial(make, seed=seed), size, seed) for seed in range(count)]


def planted(zoo: Path, folder: Path, count: int, draws: int, jobs: int | None, *, grid_only: bool) -> None:
    """Print what is said of planted gammas."""
    gammas = load_zoo(networks_in(Path(zoo))).gammas
    each = max(1, round(count / len(gammas)))
    planting = Planting(
        runs=each, sizes=(1.0,), planted=gammas if grid_only else (), chains=8, members=2, units=UNITS, trials=TRIALS,
    )  # fmt: skip
    with display() as hook:
        found = recover(
            "synthetic", zoo=zoo, out=folder / "planted", planting=planting, scoring=Scoring(resamples=draws),
            workers=Workers(jobs), progress=hook,
        )  # fmt: skip
    outcomes = pd.read_csv(folder / "planted" / "recovery.csv")
    print(f"planted: {found.independent_chains} independent networks a gamma, {each} runs each", flush=True)
    for name, metric in found.metrics.items():
        here = metric.sizes[0]
        grid = outcomes[(outcomes["kind"] == "grid") & (outcomes["metric"] == name) & (outcomes["centring"] == "unit")]
        large = share(grid.loc[grid["gamma"] >= LARGE, "steps"] <= 1)
        print(f"{name}\n  within a step, gamma >= {LARGE:g}: {large}; all: {here.within_step}")
        print(
            f"  intervals hold the truth: {here.coverage}; in ceiling: the recorded network "
            f"{here.own_in_ceiling}, others of its gamma {here.in_ceiling}"
        )
        for row in (*here.by_gamma, *here.between):
            print(f"    gamma {row.gamma:<10.3g} within {row.within_step}; holds {row.coverage}")


def outside(kind: str, zoo: Path, folder: Path, count: int, draws: int, jobs: int | None) -> None:
    """Print how often a gamma is named for recordings that have none."""
    make = {"kinematic": kinematic, "unstructured": unstructured}[kind]
    networks = load_zoo(networks_in(Path(zoo)))
    task = task_of_zoo(networks)
    ranked = Ranked(candidates_of(networks), task, METRICS, draws)
    units = networks.cards[0].n_units
    recorder = _recorder(task, units)
    size = DataSize(1.0, UNITS, (TRIALS,) * task.inputs.sizes["condition"])
    with display() as hook:
        found = run_all(
            runs_of(kind, partial(make, task, units), size, count), recorder, ranked, folder / kind,
            workers=Workers(jobs), progress=lambda done, total: hook("runs", done, total),
        )  # fmt: skip
    for name, rows in found[found["centring"] == "unit"].groupby("metric", sort=False):
        counts = rows["verdict"].value_counts().to_dict()
        print(
            f"{kind:13s} {name:12s} false resolved {share(rows['verdict'] == 'resolved')}; own other units "
            f"in ceiling {share(rows['own_in_ceiling'])}; {counts}",
            flush=True,
        )


def unrelated(zoo: Path, folder: Path, count: int, draws: int, jobs: int | None) -> None:
    """Print calibrated scores of populations that have nothing to do with each other."""
    task = task_of_zoo(load_zoo(networks_in(Path(zoo))))
    recorder = _recorder(task, 100)
    networks = tuple(
        Candidate(f"unrelated-{place}-{chain}", gamma, chain, 0, mixing(task, 100, 500_000 + 2 * place + chain))
        for place, gamma in enumerate((0.1, 0.2, 0.4, 0.8))
        for chain in (0, 1)
    )
    ranked = Ranked(networks, task, METRICS, draws)
    size = DataSize(1.0, 100, (TRIALS,) * task.inputs.sizes["condition"])
    with display() as hook:
        found = run_all(
            runs_of("unrelated", partial(mixing, task, 100), size, count), recorder, ranked, folder / "unrelated",
            workers=Workers(jobs), progress=lambda done, total: hook("runs", done, total),
        )  # fmt: skip
    for (name, centring), rows in found.groupby(["metric", "centring"], sort=False):
        scores = rows["calibrated"].dropna()
        error = scores.std() / np.sqrt(max(1, len(scores)))
        print(
            f"unrelated     {name:12s} {centring:14s} calibrated {scores.mean():+.3f} (s.e. {error:.3f}), "
            f"{len(scores)} of {len(rows)} on a scale"
        )


def _recorder(task: Task, units: int) -> Recorder:
    """Record as the built-in session is recorded; a first session gives its times and conditions."""
    reach = ideal_reach(directions=task.inputs.sizes["condition"], time_step=task.time_step, lag=0.1)
    first = unstructured(reach, units, 900_000)
    trials = trials_of(synthetic_recording(first, task=reach, n_units=min(UNITS, units), trials=TRIALS))
    return Recorder(trials, built_in_reach(task, trials, lag=0.1))


def main() -> None:
    """Print the counts that are asked for, the quickest first."""
    parser = argparse.ArgumentParser()
    parser.add_argument("zoo", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--draws", type=int, default=80, help="resamples in every ranking, as in neurocompare recover")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--counts", nargs="+", choices=COUNTS, default=COUNTS)
    parser.add_argument("--grid-only", action="store_true")
    asked = parser.parse_args()
    where = asked.zoo, asked.folder, asked.runs, asked.draws, asked.jobs
    for count in asked.counts:
        if count == "unrelated":
            unrelated(*where)
        elif count == "planted":
            planted(*where, grid_only=asked.grid_only)
        else:
            outside(count, *where)


if __name__ == "__main__":
    main()
