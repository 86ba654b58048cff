"""Two routes to infinitely many units: the mean-field theory, and networks of two sizes extrapolated in 1 / N."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from posteriors import WeightPotential
from scipy.stats import ttest_ind

from neurocompare.models.chain import sample_chain
from neurocompare.models.sampling import Sampling
from neurocompare.settings import Family
from neurocompare.tasks.oscillation import oscillation
from neurocompare.theory import mean_field

TASK = oscillation()
FAMILY = Family(g=1.5, tau=TASK.time_step / 0.3, beta=100.0)
GAMMAS = (0.3, 1.0)
CHAINS, MEMBERS = 4, 5
SIZES = (120, 240)


def network_means(gamma: float, units: int) -> np.ndarray:
    """Mean kernel of each chain's members, shape (chain, condition, time, condition, time)."""
    family = replace(FAMILY, n_units=units)
    posterior = WeightPotential(TASK, family, gamma)
    kernels = []
    for seed in range(CHAINS):
        generator = torch.Generator().manual_seed(seed)
        sampling = Sampling(trajectories=4 * MEMBERS)
        chain = sample_chain(TASK, family, gamma, members=MEMBERS, generator=generator, sampling=sampling)
        total = np.zeros((2, 30, 2, 30))
        for state in chain.members:
            preactivation, rates = torch.zeros(2, units, dtype=torch.float64), []
            for current in posterior.currents(state):
                rates.append(torch.tanh(preactivation))
                preactivation = 0.7 * preactivation + 0.3 * current
            rates = torch.stack(rates).numpy()
            total += np.einsum("tcn,sdn->ctds", rates, rates) / units / MEMBERS
        kernels.append(total)
    return np.stack(kernels)


@pytest.fixture(scope="module")
def theories() -> dict[float, np.ndarray]:
    """Kernels of three climbs, by gamma: a climb passes all of them.

    What is left of their scatter is at most a third of that of networks in every summary below.
    """
    scaled = [gamma * TASK.target_scale for gamma in GAMMAS]
    climbs = [
        mean_field(TASK, FAMILY, scaled, population=800, trajectories=16, both_ways=False, seed=seed)
        for seed in range(3)
    ]
    solved = np.stack([[field.kernel.reshape(60, 60) for field in climb] for climb in climbs])
    return dict(zip(GAMMAS, solved.swapaxes(0, 1), strict=True))


def p_values(networks: np.ndarray, theory: np.ndarray) -> list[float]:
    """Welch's t-test of each summary of C: chains are few, and their errors known as roughly."""
    _, axes = np.linalg.eigh(theory.mean(axis=0))
    first, second, third = axes[:, -1], axes[:, -2], axes[:, -3]
    summaries = [np.trace] + [
        lambda kernel, left=left, right=right: left @ kernel @ right
        for left, right in ((first, first), (second, second), (third, third), (first, second))
    ]
    pairs = ([[summary(kernel) for kernel in kernels] for kernels in (networks, theory)] for summary in summaries)
    return [float(ttest_ind(*pair, equal_var=False).pvalue) for pair in pairs]


@pytest.mark.parametrize("gamma", GAMMAS)
def test_networks_extrapolated_are_the_theory(gamma, theories):
    """tr C and the leading projections of C: the theory of this gamma is not told apart from networks, another's is."""
    scaled = gamma * TASK.target_scale
    small, large = (network_means(scaled, units).reshape(CHAINS, 60, 60) for units in SIZES)
    # Chains of the two sizes are independent, so any pairing of them gives the error of the difference.
    extrapolated = 2 * large - small
    for other, solved in theories.items():
        p = p_values(extrapolated, solved)
        # One of all the summaries of both gammas does so by chance in 1 % of machines' random numbers.
        assert min(p) > 0.01 / (len(p) * len(GAMMAS)) if other == gamma else min(p) < 0.001, (other, p)
