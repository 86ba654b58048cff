"""Thinning keeps what happens when, and covers the conditions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.tasks.task import make_task
from neurocompare.tasks.thinning import spread_conditions, thin_task


def centre_of_mass(targets):
    power = (targets**2).sum(("condition", "output"))
    return float((power * power["time"]).sum() / power.sum())


def test_a_small_task_is_left_alone():
    task = ideal_reach()
    assert thin_task(task, max_samples=160) is task


@pytest.mark.parametrize("factor", [2, 3, 4, 5])
def test_movements_stay_where_they_are_in_time(factor):
    task = ideal_reach(time_step=0.01)
    n_times = task.targets.sizes["time"]
    small = thin_task(task, max_samples=8 * ((n_times - 1) // factor + 1))
    assert small.time_step == pytest.approx(0.01 * factor)
    assert small.targets.sizes["condition"] == 8
    assert abs(centre_of_mass(small.targets) - centre_of_mass(task.targets)) < 0.001


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_targets_that_change_evenly_are_kept_exactly(factor):
    """The mean of a straight line over a window centred on a sample is its value there."""
    time = np.arange(25) * 0.01
    coords = {"condition": ["up", "down"], "time": time}
    sign = xr.DataArray([1.0, -1.0], dims="condition")
    line = xr.DataArray(time[:, None], dims=("time", "output"))
    pulse = xr.DataArray((time < 0.05).astype(float)[:, None], dims=("time", "channel"))
    task = make_task((sign * pulse).assign_coords(coords), (sign * line).assign_coords(coords), name="line")
    small = thin_task(task, max_samples=2 * ((25 - 1) // factor + 1))
    np.testing.assert_allclose(small.targets[0, :, 0] * small.target_scale, small.targets["time"], atol=1e-12)


def test_an_input_drives_for_as_long_as_before():
    """What a network integrates up to a sample is the same: the sum of the inputs before it, times the step."""
    task = ideal_reach(time_step=0.01)
    small = thin_task(task, max_samples=160)
    before = task.inputs.values.cumsum(axis=1) * task.time_step
    after = small.inputs.values.cumsum(axis=1) * small.time_step
    np.testing.assert_allclose(after[:, :-1], before[:, 4::5][:, : after.shape[1] - 1], atol=1e-12)


def test_the_longest_step_is_kept_and_directions_are_covered_evenly():
    task = ideal_reach(directions=12, time_step=0.01)
    small = thin_task(task, max_samples=70, max_step=0.05)
    assert small.time_step == pytest.approx(0.05)
    angles = np.degrees(small.targets["target_angle"].values)
    np.testing.assert_allclose(angles, [0, 120, 240], atol=1e-9)
    assert float((small.targets.values[small.trained.values] ** 2).mean()) == pytest.approx(1)
    assert "3 of 12 conditions" in small.notes[-1]
    assert small.notes[:-1] == task.notes


def test_samples_that_were_not_trained_stay_so():
    task = ideal_reach(time_step=0.01)
    trained = task.trained.copy()
    trained[:, 40:50] = False
    small = thin_task(replace(task, trained=trained), max_samples=160)
    times = small.targets["time"].values[~small.trained.values.all(axis=0)]
    assert times.min() + 0.03 >= 0.4
    assert times.max() < 0.52
    assert small.trained.any()


def test_order_does_not_matter_where_conditions_are_described():
    angles = np.radians([10.0, 200.0, 100.0, 290.0, 55.0, 145.0, 245.0, 335.0])
    described = xr.DataArray(np.zeros(8), dims="condition", coords={"target_angle": ("condition", angles)})
    shuffled = described[[3, 1, 0, 7, 5, 2, 6, 4]]
    chosen = {round(float(angles[i]), 6) for i in spread_conditions(described, 4)}
    assert chosen == {round(float(shuffled["target_angle"][i]), 6) for i in spread_conditions(shuffled, 4)}
    assert chosen == {round(angle, 6) for angle in np.radians([10.0, 100.0, 200.0, 290.0])}


def test_what_cannot_be_thinned_is_refused_with_what_would_do():
    with pytest.raises(InputError, match="allow 40 samples"):
        thin_task(ideal_reach(), max_samples=39)
    assert thin_task(ideal_reach(), max_samples=40).n_samples == 40
