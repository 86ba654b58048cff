"""Networks drawn from noisy trajectories, run without the noise: how far they miss what they were drawn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from posteriors import TrajectoryPosterior, WeightPotential, draw_from_trajectories

from neurocompare.models.chain import sample_chain
from neurocompare.models.sampling import Sampling
from neurocompare.settings import Family
from neurocompare.tasks.oscillation import oscillation

TASK = oscillation()
SCALE = TASK.target_scale
FAMILY = Family(g=1.5, tau=TASK.time_step / 0.3, beta=100.0, n_units=300)


@torch.no_grad()
@pytest.mark.parametrize(
    ("variance", "noisy_miss", "silent_miss"), [(1e-4, 1.0, 0.7), (1e-3, 3.1, 2.2), (1e-2, 10.0, 8.0)]
)
def test_misses_and_losses_of_networks_drawn_from_trajectories(variance, noisy_miss, silent_miss):
    """Percent misses at N = 300 and gamma 0.5, as measured with another sampler; they round to one digit."""
    family, gamma = replace(FAMILY, private_noise=variance**0.5), 0.5 * SCALE
    weights = WeightPotential(TASK, family, gamma)
    reference = torch.eye(TASK.n_samples, dtype=torch.float64)
    trajectories = TrajectoryPosterior(TASK, family, gamma, reference_kernel=reference)
    generator = torch.Generator().manual_seed(2)
    inputs, targets = torch.from_numpy(TASK.inputs.values), torch.from_numpy(TASK.targets.values)
    misses, losses = {True: [], False: []}, []
    for seed in range(2):
        chain = sample_chain(
            TASK,
            family,
            gamma,
            members=4,
            generator=torch.Generator().manual_seed(seed),
            sampling=Sampling(trajectories=12),
        )
        for state in chain.members:
            currents = weights.currents(state).flatten(0, 1)
            expected_loss = weights.evaluate(state)[1].expected_loss
            rates = weights.rates(state).transpose(0, 1)
            for noisy in (True, False):
                drawn = draw_from_trajectories(trajectories, currents, TASK, generator=generator, noisy=noisy)
                silent, outputs = drawn.network(inputs)
                replayed, _ = drawn.network(inputs, private_noise=drawn.private_noise)
                assert float((replayed - rates).abs().max()) < 1e-8
                misses[noisy].append(100 * float((silent - rates).norm() / rates.norm()))
                losses.append(0.5 * float(((outputs - targets) ** 2).mean()) / expected_loss)
    for noisy, known in ((True, noisy_miss), (False, silent_miss)):
        error = np.std(misses[noisy], ddof=1) / len(misses[noisy]) ** 0.5
        assert abs(np.mean(misses[noisy]) - known) < 3 * error + 0.05 + 0.05 * known
    # The loss without noise agrees with E[L | C] within the scatter of readouts.
    assert abs(np.mean(losses) - 1) < 3 * np.std(losses, ddof=1) / len(losses) ** 0.5 + 0.02
