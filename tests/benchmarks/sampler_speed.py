"""Effective samples a second, and seconds until two cold chains agree: this package against an earlier version.

Both draw networks for the same tasks in one run, several chains at a time, each in a process of one thread; what counts
is processor time. Effective samples are those of the slowest of energy, loss, activity, participation ratio and the
cosine of the kernel with its mean, over what follows the first quarter of each chain; the spread is over pairs of
chains. Chains agree when the samples so far have split R-hat below 1.1 in every observable, and two networks of a chain
would be an autocorrelation time apart, looked at where a chain of that version may end: ours where it doubles, the
earlier one's after every 40 trajectories. Seconds count from the start, burn-in included, of both
chains. Run with

    python tests/benchmarks/sampler_speed.py --peer FOLDER [--tasks ideal_reach muscles] [--gammas 0.4 1.6 3.2]

where FOLDER holds the earlier version's package, such as a work tree of it. Ends with a table.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch

from neurocompare.models import Family, Sampling, WeightPosterior, sample_chain
from neurocompare.models.diagnosis import autocorrelation_time, split_r_hat
from neurocompare.tasks.task import load_task, save_task

FIRST, MEMBERS = 40, 2
"""Samples of a first segment and networks of a chain, as in a zoo."""

MAX_R_HAT = 1.1

FEWEST = 8
"""Samples of a chain without which nothing is said of it: it was still burning in."""

NAMES = ("energy", "loss", "activity", "PR", "cosine")


class Stop(Exception):
    """The time is up."""


@torch.no_grad()
def one_chain(file: str, gamma: float, seconds: float, seed: int, out: str) -> None:
    """Run a cold chain for so many seconds of processor time; leaves what it saw."""
    torch.set_num_threads(1)
    task, family = load_task(file), Family()
    weights = WeightPosterior(task, family, gamma)
    trace, kernels, times, gradients = [], [], [], []
    looked = 0.0
    begun = time.process_time()

    def look(chain: object) -> None:
        nonlocal looked
        now = time.process_time()
        trace.append(chain.trace[-1])
        times.append(now - begun - looked)
        gradients.append(chain.gradients)
        rates = rates_of(task, family, gamma, weights, chain)
        kernels.append((rates @ rates.T / family.n_units).float().numpy().ravel())
        looked += time.process_time() - now
        if times[-1] > seconds:
            raise Stop

    with contextlib.suppress(Stop):
        sample_chain(
            task, family, gamma, members=1, generator=torch.Generator().manual_seed(seed),
            sampling=Sampling(trajectories=100_000), **told(look),
        )  # fmt: skip
    np.savez(out, trace=trace, kernels=kernels, times=times, gradients=gradients)


def told(look):
    """Return what has `look` called after every trajectory, by whichever version runs."""
    try:
        from neurocompare.models.chain import Listener
    except ImportError:
        return {"save": look, "save_every": 0}
    return {"listener": Listener(look, every=0)}


def rates_of(task, family, gamma, weights, chain):
    """Rates where the chain stands, by whichever version runs: of its currents, or of its weights."""
    if hasattr(chain, "currents"):
        from neurocompare.models.currents import CurrentPosterior

        if not hasattr(weights, "currents_posterior"):
            weights.currents_posterior = CurrentPosterior(task, family, gamma)
        return weights.currents_posterior.rates(chain.currents).flatten(0, 1)
    return weights.rates(chain.position).flatten(0, 1)


def run(file: Path, version: str | None, gamma: float, seconds: float, seed: int) -> dict[str, np.ndarray]:
    """Run one chain in a process of its own, of the version in that folder; None: this one."""
    out = file.with_name(f"{'ours' if version is None else 'peer'}-{gamma}-{seed}.npz")
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = os.environ | threads | ({"PYTHONPATH": version} if version else {})
    command = [sys.executable, __file__, "--chain", str(file), str(gamma), str(seconds), str(seed), str(out)]
    subprocess.run(command, env=environment, check=True)
    with np.load(out) as found:
        return dict(found)


def effective(chains: list[dict[str, np.ndarray]]) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Effective samples of the slowest a second; autocorrelation times, means and standard errors."""
    n = min(len(chain["trace"]) for chain in chains)
    first = n // 4
    reference = np.mean([chain["kernels"][first:n].mean(axis=0) for chain in chains], axis=0)
    values = []
    for chain in chains:
        kernels = chain["kernels"][first:n]
        cosines = kernels @ reference / np.linalg.norm(kernels, axis=1) / np.linalg.norm(reference)
        values.append(np.column_stack([chain["trace"][first:n][:, [0, 1, 3, 4]], cosines]))
    values = np.stack(values)
    times = np.array([autocorrelation_time(values[:, :, k]) for k in range(5)])
    samples = values.shape[0] * values.shape[1] / times
    seconds = sum(chain["times"][n - 1] - chain["times"][first] for chain in chains)
    flat = values.reshape(-1, 5)
    return samples.min() / seconds, times, flat.mean(axis=0), flat.std(axis=0) / np.sqrt(samples)


