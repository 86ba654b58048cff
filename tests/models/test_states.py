"""States: chains of one gamma that no scalar tells apart, and chains that are all alike."""

import numpy as np
import pandas as pd
import pytest

from neurocompare.models.states import APART, chains_apart, told_apart


def network(direction, generator, *, units=400, noise=0.3):
    """A ring of 8 conditions whose units prefer the axes turned by `direction`, each up to sign."""
    angles = np.arange(8) * np.pi / 4
    axes = direction + np.pi / 2 * generator.integers(4, size=units)
    tuned = np.tanh(4 * np.cos(angles[:, None] - axes))
    return tuned + noise * generator.standard_normal((8, units))


def test_mirror_states_have_one_loss_and_one_dimension_and_are_told_apart():
    generator = np.random.default_rng(0)
    straight, oblique = ([network(turned, generator) for _ in range(2)] for turned in (0.0, np.pi / 4))
    dimensions = [
        np.trace(kernel) ** 2 / (kernel**2).sum() for one in (*straight, *oblique) for kernel in [one @ one.T]
    ]
    assert np.ptp(dimensions) < 0.1 * np.mean(dimensions)
    assert chains_apart([straight, oblique]) > APART


def test_chains_of_one_state_are_about_as_far_apart_as_their_networks():
    found = []
    for seed in range(50):
        generator = np.random.default_rng(seed)
        found.append(chains_apart([[network(0.0, generator) for _ in range(2)] for _ in range(2)]))
    # Six distances of four independent networks: two within chains, four between.
    assert np.mean(found) == pytest.approx(1, abs=4 * np.std(found) / np.sqrt(50) + 0.1)
    assert max(found) < APART


def test_no_order_of_units_or_networks_matters_and_a_third_chain_is_enough():
    generator = np.random.default_rng(3)
    chains = [[network(turned, generator) for _ in range(2)] for turned in (0.0, 0.0, np.pi / 4)]
    whole = chains_apart(chains)
    assert whole > APART
    shuffled = [[one[:, generator.permutation(400)] for one in reversed(chain)] for chain in reversed(chains)]
    assert chains_apart(shuffled) == pytest.approx(whole)
    assert chains_apart(chains[:2]) < APART


def test_nothing_is_said_where_chains_agree_or_were_not_compared():
    table = pd.DataFrame({"group": ["a", "a", "b"], "gamma": [0.4, 0.4, 0.0], "chains_apart": [1.2, 1.2, np.nan]})
    assert told_apart(table) == told_apart(table.drop(columns="chains_apart")) == ()
    assert len(told_apart(table.assign(chains_apart=9.0))) == 2
