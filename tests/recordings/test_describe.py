import dataclasses
from pathlib import Path

import numpy as np
import pytest

from neurocompare.recordings.describe import describe, describe_events, missing_for_comparison, rates_in_trials
from neurocompare.recordings.nwb import open_recording
from neurocompare.recordings.observed import Observed
from neurocompare.recordings.recording import Recording

AUTHENTIC = Path(__file__).parents[2].parent / "shared" / "data" / "sub-Jenkins_ses-small_desc-test_ecephys.nwb"


@pytest.mark.skipif(not AUTHENTIC.exists(), reason="the authentic MC_Maze_Small test file is not beside the repository")
def test_authentic_file_says_what_is_missing():
    recording = open_recording(AUTHENTIC)
    missing = missing_for_comparison(recording)
    assert [sentence.split(":")[0] for sentence in missing] == [
        "conditions",
        "behaviour",
    ]
    text = describe(recording)
    for part in (
        "107 (52 PMd, 55 M1); 32,897 spikes",
        "100, 0.7 s long",
        "move_onset_time",
        "missing for a comparison",
    ):
        assert part in text


def test_a_complete_recording_says_what_would_be_used(session):
    assert missing_for_comparison(session) == ()
    text = describe(session)
    for part in (
        "8 (4 PMd, 4 M1)",
        "4, 5 trials each; target_x, target_y",
        "hand_pos (x, y) in mm; hand_vel (x, y) in mm/s",
        "a network with gamma = 0.4, g = 1.5",
        "20 trials; 5 a condition",
        "8 units kept",
    ):
        assert part in text


def test_an_event_that_two_names_have_is_one_event(session):
    trials = session.trials.assign(cue=session.trials["go_cue_time"], lift=session.trials["move_onset_time"] + 0.01)
    trials.loc[trials.index[0], ["go_cue_time", "cue"]] = np.nan
    named = dataclasses.replace(session, trials=trials, events=("go_cue_time", "move_onset_time", "cue", "lift"))
    assert describe_events(named) == "go_cue_time = cue (missing in 1 trials), move_onset_time, lift"


def test_what_is_missing_is_named(session):
    def missing(**fields):
        return missing_for_comparison(dataclasses.replace(session, **fields))

    assert [s[:9] for s in missing(behavior=())] == ["behaviour"]
    assert [s[:14] for s in missing(events=("go_cue_time", "move_onset_time"))] == ["target_on_time"]
    move = session.trials["move_onset_time"].where(session.trials["condition"] != "02-0")
    assert "none left in condition 02-0" in missing(trials=session.trials.assign(move_onset_time=move))[0]
    first = session.trials.index[session.trials["condition"] == "02-0"][0]
    kept = (session.trials["condition"] != "02-0") | (session.trials.index == first)
    assert missing(trials=session.trials[kept])[0].startswith(
        "trials: a ceiling needs two in every condition, found one in 02-0"
    )


def test_rates_count_only_spikes_within_trials(session):
    trials = session.trials.assign(start_time=[0.0] + [50.0 + k for k in range(19)])
    trials["stop_time"] = trials["start_time"] + 0.5
    recording = Recording("r", np.array([0.1, 0.5, 0.7, 50.2]), np.array([3, 4]), session.units[:2], trials, ())
    np.testing.assert_allclose(rates_in_trials(recording), [2 / 10, 1 / 10])


def test_rates_are_over_the_time_that_can_be_believed(session):
    """A regular unit has one rate, whatever part of it was observed and however trials touch or overlap."""
    trials = session.trials.assign(start_time=np.arange(20.0), stop_time=np.arange(20.0) + 1.25)
    invalid = np.array([[3.5, 6.0], [5.5, 7.0]])
    believed = [np.array([[0.0, 21.0]]), np.array([[10.5, 12.0], [12.0, 30.0]]), np.array([[4.0, 6.0]])]
    ticks = np.arange(0.05, 21, 0.1)
    spikes = []
    for own in believed:
        seen = ((ticks[:, None] > own[:, 0]) & (ticks[:, None] < own[:, 1])).any(axis=1)
        spikes.append(ticks[seen & ~((ticks > 3.5) & (ticks < 7.0))])
    observed = Observed(*np.concatenate(believed).T, ends=np.cumsum([len(own) for own in believed]))
    recording = Recording(
        "r",
        np.concatenate(spikes),
        np.cumsum([len(own) for own in spikes]),
        session.units[:3],
        trials,
        (),
        observed=observed,
        invalid=invalid,
    )
    np.testing.assert_allclose(rates_in_trials(recording), [10, 10, 0], rtol=0.02)
    always = dataclasses.replace(observed, start=np.full(4, -np.inf), stop=np.full(4, np.inf))
    assert rates_in_trials(dataclasses.replace(recording, observed=always))[0] == pytest.approx(10, rel=0.02)


def test_trials_that_end_before_the_lagged_movement_does_are_said(session):
    """Windows end 350 ms after onset and the movement 100 ms later: trials that end between lack some of it."""
    onset, label = session.trials["move_onset_time"], session.trials["condition"]
    rows = session.trials.index[label == label.iloc[0]]

    def ending_early(rows, **reading):
        stop = session.trials["stop_time"].where(~session.trials.index.isin(rows), onset + 0.37)
        return dataclasses.replace(
            session, trials=session.trials.assign(stop_time=stop), reading=session.reading.chosen(**reading)
        )

    some, every = ending_early(rows[:3]), ending_early(rows)
    assert "20 trials; 5 a condition" in describe(some)
    assert "movement averaged without 3 of these trials" in describe(some)
    assert "without" not in describe(session) + describe(ending_early(rows, lag=0.0))
    (missing,) = missing_for_comparison(every)
    assert missing.startswith(f"expected trials of condition {label.iloc[0]} with hand_vel")
    assert "a shorter --window or another --lag" in missing
