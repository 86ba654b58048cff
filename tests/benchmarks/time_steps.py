"""Does a finer time step change which gamma networks look like? The theory's kernels of one task at two steps.

Run with

    python tests/benchmarks/time_steps.py [--tau 0.1] [--steps 2] [--population 1600]

which solves the theory for the built-in reach with so many time steps in a time constant, and with twice as many, and
prints, for gammas at the finer step, the gamma at the coarser one whose kernel is most alike (cosine, each mean over
samples removed, at the coarser step's times), with everything else the same. Ten minutes of a processor: the finer
task has twice the samples.
"""

from __future__ import annotations

import argparse

import numpy as np

import neurocompare as nc
from neurocompare.settings import Family
from neurocompare.theory.mean_field import MeanField, mean_field

COARSE = (0.05, 0.1, 0.141, 0.2, 0.283, 0.4, 0.566, 0.8, 1.13)
FINE = (0.1, 0.2, 0.4, 0.8)


def kernel_at(field: MeanField, times: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return a kernel at other times, interpolated, centred, of norm 1."""
    weights = np.array([[np.interp(at, own, unit) for unit in np.eye(len(own))] for at in times])
    kernel = np.einsum("at,ctds,bs->cadb", weights, field.kernel, weights)
    kernel = kernel.reshape(2 * (kernel.shape[0] * len(times),))
    centring = np.eye(len(kernel)) - 1 / len(kernel)
    kernel = centring @ kernel @ centring
    return kernel / np.linalg.norm(kernel)


def main() -> None:
    """Print a line a gamma."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tau", type=float, default=0.1)
    parser.add_argument("--steps", type=float, default=2)
    parser.add_argument("--population", type=int, default=1600)
    asked = parser.parse_args()
    recording, kernels, times = nc.open_recording("synthetic"), [], None
    for steps, gammas in ((asked.steps, COARSE), (2 * asked.steps, FINE)):
        task = nc.reach_task(recording, time_step=asked.tau / steps)
        own = task.inputs["time"].values
        times = own[1:] if times is None else times
        family, size = Family(tau=asked.tau), asked.population
        fields = mean_field(task, family, gammas, population=size, trajectories=16, both_ways=False)
        kernels.append([kernel_at(field, times, own) for field in fields])
    for gamma, kernel in zip(FINE, kernels[1], strict=True):
        alike = np.array([(kernel * other).sum() for other in kernels[0]])
        top = min(max(int(alike.argmax()), 1), len(COARSE) - 2)
        square, slope, _ = np.polyfit(np.log2(COARSE[top - 1 : top + 2]), alike[top - 1 : top + 2], 2)
        off = -slope / (2 * square) - np.log2(gamma)
        print(f"gamma {gamma:g}: most alike {off:+.2f} octaves from it, cosine {alike.max():.3f}")


if __name__ == "__main__":
    main()
