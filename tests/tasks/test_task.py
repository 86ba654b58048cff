"""Task: what make_task promises and refuses, and its file."""

import numpy as np
import pytest
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.tasks.task import load_task, make_task, save_task


def arrays(inputs, targets, conditions=None, time_step=0.1):
    inputs, targets = np.asarray(inputs, float), np.asarray(targets, float)
    coords = {
        "condition": conditions or [f"c{i}" for i in range(len(inputs))],
        "time": np.arange(inputs.shape[1]) * time_step,
    }
    return (
        xr.DataArray(inputs, dims=("condition", "time", "channel"), coords=coords),
        xr.DataArray(targets, dims=("condition", "time", "output"), coords=coords),
    )


def random_arrays(seed=0, conditions=3, samples=7, channels=2, outputs=2):
    rng = np.random.default_rng(seed)
    inputs, targets = rng.normal(size=(conditions, samples, channels)), rng.normal(size=(conditions, samples, outputs))
    targets[:, 0] = 0.0
    return arrays(inputs, targets)


def test_targets_have_unit_mean_square_over_trained_samples():
    inputs, targets = random_arrays()
    trained = xr.DataArray(np.ones((3, 7), bool), dims=("condition", "time"))
    trained[0, 3:] = False
    task = make_task(inputs, 5.0 * targets, name="t", trained=trained)
    kept = task.targets.values[task.trained.values]
    assert (kept**2).mean() == pytest.approx(1.0, rel=1e-12)
    # undoing the scale gives the targets back
    np.testing.assert_allclose(task.targets * task.target_scale, 5.0 * targets, rtol=1e-12)


def test_rescaled_targets_change_only_the_scale():
    inputs, targets = random_arrays()
    one, five = make_task(inputs, targets, name="t"), make_task(inputs, 5.0 * targets, name="t")
    np.testing.assert_allclose(one.targets, five.targets, rtol=1e-12)
    assert five.target_scale == pytest.approx(5.0 * one.target_scale)


def test_first_sample_is_trained_only_where_its_targets_are_zero():
    inputs, targets = random_arrays()
    assert make_task(inputs, targets, name="t").trained.values.all()
    targets[1, 0, 0] = 0.5
    trained = make_task(inputs, targets, name="t").trained.values
    assert not trained[:, 0].any()
    assert trained[:, 1:].all()


def test_caller_keeps_its_mask():
    inputs, targets = random_arrays()
    targets[1, 0, 0] = 0.5
    trained = xr.DataArray(np.ones((3, 7), bool), dims=("condition", "time"))
    make_task(inputs, targets, name="t", trained=trained)
    assert trained.values.all()


def test_equal_inputs_with_different_targets_are_refused_by_name():
    inputs, targets = random_arrays(conditions=4)
    inputs[3] = inputs[1]
    with pytest.raises(InputError, match="c1 and c3 have equal inputs and different targets"):
        make_task(inputs, targets, name="t")


def test_equal_inputs_are_fine_where_the_difference_is_not_trained():
    inputs, targets = random_arrays(conditions=2)
    inputs[1] = inputs[0]
    targets[1, :5] = targets[0, :5]
    trained = xr.DataArray(np.arange(7) < 5, dims="time").expand_dims(condition=2)
    assert make_task(inputs, targets, name="t", trained=trained).n_samples == 14


def test_bad_tasks_are_refused_in_one_line():
    inputs, targets = random_arrays()
    cases = {
        "expected inputs with dims": (inputs.transpose("time", "condition", "channel"), targets),
        "expected finite targets, found 1": (inputs, targets.where(targets != targets[0, 1, 0])),
        "on the same times": (inputs, targets.assign_coords(time=targets["time"] + 1)),
        "on the same conditions": (inputs, targets.assign_coords(condition=["a", "b", "c"])),
        "regular ascending grid": tuple(a.assign_coords(time=np.arange(7.0) ** 2) for a in (inputs, targets)),
        "nothing to learn": (inputs, 0 * targets),
        "found 'a' more than once": tuple(a.assign_coords(condition=["a", "a", "b"]) for a in (inputs, targets)),
    }
    for words, (bad_inputs, bad_targets) in cases.items():
        with pytest.raises(InputError, match=words) as caught:
            make_task(bad_inputs, bad_targets, name="t")
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="expected trained with dims"):
        make_task(inputs, targets, name="t", trained=xr.DataArray(np.ones((7, 3)), dims=("time", "condition")))


def test_file_gives_the_task_back(tmp_path):
    task = ideal_reach()
    back = load_task(save_task(task, tmp_path / "task.nc"))
    assert back.name == task.name
    assert back.notes == task.notes
    assert back.events == task.events
    assert back.continuation == task.continuation is not None
    assert (back.target_scale, back.target_unit) == (task.target_scale, task.target_unit)
    for one, other in ((back.inputs, task.inputs), (back.targets, task.targets), (back.trained, task.trained)):
        xr.testing.assert_equal(one, other)
        assert one.dtype == other.dtype


def test_what_is_not_a_task_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected a task"):
        load_task(tmp_path / "absent.nc")
    (tmp_path / "text.nc").write_text("not a task")
    with pytest.raises(InputError, match="expected a task"):
        load_task(tmp_path / "text.nc")


def test_event_is_found_by_name():
    task = ideal_reach()
    assert task.event("go") == 0.35
    with pytest.raises(InputError, match="'reward'"):
        task.event("reward")
