import dataclasses

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.recordings.behavior import behavior_of, interpolated, mean_behavior
from neurocompare.recordings.recording import Series
from neurocompare.recordings.spike_counts import trials_of


def speed(elapsed):
    s = np.clip(elapsed / 0.4, 0, 1)
    return 100 * 30 * s**2 * (1 - s) ** 2 / 0.4


def with_behavior(recording, series):
    return dataclasses.replace(recording, behavior=(series,))


def test_mean_velocity_is_that_of_the_reach_all_trials_make(session):
    times = np.array([-0.15, 0.0, 0.1237, 0.2, 0.39])
    velocity = mean_behavior(session, "hand_vel", times, event="move_onset_time")
    directions = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    # Linear interpolation between samples 1 ms apart errs by up to step^2 / 8 times the largest second derivative.
    bound = 1e-6 / 8 * np.abs(np.gradient(np.gradient(speed(np.arange(0, 0.4, 1e-3)), 1e-3), 1e-3)).max()
    np.testing.assert_allclose(velocity.values, speed(times)[:, None] * directions[:, None, :], atol=1.1 * bound)
    assert velocity.attrs["unit"] == "mm/s"
    assert velocity["n_trials"].values.tolist() == [5, 5, 5, 5]


def test_conditions_come_in_the_order_asked_for(session):
    both = mean_behavior(session, "hand_pos", [0.3], event="move_onset_time", conditions=["04-0", "01-0"])
    assert both["condition"].values.tolist() == ["04-0", "01-0"]
    assert both.values[0, 0, 1] < -50 < 50 < both.values[1, 0, 0]


def test_behavior_has_the_time_axis_of_the_responses(session):
    position, counts = behavior_of(session, "hand_pos"), trials_of(session).counts
    np.testing.assert_array_equal(position["time"].values, counts["time"].values)
    assert position["condition"].values.tolist() == trials_of(session).conditions.index.tolist()
    assert not position.values[:, counts["segment"].values == "target_on_time"].any()


def test_a_gap_in_a_trial_takes_that_trial_out(session):
    series = session.series("hand_vel")
    move = session.trials["move_onset_time"].iloc[0]
    inside = (series.times > move + 0.1) & (series.times < move + 0.11)
    gappy = Series(series.name, series.times[~inside], series.values[~inside], series.columns, series.unit)
    recording = with_behavior(session, gappy)
    label = session.trials["condition"].iloc[0]
    through = mean_behavior(recording, "hand_vel", [0.0, 0.105, 0.2], event="move_onset_time", conditions=[label])
    beside = mean_behavior(recording, "hand_vel", [0.0, 0.2], event="move_onset_time", conditions=[label])
    assert through["n_trials"].item() == 4
    assert beside["n_trials"].item() == 5


def test_nothing_comes_from_a_neighbouring_trial(session_maker):
    recording = session_maker(pause=0.0)
    ends = recording.trials["stop_time"] - recording.trials["move_onset_time"]
    for times in ([0.0, ends.max() + 0.01], [-5.0, 0.0]):
        with pytest.raises(InputError, match="choose times inside the trials"):
            mean_behavior(recording, "hand_vel", times, event="move_onset_time")


def test_values_between_samples_and_where_they_are_sound():
    times = np.array([0.0, 0.1, 0.2, 0.5, 0.6])
    series = Series("s", times, np.stack([times**2, -times], axis=1), ("x", "y"), "mm")
    moments = np.array([-0.01, 0.0, 0.15, 0.2, 0.3, 0.4999999999, 0.55, 0.6, 0.61])
    expected = [False, True, True, True, False, True, True, True, False]
    values, covered = interpolated(series, moments)
    assert covered.tolist() == expected
    np.testing.assert_allclose(values[:, 0], np.interp(moments, times, times**2), atol=1e-12)
    np.testing.assert_allclose(values[:, 1], np.interp(moments, times, -times), atol=1e-12)


def test_missing_series_and_event(session):
    with pytest.raises(InputError, match="expected behaviour called 'emg', found hand_pos, hand_vel in session"):
        mean_behavior(session, "emg", [0.0], event="move_onset_time")
    with pytest.raises(InputError, match="found no behaviour"):
        mean_behavior(dataclasses.replace(session, behavior=()), "emg", [0.0], event="move_onset_time")
    with pytest.raises(InputError, match="expected trials with lick_time"):
        mean_behavior(session, "hand_pos", [0.0], event="lick_time")
