from __future__ import annotations

import math

import pytest
import torch

from neurocompare.models.nonlinearity import get_nonlinearity
from neurocompare.models.rate_rnn import simulate
from neurocompare.models.through_time import ThroughTime, empty_weights

UNITS, CHANNELS, TIMES, CONDITIONS = 7, 2, 6, 3
COUPLING, NOISE = 1.5 / math.sqrt(UNITS), 0.3


def normal(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def make_engine(nonlinearity="tanh", step_fraction=0.4, dtype=torch.float64, channels=CHANNELS):
    return ThroughTime(
        normal(TIMES, CONDITIONS, channels, seed=1, dtype=dtype),
        n_units=UNITS,
        coupling=COUPLING,
        step_fraction=step_fraction,
        nonlinearity=nonlinearity,
        private_noise=NOISE,
    )


def reference(engine, weights, zeta):
    """The same network by `rate_rnn.simulate`, which autograd can follow."""
    drive = engine.sources[:, :, UNITS:] * COUPLING @ weights[:, UNITS:].T
    if zeta is not None:
        drive = drive + NOISE * zeta
    name = engine._nonlinearity.name
    return simulate(weights[:, :UNITS] * COUPLING, drive, engine.step_fraction, get_nonlinearity(name))


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "linear"])
@pytest.mark.parametrize("noisy", [True, False])
@pytest.mark.parametrize("step_fraction", [0.4, 1.0])
def test_rates_and_gradients_are_those_of_autograd(nonlinearity, noisy, step_fraction):
    engine = make_engine(nonlinearity, step_fraction)
    weights = normal(UNITS, UNITS + CHANNELS).requires_grad_()
    zeta = normal(TIMES, CONDITIONS, UNITS, seed=2).requires_grad_() if noisy else None
    rates = reference(engine, weights, zeta)
    pull = normal(TIMES, CONDITIONS, UNITS, seed=3)
    (rates * pull + rates**2 / 2).sum().backward()
    with torch.no_grad():
        for _ in range(2):  # the work space is left in order for the next pass
            found = engine.simulate(weights, zeta)
            torch.testing.assert_close(found, rates)
            currents = engine.backpropagate(weights, pull + found)
            torch.testing.assert_close(engine.weight_gradient(), weights.grad)
        if noisy:
            torch.testing.assert_close(NOISE * currents, zeta.grad)


def test_a_step_down_the_gradient_in_place():
    engine, weights = make_engine(), normal(UNITS, UNITS + CHANNELS)
    engine.backpropagate(weights, engine.simulate(weights))
    stepped = empty_weights(UNITS, CHANNELS, dtype=torch.float64).copy_(weights)
    engine.weight_gradient(stepped, keep=0.9, scale=-0.1)
    torch.testing.assert_close(stepped, 0.9 * weights - 0.1 * engine.weight_gradient())


def test_single_precision_is_close():
    results = []
    for dtype in (torch.float32, torch.float64):
        engine, weights = make_engine(dtype=dtype), normal(UNITS, UNITS + CHANNELS, dtype=dtype)
        engine.backpropagate(weights, engine.simulate(weights))
        results.append(engine.weight_gradient().double())
    torch.testing.assert_close(*results, rtol=1e-4, atol=1e-5)


def test_a_network_without_inputs_is_driven_by_its_noise_alone():
    engine, weights = make_engine(channels=0), normal(UNITS, UNITS)
    assert float(engine.simulate(weights).abs().max()) == 0
    zeta = normal(TIMES, CONDITIONS, UNITS, seed=2)
    torch.testing.assert_close(engine.simulate(weights, zeta), reference(engine, weights, zeta))


@pytest.mark.parametrize("times", [2, 3])
def test_short_windows(times):
    engine = ThroughTime(
        normal(times, 1, CHANNELS, seed=1), n_units=UNITS, coupling=COUPLING, step_fraction=0.4, nonlinearity="tanh"
    )
    weights = normal(UNITS, UNITS + CHANNELS).requires_grad_()
    rates = reference(engine, weights, None)
    (rates.sum() + 0 * weights.sum()).backward()
    with torch.no_grad():
        torch.testing.assert_close(engine.simulate(weights), rates)
        engine.backpropagate(weights, torch.ones_like(rates))
        torch.testing.assert_close(engine.weight_gradient(), weights.grad)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_finds_the_same():
    results = []
    for device in ("cpu", "cuda"):
        engine = ThroughTime(
            normal(TIMES, CONDITIONS, CHANNELS, seed=1).to(device),
            n_units=UNITS,
            coupling=COUPLING,
            step_fraction=0.4,
            nonlinearity="tanh",
        )
        weights = normal(UNITS, UNITS + CHANNELS).to(device)
        engine.backpropagate(weights, engine.simulate(weights))
        results.append(engine.weight_gradient().cpu())
    torch.testing.assert_close(*results)
