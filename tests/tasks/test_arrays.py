"""Tasks from arrays, and from real muscles."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from neurocompare.errors import InputError
from neurocompare.tasks.arrays import task_from_arrays, task_from_muscles

MUSCLES = Path(__file__).parents[3] / "shared" / "data" / "reach-emg-8dir-cc0.mat"
real_muscles = pytest.mark.skipif(not MUSCLES.exists(), reason=f"needs {MUSCLES.name} beside the repository")


def test_arrays_keep_their_values_and_labels():
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(3, 5, 2)), rng.normal(size=(3, 5, 4))
    trained = np.ones((3, 5), bool)
    trained[2, 4] = False
    task = task_from_arrays(
        inputs,
        targets,
        time_step=0.02,
        conditions=list("abc"),
        outputs=list("wxyz"),
        trained=trained,
        events={"go": 0.04},
    )
    np.testing.assert_array_equal(task.inputs, inputs)
    np.testing.assert_allclose(task.targets * task.target_scale, targets)
    assert list(task.targets["output"].values) == list("wxyz")
    assert not task.trained.sel(condition="c").values[4]
    assert not task.trained.values[:, 0].any()  # the targets differ from zero where every network still rests
    assert task.time_step == pytest.approx(0.02)
    assert task.event("go") == 0.04


def test_ambiguous_conditions_are_named():
    inputs = np.ones((3, 5, 1)) * np.array([1.0, 2.0, 1.0])[:, None, None]
    targets = np.random.default_rng(0).normal(size=(3, 5, 1))
    with pytest.raises(InputError, match="left and right have equal inputs"):
        task_from_arrays(inputs, targets, time_step=0.1, conditions=["left", "up", "right"])


def test_shapes_that_do_not_fit_are_refused():
    for inputs, targets, more in (
        (np.ones((2, 5)), np.ones((2, 5, 1)), {}),
        (np.ones((2, 5, 1)), np.ones((3, 5, 1)), {}),
        (np.ones((2, 5, 1)), np.ones((2, 5, 1)), {"conditions": ["only one"]}),
        (np.ones((2, 5, 1)), np.ones((2, 5, 1)), {"trained": np.ones((5, 2))}),
    ):
        with pytest.raises(InputError):
            task_from_arrays(inputs, targets, time_step=0.1, **more)


@real_muscles
def test_real_muscles_at_20_ms():
    task = task_from_muscles(MUSCLES)
    assert task.targets.shape == (8, 167, 13)
    assert task.time_step == pytest.approx(0.02)
    raw = loadmat(MUSCLES)["all_EMG"]
    # each muscle is its 20 ms means over its own root mean square, whatever its gain was
    for muscle, direction, k in ((0, 0, 50), (4, 3, 100), (12, 7, 166)):
        binned = raw[muscle, : 167 * 20].reshape(167, 20, 8).mean(axis=1)
        expected = binned[k, direction] / np.sqrt((binned**2).mean())
        assert float(task.targets[direction, k, muscle] * task.target_scale) == pytest.approx(expected)
    assert any("assumed" in note for note in task.notes)


@real_muscles
def test_muscles_do_not_depend_on_their_gains(tmp_path):
    raw = loadmat(MUSCLES)["all_EMG"]
    savemat(tmp_path / "gains.mat", {"all_EMG": raw * np.geomspace(0.01, 100, 13)[:, None, None]})
    np.testing.assert_allclose(task_from_muscles(tmp_path / "gains.mat").targets, task_from_muscles(MUSCLES).targets)


@real_muscles
def test_a_window_in_wider_bins_makes_a_small_task():
    task = task_from_muscles(MUSCLES, start=0.3, stop=2.1, bin_width=0.05)
    assert task.n_samples == 288
    assert task.event("go") == pytest.approx(0.2)
    assert not task.inputs.values[:, task.inputs["time"] >= 0.2].any()
    assert (task.inputs.values[:, task.inputs["time"] < 0.19, 0] == 1).all()


@real_muscles
def test_real_muscles_agree_with_the_assumed_order_of_directions():
    # directions evenly spaced in file order: the further apart two of them, the less alike the muscles
    activity = task_from_muscles(MUSCLES).targets.values
    distance = ((activity[:, None] - activity[None]) ** 2).mean(axis=(2, 3))
    steps = (np.arange(8)[:, None] - np.arange(8)) % 8
    by_step = [distance[np.minimum(steps, 8 - steps) == step].mean() for step in range(1, 5)]
    assert by_step == sorted(by_step)


def test_muscle_files_that_cannot_serve_are_refused(tmp_path):
    with pytest.raises(InputError, match="MATLAB"):
        task_from_muscles(tmp_path / "absent.mat")
    (tmp_path / "text.mat").write_text("muscles, in words " * 20)
    with pytest.raises(InputError, match="MATLAB"):
        task_from_muscles(tmp_path / "text.mat")
    muscles = np.random.default_rng(0).normal(size=(2, 2000, 4))
    savemat(tmp_path / "other.mat", {"emg": muscles})
    with pytest.raises(InputError, match="emg"):
        task_from_muscles(tmp_path / "other.mat")
    with pytest.raises(InputError, match="0 <= start < go < stop"):
        task_from_muscles(tmp_path / "other.mat", variable="emg", stop=9.0)
    muscles[1] = 0.0
    savemat(tmp_path / "silent.mat", {"emg": muscles})
    with pytest.raises(InputError, match="muscle 1 silent"):
        task_from_muscles(tmp_path / "silent.mat", variable="emg")
