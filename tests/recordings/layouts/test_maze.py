import numpy as np
import pandas as pd
import pytest

from neurocompare.errors import InputError
from neurocompare.recordings.contents import Contents
from neurocompare.recordings.layouts import maze
from neurocompare.recordings.lengths import scale_to_millimetres
from neurocompare.recordings.stored_series import StoredSeries
from neurocompare.settings import Choices


def contents(**columns):
    trials = pd.DataFrame(
        {
            "start_time": np.arange(4.0),
            "stop_time": np.arange(4.0) + 0.9,
            "move_onset_time": np.arange(4.0) + 0.5,
            "trial_type": [3, 12, 3, 3],
            "trial_version": [0, 2, 0, 1],
            "active_target": [0, 2, 0, 0],
        }
    )
    three = np.array([[1, 2], [3, 4], [-50, 50]], dtype=np.int16)
    one = np.array([[0, 120]], dtype=np.int16)
    trials["target_pos"] = pd.Series([one, three, one, one], dtype=object)
    return Contents(np.array([0.1, 0.2]), np.array([1, 2]), pd.DataFrame(index=[1011, 2862]), trials.assign(**columns))


def stored(values, unit, conversion, name="hand_pos"):
    return StoredSeries(name, np.arange(len(values)) * 1e-3, np.asarray(values, float), ("x", "y"), unit, conversion)


def test_conditions_targets_and_areas():
    recording = maze.recording_from(contents(), Choices())
    assert recording.trials["condition"].tolist() == ["03-0", "12-2", "03-0", "03-1"]
    assert recording.trials["target_x"].tolist() == [0, -50, 0, 0]
    np.testing.assert_allclose(recording.trials["target_angle"], np.pi * np.array([0.5, 0.75, 0.5, 0.5]))
    assert recording.condition_columns == ("target_angle", "target_x", "target_y")
    assert recording.units["area"].tolist() == ["PMd", "M1"]
    assert recording.events == ("move_onset_time",)


def test_a_target_that_varies_within_a_condition_does_not_describe_it():
    moved = [np.array([[0, 120 + k]]) for k in range(3)]
    positions = pd.Series([moved[0], np.array([[1, 1], [2, 2], [-50, 50]]), moved[1], moved[2]], dtype=object)
    assert maze.recording_from(contents(target_pos=positions), Choices()).condition_columns == (
        "target_angle",
        "target_x",
    )


REACH = np.array([[0.0, 0.0], [-80.0, 110.0]])


@pytest.mark.parametrize(
    ("values", "unit", "conversion", "declared"),
    [
        (REACH, "m", 1e-3, True),
        (REACH, "meters", 1e-3, True),
        (REACH, "mm", 1.0, True),
        (REACH / 10, "cm", 1.0, True),
        (REACH / 1000, "m", 1.0, True),
        (REACH, "m", 1.0, False),  # stored in mm, declared in m
        (REACH, "m", np.nan, False),
        (REACH, "", 1.0, False),
    ],
)
def test_positions_end_in_millimetres(values, unit, conversion, declared):
    scale, note = scale_to_millimetres(stored(values, unit, conversion), stored=1.0)
    np.testing.assert_allclose(scale * np.asarray(values), REACH, rtol=1e-12)
    assert ("by the declared unit" in note) == declared


def test_positions_no_hand_can_reach_are_refused():
    with pytest.raises(InputError, match=r"hand_pos to span 10 to 2000 mm, found 1\.1e\+08 mm"):
        scale_to_millimetres(stored(REACH * 1e3, "m", 1.0), stored=1.0)
