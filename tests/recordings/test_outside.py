"""A recording reads nothing but its file, whatever lies outside of it, and says what it left out."""

import h5py
import numpy as np
import pytest
from sessions import make_session
from ways_out import SECRET, WAYS, write_outside

from neurocompare.errors import InputError
from neurocompare.recordings import Choices, describe, open_recording, write_maze_nwb

PLACES = [
    "session_description",
    "identifier",
    "general/notes",
    "general/session_id",
    "general/subject/subject_id",
    "general/extracellular_ephys/electrodes/location",
    "general/extracellular_ephys/electrodes/group_name",
    "units/waveform_score",
    "units/quality",
    "intervals/trials/waveform_score",
    "intervals/trials/rt",
]
"""Where what is read could be shown. Each holds eight values, as many as the session has units and trials."""

NEEDED = ["units/spike_times", "units/spike_times_index", "units/id", "intervals/trials/start_time"]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    session = make_session(n_conditions=2, n_repeats=4, n_units=8)
    return write_maze_nwb(session, tmp_path_factory.mktemp("written") / "session.nwb")


@pytest.fixture
def path(written, tmp_path):
    path = tmp_path / "session.nwb"
    path.write_bytes(written.read_bytes())
    return path


def place_outside(path, place, way):
    """Put what lies outside where a file has something of its own."""
    with h5py.File(path, "r+") as file:
        if place in file:
            del file[place]
        way(file, place, write_outside(path.parent))
        parent, _, name = place.rpartition("/")
        if "colnames" in file[parent or "/"].attrs and name not in file[parent].attrs["colnames"]:
            file[parent].attrs["colnames"] = [*file[parent].attrs["colnames"], name]
        for group in ("general/extracellular_ephys", "general/extracellular_ephys/electrodes"):
            file[group].attrs["neurodata_type"] = "ElectricalThing"  # its voltages alone are not looked at


def everything(recording):
    """All a recording holds, as text."""
    tables = [recording.trials.to_csv(), recording.units.to_csv(), str(recording.provenance)]
    return "\n".join([describe(recording), *tables, str(recording.spike_times.tolist())])


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_lies_outside_is_not_read_and_that_is_said(path, way):
    for place in PLACES:
        place_outside(path, place, way)
    recording = open_recording(path)
    assert str(int(SECRET)) not in everything(recording)
    for place in PLACES:
        assert any(place in note and "not read" in note for note in recording.notes), place


@pytest.mark.parametrize(("place", "way"), [*((NEEDED[0], way) for way in WAYS), *((each, WAYS[1]) for each in NEEDED)])
def test_what_is_needed_and_lies_outside_is_refused_in_a_line(path, place, way):
    place_outside(path, place, way)
    with pytest.raises(InputError, match=f"{place} .* is not read") as caught:
        open_recording(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_when_it_can_be_believed_is_not_read_from_outside(path, way):
    with h5py.File(path, "r+") as file:
        file["intervals/invalid_times/stop_time"] = np.zeros(8)
    places = ("intervals/invalid_times/start_time", "units/obs_intervals")
    for place in places:
        place_outside(path, place, way)
    recording = open_recording(path)
    assert (recording.observed, len(recording.invalid)) == (None, 0)
    for place in places:
        assert any(place in note and "not read" in note for note in recording.notes), place


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_chosen_tables_that_lie_outside_are_not_read(path, way):
    with h5py.File(path, "r+") as file:
        file.copy("intervals/trials", "intervals/reaches")
        file.copy("units", "analysis/crossings")
    for table, column in (("intervals/reaches", "stop_time"), ("analysis/crossings", "spike_times")):
        place_outside(path, f"{table}/{column}", way)
    for choices in (Choices(trials="reaches"), Choices(units="analysis/crossings")):
        with pytest.raises(InputError, match="is not read") as caught:
            open_recording(path, choices)
        assert str(int(SECRET)) not in str(caught.value)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_movement_that_lies_outside_is_not_read(path, way):
    for name in ("hand_vel", "hand_pos"):
        place_outside(path, f"processing/behavior/{name}/data", way)
    with h5py.File(path, "r+") as file:
        voltage = file.create_group("acquisition/voltage")
        voltage.attrs["neurodata_type"] = "ElectricalSeries"
        voltage["data"] = h5py.SoftLink("/processing/behavior/hand_vel/data")
    recording = open_recording(path)
    assert recording.behavior == ()
    assert any("hand_vel/data" in note and "not read" in note for note in recording.notes)


def test_links_to_files_that_are_not_there_are_no_damage(path):
    with h5py.File(path, "r+") as file:
        file["acquisition/raw"] = h5py.ExternalLink("raw.nwb", "/acquisition/raw")
        file["general/notes_of_the_lab"] = h5py.ExternalLink("notes.h5", "/")
        file["processing/behavior/eye"] = h5py.SoftLink("/processing/eye")
    recording = open_recording(path)
    assert len(recording.units) == 8
    assert "acquisition/raw is a link to another file and is not read." in recording.notes
