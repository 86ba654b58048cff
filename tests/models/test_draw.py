from __future__ import annotations

import numpy as np
import torch
from posteriors import TrajectoryPosterior, draw_from_trajectories, random_currents

from neurocompare.settings import Family

NOISE = 0.1


def setting(task, n_units=30):
    family = Family(n_units=n_units, beta=60.0, tau=0.1, private_noise=NOISE)
    reference = 0.3 * torch.eye(task.n_samples, dtype=torch.float64)
    posterior = TrajectoryPosterior(task, family, 0.7, reference_kernel=reference)
    currents = random_currents(task, family, generator=torch.Generator().manual_seed(0))
    return posterior, currents


def test_replaying_the_private_noise_gives_the_trajectories_back(task):
    posterior, currents = setting(task)
    drawn = draw_from_trajectories(posterior, currents, task, generator=torch.Generator().manual_seed(1))
    inputs = torch.from_numpy(task.inputs.values)
    with torch.no_grad():
        rates, _ = drawn.network(inputs, private_noise=drawn.private_noise)
        silent, _ = drawn.network(inputs)
    expected = posterior.rates(currents).view(4, 2, -1).transpose(0, 1)
    assert float((rates - expected).abs().max()) < 1e-8
    assert float((silent - expected).abs().max()) > 1e-3  # the noise matters


def test_weights_and_noise_of_random_networks_have_their_prior_moments(task):
    """Currents of random networks, weights drawn back: J, U and zeta must again be standard normal."""
    moments = []
    for seed in range(40):
        posterior, _ = setting(task)
        generator = torch.Generator().manual_seed(seed)
        currents = random_currents(task, posterior.family, generator=generator)
        drawn = draw_from_trajectories(posterior, currents, task, generator=generator)
        noise = drawn.private_noise[:, :-1] / NOISE
        network = drawn.network
        moments.append([float((each**2).mean()) for each in (network.J.detach(), network.U.detach(), noise)])
    moments = np.array(moments)
    assert (abs(moments.mean(0) - 1) < 3.5 * moments.std(0, ddof=1) / 40**0.5).all()


def test_without_the_noise_draw_the_residual_is_smaller(task):
    posterior, currents = setting(task)
    sizes = [
        float(
            draw_from_trajectories(
                posterior, currents, task, generator=torch.Generator().manual_seed(1), noisy=noisy
            ).private_noise.norm()
        )
        for noisy in (True, False)
    ]
    assert sizes[1] < sizes[0]
