"""Each layout's adapter, on a file with that layout's columns and traps, against the session it was made of."""

import h5py
import numpy as np
import pytest
from layout_files import (
    ONSET,
    column,
    spikes_of,
    write_area2,
    write_centre_out,
    write_churchland,
    write_even_chen,
    write_falcon,
    write_random_targets,
    write_rtt,
)
from sessions import make_session

from neurocompare.errors import InputError
from neurocompare.recordings import Choices, describe, missing_for_comparison, open_recording, trials_of
from neurocompare.recordings.windows import timeline

MILLISECOND = 1.1e-3


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.nwb"


def layout(recording):
    return recording.notes[0]


def usable(recording):
    return (recording.trials["excluded"] == "").to_numpy()


def test_falcon(path):
    session = make_session(n_conditions=4, n_repeats=4)
    recording = open_recording(write_falcon(path, session))
    assert layout(recording) == "Layout: falcon."
    np.testing.assert_array_equal(recording.spike_times, session.spike_times)
    assert any("8 units were not in order" in note for note in recording.notes)
    assert set(recording.units["area"]) == {"M1"}
    names = ["Coaxial-00", "Perpendicular-00", "Coaxial-45", "Perpendicular-45"]
    assert recording.trials["condition"].tolist() == [names[kind - 1] for kind in column(session, "trial_type")]
    assert recording.events == ("go_cue_time", "move_onset_time", "contact_time", "reward_time")
    np.testing.assert_array_equal(recording.trials["go_cue_time"], column(session, "go_cue_time"))
    emg = recording.series("emg")
    assert (recording.target, emg.columns, emg.unit) == ("emg", ("APL", "BCPs", "ECU"), "arbitrary")
    # The peak of a reach, 0.2 s after it began, is where the muscles peak once bins' ends are taken for what they are.
    move = column(session, "move_onset_time")[0]
    first = (emg.times > move) & (emg.times < move + 0.4)
    centre = (emg.times[first] * emg.values[first, 2]).sum() / emg.values[first, 2].sum()
    assert centre == pytest.approx(move + 0.2, abs=2e-3)
    assert missing_for_comparison(recording) == ()
    with pytest.raises(InputError, match="neither hand nor cursor"):
        open_recording(path, Choices(target="hand"))


def test_centre_out(path):
    session, written = write_centre_out(path)
    recording = open_recording(written)
    assert layout(recording) == "Layout: perich."
    assert recording.units["area"].tolist() == ["M1", "PMd"] * 4
    kind = column(session, "trial_type") - 1
    assert recording.trials["condition"].tolist() == [f"{90 * k:03d}" for k in kind]
    np.testing.assert_allclose(recording.trials["target_angle"], np.angle(np.exp(0.5j * np.pi * kind)))
    assert recording.condition_columns == ("target_angle",)
    reasons = recording.trials["excluded"].tolist()
    assert [reasons[k] for k in (0, 3, 7)] == ["not rewarded", "no target", "not rewarded"]
    assert usable(recording).sum() == len(kind) - 3
    # cm in the file; samples are 10 ms apart
    assert np.abs(recording.series("cursor_pos").values).max() == pytest.approx(100, rel=1e-3)
    assert recording.series("cursor_vel").unit == "mm/s"
    assert (np.diff(recording.series("cursor_pos").times) > 0).all()
    onset = recording.trials["move_onset_time"].to_numpy() - column(session, "move_onset_time")
    np.testing.assert_allclose(onset, ONSET, atol=MILLISECOND)
    assert recording.target == "cursor_vel"
    assert missing_for_comparison(recording) == ()
    for target in ("hand", "emg"):
        with pytest.raises(InputError, match=f"behaviour of the {target}, found cursor"):
            open_recording(written, Choices(target=target))


def test_a_session_that_warns(path):
    _, written = write_centre_out(path, warned=True)
    assert "Warning: This session with Monkey C." in describe(open_recording(written))


