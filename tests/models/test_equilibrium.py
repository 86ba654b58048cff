"""The verdict on runs of which it is known whether they came to rest."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from neurocompare.models.equilibrium import judge, leading_moduli

G, UNITS = 1.5, 400
SPECTRUM = np.array([1.9, 1.9, 1.52, 1.51])


def records(count=400, drift=0.0, scatter=0.05, correlation=0.5, seed=0):
    """A loss of 0.01, tr C of 0.3 and PR of 3, each with correlated scatter and a drift over the second half."""
    rng, noise = np.random.default_rng(seed), np.zeros((count, 3))
    for k in range(1, count):
        noise[k] = correlation * noise[k - 1] + (1 - correlation**2) ** 0.5 * rng.standard_normal(3)
    trend = 1 + drift * np.linspace(-1, 1, count)[:, None]
    values = np.array([0.01, 0.3, 3.0]) * (1 + scatter * noise) * trend
    return np.column_stack([np.arange(count), values, values[:, 0]])


def verdict(history, halfway=SPECTRUM, end=SPECTRUM, duration=10.0):
    return judge(history, halfway, end, g=G, n_units=UNITS, duration=duration)


def test_a_run_at_rest_is_called_so_and_nearly_always():
    verdicts = [verdict(records(seed=seed)) for seed in range(200)]
    assert sum(each.equilibrated for each in verdicts) > 180
    resting = next(each for each in verdicts if each.equilibrated)
    assert "2 eigenvalues outside the bulk" in resting.why


@pytest.mark.parametrize(
    ("history", "changes", "sentence"),
    [
        (records(drift=0.3), {}, "still moving"),
        (records(), {"duration": 1.7}, "give 3 times the steps"),
        (records(count=30), {}, "too few to judge"),
        (records(correlation=0.99, scatter=0.5, seed=2), {}, "more steps"),
        (records(), {"end": np.array([2.2, 2.2, 1.5, 1.5])}, "spectrum still moves"),
        (records(), {"halfway": np.array([1.5, 1.5, 1.5, 1.5])}, "spectrum still moves"),
    ],
)
def test_a_run_not_at_rest_is_called_so_with_the_reason(history, changes, sentence):
    found = verdict(history, **changes)
    assert not found.equilibrated
    assert sentence in found.why


def test_eigenvalues_inside_the_bulk_do_not_count():
    assert verdict(records(), halfway=np.array([1.5, 1.4]), end=np.array([1.3, 1.0])).equilibrated


def test_moduli_of_a_rotation_beside_a_bulk():
    recurrent = torch.randn(300, 300, generator=torch.Generator().manual_seed(0)) / 300**0.5
    recurrent[:2], recurrent[:, :2] = 0, 0
    recurrent[0, 1], recurrent[1, 0] = -2, 2
    np.testing.assert_allclose(leading_moduli(recurrent, count=2), 2, rtol=1e-6)
    assert leading_moduli(recurrent)[2] == pytest.approx(1, abs=0.15)
