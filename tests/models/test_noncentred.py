"""Currents made of white noise: their rates, gradient and Jacobian against autograd on the plain formulas."""

from __future__ import annotations

import math

import pytest
import torch

from neurocompare.models.noncentred import NonCentred
from neurocompare.models.nonlinearity import get_nonlinearity

CONDITIONS, TIMES, UNITS = 3, 6, 5
G, STEP = 1.5, 0.4
CURRENTS = CONDITIONS * (TIMES - 1)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


INPUTS = normal(CURRENTS, CURRENTS, seed=5)
KERNEL = INPUTS @ INPUTS.T / CURRENTS + 0.01 * torch.eye(CURRENTS, dtype=torch.float64)


def engine(nonlinearity="tanh", dtype=torch.float64, kernel=KERNEL, g=G, units=UNITS):
    return NonCentred(
        kernel, n_conditions=CONDITIONS, n_units=units, g=g, step_fraction=STEP, nonlinearity=nonlinearity, dtype=dtype
    )


def by_the_formulas(z, nonlinearity="tanh"):
    """Rates and currents, with a factorisation from scratch at every step."""
    rate = get_nonlinearity(nonlinearity).rate
    rates, currents, x = [], [], torch.zeros(CONDITIONS, UNITS, dtype=torch.float64)
    for t in range(TIMES):
        rates.append(rate(x))
        if t < TIMES - 1:
            so_far = torch.cat(rates)
            n = len(so_far)
            factor = torch.linalg.cholesky(G**2 / UNITS * so_far @ so_far.T + KERNEL[:n, :n])
            currents.append((factor @ z[:n])[-CONDITIONS:])
            x = (1 - STEP) * x + STEP * currents[-1]
    return torch.cat(rates), torch.cat(currents)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "linear"])
def test_rates_and_gradient_are_those_of_the_formulas(nonlinearity):
    z = normal(CURRENTS, UNITS).requires_grad_()
    rates, currents = by_the_formulas(z, nonlinearity)
    field = normal(len(rates), len(rates), seed=1)
    field = field + field.T
    (expected,) = torch.autograd.grad(0.5 * (rates * (field @ rates)).sum(), z)
    ours = engine(nonlinearity)
    torch.testing.assert_close(ours.simulate(z.detach()), rates.detach())
    torch.testing.assert_close(ours.factor @ z.detach(), currents.detach())
    torch.testing.assert_close(ours.symmetric_kernel(), rates.detach() @ rates.detach().T / UNITS)
    torch.testing.assert_close(ours.backpropagate(field), expected)
    # A second pass does not see what the first has left.
    ours.simulate(normal(CURRENTS, UNITS, seed=2))
    ours.simulate(z.detach())
    torch.testing.assert_close(ours.backpropagate(field), expected)


def test_the_jacobian_is_the_determinant_of_the_covariance():
    """log |d eta / dz| = (N / 2) log det Sigma: what cancels in the density of the currents."""
    z = normal(CURRENTS, UNITS)
    jacobian = torch.autograd.functional.jacobian(lambda z: by_the_formulas(z)[1], z)
    found = torch.linalg.slogdet(jacobian.reshape(CURRENTS * UNITS, -1)).logabsdet
    ours = engine()
    ours.simulate(z)
    torch.testing.assert_close(found, UNITS * torch.log(torch.diagonal(ours.factor)).sum())
    covariance = G**2 * ours.symmetric_kernel()[:CURRENTS, :CURRENTS] + KERNEL
    torch.testing.assert_close(found, 0.5 * UNITS * torch.logdet(covariance))


def test_single_precision_is_close_where_the_covariance_is_nearly_singular():
    nearly = INPUTS[:, :2] @ INPUTS[:, :2].T + 1e-8 * torch.eye(CURRENTS, dtype=torch.float64)
    z, field = normal(CURRENTS, 60), torch.eye(CURRENTS + CONDITIONS, dtype=torch.float64)
    gradients = []
    for dtype in (torch.float32, torch.float64):
        ours = engine(dtype=dtype, kernel=nearly, units=60)
        ours.simulate(z)
        gradients.append(ours.backpropagate(field.to(dtype)).double())
    assert float((gradients[0] - gradients[1]).norm() / gradients[1].norm()) < 1e-3


def test_rates_beyond_double_precision_are_an_error():
    with pytest.raises(torch.linalg.LinAlgError, match="positive definite"):
        engine("linear", g=1e12).simulate(1e8 * normal(CURRENTS, UNITS))


def test_two_samples_are_the_fewest():
    ours = NonCentred(
        KERNEL[:CONDITIONS, :CONDITIONS], n_conditions=CONDITIONS, n_units=UNITS, g=G, step_fraction=STEP,
        nonlinearity="tanh", dtype=torch.float64,
    )  # fmt: skip
    z = normal(CONDITIONS, UNITS)
    rates = ours.simulate(z)
    factor = torch.linalg.cholesky(KERNEL[:CONDITIONS, :CONDITIONS])
    torch.testing.assert_close(rates[CONDITIONS:], torch.tanh(STEP * factor @ z))
    gradient = ours.backpropagate(torch.eye(2 * CONDITIONS, dtype=torch.float64))
    expected = factor.T @ (STEP * (1 - rates[CONDITIONS:] ** 2) * rates[CONDITIONS:])
    torch.testing.assert_close(gradient, expected)
    assert math.isfinite(float(gradient.sum()))
