"""Networks trained by Langevin dynamics against networks drawn from the exact posterior.

Started from drawn networks the dynamics must leave them what they are, and from random weights it must arrive there.
Langevin's averages m are off by an amount proportional to its step ds. That bias is measured, not guessed: every start
is run with ds and with 4 ds, and what is compared is m(ds) - (m(4 ds) - m(ds)) / 3, which is free of it to first order.
Runs and chains are independent of one another, so their scatter is the Monte-Carlo error, autocorrelation included;
with few of them the limits are those of Student's t.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from scipy.stats import t as student

from neurocompare.models.chain import sample_chain
from neurocompare.models.curvature import largest_curvature
from neurocompare.models.equilibrium import leading_moduli
from neurocompare.models.fit import Fit, Weights
from neurocompare.models.langevin import HISTORY, train
from neurocompare.models.observables import OBSERVABLES
from neurocompare.models.posterior import WeightPosterior
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.models.sampling import Sampling
from neurocompare.models.training import Training
from neurocompare.parallel import one_thread
from neurocompare.settings import Family
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.tasks.oscillation import oscillation
from neurocompare.tasks.task import Task

# The loss with Langevin's own readout has no counterpart in the posterior, but its mean is that of E[L | C].
DRAWN = ("expected_loss", "expected_loss", "activity", "participation_ratio")
TRAINED = ("loss", "expected_loss", "activity", "participation_ratio")
QUANTITIES = (*TRAINED, "largest modulus", "moduli outside the bulk")

OSCILLATION = oscillation()
REACH = ideal_reach(directions=8, time_step=0.1, peak_speed=1.0)
TASKS = {"oscillation": (OSCILLATION, OSCILLATION.time_step / 0.3, 100.0), "reach": (REACH, 0.2, 1000.0)}
"""Task, tau and beta."""

UNLIKELY = 1e-3
"""A deviation this improbable is a failure."""

SPARE = 0.15
"""ds times the largest curvature among the drawn networks. Times four it is still short: a variance that grows by
1 / (1 - ds curvature / 2) is extrapolated to within 4 % in the very stiffest direction, others much better."""

COARSER = 4

TELLING = {"expected_loss": 0.12, "activity": 0.06, "participation_ratio": 0.08, "largest modulus": 0.06}
"""Largest error, relative to the mean, of a comparison that tells something."""


@dataclass(frozen=True)
class Case:
    """One task, size and gamma of its original targets, and how much is spent on it.

    Attributes
    ----------
    task : str
    units : int
    gamma : float
    runs : int
        Chains, and Langevin runs of each step.
    duration : float
        Of a warm run, in relaxation times of a weight that the task does not touch; its second half counts.
    """

    task: str
    units: int
    gamma: float
    runs: int = 8
    duration: float = 1.5

    @property
    def settings(self) -> tuple[Task, Family, float]:
        """What networks are made from; gamma for targets of unit mean square."""
        task, tau, beta = TASKS[self.task]
        return task, Family(g=1.5, tau=tau, beta=beta, n_units=self.units), self.gamma * task.target_scale


def spectrum(network: RateRNN, family: Family) -> list[float]:
    """Largest modulus, and how far the eight largest together stick out of the circle of radius g."""
    moduli = leading_moduli(network.J.detach() * family.coupling, count=8)
    return [moduli[0], np.maximum(moduli - family.g, 0).sum()]


def draw(case: Case, trajectories: int = 24) -> tuple[np.ndarray, list[RateRNN]]:
    """Means of each chain, shape (chain, quantity), and the last network of each."""
    task, family, gamma = case.settings
    posterior = WeightPosterior(task, family, gamma)
    columns = [OBSERVABLES.index(name) for name in DRAWN]
    means, networks = [], []
    for seed in range(case.runs):
        generator = torch.Generator().manual_seed(seed)
        sampling = Sampling(trajectories=trajectories)
        chain = sample_chain(task, family, gamma, members=9, generator=generator, sampling=sampling)
        members = [posterior.network(state, generator=generator) for state in chain.members]
        spectra = np.mean([spectrum(network, family) for network in members], axis=0)
        means.append([*chain.trace[trajectories // 4 :, columns].mean(axis=0), *spectra])
        networks.append(members[-1])
    return np.array(means), networks


def steepest(case: Case, networks: Sequence[RateRNN]) -> float:
    """Largest curvature among some networks."""
    task, family, gamma = case.settings
    fit = Fit(task, family, gamma)
    found = []
    for network in networks:
        weights = fit.zeros()
        weights.W.copy_(torch.cat([network.J, network.U], dim=1))
        weights.V.copy_(network.R / fit.scale)
        found.append(largest_curvature(fit, Weights(weights.W, weights.V), seed=0))
    return max(found)


def run(case: Case, seed: int, training: Training, start: RateRNN | None = None) -> tuple[list[float], float]:
    """Quantities over the second half of a Langevin run (the spectrum at its end), and the mean ds there."""
    task, family, gamma = case.settings
    generator = torch.Generator().manual_seed(10_000 + seed)
    trained = train(task, family, gamma, generator=generator, training=training, start=start)
    late = trained.history[len(trained.history) // 2 :, [HISTORY.index(name) for name in TRAINED]]
    step = trained.checks[len(trained.checks) // 2 :, 2].mean()
    return [*late.mean(axis=0), *spectrum(trained.network, family)], step


def mean_and_error(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return values.mean(axis=0), values.std(axis=0, ddof=1) / len(values) ** 0.5


def compare(case: Case, what: str, drawn: np.ndarray, unbiased: np.ndarray, bias: np.ndarray) -> None:
    """Print both sides, and assert that they agree and that their error is a small part of what is compared.

    Parameters
    ----------
    case : Case
    what : str
    drawn, unbiased : array, shape (run, quantity)
        The latter Langevin's without what its step adds.
    bias : array, shape (run, quantity)
        What it adds; printed only.
    """
    (expected, drawn_error), (found, trained_error) = mean_and_error(drawn), mean_and_error(unbiased)
    error = np.hypot(drawn_error, trained_error)
    # Welch-Satterthwaite
    freedom = error**4 / (drawn_error**4 / (len(drawn) - 1) + trained_error**4 / (len(unbiased) - 1))
    deviation, limit = (found - expected) / error, student.ppf(1 - UNLIKELY / 2, freedom)
    print(f"\n{case.task}, N = {case.units}, gamma {case.gamma:g}, {what}, {len(unbiased)} runs")
    for k, name in enumerate(QUANTITIES):
        print(
            f"  {name:24} drawn {expected[k]:.5g} +- {drawn_error[k]:.1g}, Langevin {found[k]:.5g} +- "
            f"{trained_error[k]:.1g} (bias of ds taken off: {bias[:, k].mean():+.1g} +- "
            f"{mean_and_error(bias)[1][k]:.1g}), {deviation[k]:+.1f} errors of at most {limit[k]:.1f}"
        )
    for k, name in enumerate(QUANTITIES):
        assert abs(deviation[k]) < limit[k], name
    for name, most in TELLING.items():
        k = QUANTITIES.index(name)
        assert error[k] < most * expected[k], name


@one_thread()
@torch.no_grad()
def check(case: Case, *, cold_runs: int = 0, cold_duration: float = 5.0) -> None:
    """Warm runs, and `cold_runs` from random weights."""
    drawn, networks = draw(case)
    step = SPARE / steepest(case, networks)
    steps = math.ceil(case.duration / step)
    fine, coarse = (
        np.array([
            run(case, seed, Training(steps=steps // k, step=k * step, warm_up=0, record_every=20 // k), network)[0]
            for seed, network in enumerate(networks)
        ])
        for k in (1, COARSER)
    )  # fmt: skip
    bias = (coarse - fine) / (COARSER - 1)
    compare(case, f"from drawn networks, {steps} steps of {step:.2g}", drawn, fine - bias, bias)
    if cold_runs:
        training = Training(steps=math.ceil(0.5 * cold_duration / step), record_every=20)  # of 2 ds, about
        found, shares = zip(*(run(case, 100 + seed, training) for seed in range(cold_runs)), strict=True)
        found, share = np.array(found), np.array(shares).mean() / step
        # The bias was measured by the warm runs. Its error belongs to all cold runs together: as a shift of the other
        # side it enters the comparison once.
        shift = share * bias.mean(axis=0)
        other = drawn + share * (bias[: len(drawn)] - bias.mean(axis=0))
        what = f"from random weights, {training.steps} steps of {share * step:.2g}"
        compare(case, what, other, found - shift, share * bias)


FAST = [
    (Case("reach", 60, 0.2), 0),
    (Case("reach", 60, 0.5), 5),
]


@pytest.mark.parametrize(("case", "cold_runs"), FAST, ids=[f"{case.task}-{case.gamma}" for case, _ in FAST])
def test_langevin_leaves_drawn_networks_what_they_are(case, cold_runs):
    check(case, cold_runs=cold_runs)


@pytest.mark.slow
@pytest.mark.parametrize("gamma", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("task", TASKS)
def test_langevin_agrees_with_drawn_networks(task, gamma):
    check(Case(task, 300, gamma), cold_runs=4)
