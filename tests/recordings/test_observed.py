"""Invalid times and units observed for part of a session, against rates counted by hand."""

import h5py
import numpy as np
import pytest
from layout_files import column, spikes_of
from nwb_files import write_nwb
from sessions import make_session

from neurocompare.errors import InputError
from neurocompare.recordings import Choices, average, describe, mean_behavior, open_recording, trials_of
from neurocompare.recordings.observed import Observed, seen_together

CHOICES = Choices(condition=("trial_type",), event=("move_onset_time",), window=((-0.2, 0.3),), behavior="hand_vel")


@pytest.fixture(scope="module")
def session():
    return make_session(n_repeats=8)


def written(path, session, *, spikes=None, intervals=None, invalid=None):
    names = ("start_time", "stop_time", "move_onset_time", "trial_type")
    hand = session.series("hand_vel")
    write_nwb(
        path,
        ids=np.arange(8),
        spikes=spikes_of(session) if spikes is None else spikes,
        trials={name: column(session, name) for name in names},
        series={"processing/behavior/hand_vel": {"data": hand.values, "timestamps": hand.times, "unit": "mm/s"}},
    )
    with h5py.File(path, "r+") as file:
        if intervals is not None:
            file["units/obs_intervals"] = np.concatenate([np.reshape(each, (-1, 2)) for each in intervals])
            file["units/obs_intervals_index"] = np.cumsum([len(np.reshape(each, (-1, 2))) for each in intervals])
        if invalid is not None:
            table = file.create_group("intervals/invalid_times")
            table["start_time"], table["stop_time"] = np.transpose(invalid)
    return path


def rate_by_hand(spikes, moves):
    return np.mean([((spikes >= m - 0.2) & (spikes < m + 0.3)).sum() / 0.5 for m in moves])


def test_trials_in_invalid_times_are_left_out(session, tmp_path):
    """An artefact without spikes over eight trials; what touches no window costs no trial."""
    start, stop, move = (column(session, name) for name in ("start_time", "stop_time", "move_onset_time"))
    bad = [(start[10], stop[17]), (stop[20] - 0.01, start[21] + 0.01)]
    spikes = [each[(each < bad[0][0]) | (each > bad[0][1])] for each in spikes_of(session)]
    recording = open_recording(written(tmp_path / "a.nwb", session, spikes=spikes, invalid=bad), CHOICES)
    trials = trials_of(recording)
    kept = np.setdiff1d(np.arange(32), np.arange(10, 18))
    np.testing.assert_array_equal(trials.counts["trial"], kept)
    assert trials.dropped == (("in invalid times", 8),)
    rates = trials.counts.mean(("trial", "time")).values / trials.bin_width
    np.testing.assert_allclose(rates, [rate_by_hand(each, move[kept]) for each in spikes_of(session)], rtol=1e-9)
    assert "8 left out (in invalid times)" in describe(recording)
    whole = mean_behavior(recording, "hand_vel", [-0.25], event="move_onset_time")
    assert int(whole["n_trials"].sum()) == 24


@pytest.mark.parametrize("part", ["half", "most"])
def test_a_unit_is_averaged_over_the_trials_in_which_it_was_observed(session, tmp_path, part):
    start, stop, move = (column(session, name) for name in ("start_time", "stop_time", "move_onset_time"))
    first = {"half": 16, "most": 5}[part]
    since = start[first] - 0.1
    spikes = spikes_of(session)
    cut = [spikes[0][spikes[0] > since], *spikes[1:]]
    intervals = [[(since, stop[-1])], *[[(0.0, start[3]), (start[3], stop[-1])]] * 7]
    recording = open_recording(written(tmp_path / "a.nwb", session, spikes=cut, intervals=intervals), CHOICES)
    trials = trials_of(recording)
    assert trials.dropped == (("a unit not observed", first),)
    rate = float(trials.counts.sel(unit=0).mean()) / trials.bin_width
    assert rate == pytest.approx(rate_by_hand(spikes[0], move[first:]), rel=1e-9)
    assert average(trials).sizes["unit"] == 8


def test_a_unit_observed_in_few_trials_is_left_out(session, tmp_path):
    stop = column(session, "stop_time")
    spikes = spikes_of(session)
    cut = [spikes[0][spikes[0] < stop[4]], *spikes[1:]]
    intervals = [[(0.0, stop[4])], *[[(0.0, stop[-1])]] * 7]
    recording = open_recording(written(tmp_path / "a.nwb", session, spikes=cut, intervals=intervals), CHOICES)
    trials = trials_of(recording)
    assert trials.counts["unit"].values.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert (trials.selection.unobserved, trials.dropped) == ((0,), ())
    assert "7 units kept, 1 not observed in enough trials left out" in describe(recording)


def test_intervals_that_spikes_belie_are_not_used(session, tmp_path):
    """In ms, or empty: they say nothing about when units were observed."""
    intervals = [[(0.0, 0.5)], [], *[[(0.0, 1e4)]] * 6]
    recording = open_recording(written(tmp_path / "a.nwb", session, intervals=intervals), CHOICES)
    assert trials_of(recording).counts.sizes == {"trial": 32, "time": 25, "unit": 8}
    assert any(
        "obs_intervals) of 1 units are not used, since spikes lie outside them: 0." in n for n in recording.notes
    )


def test_an_index_that_does_not_fit_is_said(session, tmp_path):
    path = written(tmp_path / "a.nwb", session, intervals=[[(0.0, 1e4)]] * 8)
    with h5py.File(path, "r+") as file:
        file["units/obs_intervals_index"][-1] = 3
    with pytest.raises(InputError, match="observation intervals"):
        open_recording(path)


def test_coverage_and_choice_are_those_of_brute_force():
    rng = np.random.default_rng(0)
    for _ in range(30):
        edges = [np.sort(rng.uniform(0, 100, 2 * rng.integers(0, 4))) for _ in range(5)]
        observed = Observed(
            np.concatenate([each[::2] for each in edges]),
            np.concatenate([each[1::2] for each in edges]),
            np.cumsum([len(each) // 2 for each in edges]),
        )
        begins = rng.uniform(0, 95, (20, 1)) + np.array([0.0, 3.0])
        covered = observed.covers(begins, begins + 1)
        for unit, own in enumerate(edges):
            inside = [
                all(any(a - 2e-3 <= b and b + 1 <= z + 2e-3 for a, z in own.reshape(-1, 2)) for b in row)
                for row in begins
            ]
            np.testing.assert_array_equal(covered[:, unit], inside)
        trials, units = seen_together(covered, np.array(["a", "b"] * 10))
        assert trials.sum() >= 10
        assert covered[np.ix_(trials, units)].all()
