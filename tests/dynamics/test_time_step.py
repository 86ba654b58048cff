"""As the time step goes to zero at fixed tau, trajectories and exponents converge, at first order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neurocompare.dynamics import lyapunov_spectrum, network_map, trial
from neurocompare.dynamics.network_map import NetworkMap

TAU = 0.05


def refined(network, task, factor) -> NetworkMap:
    """The same network with steps `factor` times shorter; inputs are held over a step."""
    system = network_map(network, np.repeat(task.inputs.values, factor, axis=1), task.time_step / factor)
    return replace(system, step_fraction=network.step_fraction / factor)


def test_trajectories_converge_at_first_order(random_network, task):
    network = random_network(g=1.5, n_units=100)
    ends = {}
    for factor in (1, 4, 8, 16, 32):
        system = refined(network, task, factor)
        assert system.tau == pytest.approx(TAU)
        ends[factor] = system.run(np.zeros((2, 100)), len(system.drive))[-1]
    np.testing.assert_allclose(ends[1], trial(network, task)[-1], atol=1e-12)
    # At first order the difference of a step and its half falls by two as both are halved.
    gaps = [np.linalg.norm(ends[2 * factor] - ends[factor]) for factor in (4, 8, 16)]
    ratios = np.array(gaps[:-1]) / gaps[1:]
    assert np.abs(np.log2(ratios) - 1).max() < 0.2
    assert gaps[-1] < 0.03 * np.linalg.norm(ends[32])


def test_exponents_in_seconds_converge_at_first_order(random_network, task):
    """At a stable rest: log |1 - a + a lambda| / (a tau) -> (Re lambda - 1) / tau, with an error of order a."""
    network = random_network(g=0.7, n_units=60)
    eigenvalues = np.linalg.eigvals(network.recurrent.detach().double().numpy())
    limit = (eigenvalues.real.max() - 1) / TAU
    found = []
    for factor in (2, 4, 8):
        a = network.step_fraction / factor
        system = replace(refined(network, task, factor), drive=np.zeros((1, 2, 60)))
        spectrum = lyapunov_spectrum(
            system.step, system.push, np.zeros((2, 60)), time_step=system.time_step, steps=1000 * factor,
            transient=300 * factor, every=factor,
        )  # fmt: skip
        exact = np.log(np.abs(1 - a + a * eigenvalues).max()) / system.time_step
        assert spectrum.largest == pytest.approx(exact, abs=0.02 * abs(exact))
        found.append(exact)
    errors = np.abs(np.array(found) - limit)
    assert np.abs(np.log2(errors[:-1] / errors[1:]) - 1).max() < 0.2


def test_exponents_of_a_chaotic_network_agree_as_the_step_shrinks(random_network, task):
    """Two refinements of the same network agree within their errors, per second and not per step."""
    network = random_network(g=3.0, n_units=200)
    found = []
    for factor in (4, 8):
        system = replace(refined(network, task, factor), drive=np.zeros((1, 4, 200)))
        start = np.random.default_rng(0).standard_normal((4, 200))
        found.append(
            lyapunov_spectrum(
                system.step,
                system.push,
                start,
                time_step=system.time_step,
                steps=800 * factor,
                transient=200 * factor,
                every=factor,
            )
        )
    error = np.hypot(found[0].errors[0], found[1].errors[0])
    assert found[0].verdict == found[1].verdict == "positive"
    assert error < 0.15 * found[0].largest
    assert abs(found[0].largest - found[1].largest) < 3.5 * error
