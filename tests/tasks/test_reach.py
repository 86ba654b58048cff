"""The task made from a recording, against a recording whose every number is known."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from neurocompare.errors import InputError
from neurocompare.recordings import average, trials_of
from neurocompare.recordings.recording import Recording, Series
from neurocompare.recordings.segment import Segment
from neurocompare.recordings.windows import Timeline
from neurocompare.settings import Choices
from neurocompare.tasks.reach import cue_times, directions_differ, movement_code, reach_task

ALL = (Segment("target_on_time", 0.0, 0.2), Segment("move_onset_time", -0.1, 0.4))


def reach(angle, time):
    """Velocity after movement onset at `time` s: a half sine of 0.4 s along `angle`."""
    speed = np.where((time > 0) & (time < 0.4), 500 * np.sin(np.pi * time / 0.4), 0.0)
    return speed[:, None] * np.array([np.cos(angle), np.sin(angle)])


def recording_of(angles, *, versions=None, bends=None, delays=(0.30, 0.40, 0.50), reaction=0.2):
    """One trial a delay and condition; velocity is `reach`, bent by `bends`."""
    versions = np.zeros(len(angles), int) if versions is None else versions
    bends = np.zeros(len(angles)) if bends is None else bends
    rows, times, values = [], [], []
    start = 1.0
    for kind, (angle, version, bend) in enumerate(zip(angles, versions, bends, strict=True)):
        for delay in delays:
            on = start + 0.2
            move = on + delay + reaction
            stop = move + 0.7
            time = np.arange(round(1000 * start), round(1000 * stop) + 1) / 1000
            velocity = reach(angle, time - move) + bend * reach(angle + np.pi / 2, 2 * (time - move))
            times.append(time)
            values.append(velocity)
            rows.append(
                {
                    "start_time": start,
                    "stop_time": stop,
                    "target_on_time": on,
                    "go_cue_time": on + delay,
                    "move_onset_time": move,
                    "condition": f"{kind:02d}-{version}",
                    "target_angle": angle,
                }
            )
            start = stop + 1.0
    return Recording(
        name="known",
        spike_times=np.array([1.0, 2.0]),
        spike_ends=np.array([1, 2]),
        units=pd.DataFrame({"area": ["M1", "M1"]}, index=[2011, 2021]),
        trials=pd.DataFrame(rows),
        events=("target_on_time", "go_cue_time", "move_onset_time"),
        behavior=(Series("hand_vel", np.concatenate(times), np.concatenate(values), ("x", "y"), "mm/s"),),
        condition_columns=("target_angle",),
    )


ANGLES = 2 * np.pi * np.arange(4) / 4


def test_timeline_inputs_and_targets_are_the_recordings():
    task = reach_task(recording_of(ANGLES), segments=ALL)
    # median delay 0.4, reaction time 0.2: movement at 0.6, the last window's end at 1.0
    time = task.inputs["time"].values
    np.testing.assert_allclose(time, np.arange(21) * 0.05)
    assert dict(task.events) == pytest.approx({"target_on": 0.0, "go": 0.4, "move": 0.6})
    code = np.stack([np.ones(4), np.cos(ANGLES), np.sin(ANGLES)], axis=1)
    for k, t in enumerate(time):
        np.testing.assert_allclose(task.inputs[:, k], code if t < 0.399 else 0 * code, atol=1e-12)
        # the velocity 0.1 s later, 0.6 s being movement onset; linear interpolation at 1 kHz is off by 4e-3
        wanted = np.concatenate([reach(angle, np.array([t + 0.1 - 0.6])) for angle in ANGLES])
        np.testing.assert_allclose(task.targets[:, k] * task.target_scale, wanted, atol=0.01)
    assert not task.targets.values[:, time < 0.399].any()
    assert task.target_unit == "mm/s"
    np.testing.assert_allclose(task.inputs["target_angle"], ANGLES)


@pytest.mark.parametrize("lag", [0.0, 0.05, 0.15])
def test_lag_shifts_the_targets_only(lag):
    task, reference = (reach_task(recording_of(ANGLES), lag=value, segments=ALL) for value in (lag, 0.1))
    np.testing.assert_array_equal(task.inputs, reference.inputs)
    time = task.targets["time"].values
    wanted = reach(0.0, time + lag - 0.6)[:, 0]
    np.testing.assert_allclose(task.targets[0, :, 0] * task.target_scale, wanted, atol=0.01)
    assert f"t + {lag:g} s" in " ".join(task.notes)


@pytest.mark.parametrize("planted", [-0.06, 0.06])
def test_targets_fit_activity_best_at_the_lead_it_was_planted_with(planted):
    """Activity that follows the movement, as in sensory cortex, has a negative lag."""
    recording = recording_of(ANGLES)
    velocity = recording.behavior[0]
    # Units fire at 150 spikes/s and 0.2 a mm/s of the velocity `planted` later, a spike whenever a whole one is due.
    clock = np.arange(velocity.times[0], velocity.times[-1], 1e-3)
    seen = [np.interp(clock + planted, velocity.times, column) for column in velocity.values.T]
    due = [np.cumsum(150 + 0.2 * each) * 1e-3 for each in seen]
    spikes = [np.interp(np.arange(1, int(each[-1])), each, clock) for each in due]
    recording = dataclasses.replace(
        recording, spike_times=np.concatenate(spikes), spike_ends=np.cumsum([len(each) for each in spikes])
    )
    rates = average(trials_of(recording, segments=MOVE, bin_width=0.01, smoothing=0.02)).values - 150

    def misfit(lag):
        task = reach_task(recording, time_step=0.01, lag=lag, segments=MOVE)
        targets = task.targets.interp(time=-0.15 + 0.01 * (np.arange(rates.shape[1]) + 0.5)).values * task.target_scale
        return ((rates - 0.2 * targets) ** 2).sum()

    lags = np.linspace(-0.12, 0.12, 9)
    assert lags[np.argmin([misfit(lag) for lag in lags])] == pytest.approx(planted)


def test_the_recordings_own_lead_is_used_unless_one_is_given():
    recording = recording_of(ANGLES).read_with(Choices(lag=-0.02))
    assert "at t - 0.02 s" in " ".join(reach_task(recording, segments=ALL).notes)
    assert "at t + 0.05 s" in " ".join(reach_task(recording, segments=ALL, lag=0.05).notes)


def test_time_step_and_stop_set_the_grid():
    task = reach_task(recording_of(ANGLES), time_step=0.02, stop=0.8, segments=ALL)
    np.testing.assert_allclose(task.inputs["time"], np.arange(41) * 0.02)


def test_a_median_go_between_samples_ends_the_cue_at_the_nearest():
    for delay, end in ((0.41, 0.40), (0.43, 0.45)):
        task = reach_task(recording_of(ANGLES, delays=(delay,)), segments=ALL)
        held = task.inputs["time"].values[task.inputs.values[0, :, 0] == 1]
        assert held[-1] == pytest.approx(end - 0.05)
        assert task.event("go") == pytest.approx(end)
        assert task.event("move") == pytest.approx(delay + 0.2)


def test_conditions_of_one_direction_are_coded_by_their_movements():
    # two targets, each reached straight and around a barrier
    angles, bends = np.array([0.0, 0.0, np.pi / 2, np.pi / 2]), np.array([0.0, 1.0, 0.0, 1.0])
    task = reach_task(recording_of(angles, versions=[0, 1, 0, 1], bends=bends), segments=ALL)
    channels = list(task.inputs["channel"].values)
    assert channels[:2] == ["hold", "PC 1"]
    code = task.inputs.values[:, 0, 1:]
    assert (code**2).mean() == pytest.approx(1.0)
    np.testing.assert_allclose(code.mean(axis=0), 0.0, atol=1e-9)
    apart = np.linalg.norm(code[:, None] - code[None], axis=-1)[~np.eye(4, dtype=bool)]
    assert apart.min() > 0.3
    assert any("Direction alone does not tell" in note and "assumption" in note for note in task.notes)


def test_without_angles_the_movements_are_the_code():
    recording = dataclasses.replace(recording_of(ANGLES), condition_columns=())
    assert "PC 1" in reach_task(recording, segments=ALL).inputs["channel"].values


def test_code_keeps_the_geometry_of_movements_it_can_hold():
    # movements in a plane: two components hold all of it, so distances between codes are those of the movements
    # (unevenly spaced, so that the two are not equally large)
    targets = reach_task(recording_of(np.array([0.0, 1.2, 2.0, 4.0])), segments=ALL).targets
    code, share = movement_code(targets)
    assert code.shape == (4, 2)
    assert share == pytest.approx(1.0)
    flat = targets.values.reshape(4, -1)
    apart = [np.linalg.norm(x[:, None] - x[None], axis=-1) for x in (code.values, flat)]
    np.testing.assert_allclose(apart[0] / apart[0].max(), apart[1] / apart[1].max(), atol=1e-9)


def test_identical_movements_have_no_code():
    targets = reach_task(recording_of(ANGLES), segments=ALL).targets
    with pytest.raises(InputError, match="the same in all"):
        movement_code(targets.copy(data=np.broadcast_to(targets.values[:1], targets.shape)))


@pytest.mark.parametrize(
    ("degrees", "differ"),
    [
        ([0, 90, 180], True),
        ([0, 90, 93], False),
        ([1, 90, 359], False),
        ([-179, 179, 0], False),
        ([0, 360, 90], False),
        ([0, np.nan, 9], False),
    ],
)
def test_directions_differ_around_the_circle(degrees, differ):
    assert directions_differ(np.radians(degrees)) is differ


def test_what_is_missing_is_said():
    recording = recording_of(ANGLES)
    for broken, settings, words in (
        (dataclasses.replace(recording, behavior=()), {}, "hand_vel"),
        (dataclasses.replace(recording, events=recording.events[:2]), {}, "move_onset_time"),
        (recording, {"stop": 0.5}, "stop"),
        (recording, {"lag": -1.1}, "lag between -1 and 1 s"),
        (recording, {"stop": 2.0}, "hand_vel"),
        (recording, {"time_step": 0.0}, "time step"),
    ):
        with pytest.raises(InputError, match=words):
            reach_task(broken, segments=ALL, **settings)


MOVE = (Segment("move_onset_time", -0.15, 0.3),)


def test_without_a_delay_the_code_is_given_from_go_until_movement():
    recording = recording_of(ANGLES)
    trials = recording.trials.assign(target_on_time=recording.trials["go_cue_time"])
    task = reach_task(dataclasses.replace(recording, trials=trials), segments=MOVE)
    time = task.inputs["time"].values
    # 0 is movement onset, the reaction time 0.2 s, and the hold 0.2 s before that
    np.testing.assert_allclose(time, -0.4 + 0.05 * np.arange(len(time)), atol=1e-12)
    assert dict(task.events) == pytest.approx({"target_on": -0.2, "go": -0.2, "move": 0.0})
    np.testing.assert_array_equal(task.inputs.values[0, :, 0], time < -0.201)
    np.testing.assert_array_equal(task.inputs.values[0, :, 1], (time > -0.201) & (time < -0.001))
    assert any("There is no delay" in note for note in task.notes)


def test_one_event_is_enough():
    recording = dataclasses.replace(recording_of(ANGLES), events=("move_onset_time",))
    task = reach_task(recording, segments=MOVE)
    time = task.inputs["time"].values
    np.testing.assert_array_equal(task.inputs.values[0, :, 1], time < -0.001)
    assert any("is not known" in note for note in task.notes)


def test_muscles_are_above_rest_and_of_unit_size():
    recording = recording_of(ANGLES)
    velocity = recording.behavior[0]
    # each muscle is rest and the speed along its own axis, at a gain of its own
    axes, gains, rests = (
        np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
        np.array([1e-4, 3.0, 0.1]),
        np.array([5, 1, -2]),
    )
    values = rests * gains + gains * (velocity.values @ axes.T)
    emg = Series("emg", velocity.times, values, ("APL", "BCPs", "ECU"), "arbitrary")
    recording = dataclasses.replace(recording, behavior=(emg,), target="emg")
    task = reach_task(recording, segments=ALL)
    assert task.targets["output"].values.tolist() == ["APL", "BCPs", "ECU"]
    time = task.targets["time"].values
    from_go = task.targets.values[:, time > 0.399]
    assert not task.targets.values[:, time < 0.399].any()
    sizes = np.sqrt((from_go**2).mean(axis=(0, 1)))
    np.testing.assert_allclose(sizes, sizes[0], rtol=1e-9)
    wanted = np.concatenate([reach(angle, time + 0.1 - 0.6) @ axes.T for angle in ANGLES]).reshape(4, len(time), 3)
    for muscle in range(3):
        ratio = np.linalg.lstsq(wanted[:, :, muscle].reshape(-1, 1), task.targets.values[:, :, muscle].ravel())
        assert ratio[1][0] < 1e-4 * (task.targets.values[:, :, muscle] ** 2).sum()


@pytest.mark.parametrize(
    ("told", "off"), [("until-go", 0.4), ("until-movement", 0.6), ("pulse", 0.1)], ids=lambda value: str(value)
)
def test_a_condition_is_told_for_as_long_as_was_asked(told, off):
    """Target on at 0, go at 0.4 and movement at 0.6 s, by the medians."""
    task = reach_task(recording_of(np.radians([0, 90, 180])), cue=told, segments=ALL)
    time, code = task.inputs["time"].values, task.inputs.sel(channel=["cos", "sin"])
    shown = (np.abs(code) > 1e-9).any(("condition", "channel")).values
    np.testing.assert_array_equal(shown, (time > -0.001) & (time < off - 0.001))
    np.testing.assert_array_equal(task.inputs.sel(channel="hold").values[0] == 1, time < 0.399)
    assert any("as was chosen" in note for note in task.notes)


@pytest.mark.parametrize("time_step", [0.05, 0.2])
def test_a_trigger_is_the_same_in_all_conditions_and_lasts_a_sample_at_least(time_step):
    recording = recording_of(np.radians([0, 90, 180]))
    plain = reach_task(recording, segments=ALL, time_step=time_step)
    task = reach_task(recording, segments=ALL, time_step=time_step, trigger=True)
    time, trigger = task.inputs["time"].values, task.inputs.sel(channel="trigger").values
    given = (time > 0.399) & (time < 0.4 + max(0.1, time_step) - 0.001)
    assert given.any()
    np.testing.assert_array_equal(trigger, np.tile(given.astype(float), (3, 1)))
    np.testing.assert_array_equal(task.inputs.sel(channel=plain.inputs["channel"]).values, plain.inputs.values)
    np.testing.assert_array_equal(task.targets.values, plain.targets.values)


@pytest.mark.parametrize(("time_step", "steps"), [(0.04, 2), (0.07, 1), (0.03, 3), (0.025, 4)])
def test_pulses_of_one_task_are_as_long_as_each_other_and_as_its_notes_say(time_step, steps):
    """No multiple of these steps is 0.1 s, but of the last."""
    task = reach_task(
        recording_of(np.radians([0, 90, 180])), segments=ALL, time_step=time_step, cue="pulse", trigger=True
    )
    code = (np.abs(task.inputs.sel(channel=["cos", "sin"])) > 1e-9).any(("condition", "channel")).values
    trigger = task.inputs.sel(channel="trigger").values[0]
    assert code.sum() == trigger.sum() == steps
    assert f"as a pulse of {steps * time_step:.3g} s" in task.notes[1]
    assert f"A trigger of {steps * time_step:.3g} s" in task.notes[-1]


def test_a_code_until_go_wants_a_delay():
    with pytest.raises(InputError, match="expected a delay before go to tell the condition in, found none"):
        cue_times(Timeline(0.0, 0.0, 0.3, 0.7), begin=-0.2, time_step=0.05, cue="until-go")


def test_trials_whose_movement_is_not_all_there_are_said():
    recording = recording_of([0.0, np.pi / 2])
    assert "not recorded" not in " ".join(reach_task(recording).notes)
    trials = recording.trials.copy()
    trials.loc[0, "stop_time"] = trials.loc[0, "move_onset_time"] + 0.41  # its windows end at 0.4 s, the movement later
    assert "The mean is over 5 of 6 trials: of the others it was not recorded for as long." in " ".join(
        reach_task(dataclasses.replace(recording, trials=trials), segments=ALL).notes
    )
