from __future__ import annotations

import numpy as np
import torch

from neurocompare.models.rate_rnn import RateRNN, respond


def make_network(units: int = 6, channels: int = 2, outputs: int = 2) -> RateRNN:
    generator = torch.Generator().manual_seed(1)
    weights = [
        torch.randn(*shape, generator=generator, dtype=torch.float64)
        for shape in ((units, units), (units, channels), (outputs, units))
    ]
    return RateRNN(*weights, g=1.3, step_fraction=0.4, input_scale=0.7)


def test_simulation_follows_the_equation_unit_by_unit():
    network = make_network()
    inputs = torch.randn(3, 5, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    with torch.no_grad():
        rates, outputs = network(inputs)
    J, U, R = (weights.detach().numpy() for weights in (network.J, network.U, network.R))
    for c in range(3):
        x = np.zeros(6)
        for t in range(5):
            np.testing.assert_allclose(rates[c, t], np.tanh(x), atol=1e-12)
            np.testing.assert_allclose(outputs[c, t], R @ np.tanh(x), atol=1e-12)
            current = 1.3 / np.sqrt(6) * J @ np.tanh(x) + 0.7 * U @ inputs[c, t].numpy() / np.sqrt(2)
            x = 0.6 * x + 0.4 * current


def test_backpropagation_reaches_every_weight():
    network = make_network()
    _, outputs = network(torch.ones(3, 5, 2, dtype=torch.float64))
    outputs.pow(2).sum().backward()
    assert all(bool((weights.grad != 0).all()) for weights in network.parameters())


def test_responses_carry_the_labels_and_the_loss(task):
    responses, loss = respond(make_network(), task)
    assert responses.sizes == {"condition": 2, "time": 4, "unit": 6}
    np.testing.assert_array_equal(responses["time"], task.inputs["time"])
    assert float(abs(responses.isel(time=0)).max()) == 0  # from rest
    outputs = responses.values @ make_network().R.detach().numpy().T
    assert np.isclose(loss, 0.5 * ((outputs - task.targets.values) ** 2).mean())
