"""Seconds to a converged zoo: drawn by Hamiltonian Monte Carlo, against trained by Langevin dynamics.

    python tests/benchmarks/draw_against_langevin.py [--task oscillation] [--units 400] [--gammas 0.1 0.2 0.5 1 1.5]
        [--networks 4] [--steps 40000] [--jobs 2]

Both sides run here, one after the other, in the same worker processes of one thread each, started before the clock.

- draw: two chains a gamma, judged and gone on with until they are long enough, as `make_zoo` does; each gives half
  of the networks. Seconds are from the order to the networks on disk.
- Langevin: every network is a run of its own, from random weights with a warm-up. At each record the trailing mean,
  over the second half of the run so far, of E[L], tr C and participation ratio is averaged over the networks of a
  gamma. Langevin has arrived at the first record from which on all three stay within the bound of the drawn means: 3 %,
  or two standard errors of the drawn means where those are more. Seconds are those of the runs up to there, over the
  processes.

What has not arrived within the steps is said, with how far off it was, and the ratio is a lower bound; where the drawn
chains have not converged either, their bound is loose and the ratio means little, which is said too. A gamma's spread
is that of its networks, each judged alone by the same bound. `relax` is the length of a run up to its arrival, in units
of what a weight that the task does not touch takes to forget: below about one, averages agree but networks still
remember where they started.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from neurocompare.models.card_file import load_card
from neurocompare.models.diagnosis import effective_samples
from neurocompare.models.job import Job
from neurocompare.models.langevin import HISTORY, train
from neurocompare.models.observables import OBSERVABLES
from neurocompare.models.rounds import draw_chains
from neurocompare.models.samplers import Draw
from neurocompare.models.tally import Tally
from neurocompare.models.training import Training
from neurocompare.parallel import Workers, spread
from neurocompare.settings import Family
from neurocompare.tasks.oscillation import oscillation
from neurocompare.tasks.task import Task, make_task

QUANTITIES = ("expected_loss", "activity", "participation_ratio")
WORDS = ("E[L]", "tr C", "PR")
BOUND = 0.03
"""Least relative difference of means that counts."""

CHAINS = 2


def reach() -> Task:
    """Six directions, 25 samples: a hold cue with the direction until go, then a bump of velocity."""
    directions, samples, go = 6, 25, 8
    angle, sample = 2 * np.pi * np.arange(directions) / directions, np.arange(samples)
    hold = ((sample >= 2) & (sample < go)).astype(float)
    code = np.stack([np.cos(angle), np.sin(angle), np.ones(directions)], axis=1)
    speed = np.exp(-0.5 * ((sample - (go + 8)) / 3.5) ** 2) * (sample > 0)  # networks start at rest
    coords = {"condition": np.arange(directions), "time": np.round(0.02 * sample, 9)}
    inputs, targets = (
        xr.DataArray(values[:, None] * course[:, None], dims=("condition", "time", name), coords=coords)
        for values, course, name in ((code, hold, "channel"), (code[:, :2], speed, "output"))
    )
    return make_task(inputs, targets, name="six reaches")


TASKS = {"oscillation": (oscillation, 0.3, 100.0), "reach": (reach, 0.4, 4000.0)}
"""Task, a = time step / tau, and beta."""


@dataclass(frozen=True)
class Drawn:
    """What was drawn at one gamma: seconds, means and errors of `QUANTITIES`, and the verdict on the chains."""

    seconds: float
    means: np.ndarray
    errors: np.ndarray
    segments: int
    why: str

    @property
    def bound(self) -> np.ndarray:
        """Relative difference that still agrees."""
        return np.maximum(BOUND, 2 * self.errors / self.means)


@dataclass(frozen=True)
class Run:
    """A Langevin run: of each record the quantities, the seconds until then, and the sum of ds."""

    gamma: float
    records: np.ndarray
    seconds: np.ndarray
    relaxations: np.ndarray
    step: float


def draw(task: Task, family: Family, gamma: float, networks: int, jobs: int) -> Drawn:
    """Draw the networks of one gamma, and time it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        requests = [
            Job(task, family, gamma, Draw(), 0, chain, CHAINS, networks // CHAINS, "float32", "cpu", folder)
            for chain in range(CHAINS)
        ]  # fmt: skip
        begin = time.perf_counter()
        draw_chains(requests, requests, Tally(None, total=1, done=0), partial(spread, workers=Workers(jobs)))
        seconds = time.perf_counter() - begin
        cards = [load_card(request.paths()[0]) for request in requests]
    traces = np.array([card.result.trace for card in cards])
    draws = traces[:, traces.shape[1] // 4 :, [OBSERVABLES.index(name) for name in QUANTITIES]]
    effective = [effective_samples(draws[:, :, k]) for k in range(len(QUANTITIES))]
    errors = draws.reshape(-1, len(QUANTITIES)).std(axis=0, ddof=1) / np.sqrt(effective)
    result = cards[0].result
    return Drawn(seconds, draws.mean(axis=(0, 1)), errors, result.segments, "" if result.converged else result.why)


def langevin(order: tuple[Task, Family, float, int, Training]) -> Run:
    """Train one network, with the time of each record."""
    task, family, gamma, seed, training = order
    seconds = []
    begin = time.perf_counter()
    trained = train(
        task,
        family,
        gamma,
        generator=torch.Generator().manual_seed(seed),
        training=training,
        progress=lambda *_: seconds.append(time.perf_counter() - begin),
    )
    steps, checks = trained.history[:, 0], trained.checks
    ds = checks[np.searchsorted(checks[:, 0], np.arange(training.steps), side="right") - 1, 2]
    relaxations = np.concatenate([[0.0], ds.cumsum()])[steps.astype(int)]
    records = trained.history[:, [HISTORY.index(name) for name in QUANTITIES]]
    return Run(gamma, records, np.array(seconds), relaxations, trained.step)


def trailing(records: np.ndarray) -> np.ndarray:
    """Means over the second half of the records so far."""
    total = np.concatenate([np.zeros((1, records.shape[1])), records.cumsum(axis=0)])
    last = np.arange(1, len(records) + 1)
    first = last // 2
    return (total[last] - total[first]) / (last - first)[:, None]


def arrival(means: np.ndarray, drawn: Drawn) -> int | None:
    """Return the record from which on the means stay within the bound; None if they do not at the end."""
    outside = (abs(means / drawn.means - 1) > drawn.bound).any(axis=1).nonzero()[0]
    first = outside[-1] + 1 if len(outside) else 0
    return int(first) if first < len(means) else None


def percent(values: np.ndarray) -> str:
    return ", ".join(f"{word} {100 * value:+.1f} %" for word, value in zip(WORDS, values, strict=True))


def report(gamma: float, drawn: Drawn, runs: list[Run], jobs: int) -> tuple[float, bool]:
    """Print the rows of one gamma; return Langevin's seconds, and whether it arrived."""
    means = np.mean([trailing(run.records) for run in runs], axis=0)
    k = arrival(means, drawn)
    at = len(means) - 1 if k is None else k
    seconds = sum(run.seconds[at] for run in runs) / jobs
    relaxations = np.mean([run.relaxations[at] for run in runs])
    sign = ">" if k is None else " "
    alone = [arrival(trailing(run.records), drawn) for run in runs]
    share = drawn.seconds * jobs / len(runs)
    ratios = sorted(run.seconds[each] / share for run, each in zip(runs, alone, strict=True) if each is not None)
    range_ = f"{ratios[0]:.3g} to {ratios[-1]:.3g}" if ratios else "none"
    ds = np.mean([run.step for run in runs])
    print(
        f"{gamma:>6g} {drawn.seconds:>8.1f} {drawn.segments:>4} {sign}{seconds:>10.1f} {sign}{relaxations:>8.2f} "
        f"{ds:>9.1e} {sign}{seconds / drawn.seconds:>8.1f}   {range_} ({len(ratios)} of {len(runs)} arrived)"
    )
    bounds = " ".join(f"{word} {100 * bound:.1f} %" for word, bound in zip(WORDS, drawn.bound, strict=True))
    drawn_means = ", ".join(
        f"{word} {mean:.4g} +- {error:.1g}"
        for word, mean, error in zip(WORDS, drawn.means, drawn.errors, strict=True)
    )  # fmt: skip
    print(f"       drawn {drawn_means}; bound {bounds}; Langevin at the end {percent(means[-1] / drawn.means - 1)}")
    if drawn.why:
        print(f"       THE DRAWN CHAINS HAD NOT CONVERGED, and their bound is loose: {drawn.why}")
    if k is None:
        print(f"       NOT REACHED within {runs[0].seconds[-1]:.0f} s a run: its time and ratio are lower bounds")
    else:
        print(f"       within the bound over the last {100 * (1 - k / (len(means) - 1)):.0f} % of the steps")
    return seconds, k is not None


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=TASKS, default="oscillation")
    parser.add_argument("--units", type=int, default=400)
    parser.add_argument("--gammas", type=float, nargs="+", default=[0.1, 0.2, 0.5, 1.0, 1.5], help="of raw targets")
    parser.add_argument("--networks", type=int, default=4, help=f"a gamma, a multiple of {CHAINS}")
    parser.add_argument("--steps", type=int, default=40_000, help="of each Langevin run")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.networks < CHAINS or arguments.networks % CHAINS:
        parser.error(f"--networks must be a multiple of {CHAINS}, found {arguments.networks}")
    jobs, networks = arguments.jobs, arguments.networks
    make, fraction, beta = TASKS[arguments.task]
    task = make()
    family = Family(g=1.5, tau=task.time_step / fraction, beta=beta, n_units=arguments.units)
    training = Training(steps=arguments.steps)
    print(
        f"torch {torch.__version__}, {jobs} processes of one thread; {task.name}, M = {task.n_samples}, "
        f"N = {family.n_units}, {networks} networks a gamma, {training.steps} Langevin steps each"
    )
    # Workers import what they need before the clock starts.
    list(spread(langevin, [(task, family, 0.1, 0, Training(steps=10))] * jobs, workers=Workers(jobs)))
    scaled = {gamma: gamma * task.target_scale for gamma in arguments.gammas}
    drawn = {gamma: draw(task, family, value, networks, jobs) for gamma, value in scaled.items()}
    print(f"drawn in {sum(each.seconds for each in drawn.values()):.1f} s", flush=True)
    # The seed of a network does not depend on the others that are asked for.
    orders = [(task, family, value, seed, training) for value in scaled.values() for seed in range(networks)]
    begin = time.perf_counter()
    runs = list(spread(langevin, orders, workers=Workers(jobs)))
    print(f"trained in {time.perf_counter() - begin:.1f} s, to the last step\n")
    print(
        f"{'gamma':>6} {'draw s':>8} {'segm':>4}  {'Langevin s':>10}  {'relax':>8} {'ds':>9}  {'ratio':>8}   each alone"
    )
    rows = [
        report(gamma, drawn[gamma], [run for run in runs if run.gamma == value], jobs)
        for gamma, value in scaled.items()
    ]
    whole = sum(seconds for seconds, _ in rows) / sum(each.seconds for each in drawn.values())
    arrived = sum(there for _, there in rows)
    converged = sum(not each.why for each in drawn.values())
    print(
        f"\nall: {'' if arrived == len(rows) else 'more than '}{whole:.1f} times as long by Langevin; "
        f"{arrived} of {len(rows)} gammas arrived, {converged} were drawn to convergence"
    )
    ratios = [seconds / drawn[gamma].seconds for gamma, (seconds, _) in zip(scaled, rows, strict=True)]
    print(f"geometric mean of the gammas' ratios {math.exp(np.mean(np.log(np.maximum(ratios, 1e-9)))):.1f}")


if __name__ == "__main__":
    main()
