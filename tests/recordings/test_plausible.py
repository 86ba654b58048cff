"""Times and lengths that cannot be in their unit are refused with the unit that would explain them."""

import h5py
import numpy as np
import pytest
from layout_files import column, spikes_of
from nwb_files import write_nwb
from sessions import make_session

from neurocompare.errors import InputError
from neurocompare.recordings import Choices, average, missing_for_comparison, open_recording, trials_of
from neurocompare.tasks import reach_task

NAMES = ("start_time", "stop_time", "move_onset_time")
CHOICES = Choices(condition=("trial_type",), event=("move_onset_time",), window=((-0.2, 0.3),), behavior="hand_vel")


@pytest.fixture(scope="module")
def session():
    return make_session(n_repeats=8)


def written(path, session, *, spikes=1.0, trials=1.0, event=None, samples=1.0, series=None):
    """A file whose times are multiplied by factors."""
    hand = session.series("hand_vel")
    event = trials if event is None else event
    factors = dict(zip(NAMES, (trials, trials, event), strict=True))
    return write_nwb(
        path,
        ids=np.arange(8),
        spikes=[each * spikes for each in spikes_of(session)],
        trials={name: column(session, name) * factor for name, factor in factors.items()}
        | {"trial_type": column(session, "trial_type")},
        series={
            "processing/behavior/hand_vel": {"data": hand.values, "timestamps": hand.times * samples, "unit": "mm/s"}
            | (series or {})
        },
    )


UNITS = {1e3: "ms", 30_000.0: "samples at 30 kHz", 1e6: "µs", 20_000.0: "samples at 20 kHz", 1 / 60: "minutes"}


@pytest.mark.parametrize("factor", UNITS)
@pytest.mark.parametrize("what", ["spikes", "trials", "samples"])
def test_one_clock_in_another_unit(session, tmp_path, factor, what):
    path = written(tmp_path / "a.nwb", session, **{what: factor})
    said = {"spikes": "spikes look", "trials": "trials look", "samples": "its times look"}[what]
    with pytest.raises(InputError, match=f"{said} to be in {UNITS[factor]}; convert"):
        open_recording(path, CHOICES)


@pytest.mark.parametrize("factor", [1e3, 1 / 60])
def test_all_clocks_in_another_unit(session, tmp_path, factor):
    path = written(tmp_path / "a.nwb", session, spikes=factor, trials=factor, samples=factor)
    with pytest.raises(InputError, match=f"times look to be in {UNITS[factor]}; convert"):
        open_recording(path, CHOICES)


@pytest.mark.parametrize("rate", [1.0, 0.001, 20_000.0])
def test_a_rate_that_is_none(session, tmp_path, rate):
    """A period in place of a rate, kHz, a rate of something else; positions and times were sampled at 1 kHz."""
    hand = session.series("hand_vel")
    times = np.arange(hand.times[0], hand.times[-1], 1e-3)
    values = np.stack([np.interp(times, hand.times, each) for each in hand.values.T], axis=1)
    series = {"data": values, "timestamps": None, "rate": rate, "start": times[0]}
    with pytest.raises(InputError, match="expected samples of hand_vel in s, as trials are"):
        open_recording(written(tmp_path / "a.nwb", session, series=series), CHOICES)
    fine = open_recording(written(tmp_path / "b.nwb", session, series=series | {"rate": 1e3}), CHOICES)
    assert missing_for_comparison(fine) == ()


@pytest.mark.parametrize(("factor", "said"), [(1e3, "in ms"), (30_000.0, "in samples at 30 kHz"), (1e6, "in µs")])
def test_events_in_another_unit(session, tmp_path, factor, said):
    path = written(tmp_path / "a.nwb", session, event=factor)
    with pytest.raises(InputError, match=f"move_onset_time looks to be {said}: convert"):
        open_recording(path, CHOICES)
    unchosen = open_recording(path, Choices(condition=("trial_type",)))
    assert f"move_onset_time looks to be {said}" in " ".join(missing_for_comparison(unchosen))


def test_declared_units_are_converted(session, tmp_path):
    plain = open_recording(written(tmp_path / "a.nwb", session), CHOICES)
    path = written(tmp_path / "b.nwb", session, spikes=1e3, trials=1e6, samples=1e3)
    with h5py.File(path, "r+") as file:
        file["units/spike_times"].attrs["unit"] = "ms"
        file["processing/behavior/hand_vel/timestamps"].attrs["unit"] = np.array([b"milliseconds"])
        for name in NAMES:
            file[f"intervals/trials/{name}"].attrs["unit"] = "microseconds"
    converted = open_recording(path, CHOICES)
    np.testing.assert_allclose(average(trials_of(converted)), average(trials_of(plain)), atol=1e-9)
    np.testing.assert_allclose(reach_task(converted).targets, reach_task(plain).targets, atol=1e-6)


@pytest.mark.parametrize(("unit", "said"), [("m/s", "mm/s"), ("cm/s", None), ("mm/s", None), ("arbitrary", None)])
def test_speeds_are_an_arms(session, tmp_path, unit, said):
    """Peaks of 469 in numbers: in mm/s a reach, in cm/s as fast as a throw, in m/s nothing that moves on its own."""
    path = written(tmp_path / "a.nwb", session, series={"unit": unit})
    if said is None:
        assert open_recording(path, CHOICES).series("hand_vel").unit == unit
        return
    with pytest.raises(
        InputError, match=r"peak speeds of 10 to 10000 mm/s, found 4.*e\+05 by .* look to be in mm or cm/s"
    ):
        open_recording(path, CHOICES)


def test_movement_follows_its_event(session, tmp_path):
    rng = np.random.default_rng(0)
    start, stop = column(session, "start_time"), column(session, "stop_time")
    path = written(tmp_path / "a.nwb", session)
    assert open_recording(path, CHOICES).segments[0].event == "move_onset_time"
    with h5py.File(path, "r+") as file:
        file["intervals/trials/move_onset_time"][...] = start + rng.uniform(0, 1, len(start)) * (stop - start)
    with pytest.raises(InputError, match="expected movement that follows move_onset_time, found that hand_vel around"):
        open_recording(path, CHOICES)


def test_trials_without_a_recording_are_left_out(session, tmp_path):
    """Spikes recorded during the first part of the session only."""
    hold = column(session, "stop_time")[20]
    path = written(tmp_path / "a.nwb", session)
    with h5py.File(path, "r+") as file:
        spikes = [each[each < hold] for each in spikes_of(session)]
        for name in ("spike_times", "spike_times_index"):
            del file[f"units/{name}"]
        file["units/spike_times"] = np.concatenate(spikes)
        file["units/spike_times_index"] = np.cumsum([len(each) for each in spikes])
    trials = trials_of(open_recording(path, CHOICES))
    assert trials.dropped == (("before or after all recorded spikes", 11),)
    np.testing.assert_array_equal(trials.counts["trial"], np.arange(21))
