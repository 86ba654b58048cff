"""Networks drawn for the oscillation task against figures measured with another sampler, of whole trajectories.

The figures are means of long Hamiltonian Monte Carlo chains over currents at N = 300, g = 1.5 and sigma_0^2 = 1e-3;
their spread from chain to chain is 0.02 in participation ratio, 2 % in activity, 5 % in loss and 0.5 in F.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from posteriors import TrajectoryPosterior, WeightPotential

from neurocompare.models.chain import sample_chain
from neurocompare.models.observables import OBSERVABLES
from neurocompare.models.rate_rnn import respond
from neurocompare.models.sampling import Sampling
from neurocompare.settings import Family
from neurocompare.tasks.oscillation import oscillation

NOISE = 1e-3**0.5
TASK = oscillation()
FAMILY = Family(g=1.5, tau=TASK.time_step / 0.3, beta=100.0, n_units=300)
# gamma counts in units of the original targets there, of targets with unit mean square here.
SCALE = TASK.target_scale
TABLE = {
    0.5: {"participation_ratio": 3.05, "activity": 0.284, "loss": 0.0042, "expected_loss": 0.0045, "F": -129.8},
    1.0: {"participation_ratio": 2.46, "activity": 0.357, "loss": 0.0024, "expected_loss": 0.0025, "F": -127.0},
}
SPREAD = {"participation_ratio": 0.02, "activity": 0.02 * 0.3, "loss": 0.05 * 0.004, "expected_loss": 0.05 * 0.004}
ROUNDING = {"participation_ratio": 0.005, "activity": 0.0005, "loss": 5e-5, "expected_loss": 5e-5}
SAMPLING = Sampling(trajectories=20)
CHAINS = 3


def chains(gamma: float, private_noise: float, members: int):
    return [
        sample_chain(
            TASK,
            replace(FAMILY, private_noise=private_noise),
            gamma * SCALE,
            members=members,
            generator=torch.Generator().manual_seed(seed),
            sampling=SAMPLING,
        )
        for seed in range(CHAINS)
    ]


@pytest.mark.parametrize("gamma", TABLE)
def test_samples_have_the_moments_of_the_table(gamma):
    sampled = chains(gamma, NOISE, members=10)
    means = {name: np.array([chain.trace[:, k].mean() for chain in sampled]) for k, name in enumerate(OBSERVABLES)}
    for name in ("loss", "expected_loss"):
        means[name] *= SCALE**2
    for name, spread in SPREAD.items():
        found = means[name]
        error = math.hypot(spread, found.std(ddof=1) / CHAINS**0.5) + ROUNDING[name]
        assert abs(found.mean() - TABLE[gamma][name]) < 3 * error, name
    noisy = replace(FAMILY, private_noise=NOISE)
    posterior = WeightPotential(TASK, noisy, gamma * SCALE)
    reference = torch.eye(TASK.n_samples, dtype=torch.float64)
    other = TrajectoryPosterior(TASK, noisy, gamma * SCALE, reference_kernel=reference)
    energies = [
        [other.free_energy(posterior.currents(state).flatten(0, 1)) for state in chain.members] for chain in sampled
    ]
    assert abs(np.mean(energies) - TABLE[gamma]["F"]) < 3 * math.hypot(0.5, np.std(np.mean(energies, axis=1)))


def test_networks_without_noise_have_the_expected_loss():
    """Simulated from their weights, the mean loss of drawn networks is the mean of E[L | C]."""
    posterior = WeightPotential(TASK, FAMILY, 0.5 * SCALE)
    generator = torch.Generator().manual_seed(9)
    differences = []
    for chain in chains(0.5, 0.0, members=4):
        for state in chain.members:
            expected = posterior.evaluate(state)[1].expected_loss
            losses = [respond(posterior.network(state, generator=generator), TASK)[1] for _ in range(8)]
            differences.append(np.mean(losses) - expected)
    assert abs(np.mean(differences)) < 3 * np.std(differences, ddof=1) / len(differences) ** 0.5
