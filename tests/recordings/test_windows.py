import dataclasses

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.recordings.segment import DEFAULT_SEGMENTS, Segment
from neurocompare.recordings.windows import time_axis, timeline, windows_of


def with_trials(recording, **columns):
    return dataclasses.replace(recording, trials=recording.trials.assign(**columns))


def changed(recording, column, row, value):
    values = recording.trials[column].to_numpy().copy()
    values[row] = value
    return with_trials(recording, **{column: values})


def test_offsets_are_medians_over_the_trials_used(session):
    windows = windows_of(session)
    trials = session.trials
    assert windows.rows.tolist() == list(range(len(trials)))
    assert windows.dropped == ()
    since = trials["move_onset_time"] - trials["target_on_time"]
    np.testing.assert_allclose(windows.offsets, [0.0, since.median()], atol=1e-12)


def test_each_reason_to_leave_a_trial_out_is_counted(session):
    n = len(session.trials)
    success = np.ones(n, dtype=bool)
    success[0] = False
    recording = with_trials(session, success=success)
    recording = changed(recording, "condition", 1, None)
    recording = changed(recording, "move_onset_time", 2, np.nan)
    recording = changed(recording, "stop_time", 3, session.trials["move_onset_time"].iloc[3] + 0.3)
    recording = changed(recording, "move_onset_time", 4, session.trials["target_on_time"].iloc[4] + 0.5)
    windows = windows_of(recording)
    assert windows.dropped == (
        ("failed", 1),
        ("no condition", 1),
        ("event missing", 1),
        ("window outside the trial", 1),
        ("windows overlap", 1),
    )
    assert windows.rows.tolist() == list(range(5, n))


def test_windows_that_just_fit_are_used(session):
    stop = session.trials["move_onset_time"].to_numpy() + 0.35
    assert len(windows_of(with_trials(session, stop_time=stop)).rows) == len(stop)


def test_a_condition_left_without_trials_is_named(session):
    only = session.trials["condition"].to_numpy() == "02-0"
    move = np.where(only, np.nan, session.trials["move_onset_time"])
    with pytest.raises(InputError, match=r"none left in condition 02-0 \(event missing: 5; 20 trials"):
        windows_of(with_trials(session, move_onset_time=move))


def test_windows_outside_all_trials(session):
    with pytest.raises(InputError, match=r"none left in any condition \(window outside the trial: 20"):
        windows_of(session, (Segment("move_onset_time", -0.2, 5.0),))


def test_windows_that_always_overlap(session):
    with pytest.raises(InputError, match="windows overlap: 20"):
        windows_of(session, (Segment("go_cue_time", 0.0, 0.3), Segment("go_cue_time", 0.2, 0.4)))
    with pytest.raises(InputError, match="windows overlap: 20"):
        windows_of(session, DEFAULT_SEGMENTS[::-1])


def test_unknown_event_and_no_conditions(session):
    with pytest.raises(InputError, match="expected trials with lick_time, found target_on_time, go_cue_time"):
        windows_of(session, (Segment("lick_time", 0.0, 0.3),))
    bare = dataclasses.replace(session, trials=session.trials.drop(columns="condition"))
    with pytest.raises(InputError, match="no condition columns in session"):
        windows_of(bare)


@pytest.mark.parametrize(("start", "stop"), [(0.1, 0.1), (0.2, 0.1), (0.0, np.inf), (np.nan, 0.1)])
def test_empty_segments(start, stop):
    with pytest.raises(InputError, match="ends after it starts"):
        Segment("go", start, stop)


def test_time_axis_leaves_out_bins_that_do_not_fit():
    time, segment, event_time = time_axis(DEFAULT_SEGMENTS, [0.0, 0.8], 0.02)
    assert np.bincount(segment).tolist() == [17, 27]
    np.testing.assert_allclose(event_time[[0, 16, 17, -1]], [0.01, 0.33, -0.19, 0.33], atol=1e-12)
    np.testing.assert_allclose(time - event_time, np.where(segment == 0, 0.0, 0.8), atol=1e-12)
    # 0.3 / 0.1 is 2.999...96 in binary: still three bins.
    assert len(time_axis((Segment("go", 0.0, 0.3),), [0.0], 0.1)[0]) == 3
    for bin_width, said in ((0.0, "above 0 s"), (np.nan, "above 0 s"), (0.5, "at least one bin")):
        with pytest.raises(InputError, match=said):
            time_axis(DEFAULT_SEGMENTS, [0.0, 0.8], bin_width)


def test_timeline_is_the_median_trial(session):
    found, trials = timeline(session), session.trials
    target = trials["target_on_time"]
    assert found.target_on == 0.0
    assert found.delay == pytest.approx((trials["go_cue_time"] - target).median())
    assert found.move == pytest.approx((trials["move_onset_time"] - target).median())
    assert found.go + found.reaction_time == pytest.approx(found.move)
    assert found.stop == pytest.approx(found.move + 0.35)


def test_events_a_recording_lacks_are_stood_for_by_the_next(session):
    move = (Segment("move_onset_time", -0.2, 0.3),)
    uncued = timeline(dataclasses.replace(session, events=("target_on_time", "move_onset_time")), segments=move)
    assert uncued.go == uncued.move == 0.0
    assert uncued.target_on == pytest.approx(-timeline(session).move)
    undelayed = timeline(dataclasses.replace(session, events=("go_cue_time", "move_onset_time")), segments=move)
    assert undelayed.target_on == undelayed.go == pytest.approx(-timeline(session).reaction_time, abs=0.05)
