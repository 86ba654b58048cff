"""The record: what it says of itself, and that two solutions stay two."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.parallel import Workers
from neurocompare.settings import Family
from neurocompare.tasks.oscillation import oscillation
from neurocompare.tasks.task import Task, make_task
from neurocompare.theory import mean_field

from .conftest import tiny_task

FAMILY = Family(g=1.5, tau=0.1, beta=20.0, private_noise=0.1)


def test_arrays_are_by_condition_and_time():
    task = tiny_task(conditions=2, times=3)
    one = mean_field(task, FAMILY, [0.5], population=128, trajectories=16)[0]
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


def test_a_population_too_small_is_said():
    ways = {"population": 128, "trajectories": 8, "both_ways": False}
    one = mean_field(oscillation(), Family(g=1.5, tau=0.05, beta=100.0), [0.05], **ways)[0]
    assert not one.converged
    assert "a population of 128 units for 60 samples" in one.why
    assert "at least 240" in one.why


def test_too_few_samples_are_said():
    ways = {"population": 240, "trajectories": 8, "both_ways": False}
    one = mean_field(oscillation(), Family(g=1.5, tau=0.05, beta=100.0), [0.05], **ways)[0]
    assert one.kernel_error > 0.05
    assert not one.converged
    assert "ask for more trajectories" in one.why


def test_more_samples_make_the_kernel_surer():
    """The error falls as the root of units x samples: what two runs of another seed differ by is the errors' size."""
    few, many, other = (
        mean_field(tiny_task(), FAMILY, [0.5], population=size, trajectories=count, seed=seed)[0]
        for size, count, seed in ((100, 8, 0), (1600, 32, 0), (1600, 32, 1))
    )
    assert many.kernel_error < 0.5 * few.kernel_error
    apart = np.linalg.norm(many.kernel - other.kernel) / np.linalg.norm(many.kernel)
    assert apart < 4 * np.hypot(many.kernel_error, other.kernel_error) + 5e-3


def hold_task() -> Task:
    """Remember the sign of a weak first input, after a pause: too much for small networks' memory."""
    coords = {"condition": [0, 1], "time": 0.05 * np.arange(10)}
    sign = np.array([1.0, -1.0])
    inputs, targets = np.zeros((2, 10, 1)), np.zeros((2, 10, 1))
    inputs[:, 0, 0], targets[:, 5:, 0] = sign, sign[:, None]
    arrays = (
        xr.DataArray(values, dims=("condition", "time", name), coords=coords)
        for values, name in ((inputs, "channel"), (targets, "output"))
    )
    return make_task(*arrays, name="hold")


def test_two_solutions_stay_two():
    """Weak inputs and little disorder: at gamma 0.4 units that ignore the task, come from below, and units that learned
    it, come from above, are both minima; learning is a jump."""
    family = Family(g=0.3, tau=0.1, beta=1000.0, input_scale=0.03)
    found = mean_field(hold_task(), family, [0.4, 3.2], population=400)
    both = [each for each in found if each.gamma == 0.4]
    assert [each.branch for each in both] == ["from above", "from below"]
    learned, ignorant = both
    assert learned.free_energy < 0.5 * ignorant.free_energy
    assert learned.activity > 100 * ignorant.activity
    assert ignorant.loss == pytest.approx(0.5, rel=0.01)  # that of the zero output
    assert learned.loss < 0.1


def test_processes_change_nothing():
    gammas = [0.3, 0.6]
    alone, together = (
        mean_field(tiny_task(), FAMILY, gammas, population=128, trajectories=16, workers=Workers(jobs))
        for jobs in (1, 2)
    )
    assert [each.free_energy for each in alone] == [each.free_energy for each in together]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"gammas": []}, "expected gammas"),
        ({"gammas": [-1.0]}, "gamma to be a number >= 0"),
        ({"gammas": [0.1], "population": 3}, "population"),
        ({"gammas": [0.1], "trajectories": 0}, "trajectories"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, said):
    with pytest.raises(InputError, match=said):
        mean_field(tiny_task(), FAMILY, **settings)
