"""Seconds until two starts agree: the package's sampler against plain Hamiltonian Monte Carlo on trajectories.

Both sample one posterior, a reach in 8 directions with private noise. Of each sampler two chains run side by side, one
thread each: a cold one from random weights and a warm one that comes down from twice the gamma. They agree at a
time from which on, in every later window, the means over the last half of both chains differ by at most 3 % in loss,
tr C and participation ratio, and in F by at most two standard errors. Time counts from random weights on, everything
included. The peer's mass is fixed from an independent random network; its step adapts during the first fifth of its
chain. Run with

    PYTHONPATH=tests python tests/benchmarks/two_starts.py --seconds 240 --peer-seconds 900
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
import xarray as xr
from posteriors import TrajectoryPosterior, WeightPotential, random_currents

from neurocompare.models.chain import sample_chain
from neurocompare.models.currents import CurrentPosterior
from neurocompare.models.diagnosis import autocorrelation_time
from neurocompare.models.sampling import Sampling
from neurocompare.parallel import Workers, spread
from neurocompare.settings import Family
from neurocompare.tasks.delayed import direction_code
from neurocompare.tasks.task import Task, make_task

NAMES = ("loss", "tr C", "PR", "F")
ABOVE = 2
"""A warm start comes down from so many times the gamma."""


def reach(directions: int = 8, n_times: int = 35, go: int = 12) -> Task:
    """Hold cue and direction from the third sample until go; a bump of velocity afterwards."""
    angles = 2 * np.pi * np.arange(directions) / directions
    code = direction_code(angles, condition=list(range(directions)))
    sample = np.arange(n_times)
    cue = xr.DataArray(((sample >= 2) & (sample < go)).astype(float), dims="time", coords={"time": 0.02 * sample})
    hold = xr.ones_like(code.isel(channel=[0])).assign_coords(channel=["hold"])
    inputs = (xr.concat([code, hold], dim="channel") * cue).transpose("condition", "time", "channel")
    speed = np.exp(-0.5 * ((sample - (go + 8)) / 3.5) ** 2)
    targets = xr.DataArray(
        code.values[:, None, :] * speed[:, None],
        dims=("condition", "time", "output"),
        coords={"condition": code["condition"], "time": 0.02 * sample, "output": ["x", "y"]},
    )
    return make_task(inputs, targets, name="reach")


@dataclass(frozen=True)
class Case:
    """A posterior, and how long its chains may take."""

    gamma: float  # for the targets as they are, before scaling
    units: int
    noise: float  # sigma_0^2
    seconds: float

    def build(self) -> tuple[Task, Family, float]:
        task = reach()
        family = Family(
            g=1.5, tau=task.time_step / 0.4, beta=4000.0, n_units=self.units, private_noise=math.sqrt(self.noise)
        )
        return task, family, self.gamma * task.target_scale


def kernel_of(rates: torch.Tensor) -> torch.Tensor:
    return rates @ rates.T / rates.shape[1]


class Recorder:
    """Loss, tr C, PR and F along a chain, with the seconds since it began."""

    def __init__(self, posterior: TrajectoryPosterior) -> None:
        self.posterior, self.begun, self.rows = posterior, time.perf_counter(), []

    def add(self, currents: torch.Tensor) -> None:
        elapsed = time.perf_counter() - self.begun
        kernel, terms = self.posterior._kernel_terms(self.posterior.rates(currents))
        trace = float(kernel.trace())
        energy = self.posterior.free_energy(currents)
        self.rows.append([elapsed, terms.loss, trace / len(kernel), trace**2 / float((kernel**2).sum()), energy])
        self.begun += time.perf_counter() - self.begun - elapsed  # looking does not count


@torch.no_grad()
def ours(case: Case, warm: bool) -> np.ndarray:
    """Chains of the package, as a zoo makes them."""
    torch.set_num_threads(1)
    task, family, gamma = case.build()
    reference = torch.eye(task.n_samples, dtype=torch.float64)
    recorder = Recorder(TrajectoryPosterior(task, family, gamma, reference_kernel=reference))
    posterior, chain_posterior = WeightPotential(task, family, gamma), CurrentPosterior(task, family, gamma)
    looks = torch.Generator().manual_seed(5)
    generator = torch.Generator().manual_seed(1 + warm)
    start = None
    if warm:
        sampling = Sampling(trajectories=8)
        above = sample_chain(task, family, ABOVE * gamma, members=1, generator=generator, sampling=sampling)
        start = above.currents

    def look(chain: object) -> None:
        begun = time.perf_counter()
        weights = chain_posterior.draw_weights(chain.currents, posterior, generator=looks)
        recorder.begun += time.perf_counter() - begun  # looking does not count
        recorder.add(posterior.currents(weights).flatten(0, 1))
        if recorder.rows[-1][0] > case.seconds:
            raise TimeoutError

    try:
        sampling = Sampling(trajectories=100_000)
        sample_chain(
            task, family, gamma, members=1, generator=generator, sampling=sampling, start=start, save=look, save_every=0
        )
    except TimeoutError:
        pass
    return np.array(recorder.rows)


@torch.no_grad()
def peer(case: Case, warm: bool) -> np.ndarray:
    """Leapfrog on whole trajectories, mass fixed from an independent random network."""
    torch.set_num_threads(1)
    task, family, gamma = case.build()
    generator = torch.Generator().manual_seed(3 + warm)
    eye = torch.eye(task.n_samples, dtype=torch.float64)
    plain = TrajectoryPosterior(task, family, gamma, reference_kernel=eye)
    independent = kernel_of(plain.rates(random_currents(task, family, generator=generator)))
    target = TrajectoryPosterior(task, family, gamma, reference_kernel=independent)
    recorder = Recorder(target)
    state = target.whiten(random_currents(task, family, generator=generator))
    step = 0.05
    if warm:
        above = TrajectoryPosterior(task, family, ABOVE * gamma, reference_kernel=independent)
        state, step, _ = leapfrog_chain(above, state, step, 0.2 * case.seconds, generator)
    leapfrog_chain(target, state, step, case.seconds, generator, recorder)
    return np.array(recorder.rows)


def leapfrog_chain(
    posterior: TrajectoryPosterior,
    state: torch.Tensor,
    step: float,
    seconds: float,
    generator: torch.Generator,
    recorder: Recorder | None = None,
) -> tuple[torch.Tensor, float, float]:
    """Trajectories of 5 to 10 leapfrogs in whitened coordinates; returns the last state and step, and acceptance."""
    begun = recorder.begun if recorder else time.perf_counter()
    energy, slope, accepted, count = _energy(posterior, state), posterior.gradient(state) + state, 0, 0
    while True:
        elapsed = recorder.rows[-1][0] if recorder and recorder.rows else time.perf_counter() - begun
        if elapsed > seconds:
            return state, step, accepted / max(count, 1)
        momentum = torch.randn(len(state), generator=generator, dtype=torch.float64)
        before = energy + 0.5 * float(momentum @ momentum)
        position, gradient = state, slope
        try:
            for _ in range(int(torch.randint(5, 11, (1,), generator=generator))):
                momentum = momentum - 0.5 * step * gradient
                position = position + step * momentum
                gradient = posterior.gradient(position) + position
                momentum = momentum - 0.5 * step * gradient
            after = _energy(posterior, position)
            change = after + 0.5 * float(momentum @ momentum) - before
        except torch.linalg.LinAlgError:
            change = math.inf
        good = math.isfinite(change) and math.log(float(torch.rand(1, generator=generator)) + 1e-300) < -change
        if good:
            state, energy, slope = position, after, gradient
        accepted, count = accepted + good, count + 1
        if elapsed < 0.2 * seconds:
            step *= 1.03 if good else 0.9
        if recorder:
            recorder.add(posterior.currents(state))


def _energy(posterior: TrajectoryPosterior, state: torch.Tensor) -> float:
    """N F of a whitened state."""
    return posterior.family.n_units * posterior.free_energy(posterior.currents(state))


def window(rows: np.ndarray, until: float) -> tuple[np.ndarray, np.ndarray]:
    """Means over the last half of a chain until a time, and their standard errors."""
    seen = rows[(rows[:, 0] > until / 2) & (rows[:, 0] <= until), 1:]
    if len(seen) < 4:
        return np.full(4, np.nan), np.full(4, np.nan)
    effective = [max(1.0, len(seen) / autocorrelation_time(seen[None, :, k])) for k in range(4)]
    return seen.mean(axis=0), seen.std(axis=0, ddof=1) / np.sqrt(effective)


def agreement(chains: list[np.ndarray]) -> tuple[float, np.ndarray, np.ndarray]:
    """First time from which on the chains agree; and the differences in the end, relative and in errors of F."""
    end = min(rows[-1, 0] for rows in chains)
    times = np.geomspace(end / 60, end, 60)
    agreed, last = [], None
    for until in times:
        (cold, cold_error), (warm, warm_error) = (window(rows, until) for rows in chains)
        relative = abs(cold - warm) / (0.5 * abs(cold + warm))
        in_errors = abs(cold - warm)[3] / math.hypot(cold_error[3], warm_error[3])
        agreed.append(bool((relative[:3] < 0.03).all() and in_errors < 2))
        last = (relative, in_errors, 0.5 * (cold + warm))
    good = len(agreed) - next((k for k, each in enumerate(agreed[::-1]) if not each), len(agreed))
    return (times[good] if good < len(times) else math.inf), *last


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gammas", type=float, nargs="+", default=[0.1, 0.4, 1.6])
    parser.add_argument("--units", type=int, default=600)
    parser.add_argument("--noise", type=float, default=1e-2, help="variance of the private noise")
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--peer-seconds", type=float, default=900.0)
    options = parser.parse_args()
    print(f"{'gamma':>6} {'sampler':>8} {'agree after':>12}  at the end: {'  '.join(NAMES)}; differences")
    for gamma in options.gammas:
        case = Case(gamma, options.units, options.noise, options.seconds)
        found = {}
        for name, sampler, limit in (("ours", ours, options.seconds), ("peer", peer, options.peer_seconds)):
            chains = list(spread(partial(sampler, replace(case, seconds=limit)), (False, True), workers=Workers(2)))
            found[name], relative, in_errors, mean = agreement(chains)
            differences = ", ".join(f"{100 * each:.1f} %" for each in relative[:3]) + f", {in_errors:.1f} s.e."
            values = "  ".join(f"{each:.4g}" for each in mean)
            print(f"{gamma:6g} {name:>8} {found[name]:10.1f} s  {values}; {differences}", flush=True)
        if math.isinf(found["ours"]):
            said = "none: ours did not agree in time"
        else:
            least = "at least " if math.isinf(found["peer"]) else ""
            said = f"{least}{min(found['peer'], options.peer_seconds) / found['ours']:.1f}"
        print(f"{gamma:6g} {'ratio':>8} {said}", flush=True)


if __name__ == "__main__":
    main()
