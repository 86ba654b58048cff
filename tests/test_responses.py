from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.responses import check_responses, load_responses, make_responses, save_responses


def example(**changes):
    arguments = {"condition": ["a", "b"], "time": [0.0, 0.1, 0.2], "unit": [7, 8]} | changes
    return make_responses(np.arange(12.0).reshape(2, 3, 2), **arguments)


def test_a_round_trip_keeps_everything(tmp_path):
    written = example(activity_unit="spikes/s", coords={"target_angle": ("condition", [0.0, 3.1])})
    read = load_responses(save_responses(written, tmp_path / "deep" / "responses.nc"))
    xr.testing.assert_identical(read, written)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"condition": ["a", "a"]}, "unique condition"),
        ({"unit": [7, 7]}, "unique unit"),
        ({"time": [0.0, 0.2, 0.1]}, "ascending"),
        ({"time": [0.0, 0.1]}, "one label a time"),
    ],
)
def test_bad_labels_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        example(**change)


def test_a_value_that_is_not_finite_is_named():
    responses = example()
    responses[1, 2, 0] = np.nan
    with pytest.raises(InputError, match="condition b, unit 7"):
        check_responses(responses)


def test_one_condition_or_one_unit_is_refused():
    for dim in ("condition", "unit"):
        with pytest.raises(InputError, match=f"at least 2 along {dim}"):
            check_responses(example().isel({dim: [0]}))


@pytest.mark.parametrize("content", [b"", b"not netCDF at all"])
def test_a_file_of_another_kind_is_one_clear_error(tmp_path, content):
    path = tmp_path / "responses.nc"
    path.write_bytes(content)
    with pytest.raises(InputError, match="expected responses in netCDF"):
        load_responses(path)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("old")

    def write_and_fail():
        with atomic(path) as temporary:
            temporary.write_text("half of the new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
