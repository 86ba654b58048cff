"""The record: what it says of itself, and that two solutions stay two."""

from __future__ import annotations

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.models.family import Family
from neurocompare.tasks.oscillation import oscillation
from neurocompare.theory import mean_field

from .conftest import tiny_task

FAMILY = Family(g=1.5, tau=0.1, beta=20.0, private_noise=0.1)


def test_arrays_are_by_condition_and_time():
    task = tiny_task(conditions=2, times=3)
    one = mean_field(task, FAMILY, [0.5], points=256, rank=2)[0]
    assert one.kernel.shape == (2, 3, 2, 3)
    np.testing.assert_allclose(one.kernel, one.kernel.transpose(2, 3, 0, 1), atol=1e-12)
    assert (one.kernel[:, 0] == 0).all()  # networks start at rest
    flat = one.kernel.reshape(6, 6)
    ridge = np.linalg.solve(flat + np.eye(6) * 6 / 20, task.targets.values.reshape(6, 1))
    np.testing.assert_allclose(one.output.reshape(6, 1), flat @ ridge, atol=1e-10)
    assert one.loss == pytest.approx(0.5 * ((one.output - task.targets.values) ** 2).mean())
    assert one.participation_ratio == pytest.approx(np.trace(flat) ** 2 / (flat**2).sum())


def test_untrained_samples_do_not_enter_the_loss():
    trained = np.ones((1, 4), bool)
    trained[0, 2] = False
    task = tiny_task(trained=trained)
    one = mean_field(task, FAMILY, [0.0])[0]
    errors = (one.output - task.targets.values)[trained]
    assert one.loss == pytest.approx(0.5 * (errors**2).mean())


def test_too_few_points_are_said():
    one = mean_field(oscillation(), Family(g=1.5, tau=0.05, beta=100.0), [0.6], points=128, rank=2)[0]
    assert not one.converged
    assert "points carry the average" in one.why


def test_a_poor_family_of_laws_is_said():
    one = mean_field(oscillation(), Family(g=1.5, tau=0.05, beta=100.0), [0.9], points=1024, rank=1)[0]
    assert not one.converged
    assert "upper bound" in one.why


def test_processes_change_nothing():
    gammas = [0.3, 0.6]
    alone, together = (mean_field(tiny_task(), FAMILY, gammas, points=256, rank=2, jobs=jobs) for jobs in (1, 2))
    assert [each.free_energy for each in alone] == [each.free_energy for each in together]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"gammas": []}, "expected gammas"),
        ({"gammas": [-1.0]}, "gamma to be a number >= 0"),
        ({"gammas": [0.1], "points": 3}, "points"),
        ({"gammas": [0.1], "rank": 0}, "rank"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, said):
    with pytest.raises(InputError, match=said):
        mean_field(tiny_task(), FAMILY, **settings)
