import dataclasses

import h5py
import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.recordings.nwb import open_recording
from neurocompare.recordings.recording import Series
from neurocompare.recordings.write_nwb import maze_units, write_maze_nwb


@pytest.fixture(scope="module")
def path(session, tmp_path_factory):
    return write_maze_nwb(session, tmp_path_factory.mktemp("written") / "session.nwb")


def test_what_is_written_is_read_back(session, path):
    read = open_recording(path)
    np.testing.assert_array_equal(read.spike_times, session.spike_times)
    np.testing.assert_array_equal(read.spike_ends, session.spike_ends)
    assert read.units["area"].to_dict() == session.units["area"].to_dict()
    for name in session.trials:
        assert read.trials[name].tolist() == session.trials[name].tolist(), name
    assert read.events == session.events
    assert read.planted == session.planted
    assert (read.provenance.identifier, read.provenance.subject) == ("session-0", "nobody")
    for ours, theirs in zip(session.behavior, read.behavior, strict=True):
        assert (ours.name, ours.columns, ours.unit) == (theirs.name, theirs.columns, theirs.unit)
        np.testing.assert_array_equal(ours.times, theirs.times)
        np.testing.assert_array_equal(ours.values, theirs.values)
    with h5py.File(path, "r") as file:  # equal times are stored once
        assert isinstance(file["processing/behavior/hand_vel"].get("timestamps", getlink=True), h5py.SoftLink)
    assert read.behavior[0].times is read.behavior[1].times


def test_writing_what_was_read_gives_the_same_again(path, tmp_path):
    first = open_recording(path)
    second = open_recording(write_maze_nwb(first, tmp_path / "again.nwb"))
    np.testing.assert_array_equal(first.spike_times, second.spike_times)
    assert first.trials.drop(columns="target_pos").equals(second.trials.drop(columns="target_pos"))
    assert first.planted == second.planted


def test_pynwb_reads_it_as_the_published_layout(session, path):
    from pynwb import NWBHDF5IO

    with NWBHDF5IO(str(path), "r") as io:
        file = io.read()
        trials = file.trials.to_dataframe()
        row = session.trials.iloc[3]
        assert trials["rt"].iloc[3] == round(1000 * (row["move_onset_time"] - row["go_cue_time"]))
        assert trials["delay"].iloc[3] == round(1000 * (row["go_cue_time"] - row["target_on_time"]))
        np.testing.assert_allclose(trials["target_pos"].iloc[3], [[row["target_x"], row["target_y"]]])
        assert trials["success"].all()
        assert set(trials["split"]) == {"train"}
        assert len(file.electrodes) == 192
        for unit, area in session.units["area"].items():
            at = file.units.id[:].tolist().index(unit)
            assert file.units["electrodes"][at]["group_name"].iloc[0] == f"electrode_group_{area}"
            assert file.units["obs_intervals"][at].shape == (len(trials), 2)
        np.testing.assert_array_equal(file.units["spike_times"][0], session.spike_times[: session.spike_ends[0]])
        hand = file.processing["behavior"]["hand_pos"]
        assert (hand.unit, hand.conversion, hand.rate) == ("meters", 1e-3, None)
        steps = np.diff(hand.timestamps[:])
        np.testing.assert_allclose(np.median(steps), 1e-3, atol=1e-9)
        assert (steps > 0.2).sum() == len(trials) - 1
        assert np.abs(hand.data[:]).max() == pytest.approx(100)


def test_nwbinspector_finds_nothing_of_weight(path):
    from nwbinspector import Importance, inspect_nwbfile

    found = [message for message in inspect_nwbfile(str(path)) if message is not None]
    heavy = [m for m in found if m.importance.value > Importance.BEST_PRACTICE_SUGGESTION.value]
    assert heavy == [], [m.message for m in heavy]
    assert {m.check_function_name for m in found} <= {
        "check_experimenter_exists",
        "check_institution",
        "check_description",
    }


def test_the_same_recording_gives_the_same_bytes(session, path, tmp_path):
    again = write_maze_nwb(session, tmp_path / "session.nwb")
    assert again.read_bytes() == path.read_bytes()
    other = dataclasses.replace(session, planted=(("gamma", 0.8),))
    assert write_maze_nwb(other, tmp_path / "other.nwb").read_bytes() != path.read_bytes()


def test_unit_ids():
    units = maze_units(["M1"] * 98 + ["PMd"])
    assert units.index[[0, 95, 96, 97, 98]].tolist() == [2011, 2961, 2012, 2022, 1011]
    assert units.index.is_unique
    with pytest.raises(InputError, match="found one more in V1"):
        maze_units(["V1"])
    with pytest.raises(InputError, match="at most 864 each"):
        maze_units(["M1"] * 865)


def changed(recording, **fields):
    return dataclasses.replace(recording, **fields)


def test_what_cannot_be_written(session, tmp_path):
    series = session.series("hand_pos")
    for recording, said in (
        (changed(session, units=session.units.assign(area="M1")), "make them by maze_units"),
        (changed(session, units=session.units.set_index(np.arange(8) + 1)), "make them by maze_units"),
        (changed(session, trials=session.trials.drop(columns="go_cue_time")), "found no go_cue_time"),
        (changed(session, trials=session.trials.drop(columns="target_x")), "found no target_x"),
        (changed(session, trials=session.trials.assign(condition="left")), "conditions labelled by trial_type"),
        (
            changed(session, behavior=(Series("hand_pos", series.times, series.values, series.columns, "inch"),)),
            "hand_pos in mm or mm/s, found 'inch'",
        ),
    ):
        with pytest.raises(InputError, match=said):
            write_maze_nwb(recording, tmp_path / "never.nwb")
    assert list(tmp_path.iterdir()) == []


def test_without_behaviour_or_spikes_in_a_unit(session, tmp_path):
    silent = changed(
        session,
        behavior=(),
        units=session.units.reindex([*session.units.index, 2091]).fillna("M1"),
        spike_ends=np.append(session.spike_ends, len(session.spike_times)),
    )
    read = open_recording(write_maze_nwb(silent, tmp_path / "silent.nwb"))
    assert read.behavior == ()
    np.testing.assert_array_equal(read.spike_ends, silent.spike_ends)