def test_random_targets(path):
    (go, move, places), written = write_random_targets(path)
    recording = open_recording(written)
    assert layout(recording) == "Layout: perich."
    n = go.size
    assert len(recording.trials) == n
    np.testing.assert_allclose(recording.trials["go_cue_time"], go.ravel())
    reasons = recording.trials["excluded"].to_numpy().reshape(-1, 4)
    assert set(reasons[2]) == {"not rewarded"}
    assert set(reasons[5]) == {"not all targets attempted"}
    assert usable(recording).sum() == n - 8
    way = np.diff(places, axis=0)
    octant = np.round(np.degrees(np.arctan2(way[:, 1], way[:, 0])) / 45) % 8 * 45
    assert recording.trials["condition"].tolist() == [f"{o:03.0f}" for o in octant]
    onset = recording.trials["move_onset_time"].to_numpy() - move.ravel()
    np.testing.assert_allclose(onset, ONSET, atol=MILLISECOND)
    assert timeline(recording).target_on == pytest.approx(-0.3 - ONSET, abs=MILLISECOND)


@pytest.mark.parametrize("stamped", [True, False])
def test_rtt(path, stamped):
    (on, move, places, cut, dropped, times), written = write_rtt(path, stamped=stamped)
    recording = open_recording(written)
    assert layout(recording) == "Layout: rtt."
    # Target 0 appears in the recording; the last one is never replaced; those around the cut are not seen whole.
    whole = np.array([k for k in range(59) if k not in range(30, 34)])
    starts = recording.trials["start_time"].to_numpy()
    np.testing.assert_allclose(starts, on[whole], atol=MILLISECOND)
    np.testing.assert_allclose(recording.trials["stop_time"], on[whole + 1], atol=MILLISECOND)
    way = np.diff(places, axis=0)[whole]
    octant = np.round(np.degrees(np.arctan2(way[:, 1], way[:, 0])) / 45) % 8 * 45
    assert recording.trials["condition"].tolist() == [f"{o:03.0f}" for o in octant]
    onset = recording.trials["move_onset_time"].to_numpy() - move[whole]
    assert np.isnan(onset).nonzero()[0].tolist() == [10]  # the tracker dropped out during this reach
    np.testing.assert_allclose(np.delete(onset, 10), ONSET, atol=MILLISECOND)
    velocity = recording.series("hand_vel")
    assert not np.isin(velocity.times, times[cut | dropped]).any()
    assert velocity.unit == "mm/s"
    assert recording.unread == ("cursor_pos",)
    assert set(recording.units["area"]) == {"M1"}
    cursor = open_recording(written, Choices(target="cursor"))
    assert cursor.target == "cursor_vel"
    # Computed from positions, smoothed by 10 ms: the peak of 1.875 of the mean speed is hardly lower.
    speed, true = (np.sqrt((series.values**2).sum(axis=1)).max() for series in (cursor.series("cursor_vel"), velocity))
    assert speed == pytest.approx(true, rel=0.02)


def test_area2(path):
    (session, passive), written = write_area2(path)
    recording = open_recording(written)
    assert layout(recording) == "Layout: area2."
    reasons = recording.trials["excluded"].to_numpy()
    assert set(reasons[passive]) == {"passive, moved by a bump"}
    assert reasons[4] == "not in the train or val split"
    assert usable(recording).sum() == (~passive).sum() - 1
    np.testing.assert_allclose(recording.series("hand_vel").values, session.series("hand_vel").values, atol=1e-9)
    assert any("not motor cortex" in note for note in recording.notes)
    assert recording.unread == ("muscle_len",)
    assert missing_for_comparison(recording) == ()


