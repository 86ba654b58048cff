"""Real muscles as a task: those that come with the package, and those of a MATLAB file."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.io import loadmat, savemat

from neurocompare.errors import InputError
from neurocompare.files import shipped
from neurocompare.settings import Choices
from neurocompare.tasks import BUILT_IN, muscles, task_from_muscles
from neurocompare.workflows.zoo import task_of

MUSCLES = Path(__file__).parents[3] / "shared" / "data" / "reach-emg-8dir-cc0.mat"
real_muscles = pytest.mark.skipif(not MUSCLES.exists(), reason=f"needs {MUSCLES.name} beside the repository")


@pytest.mark.parametrize("time_step", [0.02, 0.05])
def test_the_built_in_muscles(time_step):
    task = muscles(time_step=time_step)
    assert dict(task.targets.sizes) == {"condition": 8, "time": round(1.8 / time_step), "output": 13}
    assert task.time_step == pytest.approx(time_step)
    assert task.trained.values.all()
    original = task.targets.values * task.target_scale
    before = task.inputs["time"].values < 0.2 - 1e-9
    assert (original[:, before] == 0).all()
    # Every muscle counts alike, and all together have unit mean square.
    np.testing.assert_allclose((original[:, ~before] ** 2).mean(axis=(0, 1)), 1)
    assert (task.targets.values**2).mean() == pytest.approx(1)
    np.testing.assert_array_equal(task.inputs.values[:, before, 0], 1)
    assert not task.inputs.values[:, ~before].any()
    angles = task.inputs["target_angle"].values
    np.testing.assert_allclose(task.inputs.sel(channel="sin").values[:, 0], np.sin(angles))
    assert task.event("go") == 0.2


def test_what_is_guessed_is_said():
    notes = " ".join(muscles().notes)
    assert "no time axis: its samples are assumed to be 0.001 s apart" in notes
    assert "Nor does it say when go was: assumed at 0.5 s" in notes
    assert "directions are assumed evenly spaced" in notes


def test_they_agree_with_the_assumed_order_of_directions():
    # directions evenly spaced in file order: the further apart two of them, the less alike the muscles
    activity = muscles().targets.values
    distance = ((activity[:, None] - activity[None]) ** 2).mean(axis=(2, 3))
    steps = (np.arange(8)[:, None] - np.arange(8)) % 8
    by_step = [distance[np.minimum(steps, 8 - steps) == step].mean() for step in range(1, 5)]
    assert by_step == sorted(by_step)


def test_they_are_known_by_name_with_their_step():
    assert set(BUILT_IN) == {"oscillation", "ideal_reach", "muscles"}
    assert task_of("muscles").inputs.sizes["time"] == 36
    assert task_of("muscles", Choices(time_step=0.02)).time_step == pytest.approx(0.02)
    with pytest.raises(InputError, match=r"a multiple of 0.01 s, found 0.015 s"):
        task_of("muscles", Choices(time_step=0.015))
    with pytest.raises(InputError, match=r"0 <= start < go < stop <= 3\.34 s"):
        muscles(stop=4.0)


def test_the_file_is_small_and_says_what_it_is():
    assert shipped("muscles-1.nc").stat().st_size < 80_000
    with xr.open_dataarray(shipped("muscles-1.nc"), engine="h5netcdf") as stored:
        assert stored.dtype == np.float32
        assert stored.attrs["license"] == "CC0-1.0"
        assert "Hatsopoulos" in stored.attrs["title"]


@real_muscles
def test_the_built_in_muscles_are_the_published_ones():
    """Two routes from the recording: through the file of the package, rounded there, and straight from the original."""
    ours = muscles(time_step=0.02)
    theirs = task_from_muscles(MUSCLES, bin_width=0.02, start=0.3, stop=2.1)
    # Rounded to at most 2^-11.5 of the largest value of a muscle, a few of its root mean squares.
    np.testing.assert_allclose(ours.targets, theirs.targets, atol=2e-3)
    np.testing.assert_array_equal(ours.inputs, theirs.inputs)
    assert ours.notes == theirs.notes


@real_muscles
def test_a_file_of_muscles_at_20_ms():
    task = task_from_muscles(MUSCLES)
    assert task.targets.shape == (8, 167, 13)
    raw = loadmat(MUSCLES)["all_EMG"]
    # each muscle is its 20 ms means above rest, over their root mean square, whatever its gain was; go is at sample 25
    for muscle, direction, k in ((0, 0, 50), (4, 3, 100), (12, 7, 166)):
        binned = raw[muscle, : 167 * 20].reshape(167, 20, 8).mean(axis=1)
        above = binned - binned[:25].mean()
        expected = above[k, direction] / np.sqrt((above[25:] ** 2).mean())
        assert float(task.targets[direction, k, muscle] * task.target_scale) == pytest.approx(expected)


@real_muscles
def test_muscles_do_not_depend_on_their_gains(tmp_path):
    raw = loadmat(MUSCLES)["all_EMG"]
    savemat(tmp_path / "gains.mat", {"all_EMG": raw * np.geomspace(0.01, 100, 13)[:, None, None]})
    np.testing.assert_allclose(task_from_muscles(tmp_path / "gains.mat").targets, task_from_muscles(MUSCLES).targets)


def test_muscle_files_that_cannot_serve_are_refused(tmp_path):
    with pytest.raises(InputError, match="MATLAB"):
        task_from_muscles(tmp_path / "absent.mat")
    (tmp_path / "text.mat").write_text("muscles, in words " * 20)
    with pytest.raises(InputError, match="MATLAB"):
        task_from_muscles(tmp_path / "text.mat")
    activity = np.random.default_rng(0).normal(size=(2, 2000, 4))
    savemat(tmp_path / "other.mat", {"emg": activity})
    with pytest.raises(InputError, match="emg"):
        task_from_muscles(tmp_path / "other.mat")
    with pytest.raises(InputError, match="0 <= start < go < stop"):
        task_from_muscles(tmp_path / "other.mat", variable="emg", stop=9.0)
    activity[1] = 0.0
    savemat(tmp_path / "silent.mat", {"emg": activity})
    with pytest.raises(InputError, match="found muscle 1 that does not"):
        task_from_muscles(tmp_path / "silent.mat", variable="emg")
