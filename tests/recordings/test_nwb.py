import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.recordings.nwb import open_recording
from neurocompare.recordings.write_nwb import write_maze_nwb
from neurocompare.settings import Choices

AUTHENTIC = Path(__file__).parents[2].parent / "shared" / "data" / "sub-Jenkins_ses-small_desc-test_ecephys.nwb"


@pytest.fixture(scope="module")
def written(session, tmp_path_factory):
    return write_maze_nwb(session, tmp_path_factory.mktemp("written") / "session.nwb")


@pytest.fixture
def copy(written, tmp_path):
    return Path(shutil.copy(written, tmp_path / "copy.nwb"))


def refused(path):
    """The one line said about a file that cannot be used."""
    with pytest.raises(InputError) as caught:
        open_recording(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.skipif(not AUTHENTIC.exists(), reason="the authentic MC_Maze_Small test file is not beside the repository")
def test_authentic_file():
    recording = open_recording(AUTHENTIC)
    assert len(recording.units) == 107
    assert recording.units["area"].value_counts().to_dict() == {"PMd": 52, "M1": 55}
    assert len(recording.spike_times) == recording.spike_ends[-1] == 32897
    assert len(recording.trials) == 100
    np.testing.assert_allclose(recording.trials["stop_time"] - recording.trials["start_time"], 0.7, atol=1e-9)
    assert recording.events == ("move_onset_time",)
    assert recording.behavior == ()
    assert "condition" not in recording.trials
    assert recording.provenance.subject == "Jenkins"
    assert recording.provenance.sha256 == "ca8a0bef5f189eafb9db1961d617e065cb461360718fde1c16a538922a6fa5fe"
    assert recording.planted == ()


def test_missing_file_and_folder(tmp_path):
    assert "found nothing there" in refused(tmp_path / "none.nwb")
    assert "found a folder" in refused(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not an NWB file\n" * 100])
def test_text_file(tmp_path, content):
    path = tmp_path / "text.nwb"
    path.write_bytes(content)
    assert "not HDF5" in refused(path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.999])
def test_truncated_file(copy, share):
    whole = copy.read_bytes()
    copy.write_bytes(whole[: int(share * len(whole))])
    assert "cut short or damaged" in refused(copy)


def test_hdf5_file_that_is_not_nwb(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.arange(3)
    assert "expected units with spike times, found none" in refused(tmp_path / "other.h5")


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("units", "expected units with spike times, found none"),
        ("units/spike_times", "expected units with spike times, found none"),
        ("intervals", "expected a table of trials"),
        ("intervals/trials", "expected a table of trials"),
        ("intervals/trials/start_time", "expected a table of trials"),
    ],
)
def test_without_units_or_trials(copy, gone, said):
    with h5py.File(copy, "r+") as file:
        del file[gone]
    assert said in refused(copy)


def test_damaged_tables(copy, written):
    for change, said in (
        (lambda f: f["units/spike_times_index"].__setitem__(3, 0), "divides the spike times"),
        (lambda f: f["units/spike_times"].__setitem__(..., 1.7e9), "seconds since 1970"),
        (lambda f: f["units/id"].__setitem__(1, 1011), "unique unit ids"),
        (
            lambda f: f["intervals/trials/active_target"].__setitem__(..., 7),
            "active target among the targets of every trial, found index 7 in trial 0",
        ),
        (
            lambda f: f["processing/behavior/hand_pos/timestamps"].__setitem__(slice(9, 99), 0.0),
            "times of hand_pos that ascend",
        ),
        (
            lambda f: f["processing/behavior/hand_pos/data"].__setitem__(..., 1e6 * np.arange(2)),
            "expected hand_pos to span 10 to 2000 mm",
        ),
    ):
        shutil.copy(written, copy)
        with h5py.File(copy, "r+") as file:
            change(file)
        assert said in refused(copy)


def test_unsorted_spikes_and_trials_are_put_in_order(copy, session):
    with h5py.File(copy, "r+") as file:
        spikes = file["units/spike_times"]
        first = slice(0, int(file["units/spike_times_index"][0]))
        spikes[first] = spikes[first][::-1]
        for name in ("id", "start_time", "stop_time", "move_onset_time"):
            column = file["intervals/trials"][name]
            column[...] = column[:][::-1]
    recording = open_recording(copy)
    np.testing.assert_array_equal(recording.spike_times, session.spike_times)
    np.testing.assert_array_equal(recording.trials["start_time"], session.trials["start_time"])
    np.testing.assert_array_equal(recording.trials["move_onset_time"], session.trials["move_onset_time"])


def test_samples_with_missing_values_become_gaps(copy, session):
    with h5py.File(copy, "r+") as file:
        file["processing/behavior/hand_vel/data"][10:20, 1] = np.nan
    series = open_recording(copy).series("hand_vel")
    np.testing.assert_array_equal(series.times, np.delete(session.series("hand_vel").times, np.arange(10, 20)))


def test_a_plain_file_has_events_and_its_own_conditions(copy):
    with h5py.File(copy, "r+") as file:
        trials = file["intervals/trials"]
        trials.move("trial_type", "condition")
        trials.attrs["colnames"] = ["start_time", "stop_time", "go_cue_time", "condition", "rt", "maze_id"]
    recording = open_recording(copy)
    assert recording.events == ("go_cue_time", "move_onset_time")
    assert any("Movement onset is computed" in note for note in recording.notes)
    assert set(recording.trials["condition"]) == {"1", "2", "3", "4"}
    assert recording.condition_columns == ("maze_id",)
    assert recording.units["area"].tolist() == ["PMd"] * 4 + ["M1"] * 4
    # Without a layout that knows better, the declared unit is what is given: 100 mm are 0.1 m.
    recording = open_recording(copy, Choices(behavior="hand_pos"))
    assert (recording.target, recording.series("hand_vel").unit) == ("hand_vel", "meters/s")
    assert recording.series("hand_pos").unit == "meters"
    assert np.abs(recording.series("hand_pos").values).max() == pytest.approx(0.1)


def test_notes_that_are_not_settings(copy):
    for notes in ("a person's remark", "[1, 2]", '{"planted": "tulips"}', "3"):
        with h5py.File(copy, "r+") as file:
            del file["general/notes"]
            file["general/notes"] = notes
        assert open_recording(copy).planted == ()
