"""The mean-field theory against drawn and against Langevin networks of growing N, on the oscillation.

    PYTHONPATH=tests python tests/benchmarks/theory_against_networks.py [--sizes 250 500 1000 2000]
        [--gammas 0.3 0.5 1] [--chains 4] [--members 10] [--langevin 250 500] [--langevin-steps 20000] [--jobs 2]

C of one network scatters around its mean by about sqrt((PR + 1) / N), so the mean over chains and members is compared.
Of each quantity the table gives the relative error of that mean, and in brackets its standard error, from chain to
chain; of C and the output as Frobenius norms. `C alone` is the error of a single network's C. If the theory is right,
what the first exceeds the second by falls as 1 / N, and `C alone` as 1 / sqrt(N).
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from posteriors import WeightPotential

from neurocompare.models.chain import sample_chain
from neurocompare.models.langevin import train
from neurocompare.models.rate_rnn import respond
from neurocompare.models.sampling import Sampling
from neurocompare.models.training import Training
from neurocompare.parallel import Workers, spread
from neurocompare.settings import Family
from neurocompare.tasks.oscillation import oscillation
from neurocompare.theory import MeanField, mean_field

TASK = oscillation()
SILENT = 1e-3


def family_of(units: int) -> Family:
    return Family(g=1.5, tau=TASK.time_step / 0.3, beta=100.0, n_units=units)


def drawn(order: tuple[int, float, int, int]) -> np.ndarray:
    """Preactivations of the members of a chain, shape (member, condition, time, unit)."""
    units, gamma, seed, members = order
    family = family_of(units)
    posterior = WeightPotential(TASK, family, gamma)
    sampling = Sampling(trajectories=max(40, 4 * members))
    generator = torch.Generator().manual_seed(seed)
    chain = sample_chain(TASK, family, gamma, members=members, generator=generator, sampling=sampling)
    return np.stack([preactivations(posterior.currents(state).numpy()) for state in chain.members])


def trained(order: tuple[int, float, int, int]) -> np.ndarray:
    """The same of one Langevin run, of its end."""
    units, gamma, seed, steps = order
    generator = torch.Generator().manual_seed(seed)
    run = train(TASK, family_of(units), gamma, generator=generator, training=Training(steps=steps))
    rates = respond(run.network, TASK)[0].values
    return np.arctanh(rates)[None]


def preactivations(currents: np.ndarray) -> np.ndarray:
    """x of currents, time-major (time, condition, unit) to (condition, time, unit)."""
    x, out = np.zeros_like(currents[0]), []
    for current in currents:
        out.append(x)
        x = 0.7 * x + 0.3 * current
    return np.stack(out, axis=1)


def statistics(x: np.ndarray) -> dict[str, np.ndarray]:
    """Kernel, output and kurtosis of preactivations of one chain, over its members."""
    rates = np.tanh(x).reshape(len(x), 60, -1)
    kernel = np.einsum("msn,mrn->sr", rates, rates) / (len(x) * rates.shape[2])
    flat = np.moveaxis(x, 3, 1).reshape(-1, 60)
    second, fourth = (flat**2).mean(0), (flat**4).mean(0)
    heard = second > SILENT * second.max()
    targets = TASK.targets.values.reshape(60, 1)
    output = kernel @ np.linalg.solve(kernel + np.eye(60) * 60 / 100.0, targets)
    alone = np.einsum("msn,mrn->msr", rates, rates) / rates.shape[2]
    kurtosis = np.array((fourth[heard] / second[heard] ** 2 - 3).mean())
    return {"C": kernel, "output": output, "kurtosis": kurtosis, "alone": alone}


def compare(chains: list[dict[str, np.ndarray]], theory: MeanField) -> tuple[list[str], float]:
    """Cells of a row, and the relative error of a single network's C."""
    expected = {
        "C": theory.kernel.reshape(60, 60),
        "output": theory.output.reshape(60, 1),
        "kurtosis": np.array(theory.excess_kurtosis),
    }
    cells = []
    for name, value in expected.items():
        found = np.stack([chain[name] for chain in chains])
        scale = np.linalg.norm(value)
        error = np.linalg.norm(found.mean(0) - value) / scale
        scatter = np.sqrt(((found - found.mean(0)) ** 2).sum() / max(len(found) - 1, 1) / len(found)) / scale
        cells.append(f"{100 * error:7.2f} ({100 * scatter:5.2f})")
    alone = np.concatenate([chain["alone"] for chain in chains])
    each = np.linalg.norm(alone - expected["C"], axis=(1, 2)) / np.linalg.norm(expected["C"])
    return cells, float(np.sqrt((each**2).mean()))


def main() -> None:
    """Print a row a gamma, way and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[250, 500, 1000, 2000])
    parser.add_argument("--gammas", type=float, nargs="+", default=[0.3, 0.5, 1.0], help="of raw targets")
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--members", type=int, default=10)
    parser.add_argument("--langevin", type=int, nargs="*", default=[250, 500])
    parser.add_argument("--langevin-steps", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    options.gammas = sorted(set(options.gammas))
    scaled = [gamma * TASK.target_scale for gamma in options.gammas]
    begin = time.perf_counter()
    theories = mean_field(TASK, family_of(1), scaled, population=4000)
    print(f"theory in {time.perf_counter() - begin:.0f} s")
    for each, gamma in zip(theories, options.gammas, strict=True):
        loss = each.loss * TASK.target_scale**2
        print(
            f"  gamma {gamma:g}: F {each.free_energy:.4f}, loss {loss:.5f}, tr C / M {each.activity:.4f}, "
            f"PR {each.participation_ratio:.3f}, kurtosis {each.excess_kurtosis:.3f}, C +- {each.kernel_error:.3f}"
        )
    print(f"\nerrors in %{'':>24} {'C':>15} {'output':>15} {'kurtosis':>15} {'C alone':>8}")
    for k, gamma in enumerate(options.gammas):
        for way, make, sizes, length in (
            ("drawn", drawn, options.sizes, options.members),
            ("langevin", trained, options.langevin, options.langevin_steps),
        ):
            for units in sizes:
                orders = [(units, scaled[k], seed, length) for seed in range(options.chains)]
                chains = [statistics(x) for x in spread(make, orders, workers=Workers(options.jobs))]
                cells, alone = compare(chains, theories[k])
                print(f"{gamma:6g} {way:>10} N = {units:<6}{'':>8}", *cells, f"{100 * alone:7.2f}", flush=True)


if __name__ == "__main__":
    main()
