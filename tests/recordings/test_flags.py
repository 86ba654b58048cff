"""Flags of trials, in every way they are stored."""

import numpy as np
import pandas as pd
import pytest
from layout_files import column, spikes_of
from nwb_files import write_nwb
from sessions import make_session

from neurocompare.errors import InputError
from neurocompare.recordings import Choices, open_recording, trials_of
from neurocompare.recordings.flags import flag

GOOD = np.arange(20) % 5 != 0

STORED = {
    "words": np.where(GOOD, "True", "False"),
    "outcomes": np.where(GOOD, "hit", "miss"),
    "digits": np.where(GOOD, "1", "0"),
    "minus one": np.where(GOOD, 1, -1),
    "nan": np.where(GOOD, 1.0, np.nan),
    "missing words": np.where(GOOD, "yes", ""),
    "bytes": np.where(GOOD, 1, 0).astype(np.uint8),
}


@pytest.mark.parametrize("stored", STORED)
def test_a_flag_is_read_as_it_is_meant(stored, tmp_path):
    values = STORED[stored]
    np.testing.assert_array_equal(flag(pd.DataFrame({"success": values}), "success"), GOOD)
    np.testing.assert_array_equal(trial_rows(tmp_path, values), np.nonzero(GOOD)[0])


def trial_rows(folder, success, **choices):
    """Which trials of a session of 20 are used."""
    session = make_session()
    names = ("start_time", "stop_time", "move_onset_time", "trial_type")
    values = success if success.dtype.kind in "iufb" else success.tolist()
    path = write_nwb(
        folder / "flags.nwb",
        ids=np.arange(8),
        spikes=spikes_of(session),
        trials={name: column(session, name) for name in names} | {"success": values},
    )
    return trials_of(open_recording(path, Choices(condition=("trial_type",), **choices))).counts["trial"].values


def test_what_is_no_flag_is_refused_and_may_be_chosen(tmp_path):
    grades = np.where(GOOD, 3, 2)
    with pytest.raises(
        InputError, match=r"yes or no in the trial column 'success', found .*--valid, as in \"success =="
    ):
        trial_rows(tmp_path, grades)
    np.testing.assert_array_equal(trial_rows(tmp_path, grades, valid="success == 3"), np.nonzero(GOOD)[0])


def test_an_empty_flag_says_nothing(tmp_path):
    assert len(trial_rows(tmp_path, np.full(20, np.nan))) == 20
