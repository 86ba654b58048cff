"""A file of no known layout whose columns the user names for their roles, against one that needs no naming."""

import h5py
import numpy as np
import pytest
from layout_files import column, spikes_of
from nwb_files import write_nwb
from sessions import make_session

from neurocompare.errors import InputError
from neurocompare.recordings import Choices, average, describe, open_recording, timeline, trials_of
from neurocompare.tasks import reach_task

ROLES = {"target_onset": "lights", "go": "tone", "movement_onset": "lift", "direction": "dir"}


@pytest.fixture(scope="module")
def session():
    return make_session(n_repeats=6)


def written(path, session, *, relative=False, series=None, **more):
    start = column(session, "start_time")
    origin = start if relative else 0.0
    angle = np.degrees(np.arctan2(column(session, "target_y"), column(session, "target_x"))).round() % 360
    hand = session.series("hand_vel")
    return write_nwb(
        path,
        ids=np.arange(8),
        spikes=spikes_of(session),
        unit_columns={"quality": ["good", "mua"] * 4, "snr": np.arange(8.0)},
        trials={
            "start_time": start,
            "stop_time": column(session, "stop_time"),
            "lights": column(session, "target_on_time") - origin,
            "tone": column(session, "go_cue_time") - origin,
            "lift": column(session, "move_onset_time") - origin,
            "dir": angle,
            "px": column(session, "target_x") + 30.0,
            "py": column(session, "target_y") - 12.0,
        },
        series={
            "processing/behavior/hand_vel": {"data": hand.values, "timestamps": hand.times, "unit": "mm/s"}
            | (series or {})
        },
        **more,
    )


def test_named_columns_are_what_they_are_named_for(session, tmp_path):
    recording = open_recording(written(tmp_path / "a.nwb", session), Choices(**ROLES))
    right = timeline(session)
    found = timeline(recording)
    assert (found.delay, found.reaction_time) == pytest.approx((right.delay, right.reaction_time))
    assert [s.event for s in recording.segments] == ["target_on_time", "move_onset_time"]
    np.testing.assert_array_equal(average(trials_of(recording)).values, average(trials_of(session)).values)
    task = reach_task(recording)
    np.testing.assert_allclose(task.targets, reach_task(session).targets, atol=1e-9)
    np.testing.assert_allclose(task.inputs[:, 0, 1:], [[1, 0], [0, 1], [-1, 0], [0, -1]], atol=1e-9)
    assert "coded by (cos, sin) of their target's angle" in " ".join(task.notes)
    assert f"median trial: go {right.delay:.3f} s" in describe(recording)


def test_what_is_not_named_is_said_to_be_unknown(session, tmp_path):
    choices = Choices(condition=("dir",), event=("lights", "lift"), window=((0, 0.3), (-0.2, 0.3)))
    said = describe(open_recording(written(tmp_path / "a.nwb", session), choices))
    assert "not known: when the target appears and the go cue; name the columns (--target-onset, --go)" in said
    assert "after the target appears" not in said


def test_events_that_count_from_the_start_of_their_trial(session, tmp_path):
    path = written(tmp_path / "a.nwb", session, relative=True)
    with pytest.raises(
        InputError, match="tone lies inside trials if it counts from their start: if so, name it with --relative too"
    ):
        open_recording(path, Choices(**ROLES | {"target_onset": None, "movement_onset": None}))
    recording = open_recording(path, Choices(**ROLES, relative=("lights", "tone", "lift")))
    np.testing.assert_array_equal(average(trials_of(recording)).values, average(trials_of(session)).values)


@pytest.mark.parametrize("names", [("px", "py"), ("place",)])
def test_target_positions_tell_conditions_and_directions(session, tmp_path, names):
    """Targets on a circle that is not about 0."""
    path = written(tmp_path / "a.nwb", session)
    with h5py.File(path, "r+") as file:
        table = file["intervals/trials"]
        table["place"] = np.stack([table["px"][:], table["py"][:]], axis=1)
        table.attrs["colnames"] = [*table.attrs["colnames"], "place"]
    recording = open_recording(path, Choices(go="tone", movement_onset="lift", target_position=names))
    angle = np.arctan2(column(session, "target_y"), column(session, "target_x"))
    np.testing.assert_allclose(np.cos(recording.trials["target_angle"] - angle), 1)
    assert "target_angle" in recording.condition_columns
    assert recording.trials["condition"].nunique() == 4


