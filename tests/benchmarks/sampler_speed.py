"""Effective samples a second, and seconds until two cold chains agree: this package against an earlier version.

Both draw networks for the ideal reach (8 directions x 20 steps, N = 400) in one run, several chains at a time, each in
a process of one thread; what counts is processor time. Effective samples are those of the slowest of energy, loss,
activity, participation ratio and the cosine of the kernel with its mean, over what follows the first quarter of each
chain; the spread is over pairs of chains. Chains agree when `diagnose` says so of the samples so far, of which it
leaves out the first quarter. Seconds count from the start, burn-in included, of both chains. Run with

    python tests/benchmarks/sampler_speed.py --peer FOLDER [--gammas 0.4 1.6 3.2] [--seconds 60] [--peer-seconds 120]

where FOLDER holds the earlier version's package, such as a work tree of it.
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
from neurocompare.models.diagnosis import autocorrelation_time, diagnose
from neurocompare.tasks import ideal_reach

SPACING = 15.0
"""Trajectories between members, as in a zoo."""

NAMES = ("energy", "loss", "activity", "PR", "cosine")


class Stop(Exception):
    """The time is up."""


@torch.no_grad()
def one_chain(gamma: float, seconds: float, seed: int, out: str) -> None:
    """Run a cold chain for so many seconds of processor time; leaves what it saw."""
    torch.set_num_threads(1)
    task, family = ideal_reach(), Family()
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
            sampling=Sampling(trajectories=100_000), save=look, save_every=0,
        )  # fmt: skip
    np.savez(out, trace=trace, kernels=kernels, times=times, gradients=gradients)


def rates_of(task, family, gamma, weights, chain):
    """Rates where the chain stands, by whichever version runs: of its currents, or of its weights."""
    if hasattr(chain, "currents"):
        from neurocompare.models.currents import CurrentPosterior

        if not hasattr(weights, "currents_posterior"):
            weights.currents_posterior = CurrentPosterior(task, family, gamma)
        return weights.currents_posterior.rates(chain.currents).flatten(0, 1)
    return weights.rates(chain.position).flatten(0, 1)


def run(version: str | None, gamma: float, seconds: float, seed: int, folder: Path) -> dict[str, np.ndarray]:
    """Run one chain in a process of its own, of the version in that folder; None: this one."""
    out = folder / f"{'ours' if version is None else 'peer'}-{gamma}-{seed}.npz"
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = os.environ | threads | ({"PYTHONPATH": version} if version else {})
    command = [sys.executable, __file__, "--chain", str(gamma), str(seconds), str(seed), str(out)]
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


def agreed(chains: list[dict[str, np.ndarray]]) -> float:
    """Seconds of both chains until they agree, looked at after every 40 trajectories."""
    n = min(len(chain["trace"]) for chain in chains)
    for length in range(40, n + 1, 40):
        traces = [chain["trace"][:length] for chain in chains]
        if diagnose(traces, spacing=SPACING).converged:
            return sum(chain["times"][length - 1] for chain in chains)
    return float("inf")


def report(gamma: float, name: str, chains: list[dict[str, np.ndarray]]) -> float:
    """Print what two chains show; return the effective samples of the slowest observable a second."""
    rate, times, means, errors = effective(chains)
    seconds = sum(chain["times"][-1] - chain["times"][0] for chain in chains)
    gradient = seconds / sum(chain["gradients"][-1] - chain["gradients"][0] for chain in chains)
    values = ", ".join(f"{n} {m:.5g}±{e:.1g}" for n, m, e in zip(NAMES, means, errors, strict=True))
    print(
        f"gamma {gamma:g} {name}: {rate:.3g} effective samples a second, autocorrelation {np.round(times, 1)} of "
        f"{len(chains[0]['trace'])} trajectories, the first after {chains[0]['times'][0]:.1f} s, "
        f"{1000 * gradient:.2f} ms a gradient, agree after {agreed(chains):.0f} s; {values}",
        flush=True,
    )
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", help="folder that holds the earlier version's package")
    parser.add_argument("--gammas", type=float, nargs="+", default=[0.4, 1.6, 3.2])
    parser.add_argument("--seconds", type=float, default=60.0, help="of processor time, for each of our chains")
    parser.add_argument("--peer-seconds", type=float, default=120.0)
    parser.add_argument("--pairs", type=int, default=1, help="of chains, of each version")
    parser.add_argument("--jobs", type=int, default=2, help="chains at a time")
    parser.add_argument("--chain", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.chain:
        gamma, seconds, seed, out = options.chain
        one_chain(float(gamma), float(seconds), int(seed), out)
        return
    versions = [("ours", None, options.seconds)] + ([("peer", options.peer, options.peer_seconds)] * bool(options.peer))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        for gamma in options.gammas:
            found: dict[str, list[float]] = {"ours": [], "peer": []}
            for pair in range(options.pairs):
                runs = {
                    name: [pool.submit(run, version, gamma, limit, 2 * pair + k, Path(folder)) for k in range(2)]
                    for name, version, limit in versions
                }
                for name, chains in runs.items():
                    found[name].append(report(gamma, name, [chain.result() for chain in chains]))
            if found["peer"]:
                ratios = np.array(found["ours"]) / np.array(found["peer"])
                print(
                    f"gamma {gamma:g} ratio: {ratios.mean():.1f} ({ratios.min():.1f} to {ratios.max():.1f})", flush=True
                )


if __name__ == "__main__":
    main()