@pytest.mark.parametrize("optional", [True, False])
def test_churchland(path, optional):
    session, written = write_churchland(path, optional=optional)
    recording = open_recording(written)
    assert layout(recording) == "Layout: churchland."
    assert any("restarts 1 times" in note for note in recording.notes)
    n = len(session.trials)
    half = n // 2
    # Within each part everything keeps its distance; the second begins 60 s after the first ended.
    shift = recording.trials["start_time"].to_numpy() - column(session, "start_time")
    np.testing.assert_allclose(shift[:half], 0, atol=1e-9)
    gap = recording.trials["start_time"].iloc[half] - recording.trials["stop_time"].iloc[:half].max()
    assert gap == pytest.approx(60)
    np.testing.assert_allclose(shift[half:], shift[half], atol=1e-9)
    for name in ("target_on_time", "go_cue_time", "move_onset_time"):
        np.testing.assert_allclose(recording.trials[name], column(session, name) + shift, atol=1e-9)
    reaction = column(session, "move_onset_time") - column(session, "go_cue_time")
    np.testing.assert_allclose(recording.trials["reaction_time"], reaction)
    assert 4 not in recording.units.index  # silent after the restart: where its spikes belong cannot be told
    assert any("left out: 4." in note for note in recording.notes)
    cut = column(session, "start_time")[half] - 0.1
    for row, unit in enumerate(recording.units.index):
        true = spikes_of(session)[unit - 1]
        found = spikes_of(recording)[row]
        np.testing.assert_allclose(found, true + np.where(true > cut, shift[half], 0.0), atol=1e-9)
    assert recording.units["area"].tolist() == ["PMd", "M1", "PMd", "PMd", "M1", "PMd", "M1"]
    reasons = recording.trials["excluded"].tolist()
    assert reasons[1:3] == ["discarded", "failed"]
    assert reasons[4:6] == ["overlaps another trial in time"] * 2
    assert (reasons[6] == "novel maze") == optional
    label = "{}-0" if optional else "{}"
    assert recording.trials["condition"].tolist() == [label.format(kind) for kind in column(session, "trial_type")]
    velocity = recording.series("hand_vel")
    assert np.sqrt((velocity.values**2).sum(axis=1)).max() == pytest.approx(100 * 1.875 / 0.4, rel=0.02)
    # No velocity is computed across the pauses: it would be some 100 mm in 0.25 s there.
    assert np.abs(velocity.values[np.abs(velocity.values) > 0]).max() < 500
    assert trials_of(recording).counts.sizes["unit"] == 7


def test_churchland_without_a_restart(path):
    session, written = write_churchland(path, restarted=False, overlap=False)
    recording = open_recording(written)
    np.testing.assert_allclose(recording.trials["start_time"], column(session, "start_time"))
    assert len(recording.units) == 8
    assert missing_for_comparison(recording) == ()


def test_a_restart_that_behaviour_shows_and_spikes_do_not(path):
    """Trials in another order are not a restart, as long as behaviour goes forward."""
    session, written = write_churchland(path, restarted=False, overlap=False)
    with h5py.File(written, "r+") as file:
        for name in ("start_time", "stop_time", "go_cue_time", "target_presentation_time", "move_begins_time"):
            values = file["intervals/trials"][name]
            values[...] = np.roll(values[:], 3)
    recording = open_recording(written)
    np.testing.assert_allclose(recording.trials["start_time"], column(session, "start_time"))
    assert not any("restarts" in note for note in recording.notes)


def test_even_chen(path):
    session, written = write_even_chen(path)
    recording = open_recording(written)
    assert layout(recording) == "Layout: even_chen."
    assert recording.units["area"].tolist() == ["M1", "PMd"] * 4
    assert any("uncertain" in note for note in recording.notes)
    onset = recording.trials["move_onset_time"].to_numpy() - column(session, "move_onset_time")
    # Smoothing positions by 10 ms spreads the reach a little.
    np.testing.assert_allclose(onset, ONSET, atol=3e-3)
    assert "reach_time" not in recording.events
    assert recording.series("hand_vel").columns == ("x", "y", "z")
    assert recording.trials["excluded"].iloc[5] == "failed"
    assert trials_of(recording).selection.low_rate == (7,)
    assert missing_for_comparison(recording) == ()


def test_a_layout_that_is_asked_for(path):
    _, written = write_even_chen(path)
    assert layout(open_recording(written, Choices(layout="generic"))) == "Layout: generic."
    with pytest.raises(InputError, match="expected a file in the layout rtt, found the columns of even_chen"):
        open_recording(written, Choices(layout="rtt"))
    with pytest.raises(InputError, match=r"layout among falcon, .*, found 'tulips'"):
        open_recording(written, Choices(layout="tulips"))
