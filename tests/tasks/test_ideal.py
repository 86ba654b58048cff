"""The minimum-jerk reach against its closed forms."""

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.tasks.ideal import ideal_reach, minimum_jerk_path, minimum_jerk_speed, reach_distance


def test_speed_integrates_to_the_distance_and_peaks_half_way():
    time = np.linspace(-0.1, 0.6, 70_001)
    speed = minimum_jerk_speed(time, duration=0.4, peak_speed=500.0)
    # Flash and Hogan: the peak is 15/8 of the mean speed
    assert np.trapezoid(speed, time) == pytest.approx(500.0 * 0.4 * 8 / 15, rel=1e-8)
    assert reach_distance(duration=0.4, peak_speed=500.0) == pytest.approx(500.0 * 0.4 * 8 / 15)
    assert time[speed.argmax()] == pytest.approx(0.2, abs=1e-5)
    assert speed.max() == pytest.approx(500.0)
    assert not speed[(time <= 0) | (time >= 0.4)].any()


def test_path_is_the_integral_of_the_speed():
    time = np.linspace(0.0, 0.4, 4001)
    speed = minimum_jerk_speed(time, duration=0.4, peak_speed=1.0) / reach_distance(duration=0.4, peak_speed=1.0)
    numeric = np.concatenate([[0], np.cumsum((speed[1:] + speed[:-1]) / 2 * np.diff(time))])
    np.testing.assert_allclose(minimum_jerk_path(time, duration=0.4), numeric, atol=1e-6)


def test_path_has_no_acceleration_at_its_ends():
    step = 1e-4
    for end in (0.0, 0.4):
        around = minimum_jerk_path(end + step * np.array([-1.0, 0.0, 1.0]), duration=0.4)
        assert abs(np.diff(around, 2)[0]) / step**2 < 1.0  # against 1 / 0.4^2 x 5.8 at its largest


def test_default_reach_is_what_the_run_is_sized_for():
    task = ideal_reach()
    assert task.n_samples == 160
    assert task.time_step == pytest.approx(0.05)
    np.testing.assert_allclose(task.inputs["time"], np.arange(20) * 0.05)
    assert task.events == (("target_on", 0.0), ("go", 0.35), ("move", 0.6))
    assert task.trained.values.all()
    assert (task.targets.values**2).mean() == pytest.approx(1.0)


def test_targets_are_the_velocity_a_lead_later():
    task = ideal_reach(lag=0.1)
    velocity = task.targets * task.target_scale
    time, angle = task.targets["time"].values, task.inputs["target_angle"].values
    # by hand: 16 x 600 s^2 (1 - s)^2 with s = (t + 0.1 - 0.6) / 0.35
    for k, t in enumerate(time):
        s = (t - 0.5) / 0.35
        speed = 9600 * s**2 * (1 - s) ** 2 if 0 < s < 1 else 0.0
        np.testing.assert_allclose(velocity[:, k, 0], speed * np.cos(angle), atol=1e-9)
        np.testing.assert_allclose(velocity[:, k, 1], speed * np.sin(angle), atol=1e-9)


def test_nothing_is_asked_before_go_even_with_a_long_lead():
    task = ideal_reach(lag=0.5)
    before = task.targets["time"].values < 0.35 - 1e-9
    assert not task.targets.values[:, before].any()
    assert task.targets.values[:, ~before].any()


def test_directions_are_evenly_spaced_and_all_different():
    task = ideal_reach(directions=6)
    angles = task.inputs["target_angle"].values
    np.testing.assert_allclose(np.diff(angles), np.pi / 3)
    assert len(set(task.inputs["condition"].values)) == 6
    # opposite directions have opposite targets
    np.testing.assert_allclose(task.targets[0], -task.targets[3].values, atol=1e-12)


@pytest.mark.parametrize(
    "setting", [{"directions": 1}, {"delay": -0.1}, {"time_step": 0.0}, {"duration": 0.0}, {"peak_speed": 0.0}]
)
def test_impossible_reaches_are_refused(setting):
    with pytest.raises(InputError):
        ideal_reach(**setting)
