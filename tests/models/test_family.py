from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from neurocompare.errors import InputError
from neurocompare.models.family import check_gamma, check_gammas
from neurocompare.models.law import Likelihood
from neurocompare.settings import Family

DOUBLE = torch.float64


def random_case(seed: int = 0, samples: int = 7, units: int = 9, outputs: int = 2):
    generator = torch.Generator().manual_seed(seed)
    rates = torch.randn(samples, units, generator=generator, dtype=DOUBLE)
    targets = torch.randn(samples, outputs, generator=generator, dtype=DOUBLE)
    return rates, targets


@pytest.mark.parametrize("trained", [torch.arange(7), torch.tensor([0, 2, 3, 6])])
def test_energy_is_the_readout_integrated_out(trained):
    """Against the closed form of the Gaussian integral over V, written with the marginal covariance of the targets."""
    rates, targets = random_case()
    gamma, precision, n = 0.7, 3.0, rates.shape[1]
    terms = Likelihood(targets, trained, gamma, precision, n, readouts=2).terms(rates @ rates.T / n)
    phi, wanted = rates[trained], targets[trained]
    # y = phi V / (N gamma), V ~ N(0, 1), seen with noise variance 1 / (b N gamma^2).
    covariance = phi @ phi.T / (n * gamma) ** 2 + torch.eye(len(trained), dtype=DOUBLE) / (precision * n * gamma**2)
    marginal = torch.distributions.MultivariateNormal(torch.zeros(len(trained), dtype=DOUBLE), covariance)
    # The likelihood exp(-b N gamma^2 |y - y*|^2 / 2) lacks the normalisation of a Gaussian density.
    missing = 0.5 * len(trained) * math.log(precision * n * gamma**2 / (2 * math.pi))
    expected = -sum(float(marginal.log_prob(wanted[:, o])) - missing for o in range(2))
    assert terms.energy == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("trained", [torch.arange(7), torch.tensor([0, 2, 3, 6])])
def test_field_is_the_gradient_of_the_energy(trained):
    rates, targets = random_case()
    n = rates.shape[1]
    likelihood = Likelihood(targets, trained, gamma=0.7, precision=3.0, n_units=n, readouts=2)

    def energy(phi):
        return likelihood.terms(phi @ phi.T / n).energy

    field = likelihood.terms(rates @ rates.T / n).field
    torch.testing.assert_close(likelihood.field(rates @ rates.T / n), field)
    direction = random_case(seed=1)[0]
    numeric = (energy(rates + 1e-5 * direction) - energy(rates - 1e-5 * direction)) / 2e-5
    assert float(((field @ rates) * direction).sum()) == pytest.approx(numeric, rel=1e-7)


def test_drawn_readouts_have_the_expected_loss():
    rates, targets = random_case()
    n, trained = rates.shape[1], torch.arange(7)
    likelihood = Likelihood(targets, trained, gamma=0.7, precision=3.0, n_units=n, readouts=2)
    terms = likelihood.terms(rates @ rates.T / n)
    generator = torch.Generator().manual_seed(5)
    outputs = torch.stack([rates @ likelihood.draw_readout(rates, generator=generator).T for _ in range(4000)])
    losses = 0.5 * ((outputs - targets) ** 2).mean(dim=(1, 2))
    assert float(losses.mean()) == pytest.approx(terms.expected_loss, abs=3 * float(losses.std()) / 4000**0.5)
    spread = outputs.std(dim=0) / 4000**0.5
    assert bool(((outputs.mean(dim=0) - terms.output).abs() < 4.5 * spread).all())


def test_reservoir_readout_is_ridge_regression():
    rates, targets = random_case()
    n, precision, trained = rates.shape[1], 3.0, torch.arange(7)
    likelihood = Likelihood(targets, trained, gamma=0.0, precision=precision, n_units=n, readouts=2)
    readout = likelihood.draw_readout(rates, generator=torch.Generator())
    ridge = torch.eye(n, dtype=DOUBLE) * n / precision
    expected = torch.linalg.solve(rates.T @ rates + ridge, rates.T @ targets).T
    torch.testing.assert_close(readout, expected)


@pytest.mark.parametrize("gamma", [-0.1, math.nan, "many", None])
def test_gamma_must_be_a_number_not_below_zero(gamma):
    with pytest.raises(InputError, match="expected gamma to be a number >= 0"):
        check_gamma(gamma)


def test_gamma_is_bounded():
    with pytest.raises(InputError, match="expected gamma to be 0, or from 1e-30 to 10000, found inf"):
        check_gamma(math.inf)


def test_the_grid_is_ascending_and_without_repeats():
    assert check_gammas([0.4, 0, 1.6]) == (0.0, 0.4, 1.6)
    with pytest.raises(InputError, match=r"0\.4 more than once"):
        check_gammas([0.4, 0, 0.4])
    assert check_gammas([0.4]) == (0.4,)
    with pytest.raises(InputError, match="at least one gamma"):
        check_gammas([])


@pytest.mark.parametrize("setting", [{"g": 0}, {"tau": -1}, {"beta": np.nan}, {"nonlinearity": "cubic"}])
def test_settings_are_checked(setting):
    with pytest.raises(InputError, match=next(iter(setting))):
        Family(**setting)


def test_a_time_step_above_tau_is_refused():
    with pytest.raises(InputError, match="time step"):
        Family(tau=0.01).step_fraction(0.05)
