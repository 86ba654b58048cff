"""One bad value costs its spike, its trial or its unit; it is named, and the session is read."""

import h5py
import numpy as np
import pytest
from layout_files import column, spikes_of
from nwb_files import write_nwb
from sessions import make_session

from neurocompare.errors import InputError
from neurocompare.recordings import Choices, average, open_recording, trials_of, write_maze_nwb

CHOICES = Choices(condition=("trial_type",), event=("move_onset_time",), window=((-0.2, 0.3),))


@pytest.fixture(scope="module")
def session():
    return make_session(n_repeats=6)


def written(path, session, *, spikes=None, **changed):
    names = ("start_time", "stop_time", "move_onset_time", "trial_type")
    return write_nwb(
        path,
        ids=np.arange(8),
        spikes=spikes_of(session) if spikes is None else spikes,
        trials={name: column(session, name) for name in names} | changed,
    )


def with_value(values, row, value):
    values = np.asarray(values, dtype=float).copy()
    values[row] = value
    return values


def used(path):
    return trials_of(open_recording(path, CHOICES)).counts["trial"].values.tolist()


@pytest.mark.parametrize("bound", ["start_time", "stop_time"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e12])
def test_a_bound_that_is_no_time_costs_its_trial(session, tmp_path, bound, value):
    path = written(tmp_path / "a.nwb", session, **{bound: with_value(column(session, bound), 7, value)})
    assert used(path) == [trial for trial in range(24) if trial != 7]
    note = "1 trials have no start or stop that is a time and are not used: 7."
    assert note in open_recording(path, CHOICES).notes


def test_a_stop_far_too_late_costs_its_trial(session, tmp_path):
    path = written(tmp_path / "a.nwb", session, stop_time=with_value(column(session, "stop_time"), 7, 90_000.0))
    assert used(path) == [trial for trial in range(24) if trial != 7]


@pytest.mark.parametrize("value", [-1.0, 0.0, 1e5])
def test_an_event_outside_its_trial_is_missing_there(session, tmp_path, value):
    moves = with_value(column(session, "move_onset_time"), 7, value)
    path = written(tmp_path / "a.nwb", session, move_onset_time=moves)
    trials = trials_of(open_recording(path, CHOICES))
    assert trials.dropped == (("event missing", 1),)
    assert 7 not in trials.counts["trial"]
    assert any("move_onset_time lies outside its trial in 1 trials" in n for n in open_recording(path, CHOICES).notes)


def test_spikes_that_are_no_times_are_left_out(session, tmp_path):
    """NaN fills up a unit's spikes; a unit with nothing else is silent."""
    spikes = spikes_of(session)
    padded = [np.append(spikes[0], [np.nan] * 3), np.array([np.nan]), np.append(spikes[2], np.inf), *spikes[3:]]
    read = open_recording(written(tmp_path / "a.nwb", session, spikes=padded), CHOICES)
    whole = average(trials_of(open_recording(written(tmp_path / "b.nwb", session), CHOICES)))
    found = average(trials_of(read))
    assert found["unit"].values.tolist() == [unit for unit in whole["unit"].values.tolist() if unit != 1]
    np.testing.assert_array_equal(found.values, whole.sel(unit=found["unit"]).values)
    assert "Spike times that are none were left out: 3 of unit 0, 1 of unit 1, 1 of unit 2." in read.notes


def test_trials_that_all_start_at_once_are_on_a_clock_that_restarts(session, tmp_path):
    zero = np.zeros(24)
    path = written(tmp_path / "a.nwb", session, start_time=zero, stop_time=zero + 2, move_onset_time=zero + 1)
    with pytest.raises(InputError, match="nearly all start at 0 s: their clock restarts with every trial"):
        open_recording(path)


def test_trials_that_all_start_soon_are_on_a_clock_that_restarts_too(session, tmp_path):
    start = np.random.default_rng(0).uniform(0, 0.3, 24)
    path = written(tmp_path / "a.nwb", session, start_time=start, stop_time=start + 2, move_onset_time=start + 1)
    with pytest.raises(InputError, match=r"all under way at 0\.\d+ s: their clock restarts with every trial"):
        open_recording(path)


def test_bounds_may_overlap_where_windows_do_not(session, tmp_path):
    """Padded by half a second, as recording systems cut their trials; every spike is counted once all the same."""
    start, stop = column(session, "start_time"), column(session, "stop_time")
    path = written(tmp_path / "a.nwb", session, start_time=start - 0.25, stop_time=stop + 0.25)
    plain = trials_of(open_recording(written(tmp_path / "b.nwb", session), CHOICES))
    padded = trials_of(open_recording(path, CHOICES))
    np.testing.assert_array_equal(padded.counts.values, plain.counts.values)


def test_windows_of_two_trials_never_share_spikes(session, tmp_path):
    start, stop, move = (column(session, name) for name in ("start_time", "stop_time", "move_onset_time"))
    moves = with_value(move, 8, move[7] + 0.1)
    path = written(tmp_path / "a.nwb", session, move_onset_time=moves, start_time=start - 2, stop_time=stop + 2)
    trials = trials_of(open_recording(path, CHOICES))
    assert trials.dropped == (("windows overlap in time with another trial's", 2),)
    assert not {7, 8} & set(trials.counts["trial"].values.tolist())


def test_an_active_target_that_is_not_there_costs_its_trial(session, tmp_path):
    path = write_maze_nwb(session, tmp_path / "maze.nwb")
    with h5py.File(path, "r+") as file:
        file["intervals/trials/active_target"][2] = 7
    recording = open_recording(path)
    assert recording.trials["excluded"].tolist()[:4] == ["", "", "active target not among its targets", ""]
    assert "target_angle" in recording.condition_columns
