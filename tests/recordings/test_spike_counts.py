import dataclasses

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.recordings.segment import DEFAULT_SEGMENTS, Segment
from neurocompare.recordings.spike_counts import count_spikes, place_spikes, trials_of
from neurocompare.recordings.trials import average


def test_counts_equal_a_loop_over_trials_units_and_bins(session):
    trials = trials_of(session, min_rate=0.0)
    table = session.trials
    for k in range(len(table)):
        for u in range(len(session.units)):
            spikes = session.spike_times[session.spike_ends[u - 1] if u else 0 : session.spike_ends[u]]
            expected = []
            for segment in DEFAULT_SEGMENTS:
                start = table[segment.event].iloc[k] + segment.start
                n_bins = int((segment.stop - segment.start) / 0.02 + 1e-9)
                expected.append(np.histogram(spikes, start + 0.02 * np.arange(n_bins + 1))[0])
            np.testing.assert_array_equal(trials.counts.values[k, :, u], np.concatenate(expected))


def test_labels(session):
    trials = trials_of(session)
    counts = trials.counts
    assert counts["condition"].values.tolist() == session.trials["condition"].tolist()
    assert counts["area"].values.tolist() == ["PMd"] * 4 + ["M1"] * 4
    assert trials.conditions.index.tolist() == ["01-0", "02-0", "03-0", "04-0"]
    np.testing.assert_allclose(trials.conditions["target_y"], [0, 100, 0, -100], atol=1e-12)
    assert (np.diff(counts["time"]) > 0).all()
    assert trials.selection.kept == tuple(session.units.index)


def test_rates_are_those_the_spikes_were_drawn_at(session_maker):
    recording = session_maker(n_repeats=40, seed=3)
    rates = average(trials_of(recording, smoothing=0.0)).mean("time")
    unit, condition = np.arange(8), np.arange(4)
    true = 20.0 * (unit + 1) / 4 / (1 + condition[:, None] * (unit % 3))
    seconds = 40 * 44 * 0.02
    z = (rates.values - true) / np.sqrt(true / seconds)
    # 32 independent standard normals: their sum of squares has mean 32 and standard deviation 8.
    assert abs((z**2).sum() - 32) < 4 * 8


def test_an_edge_belongs_to_the_bin_it_starts():
    from neurocompare.recordings.recording import Recording

    # In binary, 1.1 + 3 * 0.1 is above 1.4 and 1.1 + 0.1 is above 1.2: rounding must not move these spikes.
    recording = Recording("edges", np.array([1.0999, 1.1, 1.2, 1.4, 1.5]), np.array([5]), None, None, ())
    counts = count_spikes(*place_spikes(recording, np.array([[1.1]]), np.array([4]), 0.1), (1, 4, 1))
    assert counts[0, :, 0].tolist() == [1, 1, 0, 1]


def test_quiet_units_are_left_out_by_their_rate_in_the_windows(session):
    # A ninth unit fires only in the pauses between trials: busy, but silent where it counts.
    start = session.trials["start_time"].to_numpy()
    between = np.sort(np.concatenate([start - 0.01 * (i + 1) for i in range(20)]))
    recording = dataclasses.replace(
        session,
        spike_times=np.concatenate([session.spike_times, between]),
        spike_ends=np.append(session.spike_ends, len(session.spike_times) + len(between)),
        units=session.units.reindex([*session.units.index, 2091]).fillna("M1"),
    )
    selection = trials_of(recording).selection
    assert selection.low_rate == (2091,)
    assert selection.kept == tuple(session.units.index)
    assert trials_of(recording, min_rate=0.0).counts.sizes["unit"] == 9


def test_dropped_trials_are_not_counted(session):
    move = session.trials["move_onset_time"].to_numpy().copy()
    move[3] = np.nan
    trials = trials_of(dataclasses.replace(session, trials=session.trials.assign(move_onset_time=move)))
    assert trials.dropped == (("event missing", 1),)
    assert 3 not in trials.counts["trial"].values
    np.testing.assert_array_equal(trials.counts.sel(trial=4).values, trials_of(session).counts.sel(trial=4).values)


def test_trials_that_overlap_in_time_are_refused(session):
    late = session.trials["stop_time"].to_numpy() + 5.0
    recording = dataclasses.replace(session, trials=session.trials.assign(stop_time=late))
    with pytest.raises(InputError, match="overlap in time"):
        trials_of(recording, segments=(Segment("target_on_time", 0.0, 4.0),))


def test_one_condition_is_not_enough(session):
    trials = session.trials[session.trials["condition"] == "01-0"]
    with pytest.raises(InputError, match="at least 2 conditions, found 1"):
        trials_of(dataclasses.replace(session, trials=trials))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"bin_width": -0.02}, "bin_width between 0.001 and 10 s, found -0.02"),
        ({"smoothing": -1.0}, "smoothing between 0 and 10 s"),
        ({"smoothing": np.nan}, "smoothing between 0 and 10 s"),
        ({"min_rate": -1.0}, "minimal rate of at least 0"),
        ({"min_rate": 1000.0}, "at least 2 units at or above 1000 spikes/s in the windows, found 0 of 8"),
        ({"segments": ()}, "at least one segment"),
    ],
)
def test_bad_settings(session, settings, said):
    with pytest.raises(InputError, match=said):
        trials_of(session, **settings)
