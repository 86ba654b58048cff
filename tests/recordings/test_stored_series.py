"""Series as stored: offsets, shapes, two of one name, single samples that are wrong."""

import numpy as np
import pytest
from layout_files import column, spikes_of
from nwb_files import write_nwb
from sessions import make_session

from neurocompare.errors import InputError
from neurocompare.recordings import Choices, missing_for_comparison, open_recording
from neurocompare.tasks import reach_task

CHOICES = Choices(condition=("trial_type",), event=("move_onset_time",), window=((-0.2, 0.3),))


@pytest.fixture(scope="module")
def session():
    return make_session()


def written(path, session, **series):
    """A file of no known layout with hand velocity stored in some way."""
    names = ("start_time", "stop_time", "move_onset_time", "trial_type")
    hand = session.series("hand_vel")
    usual = {"data": hand.values, "timestamps": hand.times, "unit": "mm/s"}
    return write_nwb(
        path,
        ids=np.arange(8),
        spikes=spikes_of(session),
        trials={name: column(session, name) for name in names},
        series={f"processing/behavior/{name}": usual | how for name, how in (series or {"hand_vel": {}}).items()},
    )


def test_data_times_conversion_plus_offset(session, tmp_path):
    """As NWB defines a series; as unsigned whole numbers, which cannot be negative."""
    hand = session.series("hand_vel")
    stored = np.round((hand.values + 2000.0) / 0.5).astype(np.uint16)
    path = written(tmp_path / "offset.nwb", session, hand_vel={"data": stored, "conversion": 0.5, "offset": -2000.0})
    read = open_recording(path, CHOICES)
    assert np.abs(read.series("hand_vel").values - hand.values).max() <= 0.2500001
    right = reach_task(open_recording(written(tmp_path / "plain.nwb", session), CHOICES)).targets
    np.testing.assert_allclose(reach_task(read).targets.values, right.values, atol=1e-3 * np.abs(right.values).max())


def test_an_offset_without_a_conversion_is_refused(session, tmp_path):
    path = written(tmp_path / "nan.nwb", session, hand_vel={"conversion": np.nan, "offset": 3.0})
    with pytest.raises(InputError, match="expected a conversion beside the offset 3 of hand_vel, found nan"):
        open_recording(path, CHOICES)


@pytest.mark.parametrize("shape", [(-1, 1), (1, -1)])
def test_times_and_samples_the_other_way_round(session, tmp_path, shape):
    hand = session.series("hand_vel")
    stored = {"timestamps": hand.times.reshape(shape), "data": hand.values.T if shape[0] == 1 else hand.values}
    read = open_recording(written(tmp_path / "turned.nwb", session, hand_vel=stored), CHOICES).series("hand_vel")
    np.testing.assert_array_equal(read.values, hand.values)
    np.testing.assert_array_equal(read.times, hand.times)


def test_two_series_of_one_name_are_never_chosen_between(session, tmp_path):
    path = written(tmp_path / "two.nwb", session, **{"a/hand_vel": {}, "b/hand_vel": {"unit": "cm/s"}})
    unchosen = open_recording(path, CHOICES)
    assert unchosen.series("hand_vel") is None
    places = ("processing/behavior/a/hand_vel", "processing/behavior/b/hand_vel")
    assert f"choose one with --behavior, of {', '.join(places)}" in missing_for_comparison(unchosen)[0]
    for choice in ({"behavior": "hand_vel"}, {"target": "hand"}):
        with pytest.raises(InputError, match=f"one series called 'hand_vel', found {' and '.join(places)}; say which"):
            open_recording(path, Choices(**choice))
    assert open_recording(path, Choices(behavior="b/hand_vel")).series("hand_vel").unit == "cm/s"


def test_a_sample_that_cannot_be_is_missing(session, tmp_path):
    hand = session.series("hand_vel")
    data, times = hand.values.copy(), hand.times.copy()
    data[500] = -9999999.0
    times[900], times[1500] = 1e4, 0.0
    read = open_recording(written(tmp_path / "odd.nwb", session, hand_vel={"data": data, "timestamps": times}), CHOICES)
    np.testing.assert_array_equal(read.series("hand_vel").times, np.delete(hand.times, [500, 900, 1500]))
    assert "1 samples of hand_vel are far beyond all others and taken as missing." in read.notes
    assert "2 samples of hand_vel are out of order in time and taken as missing." in read.notes
