"""The reference task, sample by sample."""

import numpy as np
import pytest

from neurocompare.tasks.oscillation import oscillation


def test_it_is_the_reference_task():
    task = oscillation()
    assert task.inputs.shape == (2, 30, 2)
    assert task.time_step / 0.05 == pytest.approx(0.3)
    raw = task.targets.values[:, :, 0] * task.target_scale
    for k in range(30):
        np.testing.assert_allclose(task.inputs[0, k], [1.0, 0.0] if k < 8 else [0.0, 0.0], atol=1e-12)
        np.testing.assert_allclose(task.inputs[1, k], [-1.0, 0.0] if k < 8 else [0.0, 0.0], atol=1e-12)
        wave = np.sin(2 * np.pi * (k - 5) / 20) if k >= 5 else 0.0
        np.testing.assert_allclose(raw[:, k], [wave, -wave], atol=1e-12)
    assert task.trained.values.all()


def test_its_raw_mean_square_is_the_published_one():
    assert oscillation().target_scale ** 2 == pytest.approx(0.4)