def agreed(chains: list[dict[str, np.ndarray]], *, doubling: bool) -> float:
    """Seconds of both chains until they agree; infinite where they have not."""
    n, length, last = min(len(chain["trace"]) for chain in chains), FIRST, FIRST
    while length <= n:
        traces = [chain["trace"][:length] for chain in chains]
        burn_in = 0.5 if doubling and length > FIRST else 0.25
        judged = np.stack(traces)[:, int(burn_in * length) :]
        each = [judged[:, :, k] for k in range(judged.shape[2])]
        if max(map(split_r_hat, each)) < MAX_R_HAT and max(map(autocorrelation_time, each)) <= 0.75 * last / MEMBERS:
            return sum(chain["times"][length - 1] for chain in chains)
        last = length if doubling else FIRST
        length += last
    return float("inf")


def described(name: str, chains: list[dict[str, np.ndarray]], until: float) -> tuple[float, str]:
    """Return the effective samples of the slowest observable a second, and what else two chains show."""
    if min(len(chain["trace"]) for chain in chains) < FEWEST:
        return 0.0, f"{name}: the first sample after {chains[0]['times'][0]:.1f} s, and fewer than {FEWEST} in all"
    rate, times, means, errors = effective(chains)
    seconds = sum(chain["times"][-1] - chain["times"][0] for chain in chains)
    gradients = sum(chain["gradients"][-1] - chain["gradients"][0] for chain in chains)
    values = ", ".join(f"{n} {m:.5g}±{e:.1g}" for n, m, e in zip(NAMES, means, errors, strict=True))
    return rate, (
        f"{name}: {rate:.3g} effective samples a second, {1000 * rate * seconds / gradients:.3g} in 1000 gradients of "
        f"{1000 * seconds / gradients:.2f} ms; autocorrelation {np.round(times, 1)} of {len(chains[0]['trace'])} "
        f"trajectories, the first after {chains[0]['times'][0]:.1f} s, agree after {until:.0f} s; {values}"
    )


def spread(values: list[float], form: str = ".3g") -> str:
    """Mean and range."""
    mean = f"{np.mean(values):{form}}"
    return mean if len(values) == 1 else f"{mean} ({min(values):{form}} to {max(values):{form}})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", help="folder that holds the earlier version's package")
    parser.add_argument("--tasks", nargs="+", default=["ideal_reach"], help="as `neurocompare zoo` takes them")
    parser.add_argument("--gammas", type=float, nargs="+", default=[0.4, 1.6, 3.2])
    parser.add_argument("--seconds", type=float, default=60.0, help="of processor time, for each of our chains")
    parser.add_argument("--peer-seconds", type=float, default=120.0)
    parser.add_argument("--pairs", type=int, default=1, help="of chains, of each version")
    parser.add_argument("--jobs", type=int, default=2, help="chains at a time")
    parser.add_argument("--chain", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.chain:
        file, gamma, seconds, seed, out = options.chain
        one_chain(file, float(gamma), float(seconds), int(seed), out)
        return
    versions = [("ours", None, options.seconds)] + ([("peer", options.peer, options.peer_seconds)] * bool(options.peer))
    rows = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        for name in options.tasks:
            file = task_file(name, Path(folder))
            for gamma in options.gammas:
                rates = {version: [] for version, _, _ in versions}
                agree = {version: [] for version, _, _ in versions}
                for pair in range(options.pairs):
                    runs = {
                        version: [pool.submit(run, file, home, gamma, limit, 2 * pair + k) for k in range(2)]
                        for version, home, limit in versions
                    }
                    for version, both in runs.items():
                        chains = [chain.result() for chain in both]
                        agree[version].append(agreed(chains, doubling=version == "ours"))
                        rate, said = described(f"{name}, gamma {gamma:g}, {version}", chains, agree[version][-1])
                        rates[version].append(rate)
                        print(said, flush=True)
                rows.append(row(name, gamma, rates, agree))
    print("\n| task | gamma | ours/s | peer/s | ratio | agree: ours, s | peer, s | ratio |", "|---" * 8 + "|", sep="\n")
    print(*rows, sep="\n")


def task_file(name: str, folder: Path) -> Path:
    """Write a task where both versions read it."""
    from neurocompare.workflows.zoo import task_of

    file = folder / f"{Path(name).stem}.nc"
    save_task(task_of(name), file)
    return file


def row(name: str, gamma: float, rates: dict[str, list[float]], agree: dict[str, list[float]]) -> str:
    """One line of the table."""
    cells = [name, f"{gamma:g}"]
    for found, inverse in ((rates, False), (agree, True)):
        cells += [spread(found["ours"]), spread(found["peer"]) if "peer" in found else "-"]
        pairs = zip(found["ours"], found.get("peer", []), strict=False)
        ratios = [theirs / ours if inverse else ours / theirs if theirs else np.inf for ours, theirs in pairs]
        cells.append(spread(ratios, ".2g") if ratios else "-")
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
