"""Langevin steps per second: ours, the plainest PyTorch loop, and the matrix products alone.

    python tests/benchmarks/langevin_throughput.py [--units 256 1024] [--repeats 15] [--device cuda]

The three take turns in one run; each turn gives a ratio, and what is printed is their median and range.

- plain: one network, autograd through a Python loop over time, torch.randn noise.
- products: the matrix products of a step and nothing else, into preallocated memory: forward and backward steps, and
  the outer product that is the gradient. The first step forward (all rates zero) and the last back (nothing to carry)
  need none, in ours and here.
- train: a whole call of `train`, records and checks of the curvature included.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import numpy as np
import torch

from neurocompare.models.fit import Fit
from neurocompare.models.langevin import train
from neurocompare.models.thermal_noise import ThermalNoise
from neurocompare.models.through_time import empty_weights
from neurocompare.models.training import Training
from neurocompare.settings import Family
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.tasks.oscillation import oscillation
from neurocompare.tasks.task import Task

TASKS = {"oscillation": (oscillation, 0.05), "ideal_reach": (ideal_reach, 0.1)}
GAMMA = 0.5
DS = 1e-4


def ours(task: Task, family: Family, device: str) -> Callable[[], None]:
    """The steps of `langevin.train`."""
    fit = Fit(task, family, GAMMA, device=device)
    weights = fit.draw(torch.Generator().manual_seed(0))
    noise = ThermalNoise(weights.parts(), torch.Generator(device).manual_seed(0))

    def step() -> None:
        fit.gradient(weights, weights, keep=1 - DS, scale=-DS)
        noise.add_to(weights.parts(), scale=math.sqrt(2 * DS))

    return step


def plain(task: Task, family: Family, device: str) -> Callable[[], None]:
    """What one writes first."""
    generator = torch.Generator(device).manual_seed(0)
    inputs = torch.tensor(task.inputs.values, dtype=torch.float32, device=device)
    targets = torch.tensor(task.targets.values, dtype=torch.float32, device=device)
    trained = torch.tensor(task.trained.values, device=device)
    n, a = family.n_units, family.step_fraction(task.time_step)
    shapes = (n, n), (n, inputs.shape[2]), (targets.shape[2], n)
    J, U, V = (torch.randn(shape, generator=generator, device=device).requires_grad_() for shape in shapes)

    @torch.enable_grad()
    def step() -> None:
        x = torch.zeros(len(inputs), n, device=device)
        outputs = []
        for t in range(inputs.shape[1]):
            rates = torch.tanh(x)
            outputs.append(rates @ V.T / (n * GAMMA))
            drive = inputs[:, t] @ U.T / math.sqrt(inputs.shape[2])
            x = (1 - a) * x + a * (family.g / math.sqrt(n) * rates @ J.T + drive)
        error = (torch.stack(outputs, dim=1) - targets)[trained]
        decay = sum((weights**2).sum() for weights in (J, U, V)) / 2
        energy = family.beta * n * GAMMA**2 * (error**2).mean() / 2 + decay
        gradients = torch.autograd.grad(energy, (J, U, V))
        with torch.no_grad():
            for weights, gradient in zip((J, U, V), gradients, strict=True):
                noise = torch.randn(weights.shape, generator=generator, device=device)
                weights += -DS * gradient + math.sqrt(2 * DS) * noise

    return step


def products(task: Task, family: Family, device: str) -> Callable[[], None]:
    """The matrix products of a step, in the layout that is fastest."""
    n, (c, t, d) = family.n_units, task.inputs.shape
    options = {"device": device}
    W, gradient = (empty_weights(n, d, **options).normal_() for _ in range(2))
    sources, currents = empty_weights(t * c, n + d, **options)[:, : n + d].normal_(), torch.randn(t * c, n, **options)
    out = torch.empty(c, n, **options)
    each_source, each_current = sources.split(c), currents.split(c)
    transposed, recurrent, flat = W.T, W[:, :n], (currents[:-c].T, sources[:-c])

    def step() -> None:
        for k in range(1, t - 1):
            torch.mm(each_source[k], transposed, out=out)
        for k in range(t - 2, 0, -1):
            torch.mm(each_current[k], recurrent, out=out)
        torch.mm(*flat, out=gradient)

    return step


def seconds(step: Callable[[], None], count: int, device: str) -> float:
    """Time of one step, averaged over `count`."""
    if device == "cuda":
        torch.cuda.synchronize()
    begin = time.perf_counter()
    for _ in range(count):
        step()
    if device == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - begin) / count


def middle(values: np.ndarray) -> str:
    """Median and range."""
    return f"{np.median(values):.2f} ({values.min():.2f} to {values.max():.2f})"


@torch.no_grad()
def main() -> None:
    """Print one row a task and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, nargs="+", default=[256, 1024])
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--turn", type=float, default=0.15, help="seconds of one contender's turn")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--whole", action="store_true", help="time whole calls of train, too")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    device = arguments.device
    name = torch.cuda.get_device_name() if device == "cuda" else f"cpu, {arguments.threads} thread(s)"
    print(f"torch {torch.__version__}, {name}, float32, {arguments.repeats} turns each: median (range)")
    for n in arguments.units:
        for task_name, (make, tau) in TASKS.items():
            task, family = make(), Family(n_units=n, tau=tau)
            contenders = {make.__name__: make(task, family, device) for make in (ours, plain, products)}
            counts = {}
            for key, step in contenders.items():
                step()
                counts[key] = max(1, round(arguments.turn / seconds(step, 3, device)))
            turns = [
                [seconds(step, counts[key], device) for key, step in contenders.items()]
                for _ in range(arguments.repeats)
            ]
            our, their, bound = np.array(turns).T
            shape = f"{task.inputs.shape[0]} x {task.inputs.shape[1]}"
            print(
                f"{task_name} {shape}, N = {n}: {np.median(1 / our):.0f} steps/s, "
                f"{middle(their / our)} times plain, {middle(bound / our)} of the products alone",
                flush=True,
            )
            if arguments.whole:
                training = Training(steps=5000, warm_up=0, step=1e-9)
                whole = {"generator": torch.Generator().manual_seed(0), "training": training, "device": device}
                begin = time.perf_counter()
                train(task, family, GAMMA, **whole)
                share = np.median(our) * training.steps / (time.perf_counter() - begin)
                print(f"  of a whole train of {training.steps} steps the steps take {share:.2f}")


if __name__ == "__main__":
    main()
