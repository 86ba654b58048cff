"""The posterior of currents: gradient, weights drawn from it, and the accept step that makes networks exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from posteriors import TrajectoryPosterior

from neurocompare.models.currents import CurrentPosterior
from neurocompare.models.delayed_acceptance import draw_network, next_network
from neurocompare.models.hmc import start_state
from neurocompare.models.posterior import WeightPosterior
from neurocompare.settings import Family

FAMILY = Family(n_units=12, beta=60.0, tau=0.1)
NOISY = replace(FAMILY, private_noise=0.2)


def normal(size, seed=0):
    return torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "linear"])
@pytest.mark.parametrize("private_noise", [0.0, 0.2])
def test_gradient_against_finite_differences(partly_trained, nonlinearity, private_noise):
    family = replace(FAMILY, nonlinearity=nonlinearity, input_scale=0.8, private_noise=private_noise)
    posterior = CurrentPosterior(partly_trained, family, 0.7, gradient_dtype=torch.float64, jitter=1e-4)
    state, direction = normal(posterior.dimension), normal(posterior.dimension, seed=1)
    step = 1e-6
    up, down = (posterior.evaluate(state + sign * step * direction)[0] for sign in (1, -1))
    assert float(posterior.gradient(state) @ direction) == pytest.approx((up - down) / (2 * step), rel=1e-5)


def test_single_precision_gradients_are_close(task):
    state = normal(CurrentPosterior(task, FAMILY, 0.7).dimension)
    low = CurrentPosterior(task, FAMILY, 0.7).gradient(state)
    high = CurrentPosterior(task, FAMILY, 0.7, gradient_dtype=torch.float64).gradient(state)
    assert low.dtype == torch.float32
    assert float((low - high).norm() / high.norm()) < 1e-3


def test_the_density_is_that_of_the_currents(task):
    """Differences of N F of the currents are those of |z|^2 / 2 + E, less what the Jacobian takes."""
    ours = CurrentPosterior(task, NOISY, 0.7, jitter=0.0)
    other = TrajectoryPosterior(task, NOISY, 0.7, reference_kernel=torch.eye(8, dtype=torch.float64))
    n, values = NOISY.n_units, []
    for seed in (0, 1):
        z = normal(ours.dimension, seed)
        energy = ours.evaluate(z)[0]
        factor = ours._energies.factor
        # The last current of each condition, which drives nothing, is there too: white, given the others.
        currents = torch.cat([factor @ z.view(-1, n), torch.zeros(2, n, dtype=torch.float64)])
        kernel = other._kernel_terms(other.rates(currents))[0]
        whole = torch.linalg.cholesky(NOISY.g**2 * kernel + other.input_kernel)
        currents[-2:] = whole[-2:, :-2] @ torch.linalg.solve_triangular(whole[:-2, :-2], currents[:-2], upper=False)
        free = n * other.free_energy(currents)
        jacobian = n * float(torch.log(torch.diagonal(whole)).sum())
        values.append(free - jacobian - 0.5 * float(z @ z) - energy)
        torch.testing.assert_close(ours.rates(z).flatten(0, 1), other.rates(currents))
    assert values == pytest.approx([0, 0], abs=1e-8)


@pytest.mark.parametrize("family", [FAMILY, NOISY, replace(FAMILY, private_noise=1e-4)])
def test_drawn_weights_give_the_currents_back(task, family):
    """With the noise left over: all of it is jitter without private noise, nearly none of it with much."""
    jitter = 1e-8
    posterior, networks = CurrentPosterior(task, family, 0.7, jitter=jitter), WeightPosterior(task, family, 0.7)
    z = normal(posterior.dimension)
    weights = posterior.draw_weights(z, networks, generator=torch.Generator().manual_seed(3))
    assert len(weights) == networks.dimension
    difference = networks.rates(weights) - posterior.rates(z)
    assert 0 < float(difference.abs().max()) < 100 * jitter**0.5


def test_drawn_weights_and_noise_are_those_of_the_prior_where_currents_are(task):
    """z from its prior makes w = (J, U, zeta) of its own: the moments of a standard Gaussian."""
    posterior, networks = CurrentPosterior(task, NOISY, 0.7), WeightPosterior(task, NOISY, 0.7)
    generator = torch.Generator().manual_seed(4)
    draws = torch.stack(
        [
            posterior.draw_weights(
                torch.randn(posterior.dimension, generator=generator, dtype=torch.float64),
                networks,
                generator=generator,
            )
            for _ in range(400)
        ]
    )
    n, size = len(draws), networks.dimension
    # Squares have variance 2; parts: J, U and zeta.
    for part in (
        draws[:, :168].reshape(n, 12, 14)[..., :12],
        draws[:, :168].reshape(n, 12, 14)[..., 12:],
        draws[:, 168:],
    ):
        numbers = part.numel()
        assert abs(float((part**2).mean()) - 1) < 4 * (2 / numbers) ** 0.5
    correlations = draws.T @ draws / n - torch.eye(size, dtype=torch.float64)
    assert float(correlations.square().mean()) == pytest.approx(1 / n, rel=0.1)


def test_networks_are_accepted_by_their_own_energy(task):
    """From currents with much jitter: refused exactly where the energies say so, and then nothing moves."""
    posterior, networks = CurrentPosterior(task, FAMILY, 0.7, jitter=0.05), WeightPosterior(task, FAMILY, 0.7)
    generator = torch.Generator().manual_seed(5)
    refused = 0
    last = draw_network(
        posterior, networks, start_state(posterior, normal(posterior.dimension), step=0.1), generator=generator
    )
    for seed in range(40):
        state = start_state(posterior, normal(posterior.dimension, seed), step=0.1)
        twin = torch.Generator().manual_seed(0)
        twin.set_state(generator.get_state())
        proposal = draw_network(posterior, networks, state, generator=twin)
        change = proposal.energy - state.energy - (last.energy - last.currents.energy)
        uniform = 1 - float(torch.rand(1, generator=twin, dtype=torch.float64))
        found = next_network(posterior, networks, last, state, generator=generator)
        accept = np.log(uniform) < -change
        assert torch.equal(found.weights, proposal.weights if accept else last.weights)
        assert torch.equal(found.currents.position, state.position if accept else last.currents.position)
        assert found.energy == pytest.approx(networks.evaluate(found.weights)[0])
        refused += not accept
        last = found
    assert 3 < refused < 37