def test_velocity_and_movement_onset_are_computed_from_positions(session, tmp_path):
    hand = session.series("hand_pos")
    series = {"data": hand.values / 10, "timestamps": hand.times, "unit": "cm"}
    path = written(tmp_path / "a.nwb", session, series=series)
    with h5py.File(path, "r+") as file:
        file.move("processing/behavior/hand_vel", "processing/behavior/hand_pos")
    roles = {role: name for role, name in ROLES.items() if role != "movement_onset"}
    for more in ({}, {"target": "hand"}, {"behavior": "hand_pos"}):
        recording = open_recording(path, Choices(**roles, **more))
        assert (recording.target, recording.series("hand_vel").unit) == ("hand_vel", "cm/s")
        speed = np.sqrt((recording.series("hand_vel").values ** 2).sum(axis=1)).max()
        assert speed == pytest.approx(10 * 1.875 / 0.4, rel=0.02)
        # Speed crosses a fifth of its peak 0.06 s after a minimum-jerk reach of 0.4 s begins.
        late = recording.trials["move_onset_time"] - column(session, "move_onset_time")
        np.testing.assert_allclose(late, 0.4 * 0.1455, atol=0.012)
        assert any("Movement onset is computed" in note for note in recording.notes)


def test_units_by_a_column(session, tmp_path):
    path = written(tmp_path / "a.nwb", session)
    assert open_recording(path, Choices(good_units="quality == 'good'")).units.index.tolist() == [0, 2, 4, 6]
    assert open_recording(path, Choices(good_units="snr > 4.5")).units.index.tolist() == [5, 6, 7]
    for query, said in (("quality == 'best'", "found none of 8"), ("luck > 1", "unit columns")):
        with pytest.raises(InputError, match=said):
            open_recording(path, Choices(good_units=query))


def test_tables_in_other_places_are_named_and_taken_when_chosen(session, tmp_path):
    path = written(tmp_path / "a.nwb", session)
    with h5py.File(path, "r+") as file:
        file.move("intervals/trials", "intervals/reaches")
    with pytest.raises(InputError, match="found intervals/reaches; choose one with --trials-table intervals/reaches"):
        open_recording(path)
    with h5py.File(path, "r+") as file:
        file.require_group("processing/ecephys")
        file.move("units", "processing/ecephys/crossings")
    with pytest.raises(InputError, match="found processing/ecephys/crossings; choose one with --units-table"):
        open_recording(path)
    for units in ("crossings", "processing/ecephys/crossings"):
        recording = open_recording(path, Choices(**ROLES, trials="reaches", units=units))
        np.testing.assert_array_equal(average(trials_of(recording)).values, average(trials_of(session)).values)


@pytest.mark.parametrize("place", ["processing/Behavior", "processing/kinematics", "processing/hand/inner", "analysis"])
def test_behaviour_in_other_modules_is_found(session, tmp_path, place):
    path = written(tmp_path / "a.nwb", session)
    with h5py.File(path, "r+") as file:
        file.require_group(place)
        file.move("processing/behavior/hand_vel", f"{place}/hand_vel")
    recording = open_recording(path, Choices(**ROLES))
    np.testing.assert_array_equal(recording.series("hand_vel").values, session.series("hand_vel").values)


@pytest.mark.parametrize(
    ("groups", "locations", "areas"),
    [
        (["array0", "array1"], ["M1", "PMd"], ["M1", "PMd"]),
        (["array_M1", "array_PMd"], ["unknown", "unknown"], ["M1", "PMd"]),
        (["M1", "PMd"], ["left hemisphere", "left hemisphere"], ["M1", "PMd"]),
        (["a", "b"], ["S1", "A5"], ["S1", "A5"]),
        (["a", "b"], ["unknown", "unknown"], ["a", "b"]),
        (["a", "b"], ["Unknown", "nan"], ["a", "b"]),
        (["a", "b"], ["S1", "n/a"], ["S1", "unknown"]),
        (["M1_array", "array1"], ["M1", "PMd"], ["M1", "PMd"]),
        (["array0", "array_PMd"], ["M1", "unknown"], ["M1", "PMd"]),
    ],
)
def test_areas_are_where_the_file_says_them(session, tmp_path, groups, locations, areas):
    electrodes = {"rows": np.arange(8) % 2, "group_name": groups, "location": locations}
    path = written(tmp_path / "a.nwb", session, electrodes=electrodes)
    assert open_recording(path, Choices(**ROLES)).units["area"].tolist() == areas * 4
    assert open_recording(path, Choices(**ROLES, area=areas[1])).units.index.tolist() == [1, 3, 5, 7]


def test_one_name_where_several_may_stand_is_told_how_to_write_it():
    with pytest.raises(InputError, match=r"found 'target_dir'; put it into a tuple, \('target_dir',\)"):
        Choices(condition="target_dir")
