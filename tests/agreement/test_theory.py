"""Two routes to infinitely many units: the mean-field theory, and networks of two sizes extrapolated in 1 / N."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from posteriors import WeightPotential

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


@pytest.mark.parametrize("gamma", GAMMAS)
def test_networks_extrapolated_are_the_theory(gamma, theories):
    """tr C, the leading projections of C and the loss of the mean C, within 3.5 standard errors."""
    scaled, solved = gamma * TASK.target_scale, theories[gamma]
    expected = solved.mean(axis=0)
    small, large = (network_means(scaled, units).reshape(CHAINS, 60, 60) for units in SIZES)
    # Chains of the two sizes are independent, so any pairing of them gives the error of the difference.
    extrapolated = 2 * large - small
    _, axes = np.linalg.eigh(expected)
    summaries = {
        "trace": lambda kernel: np.trace(kernel),
        "first": lambda kernel: axes[:, -1] @ kernel @ axes[:, -1],
        "second": lambda kernel: axes[:, -2] @ kernel @ axes[:, -2],
        "third": lambda kernel: axes[:, -3] @ kernel @ axes[:, -3],
        "across": lambda kernel: axes[:, -1] @ kernel @ axes[:, -2],
    }
    for name, summary in summaries.items():
        networks, theory = (np.array([summary(kernel) for kernel in kernels]) for kernels in (extrapolated, solved))
        error = np.hypot(*(values.std(ddof=1) / len(values) ** 0.5 for values in (networks, theory)))
        assert abs(networks.mean() - theory.mean()) < 3.5 * error, name
    # It must be able to fail: the theory of random networks is far from these.
    random = mean_field(TASK, FAMILY, [0.0])[0].kernel.reshape(60, 60)
    assert np.linalg.norm(random - expected) > 5 * np.linalg.norm(extrapolated.mean(0) - expected)
